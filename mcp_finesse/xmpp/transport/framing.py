"""RFC 7395 framing: pure functions that translate between WebSocket frames and the TCP stream of slixmpp.

In outbound data, ``<open/>`` and ``<close/>`` replace slixmpp's header and footer. Each outbound stanza gets
the namespace declaration that a TCP stream has only in its header. In inbound data, ``<open/>`` becomes the
start of the stream root and ``<close/>`` its end. All other frames are passed on unchanged, so that each stanza
is parsed once.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

NAMESPACE = "urn:ietf:params:xml:ns:xmpp-framing"
FOOTER = f"<close xmlns='{NAMESPACE}'/>"

# ``incoming`` translates frames with one of these prefixes. All other frames are stanzas and pass unchanged.
UNUSUAL = (b"<open", b"<close", b"<?", b"<!", b" ", b"\t", b"\r", b"\n", b"\xef\xbb\xbf")

# RFC 6455 5.2. An unfragmented text frame starts with the byte _TEXT. If the second byte is _LENGTH_FOLLOWS, the length
# is in the next two bytes. Larger values of the second byte mean a length of eight bytes, or a mask.
_TEXT = 0x81
_LENGTH_FOLLOWS = 126

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_STREAM_END = b"</stream:stream>"
_LONGEST_DECLARATION = 1000
_BARE_STANZA = re.compile(rb"<(iq|message|presence)(?=[\s/>])(?![^>]*\sxmlns=)")
_BARE_STREAM = re.compile(rb"<(stream:\w+)(?=[\s/>])(?![^>]*\sxmlns:stream=)")


class Incoming(NamedTuple):
    """A WebSocket frame translated for a TCP stream.

    Attributes:
        data: the bytes for the stream parser.
        opens: whether the data is the start of a stream root.
        see_other_uri: redirect address in a ``<close/>`` (RFC 7395 3.6.1).
    """

    data: bytes
    opens: bool = False
    see_other_uri: str | None = None


def header(domain: str) -> str:
    """Return the ``<open/>`` frame (RFC 7395 3.4) for an XMPP domain. The stream sends it first and after SASL."""
    return f"<open xmlns='{NAMESPACE}' to={quoteattr(domain)} version='1.0' xml:lang='en'/>"


def stream_root(attributes: dict[str, str] | None = None) -> bytes:
    """Return the stream header (RFC 6120 4.7) that corresponds to an ``<open/>`` with these attributes."""
    attributes = attributes or {}
    said = {"id": attributes.get("id"), "from": attributes.get("from"), "xml:lang": attributes.get(_LANG)}
    extra = "".join(f" {name}={quoteattr(value)}" for name, value in said.items() if value)
    return (
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
        f" version='1.0'{extra}>"
    ).encode()


def standalone(data: bytes) -> bytes:
    """Add the namespace declaration that each stanza must have in a WebSocket frame (RFC 7395 3.3.3).

    During bind, Prosody ignores a stanza without namespace, and the login would time out.
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
        ValueError: ``<open/>`` or ``<close/>`` is malformed, or the frame contains a DTD or a comment. RFC 6120
            11.1 forbids DTDs and comments, because DTD entities have been used to exhaust memory.
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
    """Return the payloads of the text frames at the start of the data, and the remaining data.

    This function handles only complete, unfragmented and unmasked frames of up to 64 KB. Nearly all frames
    have this form, and this function is much cheaper than the general parser.
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
    """Return the size of an unmasked frame with a payload of this length (RFC 6455 5.2)."""
    return length + (2 if length < 126 else 4 if length < 2**16 else 10)


def _attributes(frame: bytes, name: str) -> dict[str, str]:
    if b"<!" in frame:
        raise ValueError(f"<{name}/> with a document type")
    try:
        element = ET.fromstring(frame)  # noqa: S314 - no DTD, so no custom entities
    except ET.ParseError as exc:
        raise ValueError(f"<{name}/> is not well-formed: {exc}") from exc
    if element.tag != f"{{{NAMESPACE}}}{name}":
        raise ValueError(f"<{name}/> is not of {NAMESPACE}")
    return element.attrib
