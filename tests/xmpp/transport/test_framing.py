"""RFC 7395 framing: what is sent in a frame, and what a received frame means."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from websockets.frames import Frame, Opcode

from mcp_finesse.xmpp.transport import framing

NS = framing.NAMESPACE


@pytest.mark.parametrize(
    ("stanza", "frame"),
    [
        (b"<iq id='1'/>", b"<iq xmlns='jabber:client' id='1'/>"),
        (b"<presence/>", b"<presence xmlns='jabber:client'/>"),
        (b"<message><body/></message>", b"<message xmlns='jabber:client'><body/></message>"),
        (b"<iq><iq/></iq>", b"<iq xmlns='jabber:client'><iq/></iq>"),
        (b"<iq xmlns='jabber:client'/>", b"<iq xmlns='jabber:client'/>"),
        (b"<iq id='1' xmlns=\"x\"/>", b"<iq id='1' xmlns=\"x\"/>"),
        (b"<iq><q xmlns='x'/></iq>", b"<iq xmlns='jabber:client'><q xmlns='x'/></iq>"),
        (b"<iqx/>", b"<iqx/>"),
        (b"<auth xmlns='s'/>", b"<auth xmlns='s'/>"),
        (b"<stream:error/>", b"<stream:error xmlns:stream='http://etherx.jabber.org/streams'/>"),
        (b"<stream:error xmlns:stream='s'/>", b"<stream:error xmlns:stream='s'/>"),
        (b"", b""),
    ],
)
def test_stanza_carries_its_own_namespace(stanza: bytes, frame: bytes) -> None:
    assert framing.standalone(stanza) == frame


def test_header_names_the_escaped_domain() -> None:
    element = ET.fromstring(framing.header("a'b&c"))
    assert element.tag == f"{{{NS}}}open"
    assert (element.get("to"), element.get("version")) == ("a'b&c", "1.0")
    assert ET.fromstring(framing.FOOTER).tag == f"{{{NS}}}close"


@pytest.mark.parametrize(
    "lead", [b"", b"<?xml version='1.0'?>", b"\xef\xbb\xbf", b" \n", b"<?xml version='1.0'?>\n"]
)
def test_open_becomes_a_stream_root(lead: bytes) -> None:
    frame = lead + f"<open xmlns='{NS}' id='a&lt;b' from='d.test' xml:lang='de' version='1.0'/>".encode()
    root = ET.fromstring(framing.incoming(frame).data + b"</stream:stream>")
    assert root.tag == "{http://etherx.jabber.org/streams}stream"
    assert (root.get("id"), root.get("from"), root.get("version")) == ("a<b", "d.test", "1.0")
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"


def test_open_without_attributes_has_version_1() -> None:
    data = framing.incoming(f"<open xmlns='{NS}'/>".encode()).data
    assert ET.fromstring(data + b"</stream:stream>").attrib == {"version": "1.0"}


def test_close_ends_the_stream_and_may_redirect() -> None:
    assert framing.incoming(framing.FOOTER.encode()) == (b"</stream:stream>", False, None)
    elsewhere = f"<close xmlns='{NS}' see-other-uri='wss://b.test/ws'/>".encode()
    assert framing.incoming(elsewhere) == (b"</stream:stream>", False, "wss://b.test/ws")


def test_stanzas_are_unchanged_except_for_an_xml_declaration() -> None:
    stanza = b"<message xmlns='jabber:client'/>"
    assert not stanza.startswith(framing.UNUSUAL)
    assert framing.incoming(b"<?xml version='1.0' encoding='utf-8'?> " + stanza).data == stanza


@pytest.mark.parametrize(
    "frame",
    [
        b"<open",
        b"<open/>",
        b"<openly xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
        b"<open xmlns='jabber:client'/>",
        b"<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'>",
        b"<!DOCTYPE open [<!ENTITY a 'b'>]><open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='&a;'/>",
        b"<?xml version='1.0'?><!DOCTYPE x><message/>",
        b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'><!-- --></open>",
    ],
)
def test_malformed_or_unsafe_frame_is_rejected(frame: bytes) -> None:
    assert frame.startswith(framing.UNUSUAL)
    with pytest.raises(ValueError, match=r"open|close|document type"):
        framing.incoming(frame)


def text(content: bytes, *, fin: bool = True, mask: bool = False) -> bytes:
    """Return a text frame."""
    return Frame(Opcode.TEXT, content, fin=fin).serialize(mask=mask)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535])
def test_text_frame_is_recognized(length: int) -> None:
    content = b"x" * length
    assert framing.leading_texts(text(content)) == ([content], b"")


def test_consecutive_text_frames_are_separated() -> None:
    contents = [b"x", b"", b"y" * 300, b"z" * 65535, b"z" * 125]
    assert framing.leading_texts(b"".join(map(text, contents))) == (contents, b"")


@pytest.mark.parametrize("length", [1, 125, 126, 65535])
def test_unfinished_frame_is_left_for_later(length: int) -> None:
    whole, unfinished = text(b"x"), text(b"y" * length)
    for rest in (unfinished[:1], unfinished[:2], unfinished[:-1]):
        assert framing.leading_texts(whole + rest) == ([b"x"], rest)


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        text(b"x" * 65536),
        text(b"x", mask=True),
        text(b"x", fin=False),
        Frame(Opcode.CONT, b"x").serialize(mask=False),
        Frame(Opcode.PING, b"x").serialize(mask=False),
        b"\xc1\x01x",  # a reserved bit
    ],
    ids=["nothing", "64 KiB", "masked", "first fragment", "last fragment", "ping", "reserved bit"],
)
def test_other_frames_and_all_that_follow_are_left_to_the_protocol(rest: bytes) -> None:
    rest += text(b"later") if rest else b""
    assert framing.leading_texts(rest) == ([], rest)
    assert framing.leading_texts(text(b"x") + rest) == ([b"x"], rest)


@pytest.mark.parametrize("length", [0, 125, 126, 65535, 65536])
def test_frame_size_is_computed(length: int) -> None:
    frame = Frame(Opcode.TEXT, b"x" * length).serialize(mask=False)
    assert framing.size_on_the_wire(length) == len(frame)
