"""Formats times in results, in UTC. Times from a Finesse node are converted to the local clock.

The node's clock offset is known at the start of a tool call or resource read. The times to convert are deep
inside the objects, so a context variable carries the offset.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from mcp_finesse.session import ClockOffset

_EXACT = ClockOffset()
_clock_offset: ContextVar[ClockOffset] = ContextVar("clock_offset", default=_EXACT)


@contextmanager
def by_our_clock(clock_offset: ClockOffset) -> Iterator[None]:
    """While the context is active, correct times of Finesse by this clock offset."""
    token = _clock_offset.set(clock_offset)
    try:
        yield
    finally:
        _clock_offset.reset(token)


def timestamp(ours: datetime | None) -> str | None:
    """Format a time of the local clock in ISO 8601 with whole seconds, and Z for UTC."""
    return ours.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if ours else None


def exact_timestamp(ours: datetime | None) -> str | None:
    """Format a time of the local clock with milliseconds, so that durations can be computed. Omit zero milliseconds."""
    if ours is None:
        return None
    return ours.astimezone(UTC).isoformat(timespec="milliseconds").replace(".000", "").replace("+00:00", "Z")


def seconds_since(theirs: datetime | None, now: datetime) -> int | None:
    """Return the whole seconds from a time of Finesse to ``now``, a time of the local clock. Never negative."""
    return max(0, int((now - _ours(theirs)).total_seconds())) if theirs else None


def finesse_timestamp(theirs: datetime | None) -> str | None:
    """Convert a time of Finesse to the local clock and format it like ``exact_timestamp``."""
    return exact_timestamp(_ours(theirs)) if theirs else None


def _ours(theirs: datetime) -> datetime:
    try:
        return _clock_offset.get().to_local(theirs)
    except OverflowError:  # the offset does not matter in the year 1 or 9999
        return theirs
