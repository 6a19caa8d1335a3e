"""Parses requests and builds responses with the ``<body/>`` wrapper of BOSH (XEP-0124, XEP-0206)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from mcp_finesse.simulator.openfire.stanzas import STREAM, MalformedXmlError, build, parse, split_tag

HTTPBIND = "http://jabber.org/protocol/httpbind"
XBOSH = "urn:xmpp:xbosh"

_WAIT, _HOLD = 60, 1  # defaults for clients that do not specify them
_VERSION = (1, 5)  # assumed for clients that do not specify a version
_ERRORS_AS_BODY = (1, 6)
_LEGACY_STATUS = {"bad-request": 400, "policy-violation": 403, "item-not-found": 404}  # XEP-0124 section 17.4


class BadBodyError(ValueError):
    """The body of a request is invalid. The message says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response."""

    body: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class BodyRequest:
    """A client's ``<body/>``.

    Attributes:
        rid: request id.
        sid: the BOSH session id. Empty in a session creation request.
        to: the XMPP domain, in lower case.
        version: the BOSH version as a pair (major, minor).
        wait: maximum seconds to hold a request.
        hold: the number of requests to hold.
        pause: the requested pause in seconds. ``None`` in most requests.
        terminate: whether to end the session after processing ``elements``.
        restart: whether to restart the stream, as clients do after SASL.
        elements: the XML elements for the stream.
    """

    rid: int
    sid: str = ""
    to: str = ""
    version: tuple[int, int] = _VERSION
    wait: int = _WAIT
    hold: int = _HOLD
    pause: int | None = None
    terminate: bool = False
    restart: bool = False
    elements: Sequence[Element] = ()

    @property
    def is_empty(self) -> bool:
        """Whether this request is an empty poll."""
        return not (self.elements or self.terminate or self.restart or self.pause is not None)


def read_body(data: bytes) -> BodyRequest:
    """Parse a request.

    Raises:
        BadBodyError: the request is not a single valid ``<body/>`` with a positive ``rid``.
    """
    try:
        element = parse(data)
    except MalformedXmlError as error:
        raise BadBodyError(str(error)) from None
    if split_tag(element.tag) != (HTTPBIND, "body"):
        raise BadBodyError("not a body element")
    rid = _number(element, "rid", 0)
    if rid < 1:
        raise BadBodyError("no rid")
    return BodyRequest(
        rid=rid,
        sid=element.get("sid", ""),
        to=element.get("to", "").lower(),
        version=_version(element.get("ver")),
        wait=_number(element, "wait", _WAIT),
        hold=_number(element, "hold", _HOLD),
        pause=_number(element, "pause", 0) if "pause" in element.attrib else None,
        terminate=element.get("type") == "terminate",
        restart=element.get(f"{{{XBOSH}}}restart") == "true",
        elements=list(element),
    )


def body(*children: str, stream_prefix: bool = False, **attributes: str | None) -> Reply:
    """Build a response ``<body/>``. Children declare their own namespaces.

    Args:
        children: complete elements.
        stream_prefix: whether to declare the prefix ``stream``, as Openfire does when features follow.
        attributes: attributes by name. A value of ``None`` is omitted. A trailing underscore of a name is removed
            (``from_``).
    """
    names = {"xmlns:stream": STREAM if stream_prefix else None}
    named = {name.removesuffix("_"): value for name, value in attributes.items()}
    return Reply(build("body", {**names, **named}, *children, xmlns=HTTPBIND))


def error(condition: str, version: tuple[int, int]) -> Reply:
    """Build the terminal response to a client error, with a condition or, for old clients, an HTTP status."""
    status = _LEGACY_STATUS.get(condition, 200)
    if version < _ERRORS_AS_BODY and status != 200:
        return Reply("", status)
    return body(type="terminate", condition=condition)


def _number(element: Element, name: str, default: int) -> int:
    text = element.get(name)
    if text is None:
        return default
    # A rid is below 2**53 (XEP-0124 section 14.1). The digits are checked because int() accepts "1_0" and " 1".
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise BadBodyError(f"{name} is not a number")
    return int(text)


def _version(text: str | None) -> tuple[int, int]:
    major, _, minor = (text or "").partition(".")
    parts = (major, minor or "0")
    if not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):
        return _VERSION
    return int(parts[0]), int(parts[1])
