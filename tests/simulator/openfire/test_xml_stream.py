"""Test the parsing of an XML stream: whole, in pieces, and the input that is rejected."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from mcp_finesse.simulator.openfire.xml_stream import MAX_ELEMENT, StreamXmlError, XmlStream
from tests.simulator.support_tcp import HEADER


class Reading:
    """Records the callbacks of a stream, in order."""

    def __init__(self) -> None:
        self.got: list[object] = []
        self.elements: list[Element] = []
        self.stream = XmlStream(self._opened, self._element, lambda: self.got.append("end"))

    def _opened(self, attributes: dict[str, str]) -> None:
        self.got.append(f"open {attributes.get('to')}")

    def _element(self, element: Element) -> None:
        self.got.append(element.tag)
        self.elements.append(element)

    def feed(self, text: str) -> list[object]:
        self.stream.feed(text.encode())
        got, self.got = self.got, []
        return got

    def refusal(self, text: str) -> str:
        with pytest.raises(StreamXmlError) as caught:
            self.feed(text)
        return caught.value.condition


def opened() -> Reading:
    reading = Reading()
    assert reading.feed(HEADER) == ["open finesse.sim"]
    return reading


def test_header_elements_and_footer_are_read() -> None:
    reading = opened()
    assert reading.feed("<a b='c'>d<e/>f</a><g xmlns='urn:x'/>") == ["{jabber:client}a", "{urn:x}g"]
    first = reading.elements[0]
    assert (first.get("b"), first.text, first[0].tail) == ("c", "d", "f")
    assert reading.feed("</stream:stream>") == ["end"]


def test_stream_is_read_one_byte_at_a_time() -> None:
    reading = Reading()
    for byte in f"\n{HEADER}<a>é&lt;</a> <b/></stream:stream>".encode():
        reading.stream.feed(bytes([byte]))
    assert reading.got == ["open finesse.sim", "{jabber:client}a", "{jabber:client}b", "end"]
    assert reading.elements[0].text == "é<"


def test_element_is_delivered_with_its_last_byte() -> None:
    reading = opened()
    assert reading.feed("<a>" + "x" * 5000) == []
    assert reading.feed("</a") == []
    assert reading.feed(">") == ["{jabber:client}a"]


def test_any_amount_of_whitespace_between_elements_is_ignored() -> None:
    reading = opened()
    for _ in range(3):
        assert reading.feed(" " * MAX_ELEMENT) == []
    assert reading.feed("\n<a/>") == ["{jabber:client}a"]


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("<a></b>", "not-well-formed"),
        ("<a>\x00</a>", "not-well-formed"),
        ("<a>&b;</a>", "not-well-formed"),
        ("hello", "bad-format"),
        ("<!-- a -->", "restricted-xml"),
        ("<?a b?>", "restricted-xml"),
        (HEADER[HEADER.index("<stream") :], "bad-format"),
        ("<a>" * 65, "policy-violation"),
        (f"<a>{'x' * MAX_ELEMENT}</a>", "policy-violation"),
        (f"<a>{'x' * MAX_ELEMENT}", "policy-violation"),
        (f"<a b='{'x' * MAX_ELEMENT}", "policy-violation"),
    ],
    ids=lambda value: value[:20],
)
def test_invalid_element_ends_the_stream_with_its_condition(text: str, condition: str) -> None:
    assert opened().refusal(text) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>" + HEADER[21:], "restricted-xml"),
        ("<stream:stream>", "not-well-formed"),
        ("<stream xmlns='jabber:client'>", "invalid-namespace"),
        ("<presence xmlns='jabber:client'/>", "bad-format"),
        ("<s:stream xmlns:s='urn:x'>", "invalid-namespace"),
        ("GET / HTTP/1.1\r\n", "not-well-formed"),
    ],
)
def test_invalid_header_is_rejected_with_its_condition(text: str, condition: str) -> None:
    assert Reading().refusal(text) == condition


def test_elements_up_to_the_limits_are_read() -> None:
    reading = opened()
    assert reading.feed("<a>" * 64 + "</a>" * 64) == ["{jabber:client}a"]
    for _ in range(2):
        assert reading.feed(f"<a>{'x' * (MAX_ELEMENT - 7)}</a>") == ["{jabber:client}a"]


def test_elements_before_the_error_are_delivered() -> None:
    reading = opened()
    assert reading.refusal("<a/><b></c>") == "not-well-formed"
    assert reading.got == ["{jabber:client}a"]
