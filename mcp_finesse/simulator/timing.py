"""A clock and timers that can be injected, so that tests can control time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Cancellable(Protocol):
    """The handle that ``Later`` returns."""

    def cancel(self) -> object:
        """Cancel the scheduled function. Do nothing if the function has already run."""
        ...


Clock = Callable[[], float]
"""Seconds since the epoch."""

Later = Callable[[float, Callable[[], None]], Cancellable]
"""``later(seconds, callback)``: call ``callback`` once after ``seconds``, but never before ``later`` returns."""


def later_on_loop(loop: asyncio.AbstractEventLoop) -> Later:
    """Return a ``Later`` that uses a running event loop."""

    def later(seconds: float, callback: Callable[[], None]) -> Cancellable:
        return loop.call_later(seconds, callback)

    return later


def timestamp(seconds: float) -> str:
    """Format a time as ``YYYY-MM-DDThh:MM:ss.SSSZ`` (UTC), the format of state change times and start times."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
