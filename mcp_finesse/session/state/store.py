"""A versioned store: the newest version of each object wins, and a read never overrides a later event."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

from mcp_finesse.session.state.room import MAX_ID, Room
from mcp_finesse.session.state.update_order import CloseUpdates, Order, order_by_time

T = TypeVar("T")
_TOMBSTONES = 64


def _whole(item: object) -> object:
    """Compare an object as a whole."""
    return item


class VersionedStore(Generic[T]):
    """The known objects of one kind by id.

    Args:
        time_of: Returns when an object last changed, comparable, or None if unknown. An object with an unknown time
            is not older than any other.
        changed: Called with the id of every changed object, and whether the list of objects changed.
        close_updates: Reports updates of one object that cannot be ordered.
    """

    def __init__(
        self,
        time_of: Callable[[T], float | None],
        changed: Callable[[str, bool], None],
        close_updates: CloseUpdates | None = None,
    ) -> None:
        self._close_updates = close_updates or CloseUpdates()
        self._time_of = time_of
        self._changed = changed
        self._items: dict[str, T] = {}
        self._room = Room()
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._readings: list[set[str]] = []

    @property
    def items(self) -> Mapping[str, T]:
        """The objects by id, oldest first."""
        return MappingProxyType(self._items)

    @property
    def refused(self) -> int:
        """How many objects were rejected because a limit was reached."""
        return self._room.refused

    # -- events

    def take(self, item_id: str, item: T, *, anew: bool = False, size: int = 0) -> None:
        """Apply an object from an event. A removed object returns only with ``anew``."""
        if anew:
            self._gone.pop(item_id, None)
        known = self._items.get(item_id)
        order = self._order(item, known)
        if item_id in self._gone or order is Order.OLDER or not self._room.take(item_id, size):
            return
        self._close_updates.take((self, item_id), order, item, known, _whole)
        self._touch(item_id)
        self._items[item_id] = item
        self._changed(item_id, known is None)

    def drop(self, item_id: str) -> None:
        """Remove an object, as reported by an event."""
        self._touch(item_id)
        self._bury(item_id)
        self._room.free(item_id)
        self._close_updates.forget((self, item_id))
        if self._items.pop(item_id, None) is not None:
            self._changed(item_id, True)

    def _touch(self, item_id: str) -> None:
        for reading in self._readings:
            reading.add(item_id)

    def _bury(self, item_id: str) -> None:
        if len(item_id) > MAX_ID:
            return  # such an object is never held
        self._gone[item_id] = None
        if len(self._gone) > _TOMBSTONES:
            self._gone.popitem(last=False)

    def _order(self, new: T, known: T | None) -> Order:
        if known is None:
            return Order.NEWER
        return order_by_time(self._time_of(new), self._time_of(known), same=new == known)

    def rewrite(self, new: Callable[[T], T]) -> None:
        """Replace each object with the result of ``new``, without notifying listeners."""
        self._items = {item_id: new(item) for item_id, item in self._items.items()}

    # -- reads

    def begin_reading(self) -> set[str]:
        """Start a read: call before it is sent. The result collects the ids that events change in the meantime."""
        reading: set[str] = set()
        self._readings.append(reading)
        return reading

    def end_reading(self, reading: set[str]) -> None:
        """End a read that failed or was merged."""
        self._readings = [other for other in self._readings if other is not reading]

    def merge(
        self, listed: Mapping[str, T], reading: set[str], is_news: Callable[[T | None, T], bool]
    ) -> set[str]:
        """Merge the whole list as it was read.

        Args:
            listed: The objects by id.
            reading: The result of ``begin_reading``. Objects that events changed since then are skipped.
            is_news: Returns whether a read object shows a change that an event should have reported, given the known
                object.

        Returns:
            The ids of the objects that are news, and of those that no longer exist.
        """
        news = {item_id for item_id in self._items if item_id not in listed and item_id not in reading}
        for item_id in news:
            del self._items[item_id]
            self._room.free(item_id)
            self._bury(item_id)
            self._changed(item_id, True)
        for item_id, item in listed.items():
            known = self._items.get(item_id)
            if item_id in reading or item == known or self._order(item, known) is Order.OLDER:
                continue
            if not self._room.take(item_id):
                continue
            told = self._close_updates.settle((self, item_id), item)
            self._gone.pop(item_id, None)
            self._items[item_id] = item
            self._changed(item_id, known is None)
            if is_news(known, item) and not told:
                news.add(item_id)
        return news
