"""Reads the agent and the dialogs, merges them into the mirror, and records gaps.

A read may show a change before the event that reports the change arrives. A change that no event has reported
is therefore checked again later, after the time that events normally take. If still no event has arrived, the
event was lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from mcp_finesse.model import Dialog, User
from mcp_finesse.rest.api import users
from mcp_finesse.rest.operation import sends
from mcp_finesse.session.concurrency import gather_or_cancel
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.reading.tasks import TaskReader
from mcp_finesse.session.state.journal import SESSION, UNREADABLE, Entry, Journal
from mcp_finesse.session.state.mirror import OWN_FEEDS, Mirror, Reading

_UNREPORTED = "reading the state showed a change that no notification had reported"


class StateReader:
    """Reads the agent's state into the mirror.

    Args:
        patience: Seconds to wait for an event after a read that shows the same change.
        now: A function that returns the current time, for gap entries.
        on_news: A function that is called when a read shows a change that no notification had reported.
    """

    def __init__(
        self,
        nodes: Nodes,
        mirror: Mirror,
        journal: Journal,
        patience: float,
        now: Callable[[], datetime],
        *,
        on_news: Callable[[], None],
    ) -> None:
        self._nodes = nodes
        self._mirror = mirror
        self._journal = journal
        self._patience = patience
        self._now = now
        self._read_at: datetime | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._on_news = on_news
        self._tasks = TaskReader(nodes, mirror, self._check_later, on_news)

    async def resync(self, reason: str, since: datetime | None) -> None:
        """Read the whole state. Record a gap if events may have been lost, or if the read shows a loss.

        Args:
            reason: The reason why events may have been lost. Used only if ``since`` is given.
            since: When the possible loss began. None if there is no reason to expect a loss.
        """
        reading, began = self._mirror.begin_reading(), self._now()
        self._tasks.begin(after_loss=since is not None)
        try:
            async with gather_or_cancel() as group:
                user = group.create_task(users.get_user(self._nodes.rest, self._mirror.user_id))
                calls = group.create_task(users.get_dialogs(self._nodes.rest, self._mirror.user_id))
            news = self._merge(user.result(), calls.result(), reading)
        finally:
            self._mirror.end_reading(reading)
        if since is not None:
            self._write(reason, since)
        else:
            self._check_later(news)
        self._read_at = began

    async def reread(self, what: str) -> None:
        """Read ``user``, ``dialogs`` or ``tasks`` again. ``tasks`` includes the media."""
        if what == "tasks":
            await self._tasks.read()
        elif what == "user":
            await self.read_user()
        else:
            await self.read_dialogs()

    @sends(users.get_user)
    async def read_user(self) -> None:
        """Read the agent."""
        with self._reading() as reading:
            user = await users.get_user(self._nodes.rest, self._mirror.user_id)
            self._check_later(self._merge(user, None, reading))

    @sends(users.get_dialogs)
    async def read_dialogs(self) -> None:
        """Read the agent's calls."""
        with self._reading() as reading:
            calls = await users.get_dialogs(self._nodes.rest, self._mirror.user_id)
            self._check_later(self._merge(None, calls, reading))

    @contextmanager
    def _reading(self) -> Iterator[Reading]:
        reading = self._mirror.begin_reading()
        try:
            yield reading
        finally:
            self._mirror.end_reading(reading)

    def _merge(self, user: User | None, calls: list[Dialog] | None, reading: Reading) -> set[str]:
        """Merge the user and calls that were read. Return the ids of changes that no event had reported."""
        news: set[str] = set()
        if user is not None:
            news |= self._mirror.merge_user(user, reading)
        if calls is not None:
            news |= self._mirror.merge_dialogs(calls, reading)
        if news:
            self._on_news()
        return news

    async def aclose(self) -> None:
        """Stop reading, and stop waiting for events."""
        await self._tasks.aclose()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _check_later(self, news: set[str]) -> None:
        """Check later whether events have reported the changes. No events are expected before the first full read."""
        since = self._read_at
        if not news or since is None:
            return
        number = self._journal.newest
        loop = asyncio.get_running_loop()

        def look() -> None:
            self._timers.discard(timer)
            if not all(self._is_reported(object_id, number) for object_id in news):
                self._write(_UNREPORTED, since)

        timer = loop.call_later(self._patience, look)
        self._timers.add(timer)

    def _is_reported(self, object_id: str, number: int) -> bool:
        """Return whether the journal contains, after this entry number, an event about the object or a gap."""
        later = [entry for entry in self._journal if entry.number > number]
        return any(_is_gap(entry) or _reports(entry, object_id) for entry in later)

    def _write(self, reason: str, since: datetime) -> None:
        self._journal.append_gap(reason, since, self._now())


def _is_gap(entry: Entry) -> bool:
    return entry.kind == "gap" and entry.feed == SESSION


def _reports(entry: Entry, object_id: str) -> bool:
    if entry.feed not in OWN_FEEDS or entry.delayed or entry.kind == UNREADABLE:
        return False
    if entry.object_id == object_id:
        return True
    # A list of dialogs whose parsed model was dropped is not parsed again for this check. The result may be an
    # unnecessary gap entry.
    return entry.has_model and any(dialog.id == object_id for dialog in entry.payload.dialogs)
