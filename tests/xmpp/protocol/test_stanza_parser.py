"""Stanza parser: the root and the stanzas as ElementTree builds them, within limits."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from xml.sax.saxutils import escape

import pytest

from mcp_finesse.xmpp.protocol.stanza_parser import MAX_DEPTH, StanzaParser
from tests.xmpp.support import event_message

ROOT = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='7' xml:lang='en'>"
STANZA = (
    "<message from='a@b' xml:lang='de'><body>one &lt;two&gt; &amp;<b xmlns='urn:x' y:z='1' xmlns:y='urn:y'/>three"
    "</body> <stream:odd/></message>"
)


class Stream:
    """A parser, what it offered, and what it reported."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.offered: list[ET.Element] = []
        self.reported: list[tuple[str, str]] = []
        self._taken = set(taken)
        self._parser = StanzaParser(self._take)

    def _take(self, stanza: ET.Element) -> bool:
        self.offered.append(stanza)
        return stanza.get("from") in self._taken

    def feed(self, *parts: str | bytes) -> None:
        for part in parts:
            self._parser.feed(part)
            for event, element in self._parser.read_events():
                self.reported.append((event, element.tag.rpartition("}")[2]))


def by_elementtree(stanza: str) -> ET.Element:
    return ET.fromstring(f"{ROOT}{stanza}</stream:stream>")[0]


def test_root_is_reported_when_it_opens_and_closes() -> None:
    stream = Stream()
    stream.feed(ROOT)
    assert stream.reported == [("start", "stream")]
    stream.feed(" ", "</stream:stream>")
    assert stream.reported == [("start", "stream"), ("end", "stream")]
    assert stream.offered == []


def test_stanza_is_reported_unless_the_listener_takes_it() -> None:
    stream = Stream(taken=["me"])
    stream.feed(ROOT, "<iq from='me'><x/></iq><iq from='other'><x/></iq> <presence/>")
    assert [stanza.get("from") for stanza in stream.offered] == ["me", "other", None]
    assert stream.reported[1:] == [("start", "iq"), ("end", "iq"), ("start", "presence"), ("end", "presence")]


def test_stanza_equals_the_one_parsed_by_elementtree() -> None:
    stream = Stream()
    stream.feed(ROOT, STANZA, STANZA)
    assert [ET.canonicalize(ET.tostring(stanza)) for stanza in stream.offered] == [
        ET.canonicalize(ET.tostring(by_elementtree(STANZA)))
    ] * 2


def test_stanza_fed_byte_by_byte_equals_the_whole() -> None:
    stream = Stream()
    stream.feed(*(byte.to_bytes() for byte in f"{ROOT}{STANZA}".encode()))
    assert len(stream.offered) == 1
    assert ET.tostring(stream.offered[0]) == ET.tostring(by_elementtree(STANZA))


@pytest.mark.parametrize("payload", ["<a>&amp;</a>" * 10, "<long>x</long>" * 5000, "Jürgen 🙂"])
def test_escaped_text_is_returned_whole(payload: str) -> None:
    stream = Stream()
    stream.feed(ROOT, event_message("node", payload).encode())
    assert stream.offered[0].findtext(".//{*}notification") == payload
    assert escape(payload) in event_message("node", payload)


@pytest.mark.parametrize(
    "broken", ["<iq></message>", "<iq a='1' a='2'/>", "<iq>&unknown;</iq>", b"<iq>\xff</iq>"]
)
def test_malformed_xml_raises_after_the_preceding_stanzas(broken: str | bytes) -> None:
    stream = Stream()
    stream.feed(ROOT)
    with pytest.raises(ET.ParseError):
        stream.feed(b"<presence/>" + (broken.encode() if isinstance(broken, str) else broken))
    assert [stanza.tag for stanza in stream.offered] == ["{jabber:client}presence"]
    with pytest.raises(ET.ParseError):
        stream.feed("<iq/>")


def test_document_type_is_rejected() -> None:
    with pytest.raises(ET.ParseError, match="document type"):
        Stream().feed("<!DOCTYPE stream [<!ENTITY a 'b'>]>", ROOT)


def test_endless_stanza_is_rejected() -> None:
    stream = Stream()
    stream.feed(ROOT, "<message><body>")
    part = "x" * 2**20
    with pytest.raises(ET.ParseError, match="too long"):
        stream.feed(*[part] * 5)


def test_many_large_stanzas_are_not_an_endless_stanza() -> None:
    stream = Stream()
    stream.feed(ROOT, *[f"<message><body>{'x' * 2**20}</body></message>"] * 5)
    assert len(stream.offered) == 5


def test_nesting_is_bounded_and_the_stream_continues() -> None:
    taken: list[ET.Element] = []
    parser = StanzaParser(lambda stanza: not taken.append(stanza))
    parser.feed(b"<stream:stream xmlns:stream='s'>" + b"<a>" * 10_000 + b"</a>" * 10_000 + b"<b/>")
    list(parser.read_events())
    assert [stanza.tag for stanza in taken] == ["a", "b"]
    assert sum(1 for _ in taken[0].iter()) == MAX_DEPTH - 1


def test_endless_tag_is_rejected_before_the_stanza_limit() -> None:
    parser = StanzaParser(lambda _: True)
    parser.feed(b"<stream:stream xmlns:stream='s'><a b='")
    for _ in range(100):
        parser.feed(b"c" * 1024)
    with pytest.raises(ET.ParseError, match="a tag is too long"):
        list(parser.read_events())
