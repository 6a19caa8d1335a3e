"""The journal of recent notifications, which are numbered. A gap entry says that notifications may be missing.

A cursor is ``epoch:number``. The epoch identifies one run of the process. A read from a cursor of another epoch
reports a gap, because events between the two runs are unknown.
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
"""The feed of gaps that concern all of the agent's feeds."""
MEMORY = 64 * 2**20
"""Default limit in bytes of the memory that all entries hold together."""
_MODELS_SHARE = 8
"""Parsed models may hold the memory limit divided by this number. Older entries are parsed again when read."""
MAX_WAITERS = 100
"""Maximum clients that wait for an entry at the same time: every new entry is matched for each client."""
_SLICE = 0.05
"""Seconds of searching through the journal after which other tasks of the event loop may run."""


@dataclass(frozen=True, slots=True)
class Page:
    """The result of ``Journal.read``.

    Attributes:
        entries: The entries, oldest first.
        cursor: The position to continue from.
        left_out: Number of entries after the cursor that are not in the page, because they did not fit or had
            been evicted.
        gap: Whether events may be missing before or within this page.
    """

    entries: list[Entry]
    cursor: str
    left_out: int
    gap: bool


class Journal:
    """A numbered list of entries, bounded by count and by memory. Appending is synchronous and cheap.

    Args:
        size: Maximum number of entries.
        memory: Maximum number of bytes of raw and parsed data that the entries hold.
        epoch: Identifies this run of the process. The default is a random value.

    Attributes:
        gaps: How many gaps were recorded.
        held: Upper estimate of the number of bytes that the entries currently hold.
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
        """The position after the newest entry."""
        return f"{self.epoch}:{self._last}"

    @property
    def newest(self) -> int:
        """Number of the newest entry. 0 if there was no entry yet."""
        return self._last

    @property
    def oldest(self) -> int:
        """Number of the oldest entry that is kept. If no entry is kept, the number after the newest."""
        return self._entries[0].number if self._entries else self._last + 1

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, entry: Entry) -> Entry:
        """Number the entry, store it and notify the listeners."""
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
        """Record that a replayed notification also arrived live. Keep one entry for both, and notify the listeners."""
        entry.delayed = False
        entry.repeats += 1
        self._notify(entry)

    def _notify(self, entry: Entry) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(entry)
            except Exception:
                log.exception("A listener of the journal failed")  # the other listeners must still be called

    def _evict(self) -> None:
        """Drop the parsed models of older entries first, then the oldest entries. The newest entry always stays."""
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
        """Record that events may be missing, and that the state was read again.

        Args:
            reason: The reason for the gap, as the middle of a sentence.
            since: When the gap began.
            until: When the gap ended. None while the gap continues.
            feed: The affected feed, if its objects are not part of the agent's state. By default the gap
                concerns the agent's own feeds.
        """
        self.gaps += 1
        gap = GapInfo(reason, since, until)
        text = f"Notifications may be missing: {reason}."
        if feed == SESSION:
            text += " The state was read again."
        return self.append(
            Entry(feed, "gap", gap=gap, text=text, received_at=until or since or datetime.now(UTC))
        )

    def read(
        self,
        after: str | None = None,
        limit: int = 50,
        feed: str | None = None,
        *,
        shown: Callable[[Entry], bool] | None = None,
    ) -> Page:
        """Return the entries after a cursor, oldest first. Without a cursor, return the newest entries.

        Args:
            after: The cursor of an earlier read, or None.
            limit: Maximum number of entries.
            feed: Return only entries of this feed. Gaps of the agent's feeds are always included.
            shown: Return only entries for which this function returns true. None for all entries.

        Raises:
            InvalidRequestError: The cursor is not valid.
        """
        start, foreign = self._place(after)
        found = [
            entry
            for entry in self._entries
            if entry.number > start
            and (feed is None or entry.feed in (feed, SESSION))
            and (shown is None or shown(entry))
        ]
        if after is None:
            chosen = found[-limit:] if limit else []
            left_out, cursor = len(found) - len(chosen), self._last
        else:
            chosen = found[:limit]
            left_out = len(found) - len(chosen)
            cursor = chosen[-1].number if left_out and chosen else self._last if not left_out else start
        dropped = max(0, self.oldest - start - 1) if after is not None and not foreign else 0
        gap = foreign or dropped > 0 or any(e.kind == "gap" for e in chosen)
        return Page(chosen, f"{self.epoch}:{cursor}", left_out + dropped, gap)

    async def wait(self, after: str | None, match: Callable[[Entry], bool], timeout: float) -> Entry | None:
        """Wait for the first entry after the cursor that matches. Return the entry, or None after ``timeout`` seconds.

        Without a cursor, only entries that arrive after this call are matched.

        Raises:
            InvalidRequestError: The cursor is not valid, or too many clients are waiting.
        """
        if self._waiters >= MAX_WAITERS:
            raise InvalidRequestError(
                f"{MAX_WAITERS} clients are already waiting for notifications.",
                advice="End another wait, or use get_notifications.",
            )
        start, _ = self._place(after)
        earlier = [entry for entry in self if entry.number > start] if after is not None else []
        arrived: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()

        def take(entry: Entry) -> None:
            if not looked_back:
                earlier.append(entry)  # queue the entry, so that ``match`` sees the entries in order
            elif not arrived.done() and match(entry):
                arrived.set_result(entry)

        looked_back = False
        end = self.listen(take)
        self._waiters += 1
        try:
            # The timeout does not apply to this search, so that an existing entry is found even with a timeout
            # of zero.
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
        """Call ``callback`` with every new entry. Return a function that removes the callback."""
        self._listeners.append(callback)

        def end() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return end

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def _place(self, after: str | None) -> tuple[int, bool]:
        """Return the number to read from, and whether the cursor belongs to another run of the process."""
        if after is None:
            return 0, False
        epoch, _, number = after.rpartition(":")
        if not epoch or not (number.isascii() and number.isdecimal()):
            raise InvalidRequestError(
                f"{after!r} is not a cursor.", advice="Pass the cursor of an earlier result, or omit it."
            )
        if epoch != self.epoch:
            return 0, True
        # A number with too many digits for a journal entry is not converted, because Python rejects more than
        # 4300 digits.
        return min(int(number), self._last) if len(number) < 20 else self._last, False


async def _first(entries: list[Entry], match: Callable[[Entry], bool]) -> Entry | None:
    """Return the first matching entry. Matching may parse old entries, so it yields to the event loop regularly."""
    began = time.monotonic()
    for entry in entries:
        if match(entry):
            return entry
        if time.monotonic() - began > _SLICE:
            await asyncio.sleep(0)
            began = time.monotonic()
    return None
