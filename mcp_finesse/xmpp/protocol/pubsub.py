"""XEP-0060 requests that subscribe, unsubscribe and list subscriptions, with advice for each error."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from mcp_finesse.errors import FinesseError, NetworkError, NotFoundError, RefusedError
from mcp_finesse.xmpp.protocol.iq_tracker import StanzaError
from mcp_finesse.xmpp.protocol.jid import same_jid, split_jid

_PUBSUB = "{http://jabber.org/protocol/pubsub}"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as listed by the pubsub service.

    Attributes:
        node: the pubsub node.
        jid: the subscriber. A full JID for an explicit subscription, a bare JID for an automatic subscription.
        subid: the subscription id, if the XMPP server assigns an id.
        state: ``subscribed``, ``pending`` or another state of XEP-0060 4.2.
    """

    node: str
    jid: str
    subid: str | None = None
    state: str = "subscribed"


class PubSub:
    """Requests to the pubsub service.

    All methods raise ``RefusedError`` if the pubsub service rejects the request. All methods raise
    ``NetworkError`` with the step ``subscribe`` if the service does not respond.
    """

    def __init__(self, ask: Callable[[str, ET.Element], Awaitable[ET.Element]]) -> None:
        """Send requests with ``ask``, which takes IQ type and payload, and returns the reply or raises StanzaError."""
        self._ask = ask

    async def subscriptions(self) -> list[Subscription]:
        """Return all subscriptions of our bare JID, including subscriptions of other resources."""
        doing = "list the subscriptions"
        try:
            return subscriptions_of(await self._timed("get", list_request(), doing))
        except StanzaError as refused:
            raise explain(refused, doing) from refused

    async def subscribe(self, node: str, jid: str) -> Subscription:
        """Subscribe a JID to a node. Raise ``NotFoundError`` if the node does not exist."""
        doing = f"subscribe to {node}"
        try:
            answer = await self._timed("set", subscribe_request(node, jid), doing)
        except StanzaError as refused:
            raise explain(refused, doing) from refused
        return subscription_of(answer, node, jid)

    async def unsubscribe(self, *subscriptions: Subscription) -> None:
        """Remove subscriptions, and list them again to verify. Ignore subscriptions that do not exist.

        Openfire evaluates the subid only if the request names the bare JID. If one full JID has several
        subscriptions, Openfire removes one of them and reports success. Openfire then no longer finds the other
        subscriptions by that JID, but continues to send their events.

        Raises:
            RefusedError: the service rejected the request, or still lists one of the subscriptions.
            NetworkError: no reply arrived.
        """
        tried = list(subscriptions)
        await self._remove_all(subscriptions)
        left = await self._left_of(subscriptions)
        unnamed = [each for each in left if each not in tried]
        if unnamed:  # use the listed subids, because some XMPP servers require them
            await self._remove_all(unnamed)
            left = await self._left_of(subscriptions)
        if left:
            named = [replace(each, jid=split_jid(each.jid)[0]) for each in left if each.subid]
            await self._remove_all(named)
            left = await self._left_of(subscriptions)
        if left:
            raise RefusedError(
                f"The Notification Service still lists the subscription to {left[0].node} after it was removed.",
                advice="Notifications of this subscription may still arrive. Restart this MCP server to try again.",
            )

    async def _remove_all(self, subscriptions: Sequence[Subscription]) -> None:
        """Remove subscriptions concurrently. An error in one removal does not stop the other removals."""
        if len(subscriptions) == 1:  # the requests are sent before another task can cancel this task
            await self._remove(subscriptions[0])
            return
        results = await asyncio.gather(*map(self._remove, subscriptions), return_exceptions=True)
        errors = [result for result in results if isinstance(result, BaseException)]
        if errors:
            raise next((each for each in errors if not isinstance(each, FinesseError)), errors[0])

    async def _left_of(self, subscriptions: Iterable[Subscription]) -> list[Subscription]:
        """Return the given subscriptions that the service still lists."""
        listed = await self.subscriptions()
        return [each for each in listed if any(_is_named_by(wanted, each) for wanted in subscriptions)]

    async def _remove(self, subscription: Subscription) -> bool:
        """Remove a subscription. Return False if the service requires another subid."""
        doing = f"unsubscribe from {subscription.node}"
        try:
            await self._timed("set", unsubscribe_request(subscription), doing)
        except StanzaError as refused:
            if refused.detail in ("subid-required", "invalid-subid"):
                return False
            if refused.detail != "not-subscribed" and refused.condition != "item-not-found":
                raise explain(refused, doing) from refused
        return True

    async def _timed(self, kind: str, payload: ET.Element, doing: str) -> ET.Element:
        try:
            return await self._ask(kind, payload)
        except TimeoutError:
            raise NetworkError(
                f"The Notification Service did not respond to the request to {doing} in time.",
                step="subscribe",
                sent=True,
                advice="The request may have been executed: list the subscriptions before you try again.",
            ) from None


