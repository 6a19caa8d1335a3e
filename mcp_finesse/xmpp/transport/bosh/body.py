"""XEP-0124 and XEP-0206 framing: pure functions that build ``<body/>`` elements and interpret responses.

Only the opening tag of a ``<body/>`` is parsed. The payload is passed on unchanged, so that each stanza is
parsed once, by the stream.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import quoteattr

from mcp_finesse.redaction import truncated

NAMESPACE = "http://jabber.org/protocol/httpbind"
FOOTER = "<body type='terminate'/>"
HOLD = 1
"""Number of requests the server may hold until it has data (the ``hold`` attribute)."""

# Openfire compares this prefix literally. Openfire requires the declaration on each <body/> that uses the
# prefix.
_XBOSH = "xmlns:xmpp='urn:xmpp:xbosh'"
_OPENING = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*(?:<\?xml\s[^>]*\?>\s*)?<body((?:\s(?:[^<>"']|"[^"<]*"|'[^'<]*')*?)?)(/?)>"""
)
_CLOSING = b"</body>"
_LONGEST_USUAL_TAG = 500
_LONGEST_NAME = 80
"""Maximum characters of a condition or a media type in an error."""
_OTHER_URI = re.compile(rb"<uri(?:\s[^<>]*)?>([^<]{1,200})</uri>")

# The conditions of XEP-0124 17.2. None of these conditions is permanent, so a new session is attempted.
_CONDITIONS = {
    "bad-request": "the server could not read a request",
    "host-gone": "the server no longer serves this XMPP domain",
    "host-unknown": "the server does not know the XMPP domain",
    "improper-addressing": "a request contained no XMPP domain",
    "internal-server-error": "it failed",
    "item-not-found": "the server does not know the session, or too many responses were lost",
    "other-request": "another request of this client ended the session",
    "policy-violation": "this client sent too many requests, or too large ones",
    "remote-connection-failed": "the BOSH endpoint cannot reach the XMPP server",
    "remote-stream-error": "the XMPP server ended the stream",
    "see-other-uri": "the server redirects to another address",
    "system-shutdown": "the server is shutting down",
    "undefined-condition": "the server gave no reason",
}
# The legacy HTTP error codes of XEP-0124 17.1, which Openfire still uses for some conditions.
_CONDITION_OF_STATUS = {400: "bad-request", 403: "policy-violation", 404: "item-not-found"}
_PASSING_STATUS = frozenset({408, 429, 500, 502, 503, 504})


