"""The recent notifications, numbered; what may be missing is written down as a gap.

A cursor is ``epoch:number``. The epoch belongs to one process life: a cursor of another epoch reads as a
gap, because nobody can say what happened in between.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.session.state.entry import MAX_RAW, UNREADABLE, Entry, GapInfo, bounded

__all__ = ["MAX_RAW", "SESSION", "UNREADABLE", "Entry", "GapInfo", "Journal", "Page", "bounded"]

log = logging.getLogger(__name__)
SESSION = "session"
"""In place of a feed, of gaps that concern all of the agent's."""
MEMORY = 64 * 2**20
"""Default limit in bytes of the memory that all entries hold together."""
_MODELS_SHARE = 8
"""One part in so many of the memory is for parsed models; an older entry is parsed again when it is read."""
MAX_WAITERS = 100
"""Clients that wait for an entry at a time: each one looks at every new entry."""
_SLICE = 0.05
"""Seconds after which a search through the journal lets the event loop run."""


@dataclass(frozen=True, slots=True)
class Page:
    """What ``Journal.read`` found.

    Attributes:
        entries: oldest first.
        cursor: read on from here.
        left_out: entries after the cursor that did not fit, or had already been dropped.
        gap: events may be missing before or within this page.
    """

    entries: list[Entry]
    cursor: str
    left_out: int
    gap: bool


