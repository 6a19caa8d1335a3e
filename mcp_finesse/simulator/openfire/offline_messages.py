"""Stores messages while all available XMPP sessions of a user have negative priority, and delivers them later."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime

from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.stanzas import DELAY, build

MAX_STORED = 100  # per user, but Openfire limits the bytes (xmpp.offline.quota)


class OfflineMessages:
    """The stored messages of all users.

    Args:
        domain: the domain of the XMPP server, which is used in the delay stamp (XEP-0203).
    """

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._stored: dict[Jid, deque[str]] = {}

    def store(self, jid: Jid, message: str) -> None:
        """Store a serialized message. The current time becomes its delay stamp."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        delay = build("delay", {"from": self._domain, "stamp": stamp}, xmlns=DELAY)
        end = "</message>"
        marked = message.removesuffix(end) + delay + end
        self._stored.setdefault(jid.bare, deque(maxlen=MAX_STORED)).append(marked)

    def take(self, jid: Jid) -> list[str]:
        """Remove and return the stored messages of a user, oldest first."""
        return list(self._stored.pop(jid.bare, ()))
