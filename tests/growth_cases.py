"""Inputs that grow, for every regular expression and every parser that reads text of others.

Run as a program it measures the cases from the given one on, and prints one line of JSON for each. Each case has ten
seconds, after which the kernel ends the process: a pattern that never returns leaves no other way.
"""

from __future__ import annotations

import gc
import importlib
import json
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pydantic import SecretStr

from mcp_finesse.redaction import Redaction

KILL_SECONDS = 10
SIZE = 30_000
MOST_GROWTH = 3
TOO_SHORT_TO_JUDGE = 0.008
"""Seconds of processor time. A quadratic case takes far longer at twice SIZE."""

Case = tuple[str, Callable[[int], Callable[[], object]]]

# Every text is also tried with each of these repeated, alone and after the beginning of the case.
PUMPS = (" ", "a", "1", "<", ">", '"', "'", "/", "_", "-", ".", ":", "=", "@", "\\", "\n", "&", "[", "]", "%")

# By module and name (or, for a pattern without a name, the function that uses it): how it is applied, and what it
# is fed. A case is (beginning, repeated part, end).
Pumped = tuple[str, str, str]
PATTERNS: dict[str, tuple[str, Sequence[Pumped]]] = {
    "model/admin/limits.py:_HOST": ("fullmatch", [("", "a.", "!")]),
    "model/admin/limits.py:HttpsUrl.problem": ("search", [("", "a", "")]),
    "model/code_tables/error_codes.py:_SEPARATORS": ("sub", [("", "_ ", "x"), ("", "a_", "")]),
    "rest/api/outbound.py:_CALLBACK_TIME": ("fullmatch", [("", "2026-01-01T00:00", "")]),
    "rest/call_data_validation.py:_CALL_VARIABLE": ("fullmatch", [("callVariable", "1", "")]),
    "rest/call_data_validation.py:_ECC_VARIABLE": (
        "fullmatch",
        [("user.a", "a.", "[1"), ("user.a[", "1", "]")],
    ),
    "rest/validation.py:_DTMF": ("fullmatch", [("", "1#", "x")]),
    "server/sdk/argument_check.py:_OMIT": ("search", [("", "Omit ", ""), ("Omit ", "a", "")]),
    "server/arguments/callback_times.py:_TIME": (
        "fullmatch",
        [("2026-01-01", " ", "x"), ("2026-01-01T10:00:00.", "1", "x"), ("2026-01-01", "T10:00", "")],
    ),
    "server/arguments/conditions.py:_TEXT": ("fullmatch", [("", "a", "\n"), ("", ">=", ""), ("", " ", "")]),
    "server/arguments/conditions.py:_VALUE": (
        "fullmatch",
        [("", " ", "x"), (">=", " ", "\n"), ("", ">=", "")],
    ),
    "server/arguments/deadlines.py:_SPAN": (
        "fullmatch",
        [("in", " ", "x"), ("1", " ", "!"), ("1", "a", "!"), ("", "1", "")],
    ),
    "server/tools/agent/contacts.py:_fits": ("findall", [("", "a_", ""), ("", "_", ""), ("", "a ", "")]),
    "server/present/feed_names.py:_OBJECT_ID": ("fullmatch", [("", "a.-", "/")]),
    "server/policy/number_patterns.py:_SEPARATORS": ("sub", [("", "( )", ""), ("", "1-", "")]),
    "server/policy/number_patterns.py:_DIGITS": (
        "findall",
        [("", "a", "1"), ("a:", "1", "x"), ("", "+", "")],
    ),
    "server/policy/number_patterns.py:reached_numbers": ("fullmatch", [("", "1", "x"), ("", "*#", "")]),
    "server/policy/number_patterns.py:_PART": (
        "match",
        [("[^", "1", ""), ("[1-", "1-", "x"), ("[", "-", "]")],
    ),
    "server/policy/number_patterns.py:_SET_CONTENT": (
        "fullmatch",
        [("[", "1-2", "x"), ("[^", "1", "-"), ("[", "1-", "]")],
    ),
    "server/policy/number_patterns.py:NumberPattern.__post_init__": (
        "fullmatch",
        [("00", "1", "x"), ("", "0", ""), ("+", "1", "")],
    ),
    "server/policy/policy_file.py:_TABLE": (
        "fullmatch",
        [("[", " ", "x"), ("[", "a.", "]"), ("[a]", " ", "x")],
    ),
    "server/policy/policy_file.py:_KEY": ("match", [("", "a.", "x"), ("", " ", "x"), ("a", " . ", "x")]),
    "server/sdk/server.py:_ALTERNATIVE": (
        "fullmatch",
        [("list[", "]", "x"), ("function-", "a", "["), ("list[", "[]", "")],
    ),
    "redaction/cards.py:_REQUEST_ID": ("sub", [("", "a", ""), ("", "1-", ""), ("", "12345678-1234-", "")]),
    "redaction/secrets.py:_SECRET_NAME": ("search", [("", "passphras", ""), ("", "secre", "")]),
    "redaction/secrets.py:_NOT_IN_NAME": ("sub", [("", "_a", "")]),
    "redaction/secrets.py:_BASIC": ("sub", [("", "basic ", ""), ("basic ", "a", "!"), ("", "basic    ", "")]),
    "redaction/cards.py:_RUN": (
        "sub",
        [
            ("", "1", ""),
            ("", "1 ", ""),
            ("", "1-", "x"),
            ("1", "\x00", "a"),
            ("", "1. ", ""),
            ("1", " ", "a"),
        ],
    ),
    "redaction/secrets.py:_IN_TEXT": (
        "sub",
        [
            ("", "authorization ", ""),
            ("authorization:", " ", ""),
            ("", "authorization: ", ""),
            ("", "bearer ", ""),
            ("bearer ", "a", ""),
            ("", "a.a://", ""),
            ("a://b:", "c", ""),
            ("", "a://b:", ""),
            ("", "password=", ""),
            ("", "access_token", ""),
            ("", '"password":"', ""),
            ('"password":"', '\\"', ""),
            ('"password"', " ", ""),
        ],
    ),
    "redaction/secrets.py:_OPENING_TAG": (
        "search",
        [("", "<a", ""), ("<a", " a", ""), ("<", "a.", ""), ("", "<a ", "")],
    ),
    "redaction/secrets.py:_SECRET_ELEMENT": ("fullmatch", [("", "password", "x"), ("", "passwo", "")]),
    "redaction/secrets.py:_known_pattern": (
        "sub",
        [("", "a", ""), ("", "b", ""), ("", "&amp;", ""), ("", "&#0", "")],
    ),
    "proxies/choice.py:_WITH_PORT": ("fullmatch", [("[", "a", "]"), ("", "a:", ""), ("a:", "1", "")]),
    "proxies/choice.py:is_exempt": ("split", [("", ", ", ""), ("", "a", "")]),
    "proxies/handshake.py:_STATUS": ("match", [("HTTP/1.1 200 ", "a", ""), ("HTTP/1.1 200 ", "\r", "")]),
    "proxies/handshake.py:_SCHEME": (
        "findall",
        [("", "\r\nproxy-authenticate:", ""), ("\r\nproxy-authenticate:", " ", "!"), ("", "\r\n", "")],
    ),
    "xmpp/transport/framing.py:_BARE_STANZA": (
        "match",
        [("<iq ", "a", ""), ("", "<iq ", ""), ("<iq ", " xmlns", "")],
    ),
    "xmpp/transport/framing.py:_BARE_STREAM": ("match", [("<stream:", "a", ""), ("", "<stream:a ", "")]),
    "xmpp/protocol/jid.py:_FORBIDDEN": ("sub", [("", "\\20", ""), ("", "\\2", "")]),
    "xmpp/protocol/feeds.py:_OBJECT_ID": ("fullmatch", [("", "a.-", "/")]),
    "xmpp/protocol/feeds.py:_NODES": (
        "fullmatch",
        [("/finesse/api/User/", "a", "/"), ("/finesse/api/User/", "/Dialogs", ""), ("", "/finesse/api", "")],
    ),
    "xmpp/transport/bosh/body.py:_OPENING": (
        "match",
        [
            ("<body", " a='b'", ""),
            ("<body ", "'", ""),
            ("<body ", "\"'", ""),
            ("<?xml ", " ", ""),
            ("<?xml ", "?> <?xml ", ""),
            ("", " ", ""),
            ("<body", " ", "<"),
        ],
    ),
    "xmpp/transport/bosh/body.py:_OTHER_URI": (
        "search",
        [("", "<uri ", ""), ("", "<uri>", ""), ("<uri>", "a", "")],
    ),
    "xmpp/protocol/presence.py:_PRIORITY": ("fullmatch", [("-", "1", ""), ("", "-", "1")]),
    "xmpp/protocol/resource.py:_OURS": (
        "fullmatch",
        [("mcp-finesse-", "-1", "x"), ("mcp-finesse-", "1", ""), ("mcp-finesse-a-", "1", "x")],
    ),
    "xmpp/protocol/resource.py:host_name": ("sub", [("", ".", "a"), ("", "a.", "")]),
    "xmpp/protocol/resource.py:_file_name": ("sub", [("", "@", "")]),
    "session/administration/raw_request.py:_HEADER_NAME": ("fullmatch", [("", "X-", " ")]),
    "session/administration/raw_request.py:_DIALOG_PATH": (
        "fullmatch",
        [("", "/Dialog/", ""), ("/Dialog/", "a", "/")],
    ),
    "simulator/openfire/jid.py:_SEQUENCE": ("sub", [("", "\\2", ""), ("", "\\20", "")]),
    "simulator/openfire/jid.py:_FORBIDDEN_IN_RESOURCE": ("search", [("", "a", "")]),
    "simulator/xml_text.py:_NOT_IN_XML": ("sub", [("", "\x00", ""), ("", "a\x00", "")]),
    "simulator/requests/sign_ins.py:E164": ("fullmatch", [("+", "1", "")]),
    "simulator/calls/data.py:_INDEXED": ("fullmatch", [("", "a", "["), ("a[", "1", "]")]),
    "simulator/openfire/stanzas.py:_NOT_XML": ("sub", [("", "\x00", ""), ("", "a\x00", "")]),
    "simulator/rest/resources.py:_RANGE": ("fullmatch", [("objects=", "1", "-1"), ("objects=1-", "1", "")]),
    "simulator/configuration/fields.py:_HOST": ("fullmatch", [("", "a.", "!")]),
    # Paths of our own routes, whose patterns are checked with the longest of them
    "simulator/rest/configuration/routes.py:route": ("fullmatch", [("/a/", "b", "/"), ("/", "a/", "")]),
    "simulator/rest/api.py:_route": ("fullmatch", [("/a/", "b", "/"), ("/", "a/", "")]),
    # Patterns that are applied to the patterns or declarations of the package itself
    "model/admin/limits.py:UriOf.problem": ("fullmatch", [("/finesse/api/User/", "1", "x")]),
}


