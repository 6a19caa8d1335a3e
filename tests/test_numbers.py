"""Numbers from the network, from files and from users are bounded."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mcp_finesse.errors import PayloadError
from mcp_finesse.model import explain, parse, parse_update
from mcp_finesse.model.sign_on import read_token
from mcp_finesse.model.wire import read_time
from mcp_finesse.numbers import canonical_id, is_digits, parse_int, parse_json
from mcp_finesse.rest.responses import Answer
from mcp_finesse.xmpp.protocol.resource import is_ours

PACKAGE = Path(__file__).parents[1] / "mcp_finesse"
HUGE = "9" * 5000

# Conversions of text that is bounded before, by what stands beside it. Everything else goes through ``numbers``.
BOUNDED_BEFORE = {
    "numbers.py": 3,
    "model/wire.py": 2,  # after is_digits; a time, under try
    "model/code_tables/error_codes.py": 2,  # after is_digits
    "rest/call_data_validation.py": 1,  # {1,9}
    "rest/api/outbound.py": 1,  # fullmatch of a fixed length
    "proxies/choice.py": 1,  # {1,5}
    "proxies/handshake.py": 1,  # three digits
    "session/state/journal.py": 1,  # shorter than 20 digits
    "session/state/calls.py": 1,  # a bool
    "account_guard/store.py": 4,  # our own file, read under try
    "xmpp/protocol/resource.py": 1,  # {0,8}
    "cli/token.py": 3,  # the clock; a date of 40 characters, under try
    "server/auth/token_file.py": 1,  # the clock
    "cli/options.py": 1,  # after is_digits
    "settings.py": 1,  # TOML, under try
    "setting_checks.py": 1,  # TOML, under try
    "server/policy/policy_file.py": 1,  # TOML of at most 1 MB, under try
    "server/present/times.py": 1,  # a number
    "server/sdk/client_cursors.py": 2,  # cursors that this server made
    "server/arguments/conditions.py": 2,  # up to 40 characters; a time, under try
    "server/arguments/deadlines.py": 2,  # {1,9}; a time, under try
    "server/tools/core/notifications.py": 1,  # shorter than 20 digits
    "xmpp/paced_input.py": 1,  # a number
    "xmpp/protocol/presence.py": 1,  # {1,3}
    "xmpp/protocol/presence_priority.py": 1,  # one of three settings
    "simulator/xml_text.py": 1,
    "simulator/console/app.py": 1,  # JSON of at most 64 KB, under try
    "simulator/openfire/presence.py": 2,
    "simulator/calls/data.py": 1,
    "simulator/system_info.py": 2,
    "simulator/configuration/records.py": 1,
    "simulator/configuration/configuration.py": 3,
    "simulator/rest/configuration/serviceability.py": 1,
    "simulator/publishing/team_messages.py": 1,
    "simulator/openfire/bosh/body.py": 3,
    "simulator/ports/listening.py": 1,
    "simulator/rest/resources.py": 4,
    "simulator/requests/outbound.py": 1,
}
CONVERSIONS = {"int", "float", "Decimal", "Fraction", "complex", "loads", "fromisoformat", "strptime"}


def conversions(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            constant = isinstance(node.args[0], ast.Constant)
            if name in CONVERSIONS and not constant:
                found.append(f"{path.name}:{node.lineno}: {ast.unparse(node)}")
    return found


def test_text_becomes_a_number_only_where_its_length_is_bounded() -> None:
    counted = {
        path.relative_to(PACKAGE).as_posix(): found
        for path in sorted(PACKAGE.rglob("*.py"))
        if (found := conversions(path))
    }
    assert {name: len(found) for name, found in counted.items()} == BOUNDED_BEFORE, counted


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        (" -17\n", -17),
        ("+3", 3),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        (HUGE, None),
        ("٣", None),
        ("²", None),
        ("1_000", None),
        ("1.0", None),
        ("1e3", None),
        ("NaN", None),
        ("Infinity", None),
        ("--1", None),
        ("-", None),
        ("", None),
    ],
)
def test_whole_number_is_ascii_digits_of_bounded_length(text: str, number: int | None) -> None:
    assert parse_int(text) == number


def test_only_ascii_digits_are_digits() -> None:
    assert is_digits("0123456789")
    assert not is_digits("٣")
    assert not is_digits("")
    assert not is_digits("1234", max_digits=3)


@pytest.mark.parametrize(
    "text", [f'{{"a": {HUGE}}}', '{"a": NaN}', '{"a": -Infinity}', '{"a": 1e999}', "[" * 100_000, "{", ""]
)
def test_json_with_unbounded_content_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_json(text)


def test_json_with_ordinary_numbers_is_read() -> None:
    assert parse_json(b'{"a": [1, -2.5, 1e3, "x", null]}') == {"a": [1, -2.5, 1000.0, "x", None]}


@pytest.mark.parametrize("number", [HUGE, "-" + HUGE, "٣", "NaN", "1e999", "Infinity", "1_0"])
@pytest.mark.parametrize(
    "template",
    [
        "<Update><event>PUT</event><source>/finesse/api/Dialog/{0}</source>"
        "<data><dialog><id>{0}</id><state>{0}</state></dialog></data></Update>",
        "<Update><source>/finesse/api/Queue/{0}</source><data><queue><uri>/finesse/api/Queue/{0}</uri>"
        "<statistics><callsInQueue>{0}</callsInQueue></statistics></queue></data></Update>",
        "<Update><source>/finesse/api/User/{0}</source><data><user><loginId>1</loginId>"
        "<reasonCode><id>{0}</id><uri>/finesse/api/ReasonCode/{0}</uri><code>{0}</code></reasonCode>"
        "<stateChangeTime>{0}</stateChangeTime></user></data></Update>",
        "<Update><data><apiErrors><apiError><errorType>{0}</errorType><errorData>{0}</errorData>"
        "<errorMessage>{0}</errorMessage></apiError></apiErrors></data></Update>",
        "<Update><data><systemInfo><currentTimestamp>{0}</currentTimestamp></systemInfo></data></Update>",
        "<Update><data><teamMessage><id>x</id><duration>{0}</duration><createdTime>{0}</createdTime>"
        "</teamMessage></data></Update>",
    ],
)
def test_notification_with_an_impossible_number_is_read(template: str, number: str) -> None:
    update = parse_update(template.format(number))
    assert update.model_dump_json()
    assert update.kind
    assert update.object_id is None or update.object_id


@pytest.mark.parametrize("number", [HUGE, "-" + HUGE, "٣", "²"])
def test_error_with_an_impossible_code_is_read(number: str) -> None:
    body = f"<ApiErrors><ApiError><ErrorType>{number}</ErrorType><ErrorData>{number}</ErrorData></ApiError></ApiErrors>"
    from mcp_finesse.errors import RefusedError
    from mcp_finesse.rest.responses import check_accepted

    with pytest.raises(RefusedError):
        check_accepted(Answer("PUT x", 400, "application/xml", "", body.encode()))
    assert explain(number) == []
    assert parse(body) is not None


@pytest.mark.parametrize("text", [HUGE, "9" * 4000, "٣", "²", "9" * 18, "1e9", "0001-01-01T00:00:00+23:59"])
def test_impossible_time_is_none(text: str) -> None:
    assert read_time(text) is None


def test_resource_with_an_impossible_slot_is_not_ours() -> None:
    assert is_ours("mcp-finesse-pc-1")
    assert not is_ours(f"mcp-finesse-pc-{HUGE}")


@pytest.mark.parametrize("life", [HUGE, "1e999", "NaN", "-1", "10000000000"])
def test_token_with_an_impossible_life_is_refused(life: str) -> None:
    with pytest.raises(PayloadError):
        read_token(f'{{"token": "x", "expires_in": {life}}}'.encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("310", "310"),
        (" 0310 ", "310"),
        ("٣١٠", "310"),
        ("0" * 5000 + "310", "310"),
        ("000", "0"),
        (HUGE, HUGE),
        ("³¹⁰", "³¹⁰"),
        ("x310", "x310"),
        ("", ""),
    ],
)
def test_ids_of_one_object_have_one_canonical_spelling(text: str, expected: str) -> None:
    assert canonical_id(text) == expected
