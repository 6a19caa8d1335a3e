"""Parsing of deadlines. A deadline is a number of seconds, a duration such as ``2 minutes``, or a time with a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.privacy import quoted

MAX_AHEAD = timedelta(hours=24)
_SPAN = re.compile(r"(?:in\s+)?(\d{1,6})\s*([a-z]*)", re.IGNORECASE)
_UNITS = {"": 1, "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}


def deadline(text: str, now: datetime) -> datetime:
    """Return the time that a text specifies.

    Args:
        text: a deadline such as ``120``, ``in 2 minutes`` or ``2026-01-31T09:00:00Z``.
        now: the current time.

    Raises:
        InvalidRequestError: the text is not a time, lacks a time zone, or names a time more than 24 hours
            ahead.
    """
    found = _from_span(text.strip(), now) or _from_iso(text.strip())
    if found - now > MAX_AHEAD:
        raise InvalidRequestError("`until` is more than 24 hours ahead.", advice="Give an earlier time.")
    return found


def _from_span(text: str, now: datetime) -> datetime | None:
    match = _SPAN.fullmatch(text)
    unit = match[2].lower() if match else ""
    seconds = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
    return now + timedelta(seconds=int(match[1]) * seconds) if match and seconds else None


def _from_iso(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):  # OverflowError: in UTC the year is 0 or 10000
        raise InvalidRequestError(
            f"`until` is {quoted(text)}, which is not a time.",
            advice='Write seconds from now ("120"), "2 minutes", or a time with zone, "2026-01-31T09:00:00Z".',
        ) from None
    raise InvalidRequestError(
        f"`until` is {quoted(text)}, which has no time zone.",
        advice=f'Write "{found.isoformat()}Z" for UTC, an offset such as "+01:00", or seconds from now.',
    )