def pattern_cases() -> Iterator[Case]:
    """The cases of ``PATTERNS``."""
    for key, (method, pumped) in PATTERNS.items():
        for pattern in patterns_of(key):
            first = pumped[0][0]
            generic = [(beginning, pump, "\x01") for pump in PUMPS for beginning in ("", first)]
            for beginning, pump, end in [*pumped, *generic]:
                yield (
                    f"{key} {beginning!r} {pump!r} {end!r}",
                    _matching(pattern, method, beginning, pump, end),
                )


def patterns_of(key: str) -> list[re.Pattern[Any]]:
    """The compiled patterns that stand under a name; of a function, what it compiles."""
    path, _, name = key.partition(":")
    module = importlib.import_module("mcp_finesse." + path.removesuffix(".py").replace("/", "."))
    if key in WITHOUT_NAME:
        return [re.compile(WITHOUT_NAME[key])]
    if name == "NumberPattern.__post_init__":
        return [module.NumberPattern(each)._expression for each in ("00!", "+!", "[1-9]XX!")]
    if name == "_known_pattern":
        return [module._known_pattern(("a&b", "aaaaaaaa"), ())]
    value = getattr(module, name)
    found = value if isinstance(value, tuple) else (value,)
    return [each if isinstance(each, re.Pattern) else each[0] for each in found]


