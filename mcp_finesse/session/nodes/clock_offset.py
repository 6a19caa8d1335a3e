"""The offset between a node's clock and the local clock, estimated from responses that carry the node's time.

The node read its clock at some moment between request and response, so half the round trip is the uncertainty (as in
RFC 5905, 8). A quick response is therefore more precise than a slow one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

_KEPT = 8
_FRESH_SECONDS = 3600.0
LEAST_SECONDS = 1.0
"""Minimum offset that is corrected. Results show whole seconds."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """The node's time minus local time, its uncertainty, and when it was measured."""

    offset: float
    uncertainty: float
    at: float

    def agrees_with(self, other: _Sample) -> bool:
        return abs(self.offset - other.offset) <= self.uncertainty + other.uncertainty + LEAST_SECONDS


class ClockOffset:
    """The best estimate from the responses of the last hour. Zero while it is not certain."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=_KEPT)

    def hear(self, theirs: datetime | None, asked: float, answered: float) -> None:
        """Record the time in a response.

        Args:
            theirs: The node's time (``SystemInfo.currentTimestamp``), or None.
            asked: Local time when the request was sent, in seconds since 1970.
            answered: Local time when the response was received.
        """
        if theirs is None or answered < asked:
            return
        # A time without a fraction may be truncated to whole seconds, so assume the middle of that second
        cut = 0.5 if theirs.microsecond == 0 else 0.0
        offset = theirs.timestamp() + cut - (asked + answered) / 2
        sample = _Sample(offset, (answered - asked) / 2 + cut, answered)
        if self._samples and not sample.agrees_with(self._best()):
            self._samples.clear()  # one of the clocks was set
        while self._samples and answered - self._samples[0].at > _FRESH_SECONDS:
            self._samples.popleft()
        self._samples.append(sample)

    @property
    def seconds(self) -> float:
        """Node time minus local time; 0.0 if unknown, too small to matter, or smaller than its uncertainty."""
        if not self._samples:
            return 0.0
        best = self._best()
        return best.offset if abs(best.offset) > max(best.uncertainty, LEAST_SECONDS) else 0.0

    def ours(self, theirs: datetime) -> datetime:
        """Convert a time of the node to local time."""
        return theirs - timedelta(seconds=self.seconds)

    def _best(self) -> _Sample:
        return min(self._samples, key=lambda sample: sample.uncertainty)
