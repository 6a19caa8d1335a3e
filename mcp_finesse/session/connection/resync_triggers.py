"""What keeps a connection from being at ease: notifications that may be missing, and a node that may be ill."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from mcp_finesse.errors import FinesseError, RefusedError

_ERRORS_IN_A_ROW = 2
_AND = "; "


def split_reasons(reason: str) -> list[str]:
    """The single reasons of one that ``take_doubts`` joined."""
    return reason.split(_AND)


@dataclass(slots=True)
class Worries:
    """Told by whoever notices something, read by the one loop that does something about it.

    Attributes:
        doubts: why notifications may have been missed, and since when: a reason to read the state again.
        alarm: why the node should be looked at; empty when there is no reason.
        reread: the state is to be read again, although no notification is known to be missing.
        news: set whenever something was added, to wake the loop.
        alarmed: set whenever there is a new alarm, which does not wait for anything.
    """

    doubts: dict[str, datetime] = field(default_factory=dict)
    alarm: str = ""
    reread: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)
    alarmed: asyncio.Event = field(default_factory=asyncio.Event)
    _server_errors: int = 0

    def doubt(self, at: datetime, reason: str) -> None:
        """Notifications may have been missed from then on."""
        self.doubts[reason] = min(at, self.doubts.get(reason, at))
        self.news.set()

    def request_reread(self) -> None:
        """The state is to be read again, although no notification is known to be missing."""
        self.reread = True
        self.news.set()

    def raise_alarm(self, reason: str) -> None:
        """The node should be looked at."""
        self.alarm = reason
        self.news.set()
        self.alarmed.set()

    def count(self, error: FinesseError | None) -> None:
        """An answer of Finesse came, good (None) or not.

        Errors of the server, one after the other, are how a CTI server shows itself that was lost and is not yet
        missed (developer guide, High Availability).
        """
        if not isinstance(error, RefusedError) or error.status < 500:
            self._server_errors = 0
            return
        self._server_errors += 1
        if self._server_errors == _ERRORS_IN_A_ROW:
            self.raise_alarm(f"Finesse answered {error.status} again and again")

    def take_doubts(self) -> tuple[str, datetime | None]:
        """The doubts as one reason with its beginning; they are gone then."""
        doubts, self.doubts = self.doubts, {}
        return _AND.join(doubts), min(doubts.values(), default=None)

    def give_back(self, reason: str, since: datetime | None) -> None:
        """Doubts that were taken and could not be dispelled; without waking anybody."""
        if since is not None:
            # One by one again: what is doubted for long would become an ever longer sentence.
            given = dict.fromkeys(split_reasons(reason), since)
            self.doubts = given | {text: min(at, given.get(text, at)) for text, at in self.doubts.items()}
