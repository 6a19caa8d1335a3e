"""XEP-0060 subscribe, unsubscribe and list, and the advice for each error."""

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
    """One row of the server's table.

    Attributes:
        node: the pubsub node.
        jid: who gets the events: a full JID for an explicit subscription, a bare one for an automatic one.
        subid: the id of the row, where the server gives any.
        state: ``subscribed``, or ``pending`` and the like (XEP-0060 4.2).
    """

    node: str
    jid: str
    subid: str | None = None
    state: str = "subscribed"


class PubSub:
    """The requests to the pubsub service.

    All raise RefusedError for a refusal, and NetworkError with the step ``subscribe`` for no answer.
    """

    def __init__(self, ask: Callable[[str, ET.Element], Awaitable[ET.Element]]) -> None:
        """Work by means of ``ask``: IQ type and payload in, answer out, StanzaError for a refusal."""
        self._ask = ask

    async def subscriptions(self) -> list[Subscription]:
        """All rows of the own bare JID, those of other resources included."""
        doing = "list the subscriptions"
        try:
            return subscriptions_of(await self._timed("get", list_request(), doing))
        except StanzaError as refused:
            raise explain(refused, doing) from refused

    async def subscribe(self, node: str, jid: str) -> Subscription:
        """Make a row; NotFoundError if there is no such node."""
        doing = f"subscribe to {node}"
        try:
            answer = await self._timed("set", subscribe_request(node, jid), doing)
        except StanzaError as refused:
            raise explain(refused, doing) from refused
        return subscription_of(answer, node, jid)

    async def unsubscribe(self, *subscriptions: Subscription) -> None:
        """Remove subscriptions, and verify that by the list; that there is none is success.

        Openfire looks at the subid only if the request names the bare JID: of several subscriptions of one full JID it
        removes one, reports success, and knows the others no longer by that JID, while their events continue.

        Raises:
            RefusedError: the service rejected the request, or still lists one of them.
            NetworkError: no answer came.
        """
        tried = list(subscriptions)
        await self._remove_all(subscriptions)
        left = await self._left_of(subscriptions)
        unnamed = [each for each in left if each not in tried]
        if unnamed:  # by the subid of the list, which some servers demand
            await self._remove_all(unnamed)
            left = await self._left_of(subscriptions)
        if left:
            named = [replace(each, jid=split_jid(each.jid)[0]) for each in left if each.subid]
            await self._remove_all(named)
            left = await self._left_of(subscriptions)
        if left:
            raise RefusedError(
                f"The Notification Service still lists the subscription to {left[0].node} after it was removed.",
                advice="Its notifications may still arrive. Restart the server to try again.",
            )

    async def _remove_all(self, subscriptions: Sequence[Subscription]) -> None:
        """Remove subscriptions concurrently; an error of one does not keep the others."""
        if len(subscriptions) == 1:  # sent before anything else runs, so that a cancellation comes after it
            await self._remove(subscriptions[0])
            return
        results = await asyncio.gather(*map(self._remove, subscriptions), return_exceptions=True)
        errors = [result for result in results if isinstance(result, BaseException)]
        if errors:
            raise next((each for each in errors if not isinstance(each, FinesseError)), errors[0])

    async def _left_of(self, subscriptions: Iterable[Subscription]) -> list[Subscription]:
        """Which of the subscriptions the service still lists."""
        listed = await self.subscriptions()
        return [each for each in listed if any(_is_named_by(wanted, each) for wanted in subscriptions)]

    async def _remove(self, row: Subscription) -> bool:
        """Whether the row is gone; False if it has to be named by another subid."""
        doing = f"unsubscribe from {row.node}"
        try:
            await self._timed("set", unsubscribe_request(row), doing)
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
                f"The Notification Service did not answer the request to {doing} in time.",
                step="subscribe",
                sent=True,
                advice="List the subscriptions before trying again: it may have been carried out.",
            ) from None


