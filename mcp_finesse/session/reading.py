"""Reads the agent and the dialogs, merges them into the mirror, and writes down what may have been missed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from mcp_finesse.rest import users
from mcp_finesse.session.journal import Journal
from mcp_finesse.session.mirror import Mirror
from mcp_finesse.session.nodes import Nodes


class StateReader:
    """The way from a read to the mirror.

    Args:
        now: the time, for gap entries.

    Attributes:
        gaps: how many gaps were written down.
    """

    def __init__(self, nodes: Nodes, mirror: Mirror, journal: Journal, now: Callable[[], datetime]) -> None:
        self.gaps = 0
        self._nodes = nodes
        self._mirror = mirror
        self._journal = journal
        self._now = now
        self._complete = False

    async def resync(self, reason: str, since: datetime | None) -> None:
        """Read everything. A gap is written when events may have been missed, or the read shows that they were.

        Args:
            reason: why events may have been missed, for ``since``.
            since: when that began; None when there is no such reason.
        """
        reading = self._mirror.begin_reading()
        try:
            user, calls = await asyncio.gather(
                users.get_user(self._nodes.rest, self._mirror.user_id),
                users.get_dialogs(self._nodes.rest, self._mirror.user_id),
            )
            news = self._mirror.merge_user(user, reading)
            news = self._mirror.merge_dialogs(calls, reading) or news
        finally:
            self._mirror.end_reading(reading)
        if since is not None:
            self._write(reason, since)
        elif news and self._complete:
            self._write("a read showed a change that no notification had told", None)
        self._complete = True

    async def reread(self, what: str) -> None:
        """Read ``user`` or ``dialogs`` again."""
        reading = self._mirror.begin_reading()
        try:
            if what == "user":
                self._mirror.merge_user(await users.get_user(self._nodes.rest, self._mirror.user_id), reading)
            else:
                self._mirror.merge_dialogs(
                    await users.get_dialogs(self._nodes.rest, self._mirror.user_id), reading
                )
        finally:
            self._mirror.end_reading(reading)

    def _write(self, reason: str, since: datetime | None) -> None:
        self.gaps += 1
        self._journal.append_gap(reason, since, self._now())