class Journal:
    """A numbered list of entries, bounded by count and by memory. Appending is synchronous and cheap.

    Args:
        size: maximum number of entries.
        memory: maximum number of bytes that the entries hold, raw and parsed data together.
        epoch: names this process life; random by default.

    Attributes:
        gaps: how many gaps were written down.
        held: bytes that the entries hold now, estimated upwards.
    """

    def __init__(self, size: int = 1000, *, memory: int = MEMORY, epoch: str | None = None) -> None:
        self.epoch = epoch or secrets.token_hex(4)
        self.gaps = 0
        self.held = 0
        self._size = size
        self._memory = memory
        self._entries: deque[Entry] = deque()
        self._with_model: deque[Entry] = deque()
        self._models_held = 0
        self._last = 0
        self._waiters = 0
        self._listeners: list[Callable[[Entry], None]] = []

    @property
    def cursor(self) -> str:
        """The place after the newest entry."""
        return f"{self.epoch}:{self._last}"

    @property
    def newest(self) -> int:
        """Number of the newest entry; 0 when there was none yet."""
        return self._last

    @property
    def oldest(self) -> int:
        """Number of the oldest entry still kept; one past the newest when empty."""
        return self._entries[0].number if self._entries else self._last + 1

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, entry: Entry) -> Entry:
        """Number the entry, keep it and notify the listeners."""
        self._last += 1
        entry.number = self._last
        self._entries.append(entry)
        self.held += entry.cost
        if entry.model_cost:
            self._with_model.append(entry)
            self._models_held += entry.model_cost
        self._notify(entry)
        self._evict()
        return entry

    def mark_live(self, entry: Entry) -> None:
        """A replayed notification has now arrived live as well: keep one entry, and notify the listeners of it."""
        entry.delayed = False
        entry.repeats += 1
        self._notify(entry)

    def _notify(self, entry: Entry) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(entry)
            except Exception:
                log.exception("a listener of the journal failed")  # it must not stop the others

    def _evict(self) -> None:
        """Drop the models of older entries first, then the oldest entries. The newest entry always stays."""
        share = self._memory // _MODELS_SHARE
        while self._with_model and self._models_held > share:
            entry = self._with_model.popleft()
            self.held -= entry.model_cost
            self._models_held -= entry.model_cost
            entry.drop_model()
        while len(self._entries) > 1 and (len(self._entries) > self._size or self.held > self._memory):
            entry = self._entries.popleft()
            if self._with_model and self._with_model[0] is entry:
                self._with_model.popleft()
                self._models_held -= entry.model_cost
            self.held -= entry.cost
            entry.drop_content()

    def append_gap(
        self, reason: str, since: datetime | None, until: datetime | None, feed: str = SESSION
    ) -> Entry:
        """Write down that events may be missing, and that the state was read again.

        Args:
            reason: why, as the middle of a sentence.
            since: when it began.
            until: when it ended; None while it goes on.
            feed: the one feed that is concerned, of whose objects the agent's state holds nothing.
        """
        self.gaps += 1
        gap = GapInfo(reason, since, until)
        text = f"Notifications may be missing: {reason}."
        if feed == SESSION:
            text += " The state was read again."
        return self.append(
            Entry(feed, "gap", gap=gap, text=text, received_at=until or since or datetime.now(UTC))
        )

    def read(self, after: str | None = None, limit: int = 50, feed: str | None = None) -> Page:
        """Entries after a cursor, oldest first; without a cursor the newest ones.

        Args:
            after: a cursor of an earlier read, or None.
            limit: at most this many entries.
            feed: only this feed; gaps of the agent's own are always shown.

        Raises:
            InvalidRequestError: the cursor is none.
        """
        start, foreign = self._place(after)
        found = [e for e in self._entries if e.number > start and (feed is None or e.feed in (feed, SESSION))]
        if after is None:
            shown = found[-limit:] if limit else []
            left_out, cursor = len(found) - len(shown), self._last
        else:
            shown = found[:limit]
            left_out = len(found) - len(shown)
            cursor = shown[-1].number if left_out and shown else self._last if not left_out else start
        dropped = max(0, self.oldest - start - 1) if after is not None and not foreign else 0
        gap = foreign or dropped > 0 or any(e.kind == "gap" for e in shown)
        return Page(shown, f"{self.epoch}:{cursor}", left_out + dropped, gap)

    async def wait(self, after: str | None, match: Callable[[Entry], bool], timeout: float) -> Entry | None:
        """The first entry after the cursor that matches, waiting at most ``timeout`` seconds for it.

        Without a cursor only what is still to come counts. Returns None when nothing came.

        Raises:
            InvalidRequestError: the cursor is none, or too many wait already.
        """
        if self._waiters >= MAX_WAITERS:
            raise InvalidRequestError(
                f"{MAX_WAITERS} clients are already waiting for notifications.",
                advice="End another wait, or read with get_notifications.",
            )
        start, _ = self._place(after)
        earlier = [entry for entry in self if entry.number > start] if after is not None else []
        arrived: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()

        def take(entry: Entry) -> None:
            if not looked_back:
                earlier.append(entry)  # so that ``match`` sees the entries in their order
            elif not arrived.done() and match(entry):
                arrived.set_result(entry)

        looked_back = False
        end = self.listen(take)
        self._waiters += 1
        try:
            # Outside the time limit: what is already here is found even when there is no time to wait.
            if (found := await _first(earlier, match)) is not None:
                return found
            looked_back = True
            async with asyncio.timeout(timeout):
                return await arrived
        except TimeoutError:
            return None
        finally:
            self._waiters -= 1
            end()

    def listen(self, callback: Callable[[Entry], None]) -> Callable[[], None]:
        """Call ``callback`` with every new entry. Returns the function that ends it."""
        self._listeners.append(callback)

        def end() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return end

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def _place(self, after: str | None) -> tuple[int, bool]:
        """The number to read on from, and whether the cursor comes from another process life."""
        if after is None:
            return 0, False
        epoch, _, number = after.rpartition(":")
        if not epoch or not (number.isascii() and number.isdecimal()):
            raise InvalidRequestError(
                f"{after!r} is not a cursor.", advice="Pass the cursor of an earlier result, or omit it."
            )
        if epoch != self.epoch:
            return 0, True
        # A number that is too long to be one of ours is not worked out: Python refuses that beyond 4300 digits.
        return min(int(number), self._last) if len(number) < 20 else self._last, False


async def _first(entries: list[Entry], match: Callable[[Entry], bool]) -> Entry | None:
    """Return the first entry that matches. Matching may parse old entries again, so the event loop runs between."""
    began = time.monotonic()
    for entry in entries:
        if match(entry):
            return entry
        if time.monotonic() - began > _SLICE:
            await asyncio.sleep(0)
            began = time.monotonic()
    return None
