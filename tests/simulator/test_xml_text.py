"""Test the safe parsing of request bodies, and XML output that no text can break."""

from __future__ import annotations

import pytest
from lxml import etree

from mcp_finesse.simulator.errors import ApiProblem, parameter_missing
from mcp_finesse.simulator.xml_text import MAX_BODY_BYTES, api_errors, element, read_body, to_text


def test_body_is_read_by_name() -> None:
    body = read_body(b"<User><state> READY </state><empty/></User>", "User")
    assert (body.text("state"), body.text("empty"), body.text("missing")) == ("READY", "", "")
    assert (body.has("empty"), body.has("missing")) == (True, False)


def test_names_are_case_sensitive_and_the_last_duplicate_wins() -> None:
    body = read_body(b"<User><State>A</State><state>B</state><state>C</state></User>", "User")
    assert (body.text("state"), body.text("State")) == ("C", "A")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"   ",
        b"no xml",
        b"<User>",
        b"<user/>",
        b"<Dialog/>",
        b'<!DOCTYPE User [<!ENTITY a "b">]><User><state>&a;</state></User>',
        b'<!DOCTYPE User SYSTEM "http://127.0.0.1:1/x"><User/>',
        b"<User><state>\xff</state></User>",
        b"<User>" + b"x" * MAX_BODY_BYTES + b"</User>",
        b"<a>" * 1000,
    ],
)
def test_unusable_body_is_a_bad_request(payload: bytes) -> None:
    with pytest.raises(ApiProblem) as caught:
        read_body(payload, "User")
    assert (caught.value.status, caught.value.details.type) == (400, "Bad Request")


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("A & B <Ltd> \"'", "A & B <Ltd> \"'"),
        ("a\x00b\x1fc\x0b", "a?b?c?"),
        ("Zoë 東京 🎧", "Zoë 東京 🎧"),
        ("\ud800 \uffff", "? ?"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("]]>", "]]>"),
    ],
)
def test_any_text_can_be_written_and_read_back(text: str, becomes: str) -> None:
    assert etree.fromstring(to_text(element("value", text))).text == becomes


def test_error_body_holds_data_message_and_type() -> None:
    (detail,) = etree.fromstring(api_errors(parameter_missing("state")))
    assert {child.tag: child.text for child in detail} == {
        "ErrorData": "state",
        "ErrorMessage": "state Parameter missing",
        "ErrorType": "Parameter Missing",
    }
