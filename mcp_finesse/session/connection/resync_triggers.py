"""Resync triggers: reasons to read the state again or to check the node's health."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from mcp_finesse.errors import FinesseError, RefusedError

_ERRORS_IN_A_ROW = 2
_AND = "; "


def split_reasons(reason: str) -> list[str]:
    """Split the reasons that ``take_doubts`` joined."""
    return reason.split(_AND)


@dataclass(slots=True)
class Worries:
    """Collects reasons for the loop that acts on them.

    Attributes:
        doubts: Why notifications may have been missed, and since when. Each one requires a resync.
        alarm: Why the node's health must be checked; empty if there is no reason.
        reread: The state must be read again, although no notification is known to be missing.
        news: Set whenever something was added, to wake the loop.
        alarmed: Set by each new alarm, which ends the wait for the next resync.
    """

    doubts: dict[str, datetime] = field(default_factory=dict)
    alarm: str = ""
    reread: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)
    alarmed: asyncio.Event = field(default_factory=asyncio.Event)
    _server_errors: int = 0

    def doubt(self, at: datetime, reason: str) -> None:
        """Record that notifications may have been missed since ``at``."""
        self.doubts[reason] = min(at, self.doubts.get(reason, at))
        self.news.set()

    def request_reread(self) -> None:
        """Request a read of the state, although no notification is known to be missing."""
        self.reread = True
        self.news.set()

    def raise_alarm(self, reason: str) -> None:
        """Request a health check of the node."""
        self.alarm = reason
        self.news.set()
        self.alarmed.set()

    def count(self, error: FinesseError | None) -> None:
        """Count consecutive server errors. None stands for a successful response.

        Consecutive server errors are an early sign of a lost CTI server (developer guide, High Availability).
        """
        if not isinstance(error, RefusedError) or error.status < 500:
            self._server_errors = 0
            return
        self._server_errors += 1
        if self._server_errors == _ERRORS_IN_A_ROW:
            self.raise_alarm(f"Finesse repeatedly answered {error.status}")

    def take_doubts(self) -> tuple[str, datetime | None]:
        """Return the joined reasons and when the first began, and clear them."""
        doubts, self.doubts = self.doubts, {}
        return _AND.join(doubts), min(doubts.values(), default=None)

    def give_back(self, reason: str, since: datetime | None) -> None:
        """Restore reasons after a failed resync, without waking the loop."""
        if since is not None:
            # Split them again: repeated reasons would make the sentence ever longer.
            given = dict.fromkeys(split_reasons(reason), since)
            self.doubts = given | {text: min(at, given.get(text, at)) for text, at in self.doubts.items()}
