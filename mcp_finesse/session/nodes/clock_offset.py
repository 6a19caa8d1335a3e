"""How far the clock of a node is from ours, told by answers that carry the node's time.

Somewhere between asking and answering the node looked at its clock: half the round trip is the uncertainty
(as in RFC 5905, 8). A quick answer therefore tells more than a slow one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

_KEPT = 8
_FRESH_SECONDS = 3600.0
LEAST_SECONDS = 1.0
"""Results show whole seconds: less than this is not worth correcting."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """Theirs minus ours, give or take, and when."""

    offset: float
    uncertainty: float
    at: float

    def agrees_with(self, other: _Sample) -> bool:
        return abs(self.offset - other.offset) <= self.uncertainty + other.uncertainty + LEAST_SECONDS


class ClockOffset:
    """The best estimate from the answers of the last hour; nothing is corrected while it is not certain."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=_KEPT)

    def hear(self, theirs: datetime | None, asked: float, answered: float) -> None:
        """Take an answer in.

        Args:
            theirs: the node's time in it (``SystemInfo.currentTimestamp``), or None.
            asked: our time when it was asked, in seconds since 1970.
            answered: our time when the answer had come.
        """
        if theirs is None or answered < asked:
            return
        # A time without a fraction may be cut to whole seconds: it is that second, somewhere
        cut = 0.5 if theirs.microsecond == 0 else 0.0
        offset = theirs.timestamp() + cut - (asked + answered) / 2
        sample = _Sample(offset, (answered - asked) / 2 + cut, answered)
        if self._samples and not sample.agrees_with(self._best()):
            self._samples.clear()  # somebody has set a clock
        while self._samples and answered - self._samples[0].at > _FRESH_SECONDS:
            self._samples.popleft()
        self._samples.append(sample)

    @property
    def seconds(self) -> float:
        """Theirs minus ours; 0.0 when it is not known, too small to matter, or smaller than its uncertainty."""
        if not self._samples:
            return 0.0
        best = self._best()
        return best.offset if abs(best.offset) > max(best.uncertainty, LEAST_SECONDS) else 0.0

    def ours(self, theirs: datetime) -> datetime:
        """A time of the node by our clock."""
        return theirs - timedelta(seconds=self.seconds)

    def _best(self) -> _Sample:
        return min(self._samples, key=lambda sample: sample.uncertainty)
