"""Records whether a request that changes something may have left the process.

A caller that ends an exchange by its own time limit gets a ``TimeoutError``, which does not tell a connection that was
never made from a lost answer. The record does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Transmission:
    """Which changes were sent while this record was open.

    Attributes:
        outer: the record that was open before; it learns the same.
        sent: requests other than GET of which the first byte may have left.
        rejected: those among them that were answered with a rejection that precedes execution.
    """

    outer: Transmission | None = None
    sent: int = 0
    rejected: int = 0

    @property
    def started(self) -> bool:
        """Whether a request may have left."""
        return self.sent > 0

    @property
    def may_have_been_executed(self) -> bool:
        """Whether a request may have left that was not rejected."""
        return self.sent > self.rejected

    def start(self) -> None:
        """Record that a request is being sent."""
        self.sent += 1
        if self.outer is not None:
            self.outer.start()

    def reject(self) -> None:
        """Record that a request was rejected before execution."""
        self.rejected += 1
        if self.outer is not None:
            self.outer.reject()


_open: ContextVar[Transmission | None] = ContextVar("transmission", default=None)


@contextmanager
def record_transmission() -> Iterator[Transmission]:
    """Record the changes that this task, and the tasks it creates meanwhile, send inside the context."""
    record = Transmission(_open.get())
    token = _open.set(record)
    try:
        yield record
    finally:
        _open.reset(token)


def open_transmission() -> Transmission | None:
    """Return the innermost open record."""
    return _open.get()