class LostReply(ConnectionError):  # noqa: N818 - not an error of the session yet
    """The response is missing or incomplete. The client may send the same request bytes again.

    Attributes:
        sent: whether the XMPP server may have received the request.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class RepeatRequested(LostReply):
    """The server demands that this request and all earlier requests without a response be resent (XEP-0124 17.3)."""


class Terminated(ConnectionError):  # noqa: N818 - the term of the standard
    """The XMPP server ended the BOSH session.

    Attributes:
        condition: the terminal binding condition of XEP-0124 17.2.
    """

    def __init__(self, condition: str, detail: str = "") -> None:
        what = detail or _CONDITIONS.get(condition, "")
        shown = truncated(condition, _LONGEST_NAME)
        super().__init__(f"the server ended the BOSH session: {shown}{f' ({what})' if what else ''}")
        self.condition = condition


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response with its status, media type and content."""

    status: int
    kind: str
    content: bytes

    def __str__(self) -> str:
        return f"the server responded with HTTP {self.status}" + (
            f" with {truncated(self.kind, _LONGEST_NAME)}" if self.kind else ""
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A ``<body/>`` from the server.

    Attributes:
        attributes: attributes of the ``<body/>``.
        payload: its unparsed content.
    """

    attributes: Mapping[str, str]
    payload: bytes = b""

    @property
    def terminates(self) -> bool:
        """Whether this body ends the BOSH session."""
        return self.attributes.get("type") == "terminate"

    def ending(self) -> Terminated:
        """Return the reason that a terminating body gives."""
        condition = self.attributes.get("condition") or "undefined-condition"
        other = _OTHER_URI.search(self.payload) if condition == "see-other-uri" else None
        detail = f"the server redirects to {other[1].decode(errors='replace').strip()}" if other else ""
        return Terminated(condition, detail)


# Requests.


def header(domain: str) -> str:
    """Return the ``<body/>`` that replaces the first stream header, and later the stream header after SASL."""
    return f"<body to={quoteattr(domain)} xml:lang='en' {_XBOSH}/>"


def creation(stream_header: str, rid: int, wait: int) -> bytes:
    """Return the session creation request (XEP-0124 7.1, XEP-0206 2).

    With ``ver`` 1.6, Openfire reports errors in the response body instead of the HTTP status.
    """
    return _body(
        stream_header.removeprefix("<body").removesuffix("/>")
        + f" rid='{rid}' wait='{wait}' hold='{HOLD}' ver='1.6' ack='1' xmpp:version='1.0'"
        " content='text/xml; charset=utf-8'"
    )


def request(rid: int, sid: str, *, ack: int | None = None, extra: str = "", payload: bytes = b"") -> bytes:
    """Return a request of an established BOSH session.

    Args:
        rid: the request id.
        sid: the BOSH session id.
        ack: the highest rid up to which all responses have been received. Used only if the XMPP server uses
            acknowledgements.
        extra: additional attributes, each preceded by a space.
        payload: the stanzas, each with its own namespace declaration.
    """
    said = f" ack='{ack}'" if ack is not None and ack != rid - 1 else ""
    return _body(f" rid='{rid}' sid={quoteattr(sid)}{extra}{said}", payload)


def restart(stream_header: str) -> str:
    """Return the attributes of a stream restart request (XEP-0206 5), which carries no payload."""
    return stream_header.removeprefix("<body").removesuffix("/>") + " xmpp:restart='true'"


def _body(attributes: str, payload: bytes = b"") -> bytes:
    opening = f"<body xmlns='{NAMESPACE}'{attributes}".encode()
    return opening + b">" + payload + _CLOSING if payload else opening + b"/>"


# Responses.


def split(content: bytes) -> Reply:
    """Split a ``<body/>`` into attributes and payload.

    Raises:
        ValueError: the content is not a ``<body/>``, is incomplete, or begins with text other than an XML
            declaration.
    """
    tag = _tag(content[: content.find(b">", 0, _LONGEST_USUAL_TAG) + 1])
    if tag is None:  # the tag is long, or an attribute value contains ">"
        tag = _tag(content)
    if tag is None:
        raise ValueError("no BOSH <body/>")
    attributes, begin, empty = tag
    end = begin if empty else content.rfind(_CLOSING)
    after = end if empty else end + len(_CLOSING)
    if end < begin or content[after:].strip():
        raise ValueError("a <body/> without an end tag, or with data after the end tag")
    return Reply(attributes, content[begin:end].strip())


def _tag(content: bytes) -> tuple[Mapping[str, str], int, bool] | None:
    """Parse the opening tag of a ``<body/>``. Return its attributes, the offset of its end, and whether it is empty.

    Return None if the content has no such tag. Most responses of a BOSH session begin with the same bytes, so
    recent results are cached.
    """
    return _usual_tag(content) if len(content) <= _LONGEST_USUAL_TAG else _read_tag(content)


def _read_tag(content: bytes) -> tuple[Mapping[str, str], int, bool] | None:
    opening = _OPENING.match(content)
    if opening is None:
        return None
    try:
        # Nothing precedes the tag, so there is no DTD and there are no custom entities.
        element = ET.fromstring(b"<body%b/>" % opening[1])  # noqa: S314
    except ET.ParseError as exc:
        raise ValueError(f"a <body/> that is not well-formed: {exc}") from exc
    if element.tag != f"{{{NAMESPACE}}}body":
        raise ValueError("a <body/> outside the BOSH namespace")
    return element.attrib, opening.end(), bool(opening[2])


_usual_tag = lru_cache(maxsize=32)(_read_tag)


def first(answer: Answer) -> Reply:
    """Return the response to the session creation request. Raise ValueError if the content is not a ``<body/>``."""
    if answer.status != 200:
        raise ValueError(str(answer))
    try:
        return split(answer.content)
    except ValueError as exc:
        raise ValueError(f"{answer}, which is {exc}") from exc


def next_reply(answer: Answer) -> Reply:
    """Return the response to a request of an established BOSH session.

    Raises:
        LostReply: the response is unusable or is a recoverable error (XEP-0124 17.3). The request can be sent
            again.
        Terminated: the HTTP status means that the BOSH session has ended.
    """
    if answer.status in _PASSING_STATUS:
        raise LostReply(str(answer))
    if answer.status != 200:
        raise Terminated(_CONDITION_OF_STATUS.get(answer.status, "undefined-condition"), str(answer))
    try:
        reply = split(answer.content)
    except ValueError as exc:
        raise LostReply(f"{answer}, which is {exc}") from exc
    if reply.attributes.get("type") == "error":
        raise RepeatRequested("the server requests a retransmission")
    return reply
