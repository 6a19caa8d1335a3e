"""Tracks pending IQ requests, and assigns replies to requests.

This module replaces slixmpp's own tracking. In slixmpp, each pending IQ adds a matcher that is tried on every
stanza. When the link dies, an IQ in slixmpp stays pending until its timeout.
"""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET

from mcp_finesse.redaction import truncated
from mcp_finesse.xmpp.protocol.jid import split_jid

_STANZA_ERRORS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
_LONGEST_NAME = 60
"""Maximum characters of a condition. The longest defined condition has 27 characters."""
_PUBSUB_ERRORS = "{http://jabber.org/protocol/pubsub#errors}"


class StanzaError(Exception):
    """The reply to an IQ was an error (RFC 6120 8.3).

    Attributes:
        condition: the defined condition of the error. ``undefined-condition`` if the error has no condition.
        detail: the pubsub-specific condition (XEP-0060). Empty if the error has no such condition.
        text: the descriptive text of the error, truncated.
    """

    def __init__(self, condition: str, detail: str = "", text: str = "") -> None:
        super().__init__(" ".join(part for part in (condition, detail, text) if part))
        self.condition = condition
        self.detail = detail
        self.text = text


class Requests:
    """Pending requests by id."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[asyncio.Future[ET.Element], frozenset[str]]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def expect(self, request_id: str, answerers: frozenset[str]) -> asyncio.Future[ET.Element]:
        """Register a request. Return a future for its reply, which is a result or an error.

        Args:
            request_id: the ``id`` of the IQ.
            answerers: the bare JIDs, in lower case, from which a reply is accepted. A reply without ``from``
                counts as a reply from the XMPP server (RFC 6120 8.1.2.1).
        """
        future: asyncio.Future[ET.Element] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future, answerers
        return future

    def forget(self, request_id: str) -> None:
        """Remove a pending request."""
        self._waiting.pop(request_id, None)

    def take(self, iq: ET.Element) -> bool:
        """Resolve the request to which an IQ is the reply. Return False if no pending request matches the reply."""
        future, answerers = self._waiting.get(iq.get("id", ""), (None, frozenset[str]()))
        kind, sender = iq.get("type"), iq.get("from", "")
        if future is None or kind not in ("result", "error"):
            return False
        if sender and split_jid(sender)[0] not in answerers:
            return False
        if not future.done():
            future.set_result(iq)
        return True


def refusal(iq: ET.Element) -> StanzaError:
    """Return the error in an IQ reply as an exception."""
    condition, detail, text = "undefined-condition", "", ""
    for error in iq.iterfind("{*}error"):
        for child in error:
            if child.tag == f"{_STANZA_ERRORS}text":
                text = truncated(" ".join((child.text or "").split()), 200)
            elif child.tag.startswith(_STANZA_ERRORS):
                condition = truncated(child.tag.removeprefix(_STANZA_ERRORS), _LONGEST_NAME)
            elif child.tag.startswith(_PUBSUB_ERRORS):
                detail = truncated(child.tag.removeprefix(_PUBSUB_ERRORS), _LONGEST_NAME)
    return StanzaError(condition, detail, text)
