"""Limits how often each tool may be called."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

_WINDOW = 60.0
_MAX_KEYS = 10_000


class RateLimits:
    """Counts the calls of each tool by each identity in the last 60 seconds.

    Args:
        clock: The monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls: dict[tuple[str, str], deque[float]] = {}

    def seconds_until_allowed(self, tool: str, identity: str, per_minute: int) -> float:
        """Return the seconds until the tool may be called; 0 if it may be called now."""
        calls = self._recent(tool, identity)
        if len(calls) < per_minute:
            return 0.0
        return max(0.0, calls[-per_minute] + _WINDOW - self._clock())

    def count(self, tool: str, identity: str) -> None:
        """Count a tool call."""
        if len(self._calls) >= _MAX_KEYS:
            self._calls = {key: calls for key, calls in self._calls.items() if self._recent(*key)}
        self._recent(tool, identity).append(self._clock())

    def _recent(self, tool: str, identity: str) -> deque[float]:
        calls = self._calls.setdefault((tool, identity), deque())
        while calls and calls[0] <= self._clock() - _WINDOW:
            calls.popleft()
        return calls
