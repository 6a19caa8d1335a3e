"""Messages that Openfire stores while only sessions with a negative priority are available, and replays later."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime

from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.stanzas import DELAY, build

MAX_STORED = 100  # per user; Openfire limits the bytes (xmpp.offline.quota)


class OfflineMessages:
    """The stored messages of every user.

    Args:
        domain: the server, which marks what it replays (XEP-0203).
    """

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._stored: dict[Jid, deque[str]] = {}

    def store(self, jid: Jid, message: str) -> None:
        """Keep a built message, with the time at which it was to be delivered."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        delay = build("delay", {"from": self._domain, "stamp": stamp}, xmlns=DELAY)
        end = "</message>"
        marked = message.removesuffix(end) + delay + end
        self._stored.setdefault(jid.bare, deque(maxlen=MAX_STORED)).append(marked)

    def take(self, jid: Jid) -> list[str]:
        """What was stored for a user, oldest first; it is stored no longer."""
        return list(self._stored.pop(jid.bare, ()))
