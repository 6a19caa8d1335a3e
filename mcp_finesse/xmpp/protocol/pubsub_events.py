"""The fast path for notifications, which turns a parsed stanza into ``FeedEvent`` objects.

This code runs inside ``data_received`` for every message and causes a large part of the cost of an event. The
code therefore only reads the element tree and copies the values of the event.
"""

from __future__ import annotations

import logging
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime

from mcp_finesse.xmpp.protocol.events import FeedEvent

_log = logging.getLogger(__name__)

_EVENT_NAMESPACE = "{http://jabber.org/protocol/pubsub#event}"
_EVENT = f"{_EVENT_NAMESPACE}event"
_ITEMS = f"{_EVENT_NAMESPACE}items"
_ITEM = f"{_EVENT_NAMESPACE}item"
_HEADERS = "{http://jabber.org/protocol/shim}headers"
_HEADER = "{http://jabber.org/protocol/shim}header"
_DELAYS = ("{urn:xmpp:delay}delay", "{jabber:x:delay}x")  # XEP-0203 and its predecessor XEP-0091


class NotificationReader:
    """Converts messages of the pubsub service to events. Each published item becomes one event.

    Attributes:
        ignored: number of messages that were not notifications or did not come from the pubsub service.
    """

    def __init__(self, pubsub_domain: str, on_feed: Callable[[FeedEvent], None]) -> None:
        self.ignored = 0
        self._publisher = pubsub_domain.lower()
        self._on_feed = on_feed

    def take(self, message: ET.Element) -> None:
        """Read a ``<message/>``. Never raises because of its content.

        Events from other senders than the pubsub service are ignored, because any user of the XMPP server could
        send such events. An item that contains no notification is passed on unchanged, so that the problem is
        noticed.
        """
        event = message.find(_EVENT)
        if event is None:
            self._ignore("a message without a pubsub event", message)
            return
        sender = message.get("from")
        if sender is not None and sender.lower() != self._publisher:
            self._ignore("an unauthorized pubsub event", message)
            return
        now = datetime.now(UTC)
        delayed, subids = _additions(message) if len(message) > 1 else (False, ())
        for items in event:
            if items.tag != _ITEMS:
                continue
            node = items.get("node", "")
            for item in items:
                if item.tag != _ITEM:
                    continue
                self._deliver(
                    FeedEvent(node, _payload(item), item.get("id"), message.get("to"), delayed, subids, now)
                )

    def _deliver(self, event: FeedEvent) -> None:
        try:
            self._on_feed(event)
        except Exception:  # an exception in the callback must not end the stream
            _log.exception("A notification of %s could not be handled", event.node)

    def _ignore(self, what: str, message: ET.Element) -> None:
        self.ignored += 1
        _log.debug("Ignored %s from %s", what, message.get("from"))


def _payload(item: ET.Element) -> str:
    """Return the document inside ``<notification>``. Return the whole item if it has no ``<notification>``.

    The namespace of ``<notification>`` varies. Finesse sends the document as escaped text. A document that is
    nested as elements is serialized again.
    """
    for child in item:
        if child.tag.rpartition("}")[2] == "notification":
            if len(child) == 0:
                return child.text or ""
            return "".join(map(_written, child))
    return _written(item)


def _written(element: ET.Element) -> str:
    try:
        return ET.tostring(element, encoding="unicode")
    except RecursionError:
        return f"{element.tag} is nested too deeply to be written out"


def _additions(message: ET.Element) -> tuple[bool, tuple[str, ...]]:
    """Return two values: whether the message is a replay, and the subids in its headers (XEP-0060 12.20)."""
    delayed = any(child.tag in _DELAYS for child in message)
    headers = message.iterfind(f"{_HEADERS}/{_HEADER}")
    return delayed, tuple(h.text or "" for h in headers if h.get("name", "").lower() == "subid")
