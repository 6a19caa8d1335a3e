"""XEP-0124 and XEP-0206 as pure functions: the bodies of a BOSH session, and what answers to them mean.

Stanzas pass as they came: a ``<body/>`` is cut open and not parsed, so that each stanza is parsed once, by
the stream.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import quoteattr

NAMESPACE = "http://jabber.org/protocol/httpbind"
FOOTER = "<body type='terminate'/>"
HOLD = 1
"""Requests that we let the server keep until it has something to say."""

# Openfire looks the prefix up by its name, on the very <body/> that uses it.
_XBOSH = "xmlns:xmpp='urn:xmpp:xbosh'"
_OPENING = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*(?:<\?xml\s[^>]*\?>\s*)?<body((?:\s(?:[^<>"']|"[^"<]*"|'[^'<]*')*?)?)(/?)>"""
)
_CLOSING = b"</body>"
_LONGEST_USUAL_TAG = 500
_OTHER_URI = re.compile(rb"<uri(?:\s[^<>]*)?>([^<]{1,200})</uri>")

# XEP-0124 17.2; whichever it is, a new session is worth a try.
_CONDITIONS = {
    "bad-request": "it could not read a request",
    "host-gone": "it does not serve this XMPP domain any more",
    "host-unknown": "it does not know the XMPP domain",
    "improper-addressing": "it missed the XMPP domain",
    "internal-server-error": "it failed",
    "item-not-found": "it knows no such session, or too many answers were lost",
    "other-request": "another request of ours had ended it",
    "policy-violation": "we asked too much or too often",
    "remote-connection-failed": "it cannot reach the XMPP server behind it",
    "remote-stream-error": "the XMPP server behind it ended the stream",
    "see-other-uri": "it redirects to another address",
    "system-shutdown": "it shuts down",
    "undefined-condition": "it gave no reason",
}
# XEP-0124 17.1: what servers said before they had bodies for it; Openfire still does for some.
_CONDITION_OF_STATUS = {400: "bad-request", 403: "policy-violation", 404: "item-not-found"}
_PASSING_STATUS = frozenset({408, 429, 500, 502, 503, 504})


