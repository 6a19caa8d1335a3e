"""Decides which subscriptions to keep, remove and add when a session connects.

Subscriptions outlive their session, and removing one by mistake makes another client miss its notifications.
Only our own subscriptions that no running process can be using are therefore removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mcp_finesse.xmpp.protocol.jid import same_jid, split_jid
from mcp_finesse.xmpp.protocol.pubsub import Subscription
from mcp_finesse.xmpp.protocol.resource import is_ours


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes to make to the subscriptions.

    Attributes:
        keep: our existing subscription for each wanted node.
        remove: our subscriptions that are no longer needed.
        add: the wanted nodes for which we have no subscription, in the given order.
    """

    keep: dict[str, Subscription] = field(default_factory=dict)
    remove: list[Subscription] = field(default_factory=list)
    add: list[str] = field(default_factory=list)


def plan(
    found: Iterable[Subscription],
    wanted_nodes: Iterable[str],
    own_full_jid: str,
    holder_is_alive: Callable[[str], bool | None],
) -> Plan:
    """Compare the listed subscriptions with the wanted nodes.

    Subscriptions of bare JIDs, which Finesse creates automatically, are never removed. Nor are subscriptions of
    the desktop, of other products, of other machines, or of other running processes of this product.

    Args:
        found: all subscriptions of our bare JID, as listed by the server.
        wanted_nodes: the nodes to subscribe with the full JID.
        own_full_jid: the JID of this link.
        holder_is_alive: a function that returns whether the process that holds a resource with our prefix is
            running. The function returns None if that is unknown.
    """
    wanted = {node.lower(): node for node in wanted_nodes}
    result = Plan()
    for subscription in found:
        if same_jid(subscription.jid, own_full_jid):
            _sort_own(subscription, wanted.get(subscription.node.lower()), result)
        elif _is_leftover(subscription, own_full_jid, holder_is_alive):
            result.remove.append(subscription)
    result.add.extend(node for node in wanted.values() if node not in result.keep)
    return result


def _sort_own(subscription: Subscription, node: str | None, result: Plan) -> None:
    """Add a subscription of our full JID to ``keep`` or ``remove``. Keep one active subscription per node.

    A duplicate is removed only if its subid differs from that of the subscription that is kept.
    """
    usable = subscription.state == "subscribed"
    if node is not None and usable and node not in result.keep:
        result.keep[node] = subscription
    elif node is None or not usable or subscription.subid is not None:
        result.remove.append(subscription)


def _is_leftover(
    subscription: Subscription, own_full_jid: str, holder_is_alive: Callable[[str], bool | None]
) -> bool:
    bare, resource = split_jid(subscription.jid)
    return bare == split_jid(own_full_jid)[0] and is_ours(resource) and holder_is_alive(resource) is False
