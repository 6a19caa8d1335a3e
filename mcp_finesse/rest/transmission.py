"""Records whether a change request may have left the process.

If the caller's own timeout ends an exchange, the caller gets a ``TimeoutError``. That error does not show
whether the connection was never established or the response was lost. The record shows the difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Transmission:
    """A record of the change requests that were sent while the record was open.

    Attributes:
        outer: the enclosing record, which receives the same updates.
        sent: the number of requests other than GET of which the first byte may have been sent.
        rejected: how many of the sent requests were rejected before execution.
    """

    outer: Transmission | None = None
    sent: int = 0
    rejected: int = 0

    @property
    def started(self) -> bool:
        """Whether a request may have been sent."""
        return self.sent > 0

    @property
    def may_have_been_executed(self) -> bool:
        """Whether a request that was not rejected may have been sent."""
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
    """Record the change requests that this asyncio task and the tasks it creates send inside the context."""
    record = Transmission(_open.get())
    token = _open.set(record)
    try:
        yield record
    finally:
        _open.reset(token)


def open_transmission() -> Transmission | None:
    """Return the innermost open record."""
    return _open.get()
