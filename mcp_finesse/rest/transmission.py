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
    """Whether a change was sent while this record was open.

    Attributes:
        outer: the record that was open before; it learns the same.
        started: True once the first byte of a request other than GET may have left.
    """

    outer: Transmission | None = None
    started: bool = False

    def start(self) -> None:
        """Record that a request is being sent."""
        self.started = True
        if self.outer is not None:
            self.outer.start()


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
