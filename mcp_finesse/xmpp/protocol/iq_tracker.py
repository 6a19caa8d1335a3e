"""IQ requests under way: who waits for which answer.

A table of our own, asked by the inbound filter: in slixmpp each IQ in flight is one more matcher to try on
every stanza, and when the link dies it stays until its own time-out.
"""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET

from mcp_finesse.xmpp.protocol.jid import split_jid

_STANZA_ERRORS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
_PUBSUB_ERRORS = "{http://jabber.org/protocol/pubsub#errors}"


class StanzaError(Exception):
    """The answer to an IQ was an error (RFC 6120 8.3).

    Attributes:
        condition: the defined condition, ``undefined-condition`` if there is none.
        detail: the pubsub condition (XEP-0060), or empty.
        text: what the server adds, bounded.
    """

    def __init__(self, condition: str, detail: str = "", text: str = "") -> None:
        super().__init__(" ".join(part for part in (condition, detail, text) if part))
        self.condition = condition
        self.detail = detail
        self.text = text


class Requests:
    """Answers that are waited for, by the id of the request."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[asyncio.Future[ET.Element], frozenset[str]]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def expect(self, request_id: str, answerers: frozenset[str]) -> asyncio.Future[ET.Element]:
        """A future for the answer to a request, be it a result or an error.

        Args:
            request_id: the ``id`` of the IQ.
            answerers: bare JIDs in lower case that may answer; an answer without ``from`` is the
                server's own (RFC 6120 8.1.2.1).
        """
        future: asyncio.Future[ET.Element] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future, answerers
        return future

    def forget(self, request_id: str) -> None:
        """Nobody waits for this one any more."""
        self._waiting.pop(request_id, None)

    def take(self, iq: ET.Element) -> bool:
        """Give an IQ to the request that it answers; False if it answers none."""
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
    """The error of an IQ as an exception."""
    condition, detail, text = "undefined-condition", "", ""
    for error in iq.iterfind("{*}error"):
        for child in error:
            if child.tag == f"{_STANZA_ERRORS}text":
                text = " ".join((child.text or "").split())[:200]
            elif child.tag.startswith(_STANZA_ERRORS):
                condition = child.tag.removeprefix(_STANZA_ERRORS)
            elif child.tag.startswith(_PUBSUB_ERRORS):
                detail = child.tag.removeprefix(_PUBSUB_ERRORS)
    return StanzaError(condition, detail, text)
