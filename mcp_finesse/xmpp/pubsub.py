"""XEP-0060 as Finesse needs it: list, subscribe, unsubscribe, and what a refusal means."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mcp_finesse.errors import NetworkError, NotFoundError, RefusedError
from mcp_finesse.xmpp.jid import same_jid
from mcp_finesse.xmpp.requests import StanzaError

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

    async def unsubscribe(self, row: Subscription) -> None:
        """Remove a row; that there is none is success.

        A server that wants the row named by another subid is asked for its list, and what stands there
        for this node and JID is removed.
        """
        if await self._remove(row):
            return
        for listed in await self.subscriptions():
            if same_jid(listed.jid, row.jid) and listed.node.lower() == row.node.lower():
                await self._remove(listed)

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
    message = f"The Notification Service refused to {doing} ({refused})."
    advice = _ADVICE.get(refused.detail) or _ADVICE.get(refused.condition) or _OTHERWISE
    kind = NotFoundError if refused.condition == "item-not-found" else RefusedError
    return kind(message, advice=advice)


_OTHERWISE = "Look the condition up in XEP-0060; ask the administrator of Finesse if it stays."
_ADVICE = {
    "item-not-found": "Check the id; an object that never changed may have no feed yet. Queues: UCCE only.",
    "invalid-jid": "Only the own user can be subscribed; check that the link was opened with this user id.",
    "nodeid-required": "Name the node of the feed.",
    "forbidden": "This user may not have this feed.",
    "not-allowed": "Subscriptions to this feed are switched off on the server.",
    "not-authorized": "This user may not have this feed; team feeds are for the supervisors of the team.",
    "too-many-subscriptions": "Unsubscribe from feeds that are not needed.",
    "payment-required": "This user may not have this feed.",
    "jid-required": "Name the subscriber.",
    "resource-constraint": "The server is short of resources; try again later.",
    "internal-server-error": "Try again; if it stays, ask the administrator of Finesse.",
    "service-unavailable": "The pubsub service is not running; ask the administrator of Finesse.",
    "remote-server-not-found": "The pubsub domain is wrong; it is xmppPubSubDomain of SystemInfo.",
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
