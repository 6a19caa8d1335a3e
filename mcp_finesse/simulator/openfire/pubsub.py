"""Subscriptions and message routing that follow Openfire's rules, without stanzas or sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.stanzas import StanzaError, random_id
from mcp_finesse.simulator.settings import BareJidRouting, SubidMode

_SUBID_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription of ``jid`` to ``node``.

    ``subid`` is ``None`` if the service allows only one subscription per JID and node.
    """

    node: str
    jid: Jid
    subid: str | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A JID to which an event is sent, with the subids of all subscriptions of the JID to the pubsub node."""

    jid: Jid
    subids: tuple[str, ...]


class RoutedSession(Protocol):
    """The interface through which routing uses an XMPP session."""

    @property
    def jid(self) -> Jid:
        """The full JID of the XMPP session."""

    @property
    def priority(self) -> int | None:
        """The priority of the available presence. ``None`` before the first available presence."""

    @property
    def activity(self) -> int:
        """The counter value of the client's last activity. A higher value is more recent."""


S = TypeVar("S", bound=RoutedSession)


class SubscriptionTable:
    """The subscriptions of all users. Subscriptions outlive XMPP sessions. Only ``unsubscribe`` removes a subscription.

    Args:
        known_node: a function that returns whether a pubsub node exists.
        multiple: if true, each subscribe request adds a subscription with a subid, as in stock Openfire. If
            false, there are no subids, and subscribing again returns the existing subscription.
        subid_mode: when an unsubscribe request must contain the subid (see ``SimulatorSettings``). Not used if
            there are no subids.
        unsubscribe_leaves_others: see ``OpenfireSettings``.
        entitled: a function that returns whether a user may subscribe to a pubsub node.

    Attributes:
        refusals: for each pubsub node, the error condition with which every subscribe request is refused:
            ``forbidden``, ``not-allowed`` or ``not-authorized``.
    """

    def __init__(
        self,
        known_node: Callable[[str], bool],
        *,
        multiple: bool = True,
        subid_mode: SubidMode = "always",
        unsubscribe_leaves_others: bool = False,
        entitled: Callable[[str, str], bool] = lambda _user_id, _node: True,
    ) -> None:
        self.multiple = multiple
        self.refusals: dict[str, str] = {}
        self._known_node = known_node
        self._subid_mode = subid_mode
        self._entitled = entitled
        self._leaves_others = unsubscribe_leaves_others
        self._not_found_by_jid: set[tuple[str, Jid]] = set()
        self._rows: dict[str, list[Subscription]] = {}
        self._seen: set[Jid] = set()

    def subscribe(self, sender: Jid, node: str | None, jid: str | None) -> Subscription:
        """Add a subscription. If ``multiple`` is false and a matching subscription exists, return the existing one.

        Raises:
            StanzaError: an error of XEP-0060 section 6.1.3. The order of the checks is that of Openfire.
        """
        node = self._existing(node)
        subscriber = _parse_or_none(jid)
        if subscriber is None or subscriber.bare != sender.bare:
            raise StanzaError("bad-request", "invalid-jid")
        if node in self.refusals:
            raise StanzaError(self.refusals[node])
        if not self._entitled(sender.user, node):
            raise StanzaError("not-authorized")
        return self._add(node, subscriber)

    def unsubscribe(self, sender: Jid, node: str | None, jid: str | None, subid: str | None) -> None:
        """Remove one subscription, identified by subid or JID.

        Raises:
            StanzaError: an error of XEP-0060 section 6.2.3. The order of the checks is that of Openfire.
        """
        node = self._existing(node)
        subscriber = _parse_or_none(jid)
        if self._leaves_others and subscriber is not None and subscriber.resource:
            row = self._newest_by_jid(node, subscriber)
        elif self.multiple and (subid or self._subid_required(node, sender, subscriber)):
            row = self._row_by_subid(node, subid)
        else:
            row = self._row_by_jid(node, jid, subscriber)
        if row.jid.bare != sender.bare:
            raise StanzaError("forbidden")
        self._rows[node].remove(row)

    def owned_by(self, owner: Jid, node: str | None = None) -> list[Subscription]:
        """Return all subscriptions of a bare JID and its resources, even stale ones, or only those to ``node``."""
        rows = self._rows.get(node, []) if node else [row for rows in self._rows.values() for row in rows]
        return [row for row in rows if row.jid.bare == owner.bare]

    def subscribe_automatically(self, owner: Jid, nodes: Iterable[str]) -> None:
        """Add the automatic bare-JID subscriptions at a user's first login. Do nothing at later logins."""
        if owner.bare in self._seen:
            return
        self._seen.add(owner.bare)
        for node in nodes:
            self._add(node, owner.bare)

    def recipients(self, node: str) -> list[Recipient]:
        """Return the recipients of an event. Each distinct JID is one recipient, with all of its subids."""
        subids: dict[Jid, list[str]] = {}
        for row in self._rows.get(node, []):
            subids.setdefault(row.jid, []).extend([row.subid] if row.subid else [])
        return [Recipient(jid, tuple(found)) for jid, found in subids.items()]

    def _existing(self, node: str | None) -> str:
        if not node:
            raise StanzaError("bad-request", "nodeid-required")
        if not self._known_node(node):
            raise StanzaError("item-not-found")
        return node

    def _add(self, node: str, jid: Jid) -> Subscription:
        rows = self._rows.setdefault(node, [])
        present = [row for row in rows if row.jid == jid]
        if present and not self.multiple:
            return present[0]
        row = Subscription(node, jid, random_id(_SUBID_LENGTH) if self.multiple else None)
        rows.append(row)
        self._not_found_by_jid.discard((node, jid))
        return row

    def _subid_required(self, node: str, sender: Jid, subscriber: Jid | None) -> bool:
        rows = self.owned_by(sender, node)
        if self._subid_mode == "owner":
            return len(rows) > 1
        if self._subid_mode == "address":
            return sum(row.jid == subscriber for row in rows) > 1
        return True

    def _row_by_subid(self, node: str, subid: str | None) -> Subscription:
        if not subid:
            raise StanzaError("bad-request", "subid-required")
        for row in self._rows.get(node, []):
            if row.subid == subid:
                return row
        raise StanzaError("not-acceptable", "invalid-subid")

    def _newest_by_jid(self, node: str, subscriber: Jid) -> Subscription:
        found = [row for row in self._rows.get(node, []) if row.jid == subscriber]
        if not found or (node, subscriber) in self._not_found_by_jid:
            raise StanzaError("unexpected-request", "not-subscribed")
        self._not_found_by_jid.add((node, subscriber))
        return found[-1]

    def _row_by_jid(self, node: str, jid: str | None, subscriber: Jid | None) -> Subscription:
        if not jid:
            raise StanzaError("bad-request", "jid-required")
        for row in self._rows.get(node, []):
            if row.jid == subscriber:
                return row
        raise StanzaError("unexpected-request", "not-subscribed")


def receivers(jid: Jid, sessions: Iterable[S], routing: BareJidRouting) -> list[S]:
    """Return the given XMPP sessions that a message to ``jid`` reaches.

    A message to a full JID reaches exactly the session with that JID, even if the session has not sent
    presence. A message to a bare JID reaches available sessions with priority 0 or more. With ``all`` the
    message reaches all of them. With ``latest`` it reaches the session with the highest priority and, among equals, the
    most recent activity.
    """
    own = [session for session in sessions if session.jid.bare == jid.bare]
    if jid.resource:
        return [session for session in own if session.jid == jid]
    available = [session for session in own if session.priority is not None and session.priority >= 0]
    if routing == "latest" and available:
        return [max(available, key=lambda session: (session.priority, session.activity))]
    return available


def _parse_or_none(jid: str | None) -> Jid | None:
    try:
        return Jid.parse(jid or "")
    except ValueError:
        return None
