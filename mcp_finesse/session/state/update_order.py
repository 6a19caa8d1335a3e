"""Determines the order of two updates of one object from their content, and reports updates that cannot be ordered.

Finesse sends whole objects without a sequence number. Times and states order most updates. Two updates of one
phone call with equal times and different call variables do not show their order. The update that was received
later is kept, and the state is read again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from enum import Enum, auto
from typing import TypeVar

T = TypeVar("T")

_MAX_OBJECTS = 256
_MAX_CANDIDATES = 8


class Order(Enum):
    """The order of a received update and the known update."""

    NEWER = auto()
    OLDER = auto()
    SAME = auto()
    """Both have the same content."""
    UNORDERED = auto()
    """The content differs, but does not show which update is newer."""


def order_by_time(new: float | None, known: float | None, *, same: bool) -> Order:
    """Order two updates by the time of the change. The time is None if unknown, or if the object never changed."""
    if new is not None and new != known:
        return Order.NEWER if known is None or new > known else Order.OLDER
    return Order.SAME if same else Order.UNORDERED


class CloseUpdates:
    """Remembers recent updates, and reports those that arrived close together and cannot be ordered.

    Attributes:
        window: Two updates that arrive within this number of seconds may have been sent in the wrong order.
        on_unordered: A function that is called when the state must be read to determine which of two updates is
            newer.
        on_settled: A function that is called when a read equals one of two unordered updates. The equal update
            may be the one that was received first.
    """

    def __init__(self, window: float = 0.5, clock: Callable[[], float] = time.monotonic) -> None:
        self.window = window
        self.on_unordered: Callable[[], None] = lambda: None
        self.on_settled: Callable[[], None] = lambda: None
        self._clock = clock
        self._recorded_at: OrderedDict[Hashable, float] = OrderedDict()
        self._candidates: dict[Hashable, list[object]] = {}

    def record(
        self, key: Hashable, order: Order, new: T, known: T | None, content: Callable[[T], object]
    ) -> None:
        """Record an update that was kept.

        Args:
            key: Identifies the object.
            order: The order of the update and the known state.
            new: The update.
            known: The known state. Never None for an update that cannot be ordered.
            content: A function that returns the content to compare with a read. The function is called only if
                needed, because most updates are ordered.
        """
        last = self._recorded_at.get(key)
        if order is Order.UNORDERED and last is not None and self._clock() - last <= self.window:
            if key not in self._candidates and known is not None:
                self._candidates[key] = [content(known)]
            candidates = self._candidates.setdefault(key, [])
            candidates.append(content(new))
            del candidates[:-_MAX_CANDIDATES]
            self.on_unordered()
        elif order is Order.NEWER:
            self._candidates.pop(key, None)
        self._note(key)

    def settle(self, key: Hashable, read: object) -> bool:
        """Record that the object was read. Return whether the read equals an unordered update."""
        self._note(key)
        settled = read in self._candidates.pop(key, ())
        if settled:
            self.on_settled()
        return settled

    def forget(self, key: Hashable) -> None:
        """Forget an object that no longer exists."""
        self._recorded_at.pop(key, None)
        self._candidates.pop(key, None)

    def _note(self, key: Hashable) -> None:
        self._recorded_at[key] = self._clock()
        self._recorded_at.move_to_end(key)
        if len(self._recorded_at) > _MAX_OBJECTS:
            self.forget(next(iter(self._recorded_at)))
