"""A minimum interval between runs of the same work, which doubles while the work keeps being requested."""

from __future__ import annotations


class Pace:
    """Computes the delay before the next run. The first run after an idle period has none.

    Args:
        least: Initial seconds between two runs.
        most: Maximum seconds between two runs.
    """

    def __init__(self, least: float, most: float) -> None:
        self._least = least
        self._most = max(least, most)
        self._pause = least
        self._ran_at = float("-inf")

    def left(self, now: float) -> float:
        """Return the seconds until the next run is due."""
        return max(0.0, self._ran_at + self._pause - now)

    def ran(self, now: float) -> None:
        """Record a run."""
        busy = now - self._ran_at < 2 * self._pause
        self._pause = min(self._most, 2 * self._pause) if busy else self._least
        self._ran_at = now
