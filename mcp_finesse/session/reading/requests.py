"""Debounces and rate-limits requests to read the state again: a burst of requests causes one read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class RereadRequests:
    """Forwards the first request after a short pause. Later requests are forwarded at most once per interval.

    Args:
        pause: Seconds to wait after the first request. Requests in this time are merged with the first request.
        interval: Minimum seconds between two reads.
        reread: A function that requests the read.
    """

    def __init__(self, pause: float, interval: float, reread: Callable[[], None]) -> None:
        self._pause = pause
        self._interval = interval
        self._reread = reread
        self._last = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def request(self) -> None:
        """Request a read of the state."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            at = max(loop.time() + self._pause, self._last + self._interval)
            self._timer = loop.call_at(at, self._pass_on)

    def _pass_on(self) -> None:
        self._timer = None
        self._last = asyncio.get_running_loop().time()
        self._reread()

    def close(self) -> None:
        """Cancel a pending request."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