def _is_named_by(wanted: Subscription, listed: Subscription) -> bool:
    """Return whether a listed subscription is ``wanted``. If ``wanted`` has no subid, compare only node and JID."""
    return (
        same_jid(listed.jid, wanted.jid)
        and listed.node.lower() == wanted.node.lower()
        and wanted.subid in (None, listed.subid)
    )


def list_request() -> ET.Element:
    """Return the request that lists all subscriptions of our bare JID, including those of other resources (5.6)."""
    return _request("subscriptions", {})


def subscribe_request(node: str, jid: str) -> ET.Element:
    """Return the request to subscribe a JID (6.1). The guide requires the full JID."""
    return _request("subscribe", {"node": node, "jid": jid})


def unsubscribe_request(subscription: Subscription) -> ET.Element:
    """Return the request to unsubscribe (6.2), with the subid if known. Some XMPP servers require the subid."""
    return _request(
        "unsubscribe",
        {"node": subscription.node, "jid": subscription.jid}
        | ({"subid": subscription.subid} if subscription.subid else {}),
    )


def subscriptions_of(answer: ET.Element) -> list[Subscription]:
    """Return the subscriptions in the reply to ``list_request``. Entries without node or JID are skipped."""
    found = answer.iterfind(f"{_PUBSUB}pubsub/{_PUBSUB}subscriptions/{_PUBSUB}subscription")
    return [
        _subscription(subscription, subscription.get("node", ""), subscription.get("jid", ""))
        for subscription in found
        if subscription.get("node") and subscription.get("jid")
    ]


def subscription_of(answer: ET.Element, node: str, jid: str) -> Subscription:
    """Return the subscription in the reply to ``subscribe_request``. A missing value is taken from the request."""
    subscription = answer.find(f"{_PUBSUB}pubsub/{_PUBSUB}subscription")
    return Subscription(node, jid) if subscription is None else _subscription(subscription, node, jid)


def explain(refused: StanzaError, doing: str) -> RefusedError:
    """Return the error for a rejected pubsub request, with advice.

    Args:
        refused: the stanza error.
        doing: the request in words, such as ``subscribe to /finesse/api/Team/310/Users``.
    """
    message = f"The Notification Service rejected the request to {doing} ({refused})."
    advice = _ADVICE.get(refused.detail) or _ADVICE.get(refused.condition) or _OTHERWISE
    kind = NotFoundError if refused.condition == "item-not-found" else RefusedError
    return kind(message, advice=advice)


_OTHERWISE = "If the problem persists, ask the Finesse administrator; XEP-0060 explains the condition."
_ADVICE = {
    "item-not-found": "Check the id. An object that has never changed may have no feed yet. Queue feeds: UCCE only.",
    "invalid-jid": "Only the agent's own JID can subscribe. Check that the link uses this user id.",
    "nodeid-required": "The request must name the pubsub node of the feed.",
    "forbidden": "This user is not allowed to subscribe to this feed.",
    "not-allowed": "Subscriptions to this feed are disabled at the Notification Service.",
    "not-authorized": "This user is not allowed to subscribe to this feed. Team feeds are for supervisors of the team.",
    "too-many-subscriptions": "Unsubscribe from a feed that you no longer use.",
    "payment-required": "This user is not allowed to subscribe to this feed.",
    "jid-required": "The request must name the JID of the subscriber.",
    "resource-constraint": "The Notification Service is short of resources. Try again later.",
    "internal-server-error": "If the problem persists, ask the Finesse administrator.",
    "service-unavailable": "The pubsub service is not running. Ask the Finesse administrator.",
    "remote-server-not-found": "The pubsub domain is wrong. The correct domain is xmppPubSubDomain in SystemInfo.",
    "feature-not-implemented": "The Notification Service does not support this operation.",
}


def _request(name: str, attributes: dict[str, str]) -> ET.Element:
    pubsub = ET.Element(f"{_PUBSUB}pubsub")
    ET.SubElement(pubsub, f"{_PUBSUB}{name}", attributes)
    return pubsub


def _subscription(subscription: ET.Element, node: str, jid: str) -> Subscription:
    return Subscription(
        subscription.get("node", node),
        subscription.get("jid", jid),
        subscription.get("subid") or None,
        subscription.get("subscription", "subscribed"),
    )
