"""The pubsub service at the level of stanzas: client requests, results, errors and event messages."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.pubsub import Recipient, Subscription, SubscriptionTable
from mcp_finesse.simulator.openfire.stanzas import (
    CLIENT,
    DELAY,
    DISCO_INFO,
    PUBSUB,
    PUBSUB_EVENT,
    PUBSUB_OWNER,
    SHIM,
    StanzaError,
    build,
    escape,
    iq_result,
    random_id,
    split_tag,
)
from mcp_finesse.simulator.publishing.publication import Publication

# Clients can neither publish to a Finesse node nor manage one (notifications.md 1).
_OWNER_ACTIONS = frozenset({"publish", "retract", "create", "configure", "delete", "purge"})
_SET_ACTIONS = frozenset({"subscribe", "unsubscribe", *_OWNER_ACTIONS})


@dataclass(frozen=True, slots=True)
class _LastItem:
    item: str
    stamp: str


class PubsubService:
    """Replies to requests to ``pubsub.DOMAIN``, and turns publications into messages.

    Args:
        address: the JID of the pubsub service.
        table: the subscriptions.
        deliver: a function that sends a message to the XMPP sessions that a JID currently reaches, and returns
            their number.
        last_item_on_subscribe: whether to send the node's last item after a subscribe request.
    """

    def __init__(
        self,
        address: str,
        table: SubscriptionTable,
        deliver: Callable[[Jid, str], int],
        *,
        last_item_on_subscribe: bool = False,
    ) -> None:
        self.address = address
        self.table = table
        self._deliver = deliver
        self._last_items: dict[str, _LastItem] | None = {} if last_item_on_subscribe else None

    def publish(self, publication: Publication) -> int:
        """Send a publication to the subscribers of its pubsub node. Each distinct JID gets one message.

        Returns:
            The number of XMPP sessions to which a message was sent.
        """
        node = publication.node
        # The payload is the document as escaped text (guide, "notification" element).
        notification = build("notification", None, escape(publication.xml), xmlns=PUBSUB)
        item = build("item", {"id": str(uuid.uuid4())}, notification)
        if self._last_items is not None:
            stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            self._last_items[node] = _LastItem(item, stamp)
        return sum(
            self._deliver(recipient.jid, self._event(node, item, recipient))
            for recipient in self.table.recipients(node)
        )

    def answer(self, sender: Jid, request: Element, reply: Callable[[str], None]) -> None:
        """Reply to an IQ of type get or set with one child element.

        Raises:
            StanzaError: the error to respond with.
        """
        body = request[0]
        namespace, _ = split_tag(body.tag)
        if namespace == DISCO_INFO:
            reply(iq_result(request, str(sender), self._disco_info()))
        elif namespace == PUBSUB_OWNER:
            raise StanzaError("forbidden")
        elif body.tag == f"{{{PUBSUB}}}pubsub":
            self._answer_pubsub(sender, request, body, reply)
        else:
            raise StanzaError("service-unavailable")

    def _answer_pubsub(
        self, sender: Jid, request: Element, body: Element, reply: Callable[[str], None]
    ) -> None:
        action = body[0] if len(body) else Element("")
        namespace, name = split_tag(action.tag)
        if namespace != PUBSUB or (name in _SET_ACTIONS) != (request.get("type") == "set"):
            raise StanzaError("bad-request")
        node, jid = action.get("node"), action.get("jid")
        if name == "subscribe":
            row = self.table.subscribe(sender, node, jid)
            content = self._row(row, build("subscribe-options"))
            reply(iq_result(request, str(sender), build("pubsub", None, content, xmlns=PUBSUB)))
            self._send_last_item(row)
        elif name == "unsubscribe":
            self.table.unsubscribe(sender, node, jid, action.get("subid"))
            reply(iq_result(request, str(sender)))
        elif name == "subscriptions":
            rows = [self._row(row) for row in self.table.owned_by(sender, node)]
            content = build("subscriptions", {"node": node}, *rows)
            reply(iq_result(request, str(sender), build("pubsub", None, content, xmlns=PUBSUB)))
        elif name in _OWNER_ACTIONS:
            raise StanzaError("forbidden")
        else:
            raise StanzaError("feature-not-implemented")

    def _row(self, row: Subscription, *children: str) -> str:
        attributes = {
            "node": row.node,
            "jid": str(row.jid),
            "subscription": "subscribed",
            "subid": row.subid,
        }
        return build("subscription", attributes, *children)

    def _disco_info(self) -> str:
        features = ["", "#subscribe", "#retrieve-subscriptions", "#publisher-affiliation", "#item-ids"]
        if self.table.multiple:
            features.append("#multi-subscribe")
        return build(
            "query",
            None,
            build("identity", {"category": "pubsub", "type": "service", "name": "Publish-Subscribe service"}),
            *(build("feature", {"var": f"{PUBSUB}{suffix}"}) for suffix in features),
            xmlns=DISCO_INFO,
        )

    def _event(self, node: str, item: str, recipient: Recipient, delayed: str = "") -> str:
        """Return an event message. As in Openfire, it has no type and no body, and headers follow the event."""
        items = build("items", {"node": node}, item)
        headers = [build("header", {"name": "SubID"}, escape(subid)) for subid in recipient.subids]
        return build(
            "message",
            {"from": self.address, "to": str(recipient.jid), "id": random_id(8)},
            build("event", None, items, xmlns=PUBSUB_EVENT),
            build("headers", None, *headers, xmlns=SHIM) if headers else "",
            delayed,
            xmlns=CLIENT,
        )

    def _send_last_item(self, row: Subscription) -> None:
        last = self._last_items.get(row.node) if self._last_items is not None else None
        if last is not None:
            # The message has no SubID headers, because Openfire sends the last item once to the JID, not once
            # for each subscription.
            delay = build("delay", {"from": self.address, "stamp": last.stamp}, xmlns=DELAY)
            self._deliver(row.jid, self._event(row.node, last.item, Recipient(row.jid, ()), delay))
