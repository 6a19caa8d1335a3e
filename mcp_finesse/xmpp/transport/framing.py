"""RFC 7395 as pure functions: what a WebSocket frame carries, against the TCP stream that slixmpp speaks.

Outbound, slixmpp's header and footer are replaced by ``<open/>`` and ``<close/>``, and stanzas get the
namespaces that a TCP stream declares once. Inbound, ``<open/>`` becomes a stream root, ``<close/>`` its
end, and everything else passes as it came, so that a stanza is parsed once only.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

NAMESPACE = "urn:ietf:params:xml:ns:xmpp-framing"
FOOTER = f"<close xmlns='{NAMESPACE}'/>"

# Frames with one of these beginnings go through ``incoming``; all others are stanzas and pass untouched.
UNUSUAL = (b"<open", b"<close", b"<?", b"<!", b" ", b"\t", b"\r", b"\n", b"\xef\xbb\xbf")

# The first byte of a text frame that is a message of its own; and a second byte that says that the next two hold the
# length, while a larger one says that eight do, or that a mask follows (RFC 6455 5.2).
_TEXT = 0x81
_LENGTH_FOLLOWS = 126

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_STREAM_END = b"</stream:stream>"
_LONGEST_DECLARATION = 1000
_BARE_STANZA = re.compile(rb"<(iq|message|presence)(?=[\s/>])(?![^>]*\sxmlns=)")
_BARE_STREAM = re.compile(rb"<(stream:\w+)(?=[\s/>])(?![^>]*\sxmlns:stream=)")


class Incoming(NamedTuple):
    """A frame in terms of a TCP stream.

    Attributes:
        data: what the stream parser is to be fed.
        opens: it is the root of a stream.
        see_other_uri: the address to go to instead, when the server closes with one (RFC 7395 3.6.1).
    """

    data: bytes
    opens: bool = False
    see_other_uri: str | None = None


def header(domain: str) -> str:
    """The frame that opens, and after SASL re-opens, the stream to an XMPP domain (RFC 7395 3.4)."""
    return f"<open xmlns='{NAMESPACE}' to={quoteattr(domain)} version='1.0' xml:lang='en'/>"


def stream_root(attributes: dict[str, str] | None = None) -> bytes:
    """The stream header of RFC 6120 4.7 that says what an ``<open/>`` said."""
    attributes = attributes or {}
    said = {"id": attributes.get("id"), "from": attributes.get("from"), "xml:lang": attributes.get(_LANG)}
    extra = "".join(f" {name}={quoteattr(value)}" for name, value in said.items() if value)
    return (
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
        f" version='1.0'{extra}>"
    ).encode()


def standalone(data: bytes) -> bytes:
    """A stanza as slixmpp wrote it for a stream, made complete for a frame of its own (RFC 7395 3.3.3).

    Prosody ignores a stanza without namespace during bind: the login would hang until its time is up.
    """
    if data.startswith(b"<stream:"):
        return _declaring(b" xmlns:stream='http://etherx.jabber.org/streams'", data, _BARE_STREAM)
    return _declaring(b" xmlns='jabber:client'", data, _BARE_STANZA)


def _declaring(declaration: bytes, data: bytes, bare: re.Pattern[bytes]) -> bytes:
    name = bare.match(data)
    return data if name is None else data[: name.end()] + declaration + data[name.end() :]


def incoming(frame: bytes) -> Incoming:
    """Translate a frame that begins with one of ``UNUSUAL``.

    Raises:
        ValueError: ``<open/>`` or ``<close/>`` cannot be read, or the frame carries a document type
            (RFC 6120 11.1 forbids it; entities of a stream have been used to exhaust memory).
    """
    frame = frame.removeprefix(b"\xef\xbb\xbf").lstrip()
    if frame.startswith(b"<?xml"):
        end = frame.find(b"?>", 0, _LONGEST_DECLARATION)
        frame = frame if end < 0 else frame[end + 2 :].lstrip()
    if frame.startswith(b"<!"):
        raise ValueError("a frame with a document type or a comment")
    if frame.startswith(b"<open"):
        return Incoming(stream_root(_attributes(frame, "open")), opens=True)
    if frame.startswith(b"<close"):
        return Incoming(_STREAM_END, see_other_uri=_attributes(frame, "close").get("see-other-uri"))
    return Incoming(frame)


def leading_texts(data: bytes) -> tuple[list[bytes], bytes]:
    """What is in the text frames that the data begin with, and the rest of the data.

    Only frames that are whole, unmasked and no longer than 64 KB. Nearly all are, and to see that here is much
    cheaper than to have each taken apart as if it could be anything.
    """
    texts, at, end = [], 0, len(data)
    while end - at > 1 and data[at] == _TEXT:
        length, begin = data[at + 1], at + 2
        if length == _LENGTH_FOLLOWS:
            length, begin = int.from_bytes(data[begin : begin + 2], "big"), begin + 2
        elif length > _LENGTH_FOLLOWS:
            break
        if begin + length > end:
            break
        at = begin + length
        texts.append(data[begin:at])
    return texts, data[at:]


def size_on_the_wire(length: int) -> int:
    """Bytes of an unmasked frame with so many in it (RFC 6455 5.2)."""
    return length + (2 if length < 126 else 4 if length < 2**16 else 10)


def _attributes(frame: bytes, name: str) -> dict[str, str]:
    if b"<!" in frame:
        raise ValueError(f"<{name}/> with a document type")
    try:
        element = ET.fromstring(frame)  # noqa: S314 - no document type, so no entities
    except ET.ParseError as exc:
        raise ValueError(f"<{name}/> is not well-formed: {exc}") from exc
    if element.tag != f"{{{NAMESPACE}}}{name}":
        raise ValueError(f"<{name}/> is not of {NAMESPACE}")
    return element.attrib
