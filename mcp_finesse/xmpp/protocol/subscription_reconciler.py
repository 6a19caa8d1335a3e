"""Which subscriptions to keep, remove and add at a connect: a decision from the list alone.

Subscriptions outlive their session, and what is removed by mistake is somebody's lost call. So nothing is
removed but rows of ours that nobody can be using.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mcp_finesse.xmpp.protocol.jid import same_jid, split_jid
from mcp_finesse.xmpp.protocol.pubsub import Subscription
from mcp_finesse.xmpp.protocol.resource import is_ours


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        keep: by wanted node, the row of ours that is there already; a second would be one too many.
        remove: rows of ours that nobody needs.
        add: wanted nodes without a row of ours, in their order.
    """

    keep: dict[str, Subscription] = field(default_factory=dict)
    remove: list[Subscription] = field(default_factory=list)
    add: list[str] = field(default_factory=list)


def plan(
    rows: Iterable[Subscription],
    wanted_nodes: Iterable[str],
    own_full_jid: str,
    holder_is_alive: Callable[[str], bool | None],
) -> Plan:
    """Compare what is with what should be.

    Never touched are the rows of bare JIDs (Finesse's automatic ones), of the desktop and other products,
    of our own siblings that live, and of our own on machines that cannot be seen from here.

    Args:
        rows: all rows of the own bare JID, as the server lists them.
        wanted_nodes: the nodes to be subscribed with the full JID.
        own_full_jid: the JID of this link.
        holder_is_alive: of a resource with our prefix, whether its process lives; None: cannot be known.
    """
    wanted = {node.lower(): node for node in wanted_nodes}
    result = Plan()
    for row in rows:
        if same_jid(row.jid, own_full_jid):
            _sort_own(row, wanted.get(row.node.lower()), result)
        elif _is_leftover(row, own_full_jid, holder_is_alive):
            result.remove.append(row)
    result.add.extend(node for node in wanted.values() if node not in result.keep)
    return result


def _sort_own(row: Subscription, node: str | None, result: Plan) -> None:
    """A row on our own full JID: kept once per wanted node, if it works.

    A second row of a kept node goes only if its subid tells it from the first.
    """
    usable = row.state == "subscribed"
    if node is not None and usable and node not in result.keep:
        result.keep[node] = row
    elif node is None or not usable or row.subid is not None:
        result.remove.append(row)


def _is_leftover(row: Subscription, own_full_jid: str, holder_is_alive: Callable[[str], bool | None]) -> bool:
    bare, resource = split_jid(row.jid)
    return bare == split_jid(own_full_jid)[0] and is_ours(resource) and holder_is_alive(resource) is False
