"""Targets: text that is shown after sanitizing and redaction."""

from __future__ import annotations

import base64
import json
from unicodedata import category
from urllib.parse import quote
from xml.sax.saxutils import escape

from mcp_finesse.privacy import caller_block, caller_text, quoted
from mcp_finesse.redaction import CARDS_ONLY, redact
from tests.fuzz.target import Target, expect
from tests.fuzz.xml_targets import choice_of

SECRET = "s3cr&t/'pw é"
MISLEADING = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
_FORMS = (
    SECRET,
    quote(SECRET),
    quote(SECRET, safe="").lower(),
    escape(SECRET),
    json.dumps(SECRET)[1:-1],
    base64.b64encode(f"1001:{SECRET}".encode()).decode(),
    base64.b64encode(SECRET.encode()).decode(),
)


def redact_text(data: bytes) -> None:
    """Redact a text with a secret at any place, in any encoding."""
    text = data.decode("utf-8", "replace")
    at, form = choice_of(data, len(text) + 1), _FORMS[choice_of(data, len(_FORMS))]
    planted = f"{text[:at]} {form} {text[at:]}"
    for shown in (redact(planted, [SECRET]), json.dumps(redact({"a": [planted]}, [SECRET]))):
        expect(form not in shown, "The secret is shown.")
    CARDS_ONLY.data({"callVariable1": planted})


def sanitize(data: bytes) -> None:
    """Sanitize a text of a caller."""
    text = data.decode("utf-8", "surrogateescape")
    expect(len(caller_text(text, 100)) <= 100, "The text is longer than its limit.")
    expect(quoted(text).count('"') == 2, "The quotation ends before its end.")
    for shown in (caller_text(text), quoted(text), *caller_block(text)[0].split("\n")):
        found = [char for char in shown if category(char) in MISLEADING and char not in "\u200c\u200d"]
        expect(not found, f"The text contains {found}.")


_TEXTS = (
    "Authorization: Basic MTAwMTpodW50ZXIyMg==",
    "Bearer abcdefghijklmnopqrstuvwxyz",
    "https://user:pass@fin.example.test:8445/x?access_token=abc&a=b",
    '{"password": "a\\"b", "token": ["x"]}',
    "<User><password>abc</password><auth mechanism='PLAIN'>AGEAYg==</auth></User>",
    "4111 1111-1111.1111 and 5500000000000004",
    "a\u202eb\u200bc\u2028d\x00e\x1b[31m\U000e0041",
)

TARGETS = (
    Target(
        "redaction",
        redact_text,
        lambda: [text.encode() for text in _TEXTS],
        (
            b"password=",
            b"<password>",
            b"<![CDATA[",
            b"]]>",
            b"basic ",
            b"://",
            b"4111111111111111",
            b'"token": "',
            b"\\",
        ),
    ),
    Target(
        "caller_text",
        sanitize,
        lambda: [text.encode() for text in _TEXTS],
        (
            "\u202e".encode(),
            "\U000e0041".encode(),
            b"\x1b[0m",
            b"\x85",
            b'"',
            b"\xed\xb2\x80",
            "\u2029".encode(),
            b"\t",
        ),
    ),
)