WITHOUT_NAME = {
    "server/policy/number_patterns.py:reached_numbers": r"[0-9*#+]*",
    "model/admin/limits.py:HttpsUrl.problem": r"\s",
    "model/admin/limits.py:UriOf.problem": r"/finesse/api/User/\d+",
    "proxies/choice.py:is_exempt": r"[,\s]+",
    "server/tools/agent/contacts.py:_fits": r"[^\W_]+",
    "xmpp/protocol/resource.py:host_name": r"[^a-z0-9]+",
    "xmpp/protocol/resource.py:_file_name": r"[^a-z0-9.]",
    "simulator/rest/configuration/routes.py:route": r"/a/(?P<x>[^/]+)/b/(?P<y>[^/]+)",
    "simulator/rest/api.py:_route": r"/a/(?P<x>[^/]+)/b/(?P<y>[^/]+)",
}


def _matching(
    pattern: re.Pattern[Any], method: str, beginning: str, pump: str, end: str
) -> Callable[[int], Callable[[], object]]:
    def of(size: int) -> Callable[[], object]:
        text: Any = beginning + pump * (size // len(pump)) + end
        if isinstance(pattern.pattern, bytes):
            text = text.encode("latin-1")
        if method == "sub":
            return lambda: pattern.sub(pattern.pattern[:0], text)
        apply = getattr(pattern, method)
        return lambda: apply(text)

    return of


def parser_cases() -> Iterator[Case]:
    """The parsers: each with texts that are hard for it, and with the generic ones."""
    for name, (parse, pumped) in parsers().items():
        generic = [("", pump, "") for pump in PUMPS]
        for beginning, pump, end in [*pumped, *generic]:
            yield (f"{name} {beginning!r} {pump!r} {end!r}", _parsing(parse, beginning, pump, end))


def _parsing(
    parse: Callable[[str], object], beginning: str, pump: str, end: str
) -> Callable[[int], Callable[[], object]]:
    def of(size: int) -> Callable[[], object]:
        text = beginning + pump * (size // len(pump)) + end
        return lambda: _quietly(parse, text)

    return of


def _quietly(parse: Callable[[str], object], text: str) -> None:
    try:
        parse(text)
    except Exception:
        return


_REDACTION = Redaction.of(["user.a*b*c"], [r"ACC-\d{4}", r"(a+)+$"])


def parsers() -> dict[str, tuple[Callable[[str], object], Sequence[Pumped]]]:
    """Every parser of text of others, as a function of one text."""
    from mcp_finesse import globs, numbers, privacy, redaction, setting_checks
    from mcp_finesse.cli.options import comma_list, ecc_lengths
    from mcp_finesse.credentials.token import Token, is_same_user
    from mcp_finesse.model import notification, parse, wire
    from mcp_finesse.model.admin import contacts_csv
    from mcp_finesse.model.code_tables import error_codes
    from mcp_finesse.model.sign_on import read_token
    from mcp_finesse.model.xml import to_mapping
    from mcp_finesse.proxies import choice
    from mcp_finesse.rest.http import parse_base_url
    from mcp_finesse.rest.responses import Answer
    from mcp_finesse.server.redacted_document import redact_document
    from mcp_finesse.session.administration.raw_request import reporting_feed
    from mcp_finesse.simulator import xml_text
    from mcp_finesse.simulator.configuration import contacts_csv as simulated_csv
    from mcp_finesse.simulator.openfire import sasl_plain, stanzas
    from mcp_finesse.simulator.openfire.bosh import body as simulated_bosh
    from mcp_finesse.simulator.openfire.jid import Jid
    from mcp_finesse.simulator.openfire.xml_stream import XmlStream
    from mcp_finesse.simulator.rest import exchange
    from mcp_finesse.simulator.scenarios.definition import parse_scenario
    from mcp_finesse.xmpp.protocol import feeds, jid
    from mcp_finesse.xmpp.protocol.stanza_parser import StanzaParser
    from mcp_finesse.xmpp.transport import framing
    from mcp_finesse.xmpp.transport.bosh import body
    from mcp_finesse.xmpp.transport.bosh.http import parse_url

    def stream(text: str) -> None:
        parser = StanzaParser(lambda _: True)
        parser.feed("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
        for at in range(0, len(text), 1000):
            parser.feed(text[at : at + 1000])
            list(parser.read_events())

    def simulated_stream(text: str) -> None:
        parser = XmlStream(lambda _: None, lambda _: None, lambda: None)
        parser.feed(b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
        for at in range(0, len(text), 1000):
            parser.feed(text[at : at + 1000].encode())

    def leading_texts(text: str) -> None:
        framing.leading_texts(b"\x81\x01" + text.encode())
        framing.leading_texts(b"\x81\x01a" * (len(text) // 3))

    update = "<Update><event>PUT</event><source>/finesse/api/Dialog/1</source><data>"
    dialog = f"{update}<dialog><id>1</id><mediaProperties><callvariables>"
    variable = "<CallVariable><name>callVariable1</name><value>a</value></CallVariable>"
    dialog_end = "</callvariables></mediaProperties></dialog></data></Update>"
    xml: list[Pumped] = [
        ("<a>", "<b>", ""),
        ("<a>", "<b/>", "</a>"),
        ("<a>", "<b>c</b>", "</a>"),
        ("<a>", "<b>", "</b>"),
        ("<a ", "b='c' ", "/>"),
        ("<a>", "&amp;", "</a>"),
        ("<a>", "<![CDATA[", ""),
        ("<!--", "-", ""),
        ("<?xml ", " ", ""),
        ("<", "a", ">"),
        ("<a b='", "c", "'/>"),
    ]
    csv: list[Pumped] = [
        ("", '"', ""),
        ("", ",", ""),
        ("", '"a",', ""),
        ("", "a\n", ""),
        ("", "a,b,c,d\n", ""),
    ]
    return {
        "model.parse_update": (
            notification.parse_update,
            [
                *xml,
                (dialog, variable, dialog_end),
                (update, "<a/>", "</data></Update>"),
                (update, "<a>1</a>", "</data></Update>"),
                (update, "<dialog><id>1</id></dialog>", "</data></Update>"),
                (f"{update}</data><source>", "/Dialog/", "</source></Update>"),
                (f"{update}</data><source>/Dialog/", "_", "/</source></Update>"),
                (f"{update}<dialogs>", "<Dialog><id>1</id></Dialog>", "</dialogs></data></Update>"),
            ],
        ),
        "model.parse": (parse, xml),
        "model.to_mapping": (lambda text: to_mapping(parse(text)), xml),
        "model._by_source": (
            notification._by_source,
            [
                ("", "/Dialog/", "/"),
                ("/Dialog/", "_", "/"),
                ("/User/", "a", "/Media"),
                ("", "/Media", "/Dialogs"),
            ],
        ),
        "model.id_from_uri": (wire.id_from_uri, [("", "/a", ""), ("a", "/", "")]),
        "model.read_time": (wire.read_time, [("2026-01-01T00:00:00", "0", "Z")]),
        "model.explain": (error_codes.explain, [("", "a:", ""), ("-", "1", "")]),
        "model.similar": (error_codes.similar, [("", "a ", ""), ("", "INVALID_", "")]),
        "model.read_csv": (contacts_csv.read_csv, csv),
        "model.parse_csv": (contacts_csv.parse_csv, csv),
        "simulator.contacts_csv": (simulated_csv.parse, csv),
        "simulator.parse_scenario": (
            parse_scenario,
            [
                ("", "- a\n", ""),
                ("a: ", "[", ""),
                ("a: [", "1, ", "]"),
                ("", "? ", ""),
                ("a: '", "'' ", "'"),
                ('a: "', "\\x41", '"'),
                ("title: x\nqueues:\n", "- {id: a, name: a, number: 1, agents: [x]}\n", ""),
                ("title: x\nduration: 9\nlines:\n  ", "1: a\n  ", ""),
            ],
        ),
        "simulator.uploaded_file": (
            lambda text: simulated_csv.uploaded_file("multipart/form-data; boundary=x", text.encode()),
            [("", "--x\r\n", ""), ("--x\r\n", "a: b\r\n", ""), ("", "--x", "--")],
        ),
        "simulator.read_plain": (
            lambda text: sasl_plain.read_plain(text, "d"),
            [("", "\0", ""), ("a@", "a", "\0b")],
        ),
        "model.read_token": (lambda text: read_token(text.encode()), [("", "[", ""), ('{"a": ', "1", "}")]),
        "credentials.token.owners": (
            lambda text: Token("1001", SecretStr(text), 60.0).owners,
            [("", "a", ""), ("a.", "W1tb", ".c"), ("", ".", ""), ("a.", "=", ".c")],
        ),
        "credentials.token.is_same_user": (
            lambda text: is_same_user(text, "ada"),
            [("", "\\", ""), ("", "@", ""), ("a", " ", "")],
        ),
        "setting_checks.split_command": (
            lambda text: setting_checks.split_command(text),
            [("a ", "'b' ", ""), ("a ", "\\", "b"), ('"', "a", '"'), ("", "a ", "")],
        ),
        "globs.matches": (
            lambda text: [globs.matches(glob, text) for glob in ("*ab*ab*c", "a*b*a*x", "*a*a*a*x")],
            [("", "ab", ""), ("a", "b", "c"), ("", "a", "")],
        ),
        "numbers.parse_int": (numbers.parse_int, [(" ", "1", " "), ("", " ", "1")]),
        "numbers.parse_json": (
            numbers.parse_json,
            [("", "[", ""), ("[", "1,", "1]"), ('{"a":', "1", "}"), ('"', "\\u0061", '"')],
        ),
        "redaction.redact": (
            lambda text: redaction.redact(text, ["hunter22", "a&b"], ["1001"]),
            [
                ("<password>", "<![CDATA[]]>", ""),
                ("", "<password>", ""),
                ("", "<password><![CDATA[", ""),
                ("<", "password-", ""),
                ("", "<a", ""),
                ("", "a.", "://"),
                ("", "basic dXNlcjpw ", ""),
                ("", "hunter2", ""),
                ("", "&amp;", ""),
                ("<auth>", "a", ""),
            ],
        ),
        "redaction.redact data": (
            lambda text: redaction.redact({"a": text, text: ["b"]}, ["hunter22"]),
            [("", "_", ""), ("", "password_", "")],
        ),
        "redaction.Redaction.text": (
            lambda text: (_REDACTION.text(text), _REDACTION.text(text, with_numbers=True)),
            [
                ("", "1", ""),
                ("", "4111 ", ""),
                ("", "4111111111111111", ""),
                ("", "1 ", "a"),
                ("", "4\u200b1", ""),
                ("", "\u0664", ""),
                ("", "[redacted]", ""),
                ("", "ACC-", ""),
                ("é", "ACC-1234 ", ""),
                ("", "1234567890123a", ""),
            ],
        ),
        "redaction.Redaction.hides": (_REDACTION.hides, [("", "a", ""), ("user.", "ab", "c")]),
        "server.redact_document": (
            lambda text: redact_document(text, _REDACTION),
            [
                *xml,
                ("<a>", "<b><name>user.a</name><value>1</value></b>", "</a>"),
                ("", "<value>", ""),
                ("", "<value", ""),
                ("<value>", "</", ""),
                ("[", '"a",', '"a"]'),
            ],
        ),
        "privacy.visible": (privacy.visible, [("", "\u202e", ""), ("", "a\n", "")]),
        "privacy.caller_text": (privacy.caller_text, [("", "\u202e", ""), ("", "a ", "")]),
        "privacy.caller_block": (privacy.caller_block, [("", "a\n", ""), ("", "\r\n", "")]),
        "rest.Answer": (
            lambda text: [
                each(Answer("GET x", 400, "text/html", "", text.encode()))
                for each in (Answer.details, Answer.described)
            ],
            [*xml, ("<ApiErrors>", "<ApiError><ErrorType>a</ErrorType></ApiError>", "</ApiErrors>")],
        ),
        "rest.parse_base_url": (
            lambda text: parse_base_url(text, allow_insecure=True),
            [
                ("https://", "a.", ":8445"),
                ("https://a/", "/", ""),
                ("https://", "a@", "b"),
                ("https://h:", "1", ""),
            ],
        ),
        "bosh.parse_url": (
            lambda text: parse_url(text, allow_insecure=True),
            [("https://", "a.", ":7443"), ("https://", "a@", "b"), ("https://h:", "1", "/http-bind/")],
        ),
        "session.reporting_feed": (
            reporting_feed,
            [("", "/Dialog/", ""), ("/finesse/api/User/", "a", "/Dialogs")],
        ),
        "proxies.is_exempt": (
            lambda text: choice.is_exempt("h.example", 443, text),
            [("", "a,", ""), ("", "[a", "")],
        ),
        "cli.comma_list": (comma_list, [("", "a,", ""), ("", ", ", "")]),
        "cli.ecc_lengths": (ecc_lengths, [("", "user.a=1,", ""), ("user.a=", "1", "")]),
        "xmpp.StanzaParser": (
            stream,
            [
                ("<message>", "<a>", ""),
                ("<message>", "<a/>", "</message>"),
                ("<message>", "&lt;", "</message>"),
                ("", "<message/>", ""),
                ("<message a='", "b", "'/>"),
                ("<message ", " ", "/>"),
                ("<!--", "a", "-->"),
                ("<", "m", "/>"),
            ],
        ),
        "xmpp.framing.incoming": (
            lambda text: framing.incoming(text.encode()),
            [("<?xml ", "?", ""), ("", "<?xml ", ""), ("<open ", "a='b' ", "/>"), ("<close ", " ", "")],
        ),
        "xmpp.framing.standalone": (
            lambda text: framing.standalone(text.encode()),
            [("<iq ", "<iq ", ""), ("<iq ", " xmlns", ">"), ("<stream:a ", "<stream:a ", "")],
        ),
        "xmpp.framing.leading_texts": (leading_texts, []),
        "xmpp.bosh_body.split": (
            lambda text: body.split(text.encode()),
            [
                ("<body>", "</body>", ""),
                ("<body ", "a='b' ", ">"),
                ("<body ", "'", ""),
                ("<body xmlns='http://jabber.org/protocol/httpbind'>", "<uri ", "</body>"),
                ("", "<body>", ""),
            ],
        ),
        "xmpp.bosh_body.ending": (
            lambda text: body.Reply({"condition": "see-other-uri"}, text.encode()).ending(),
            [("", "<uri ", ""), ("", "<uri>", ""), ("<uri>", "a", "")],
        ),
        "xmpp.feeds.slug_of": (feeds.slug_of.__wrapped__, [("/finesse/api/User/", "a", "/"), ("", "/", "")]),
        "xmpp.feeds.feed_by_slug": (feeds.feed_by_slug, [("team:", "1", ""), ("", ":", "")]),
        "xmpp.jid": (
            lambda text: (jid.escape_user_id(text), jid.split_jid(text)),
            [("", "\\20", ""), ("", "a/", "")],
        ),
        "simulator.XmlStream": (
            simulated_stream,
            [("<iq>", "<a>", ""), ("<iq>", "<a/>", "</iq>"), ("<iq a='", "b", "'/>"), ("", "<iq/>", "")],
        ),
        "simulator.stanzas.parse": (stanzas.parse, xml),
        "simulator.bosh_body": (
            lambda text: simulated_bosh.read_body(text.encode()),
            [("<body xmlns='http://jabber.org/protocol/httpbind' rid='", "1", "'/>"), *xml],
        ),
        "simulator.read_body": (lambda text: xml_text.read_body(text.encode(), "a"), xml),
        "simulator.basic_credentials": (
            exchange.basic_credentials,
            [("Basic ", "YTph", ""), ("Basic ", " ", "")],
        ),
        "simulator.whole_number": (lambda text: xml_text.whole_number(text, 0, 9), []),
        "simulator.Jid": (Jid.parse, [("", "a@", ""), ("", "\\20", "@b"), ("a/", "b", "")]),
    }


def measured(case: Callable[[int], Callable[[], object]]) -> tuple[float, float]:
    """Seconds of processor time for one size, and for twice the size: the least of several tries.

    A time that grows too much is measured again at twice both sizes. A quadratic case grows as much there. A library
    that changes its algorithm at some length, as RE2 does, does not.
    """
    small, large = _doubled(case, SIZE)
    return _doubled(case, 2 * SIZE) if large > MOST_GROWTH * small else (small, large)


def _doubled(case: Callable[[int], Callable[[], object]], size: int) -> tuple[float, float]:
    larger = _time(case(2 * size), 1)
    if larger < TOO_SHORT_TO_JUDGE:
        return larger, larger
    small, large = _time(case(size), 3), min(larger, _time(case(2 * size), 2))
    for _ in range(4):  # noise makes a time longer, never shorter
        if large <= MOST_GROWTH * small:
            break
        small, large = min(small, _time(case(size), 2)), min(large, _time(case(2 * size), 2))
    return small, large


def _time(run: Callable[[], object], tries: int) -> float:
    least = float("inf")
    for _ in range(tries):
        begun = time.process_time()
        run()
        least = min(least, time.process_time() - begun)
    return least


def main(skipped: int) -> None:
    """Measure all cases but the first ones."""
    gc.disable()  # its passes over a growing heap are no cost of the parser
    for number, (name, case) in enumerate([*pattern_cases(), *parser_cases()]):
        if number < skipped:
            continue
        print(json.dumps({"begun": name}), flush=True)
        signal.setitimer(signal.ITIMER_REAL, KILL_SECONDS)
        small, large = measured(case)
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps({"name": name, "small": small, "large": large}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
