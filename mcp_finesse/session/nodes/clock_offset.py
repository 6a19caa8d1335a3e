"""The offset between a node's clock and the local clock, estimated from responses that carry the node's time.

The node read its clock at some moment between request and response. The uncertainty of the estimate is
therefore half of the round-trip time (as in RFC 5905, 8). A quick response therefore gives a more precise
estimate than a slow one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

_MAX_SAMPLES = 8
_MAX_AGE = 3600.0
"""Seconds after which a sample is no longer used."""
MIN_OFFSET = 1.0
"""Offsets smaller than this number of seconds are treated as zero. Results show whole seconds."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """One estimate of the offset (the node's time minus local time), with its uncertainty and its time."""

    offset: float
    uncertainty: float
    at: float

    def agrees_with(self, other: _Sample) -> bool:
        return abs(self.offset - other.offset) <= self.uncertainty + other.uncertainty + MIN_OFFSET


class ClockOffset:
    """The best estimate of the offset from the last hour. The offset is zero while the estimate is uncertain."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=_MAX_SAMPLES)

    def record(self, node_time: datetime | None, sent_at: float, received_at: float) -> None:
        """Record the node's time from a response.

        Args:
            node_time: The node's time (``SystemInfo.currentTimestamp``), or None.
            sent_at: Local time when the request was sent, in seconds since 1970.
            received_at: Local time when the response was received.
        """
        if node_time is None or received_at < sent_at:
            return
        # A time without a fraction may be truncated to whole seconds, so assume the middle of that second
        truncation = 0.5 if node_time.microsecond == 0 else 0.0
        offset = node_time.timestamp() + truncation - (sent_at + received_at) / 2
        sample = _Sample(offset, (received_at - sent_at) / 2 + truncation, received_at)
        if self._samples and not sample.agrees_with(self._best()):
            self._samples.clear()  # the node's clock or the local clock was changed
        while self._samples and received_at - self._samples[0].at > _MAX_AGE:
            self._samples.popleft()
        self._samples.append(sample)

    @property
    def seconds(self) -> float:
        """Node time minus local time. 0.0 if the offset is unknown, too small to matter, or below its uncertainty."""
        if not self._samples:
            return 0.0
        best = self._best()
        return best.offset if abs(best.offset) > max(best.uncertainty, MIN_OFFSET) else 0.0

    def to_local(self, node_time: datetime) -> datetime:
        """Convert a time from the node's clock to local time."""
        return node_time - timedelta(seconds=self.seconds)

    def _best(self) -> _Sample:
        return min(self._samples, key=lambda sample: sample.uncertainty)