def _is_named_by(wanted: Subscription, listed: Subscription) -> bool:
    """Whether a listed subscription is the wanted one; without a subid every one of its node and JID is."""
    return (
        same_jid(listed.jid, wanted.jid)
        and listed.node.lower() == wanted.node.lower()
        and wanted.subid in (None, listed.subid)
    )


def list_request() -> ET.Element:
    """Ask for all subscriptions of the own bare JID, those of other resources included (5.6)."""
    return _request("subscriptions", {})


def subscribe_request(node: str, jid: str) -> ET.Element:
    """Subscribe this JID, the full one as the guide asks (6.1)."""
    return _request("subscribe", {"node": node, "jid": jid})


def unsubscribe_request(row: Subscription) -> ET.Element:
    """Remove a row, by its subid if it has one: some servers demand it, none minds it (6.2)."""
    return _request(
        "unsubscribe", {"node": row.node, "jid": row.jid} | ({"subid": row.subid} if row.subid else {})
    )


def subscriptions_of(answer: ET.Element) -> list[Subscription]:
    """The rows in an answer to ``list_request``; a row without node or JID is none."""
    rows = answer.iterfind(f"{_PUBSUB}pubsub/{_PUBSUB}subscriptions/{_PUBSUB}subscription")
    return [
        _row(row, row.get("node", ""), row.get("jid", ""))
        for row in rows
        if row.get("node") and row.get("jid")
    ]


def subscription_of(answer: ET.Element, node: str, jid: str) -> Subscription:
    """The row in an answer to ``subscribe_request``; what the server left out is as it was asked for."""
    row = answer.find(f"{_PUBSUB}pubsub/{_PUBSUB}subscription")
    return Subscription(node, jid) if row is None else _row(row, node, jid)


def explain(refused: StanzaError, doing: str) -> RefusedError:
    """The error of a pubsub request, with what to do about it.

    Args:
        refused: what the service said.
        doing: what was asked of it: ``subscribe to /finesse/api/Team/310/Users``.
    """
    message = f"The Notification Service rejected the request to {doing} ({refused})."
    advice = _ADVICE.get(refused.detail) or _ADVICE.get(refused.condition) or _OTHERWISE
    kind = NotFoundError if refused.condition == "item-not-found" else RefusedError
    return kind(message, advice=advice)


_OTHERWISE = "If the problem persists, ask the Finesse administrator; XEP-0060 explains the condition."
_ADVICE = {
    "item-not-found": "Check the id; an object that never changed may have no feed yet. Queues: UCCE only.",
    "invalid-jid": "Only the agent's own JID can subscribe. Check that the link uses this user id.",
    "nodeid-required": "Name the node of the feed.",
    "forbidden": "This user is not allowed to subscribe to this feed.",
    "not-allowed": "Subscriptions to this feed are switched off on the server.",
    "not-authorized": "This user is not allowed to subscribe to this feed. Team feeds are for supervisors of the team.",
    "too-many-subscriptions": "Unsubscribe from feeds that are not needed.",
    "payment-required": "This user is not allowed to subscribe to this feed.",
    "jid-required": "Name the subscriber.",
    "resource-constraint": "The server is short of resources. Try again later.",
    "internal-server-error": "If the problem persists, ask the Finesse administrator.",
    "service-unavailable": "The pubsub service is not running. Ask the Finesse administrator.",
    "remote-server-not-found": "The pubsub domain is wrong. It is xmppPubSubDomain in SystemInfo.",
    "feature-not-implemented": "This server does not offer that.",
}


def _request(name: str, attributes: dict[str, str]) -> ET.Element:
    pubsub = ET.Element(f"{_PUBSUB}pubsub")
    ET.SubElement(pubsub, f"{_PUBSUB}{name}", attributes)
    return pubsub


def _row(row: ET.Element, node: str, jid: str) -> Subscription:
    return Subscription(
        row.get("node", node),
        row.get("jid", jid),
        row.get("subid") or None,
        row.get("subscription", "subscribed"),
    )