class LostReply(ConnectionError):  # noqa: N818 - not an error of the session yet
    """An answer that did not come, or not whole: the same bytes may be sent again.

    Attributes:
        sent: the server may have seen the request.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class AskedAgain(LostReply):
    """The server wants the request once more, and those before it that it has not answered (XEP-0124 17.3)."""


class Terminated(ConnectionError):  # noqa: N818 - the standard's word
    """The server ended the session.

    Attributes:
        condition: why, as in XEP-0124 17.2.
    """

    def __init__(self, condition: str, detail: str = "") -> None:
        what = detail or _CONDITIONS.get(condition, "")
        super().__init__(f"the server ended the BOSH session: {condition}{f' ({what})' if what else ''}")
        self.condition = condition


@dataclass(frozen=True, slots=True)
class Answer:
    """What HTTP brought: status, media type, content."""

    status: int
    kind: str
    content: bytes

    def __str__(self) -> str:
        return f"it answered HTTP {self.status}" + (f" with {self.kind}" if self.kind else "")


@dataclass(frozen=True, slots=True)
class Reply:
    """A ``<body/>`` from the server.

    Attributes:
        attributes: of the body.
        payload: what it holds, untouched.
    """

    attributes: Mapping[str, str]
    payload: bytes = b""

    @property
    def terminates(self) -> bool:
        """Whether the session is over with it."""
        return self.attributes.get("type") == "terminate"

    def ending(self) -> Terminated:
        """Why a body that terminates does so."""
        condition = self.attributes.get("condition") or "undefined-condition"
        other = _OTHER_URI.search(self.payload) if condition == "see-other-uri" else None
        detail = f"it redirects to {other[1].decode(errors='replace').strip()}" if other else ""
        return Terminated(condition, detail)


# What is sent.


def header(domain: str) -> str:
    """Stands for the beginning of a stream to an XMPP domain: of the session, or after SASL of the next stream."""
    return f"<body to={quoteattr(domain)} xml:lang='en' {_XBOSH}/>"


def creation(stream_header: str, rid: int, wait: int) -> bytes:
    """The request for a session (XEP-0124 7.1, XEP-0206 2); ``ver`` 1.6 has Openfire answer in bodies."""
    return _body(
        stream_header.removeprefix("<body").removesuffix("/>")
        + f" rid='{rid}' wait='{wait}' hold='{HOLD}' ver='1.6' ack='1' xmpp:version='1.0'"
        " content='text/xml; charset=utf-8'"
    )


def request(rid: int, sid: str, *, ack: int | None = None, extra: str = "", payload: bytes = b"") -> bytes:
    """One request of a session.

    Args:
        rid: its number.
        sid: of the session.
        ack: number of the last request up to which all answers are here, for a server that wants to know.
        extra: further attributes, each after a space.
        payload: stanzas, each with its namespace.
    """
    said = f" ack='{ack}'" if ack is not None and ack != rid - 1 else ""
    return _body(f" rid='{rid}' sid={quoteattr(sid)}{extra}{said}", payload)


def restart(stream_header: str) -> str:
    """The attributes of a request that begins a new stream (XEP-0206 5); it holds nothing else."""
    return stream_header.removeprefix("<body").removesuffix("/>") + " xmpp:restart='true'"


def _body(attributes: str, payload: bytes = b"") -> bytes:
    opening = f"<body xmlns='{NAMESPACE}'{attributes}".encode()
    return opening + b">" + payload + _CLOSING if payload else opening + b"/>"


# What comes back.


def split(content: bytes) -> Reply:
    """Cut a ``<body/>`` open.

    Raises:
        ValueError: it is none, or not whole, or anything but an XML declaration comes before it.
    """
    tag = _tag(content[: content.find(b">", 0, _LONGEST_USUAL_TAG) + 1])
    if tag is None:  # a long one, or one whose values hold an angle bracket
        tag = _tag(content)
    if tag is None:
        raise ValueError("no BOSH <body/>")
    attributes, begin, empty = tag
    end = begin if empty else content.rfind(_CLOSING)
    after = end if empty else end + len(_CLOSING)
    if end < begin or content[after:].strip():
        raise ValueError("a <body/> without its end, or with something after it")
    return Reply(attributes, content[begin:end].strip())


def _tag(content: bytes) -> tuple[Mapping[str, str], int, bool] | None:
    """The tag that opens a ``<body/>``: its attributes, where it ends, whether it is empty; None if there is none.

    Most answers of a session begin with the same bytes, so those that were read last are remembered.
    """
    return _usual_tag(content) if len(content) <= _LONGEST_USUAL_TAG else _read_tag(content)


def _read_tag(content: bytes) -> tuple[Mapping[str, str], int, bool] | None:
    opening = _OPENING.match(content)
    if opening is None:
        return None
    try:
        # Nothing comes before the tag, so there is no document type, and no entity but XML's own.
        element = ET.fromstring(b"<body%b/>" % opening[1])  # noqa: S314
    except ET.ParseError as exc:
        raise ValueError(f"a <body/> that is not well-formed: {exc}") from exc
    if element.tag != f"{{{NAMESPACE}}}body":
        raise ValueError("a <body/> that is not BOSH's")
    return element.attrib, opening.end(), bool(opening[2])


_usual_tag = lru_cache(maxsize=32)(_read_tag)


def first(answer: Answer) -> Reply:
    """The answer to the request for a session; ValueError says what it is instead of a body."""
    if answer.status != 200:
        raise ValueError(str(answer))
    try:
        return split(answer.content)
    except ValueError as exc:
        raise ValueError(f"{answer}, which is {exc}") from exc


def next_reply(answer: Answer) -> Reply:
    """The answer to a request of a session.

    Raises:
        LostReply: it cannot be used, or is a recoverable error (XEP-0124 17.3): send the request again.
        Terminated: the session is over, as far as HTTP says so.
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
        raise AskedAgain("it asks for the request once more")
    return reply
