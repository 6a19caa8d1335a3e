"""Server-sent events for the pages: a full snapshot, then changes, with a bounded queue for each page."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

MAX_QUEUED = 64
"""Messages that wait for a page. A page that falls further behind gets a new snapshot in their place."""

MAX_CHARACTERS = 4_000_000
"""Characters of these messages, with the same consequence."""

MAX_PAGES = 16
KEEP_ALIVE_SECONDS = 15.0


class Page:
    """The queue of one page that reads the events.

    Attributes:
        missed: whether messages were discarded because the page reads too slowly.
    """

    def __init__(self) -> None:
        self._queue: deque[str] = deque()
        self._characters = 0
        self._available = asyncio.Event()
        self.missed = False

    def offer(self, message: str) -> None:
        """Queue a message. If the queue is full, discard it and all queued messages."""
        self._characters += len(message)
        if len(self._queue) >= MAX_QUEUED or self._characters > MAX_CHARACTERS:
            self._queue.clear()
            self.missed = True
        if not self.missed:
            self._queue.append(message)
        self._available.set()

    async def wait(self) -> None:
        """Wait until messages are queued or were discarded."""
        await self._available.wait()

    def take(self) -> str:
        """Return all queued messages, and start anew."""
        messages = "".join(self._queue)
        self._queue.clear()
        self._characters = 0
        self._available.clear()
        self.missed = False
        return messages


class EventStream:
    """Sends events to all pages.

    Args:
        snapshot: a function that returns the data of a full snapshot.
    """

    def __init__(self, snapshot: Callable[[], dict[str, Any]]) -> None:
        self._snapshot = snapshot
        self._pages: set[Page] = set()

    @property
    def is_full(self) -> bool:
        """Whether no further page is accepted."""
        return len(self._pages) >= MAX_PAGES

    @property
    def has_pages(self) -> bool:
        """Whether any page reads the events."""
        return bool(self._pages)

    def send(self, event: str, data: object) -> None:
        """Send an event to every page."""
        if self._pages:
            message = encode(event, data)
            for page in self._pages:
                page.offer(message)

    async def read(self) -> AsyncIterator[str]:
        """Yield the events of one page: a snapshot, then what is sent. A slow page gets another snapshot.

        Nothing is yielded if other pages have taken all places since ``is_full`` was read.
        """
        if self.is_full:
            return
        page = Page()
        first = encode("snapshot", self._snapshot() | {"missed": False})
        self._pages.add(page)
        try:
            yield first
            while True:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                        await page.wait()
                except TimeoutError:
                    yield ": keep-alive\n\n"
                    continue
                if page.missed:
                    page.take()
                    yield encode("snapshot", self._snapshot() | {"missed": True})
                else:
                    yield page.take()
        finally:
            self._pages.discard(page)


def encode(event: str, data: object) -> str:
    """Return an event in the format of server-sent events. JSON has no line breaks outside of strings."""
    return f"event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
