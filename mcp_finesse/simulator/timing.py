"""Time for the simulator: the clock and the waiting are injected, so tests can own both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Cancellable(Protocol):
    """What ``Later`` hands back: a promise that can be taken back."""

    def cancel(self) -> object:
        """Forget the call, if it has not been made."""
        ...


Clock = Callable[[], float]
"""Seconds since the epoch."""

Later = Callable[[float, Callable[[], None]], Cancellable]
"""``later(seconds, callback)``: call back once, after so many seconds, never at once."""


def later_on_loop(loop: asyncio.AbstractEventLoop) -> Later:
    """Waiting done by a running event loop."""

    def later(seconds: float, callback: Callable[[], None]) -> Cancellable:
        return loop.call_later(seconds, callback)

    return later


def timestamp(seconds: float) -> str:
    """``YYYY-MM-DDThh:MM:ss.SSSZ``, the form of every state change and start time (UTC)."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
