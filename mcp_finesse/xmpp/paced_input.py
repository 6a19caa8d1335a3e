"""Processes received data in pieces, so that large input does not block the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

PIECE = 16 * 1024
"""Maximum characters in one piece, enough for a few hundred of the smallest stanzas."""
BUDGET = 0.02
"""Maximum seconds before control returns to the event loop between two pieces."""
HIGH, LOW = 2**20, 2**18
"""Numbers of queued characters above which reading is paused, and below which reading is resumed."""


class PacedInput:
    """A queue in front of a parser. Input is handled in order. Small input does not wait if the queue is empty.

    Args:
        handle: a function that handles one piece and must not raise.
        pause: a function that is called with True when the queue is full, and with False when the queue has
            room again.
    """

    def __init__(self, handle: Callable[[bytes | str], None], pause: Callable[[bool], None]) -> None:
        self._handle = handle
        self._pause = pause
        self._pieces: deque[bytes | str] = deque()
        self._waiting = 0
        self._running = self._paused = False
        self._at_end: Callable[[], None] | None = None

    def feed(self, data: bytes | str) -> None:
        """Handle the data immediately or queue it."""
        if not self._running and len(data) <= PIECE:  # the usual case
            self._running = True
            self._handle(data)
            self._running = False
            if self._pieces or self._at_end is not None:
                self._run()
            return
        self._pieces.extend(data[start : start + PIECE] for start in range(0, len(data), PIECE))
        self._waiting += len(data)
        if not self._running:
            self._run()
        if self._waiting > HIGH and not self._paused:
            self._paused = True
            self._pause(True)

    def then(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` when the queue is empty. If the queue is already empty, call it immediately."""
        if self._running:
            self._at_end = callback
        else:
            callback()

    def clear(self) -> None:
        """Discard all queued data."""
        self._pieces.clear()
        self._waiting = 0

    def _run(self) -> None:
        self._running = True  # data that is fed while a piece is being handled is queued
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self._pieces:
            piece = self._pieces.popleft()
            self._waiting -= len(piece)
            self._handle(piece)
            if self._pieces and loop.time() - began > BUDGET:
                loop.call_soon(self._run)
                break
        else:
            self._running = False
        if self._paused and self._waiting < LOW:
            self._paused = False
            self._pause(False)
        if not self._running and (callback := self._at_end) is not None:
            self._at_end = None
            callback()


class Allowance:
    """A rate limit with a burst."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = burst
        self._rate = per_second
        self._left = float(burst)
        self._at = float("-inf")

    def take(self, now: float) -> bool:
        """Return whether one more action is allowed now. An allowed action is counted."""
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
