"""A queue that runs only one request at a time per object and per device (guide p.22, p.91)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mcp_finesse.simulator.timing import Later


@dataclass(frozen=True, slots=True)
class _Job:
    keys: frozenset[str]
    run: Callable[[], None]


class RequestQueue:
    """Runs jobs in order of arrival. Each job runs when all of its keys are free.

    The keys of a job are an object and a device. A job holds its keys for ``delay`` seconds, which simulates
    the work of CTI, and then runs. Meanwhile, later jobs with any of these keys wait. Jobs without a common key
    do not wait.
    """

    def __init__(self, later: Later, delay: Callable[[], float]) -> None:
        self._later = later
        self._delay = delay
        self._waiting: list[_Job] = []
        self._busy: set[str] = set()

    def put(self, keys: frozenset[str], run: Callable[[], None]) -> None:
        """Queue a job. The job never runs before this method returns."""
        self._waiting.append(_Job(keys, run))
        self._start_unblocked()

    def _start_unblocked(self) -> None:
        blocked = set(self._busy)
        for job in list(self._waiting):
            if job.keys.isdisjoint(blocked):
                self._start(job)
            blocked |= job.keys

    def _start(self, job: _Job) -> None:
        self._waiting.remove(job)
        self._busy |= job.keys
        self._later(self._delay(), lambda: self._finish(job))

    def _finish(self, job: _Job) -> None:
        try:
            job.run()
        finally:
            self._busy -= job.keys
            self._start_unblocked()
