"""Parsing of callback times. Finesse stores the customer's local time without seconds and time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.privacy import quoted

_TIME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:T|t| +)(?P<time>\d{2}:\d{2})(?::\d{2}(?:\.\d{1,9})?)?"
    r" ?(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class LocalTime:
    """A time in the customer's time zone.

    Attributes:
        text: the time in the format that Finesse stores, such as ``2026-01-31T15:30``.
        zone: the time zone that was given. Empty if no time zone was given.
    """

    text: str
    zone: str

    @property
    def meaning(self) -> str:
        """One sentence about the time zone, for the result."""
        meaning = f"{self.text} is the customer's local time; Finesse stores no time zone."
        if self.zone:
            meaning += (
                f" The zone {self.zone} was ignored. If the customer is in another time zone, change the "
                "time."
            )
        return meaning


def local_time(given: str) -> LocalTime:
    """Return the callback time that a text names.

    Raises:
        InvalidRequestError: the text is not an unambiguous date with a time of day.
    """
    match = _TIME.fullmatch(given.strip())
    if match is None:
        raise InvalidRequestError(
            f"`time` is {quoted(given)}, which is not a date with a time of day. Nothing was sent.",
            advice='Write year, month, day and the customer\'s local time, such as "2026-01-31T15:30".',
        )
    return LocalTime(f"{match['date']}T{match['time']}", (match["zone"] or "").upper())
