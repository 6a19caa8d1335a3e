"""Times in results: UTC, and what a node of Finesse has written, by our clock.

Which node it was is known where a call of a tool or a read of a resource begins, and the times stand deep in
the objects; in between it is kept in the context, so that no tool can forget it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from mcp_finesse.session import ClockOffset

_EXACT = ClockOffset()
_skew: ContextVar[ClockOffset] = ContextVar("clock_offset", default=_EXACT)


@contextmanager
def by_our_clock(clock_offset: ClockOffset) -> Iterator[None]:
    """Show times of Finesse without this skew, for as long as the context lasts."""
    token = _skew.set(clock_offset)
    try:
        yield
    finally:
        _skew.reset(token)


def timestamp(ours: datetime | None) -> str | None:
    """A time of our clock in ISO 8601, whole seconds, with Z for UTC."""
    return ours.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if ours else None


def exact_timestamp(ours: datetime | None) -> str | None:
    """The same with milliseconds, from which durations can be computed; without them in a whole second."""
    if ours is None:
        return None
    return ours.astimezone(UTC).isoformat(timespec="milliseconds").replace(".000", "").replace("+00:00", "Z")


def seconds_since(theirs: datetime | None, now: datetime) -> int | None:
    """Whole seconds from a time of Finesse to ``now`` by our clock; never negative."""
    return max(0, int((now - _ours(theirs)).total_seconds())) if theirs else None


def finesse_timestamp(theirs: datetime | None) -> str | None:
    """A time of Finesse, as ``exact_timestamp`` writes it, by our clock."""
    return exact_timestamp(_ours(theirs)) if theirs else None


def _ours(theirs: datetime) -> datetime:
    try:
        return _skew.get().ours(theirs)
    except OverflowError:  # the year 1 or 9999, where no clock makes a difference
        return theirs
