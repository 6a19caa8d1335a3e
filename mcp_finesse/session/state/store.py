"""Objects of one kind by their ids: the newest wins, what has gone stays gone, a read never undoes an event."""

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
    """An object is compared as a whole."""
    return item


class VersionedStore(Generic[T]):
    """What is known of some objects.

    Args:
        time_of: when an object changed last, comparable, or None where that is not known; an object whose time is
            not known is not older than any other.
        changed: told the id of every object that changed, and whether the list of objects did.
        close_updates: reports updates of one object that cannot be ordered.
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
        """How many objects were not taken in, because too many are held."""
        return self._room.refused

    # -- events

    def take(self, item_id: str, item: T, *, anew: bool = False, size: int = 0) -> None:
        """An event brought the object as it is now; one that has gone comes back only ``anew``."""
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
        """An event said that the object has gone."""
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
        """Hold each object as ``new`` makes it; for what nobody need be told of."""
        self._items = {item_id: new(item) for item_id, item in self._items.items()}

    # -- reads

    def begin_reading(self) -> set[str]:
        """Call before a read is sent; what it returns collects the ids that events touch meanwhile."""
        reading: set[str] = set()
        self._readings.append(reading)
        return reading

    def end_reading(self, reading: set[str]) -> None:
        """The read came to nothing, or has been merged."""
        self._readings = [other for other in self._readings if other is not reading]

    def merge(
        self, listed: Mapping[str, T], reading: set[str], is_news: Callable[[T | None, T], bool]
    ) -> set[str]:
        """Take the whole list as it was read.

        Args:
            listed: the objects by id.
            reading: of ``begin_reading``; what events touched since then stays as they said.
            is_news: whether an object that was read tells what events should have told, given what was known.

        Returns:
            The ids of the objects that are news, and of those that are no longer there.
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
