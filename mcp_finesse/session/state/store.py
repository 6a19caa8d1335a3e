"""A versioned store: the newest version of each object wins, and a read never overrides a later event."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from mcp_finesse.session.state.room import MAX_ID, Room
from mcp_finesse.session.state.update_order import CloseUpdates, Order

T = TypeVar("T")
_TOMBSTONES = 64


def _whole(item: object) -> object:
    """Return the object itself, so that objects are compared as a whole."""
    return item


@dataclass(frozen=True, slots=True)
class Versions(Generic[T]):
    """How two versions of one object are compared.

    Attributes:
        order: Returns the order of a new version and the known version.
        content: Returns the fields that decide whether two versions are equal.
        is_older_read: Returns whether a version that was read is older than the known version. If this function
            is None, ``order`` decides.
        is_news: Returns whether a read shows a change that an event should have reported. The first argument is
            the known version, or None if the object was not known.
    """

    order: Callable[[T, T], Order]
    content: Callable[[T], object] = _whole
    is_older_read: Callable[[T, T], bool] | None = None
    is_news: Callable[[T | None, T], bool] = lambda known, read: known != read

    def reads_older(self, read: T, known: T) -> bool:
        """Return whether a version that was read is older than the known version."""
        if self.is_older_read is not None:
            return self.is_older_read(read, known)
        return self.order(read, known) is Order.OLDER


@dataclass(frozen=True, slots=True)
class StoreChange(Generic[T]):
    """The change of one object.

    Attributes:
        id: The id of the object.
        before: The version before the change. None if the object was added.
        after: The version after the change. None if the object was removed.
        by_read: Whether a read, rather than an event, showed the change.
    """

    id: str
    before: T | None
    after: T | None
    by_read: bool

    @property
    def changes_list(self) -> bool:
        """Whether the object was added or removed."""
        return self.before is None or self.after is None


class VersionedStore(Generic[T]):
    """The known objects of one kind. The keys are ids.

    A read takes these steps: ``begin_reading``, send the request, ``merge``, ``end_reading``. Events are
    applied as they arrive. The merge skips the objects that events changed since the read began. The resilience
    rules of the developer guide require that a new object replaces the known object as a whole. The rules also
    require that a DELETE event takes precedence over a read that still lists the object.

    Args:
        versions: Compares versions of an object.
        on_change: A function that is called after every change.
        close_updates: Reports updates of one object that cannot be ordered.
        room: Limits the number and the size of the objects.
    """

    def __init__(
        self,
        versions: Versions[T],
        on_change: Callable[[StoreChange[T]], None],
        close_updates: CloseUpdates | None = None,
        room: Room | None = None,
    ) -> None:
        self._versions = versions
        self._on_change = on_change
        self._close_updates = close_updates or CloseUpdates()
        self._room = room or Room()
        self._items: dict[str, T] = {}
        self._removed: OrderedDict[str, None] = OrderedDict()
        self._readings: list[set[str]] = []

    @property
    def items(self) -> Mapping[str, T]:
        """The objects by id, oldest first."""
        return MappingProxyType(self._items)

    @property
    def refused(self) -> int:
        """How many objects were rejected because a limit was reached."""
        return self._room.refused

    @property
    def is_being_read(self) -> bool:
        """Whether a read has begun and has not ended yet."""
        return bool(self._readings)

    # -- events

    def upsert(self, item_id: str, item: T, *, revive: bool = False, size: int = 0) -> None:
        """Apply an object from an event.

        Args:
            item_id: The id of the object. An object without an id is ignored.
            item: The object.
            revive: Whether the event restores an object that was removed. If False, a late event cannot restore
                a removed object.
            size: Length of the notification in characters.
        """
        if revive:
            self._removed.pop(item_id, None)
        known = self._items.get(item_id)
        order = Order.NEWER if known is None else self._versions.order(item, known)
        if not item_id or item_id in self._removed or order is Order.OLDER:
            return
        if not self._room.add(item_id, size):
            return
        self._close_updates.record((self, item_id), order, item, known, self._versions.content)
        self._mark_changed(item_id)
        self._items[item_id] = item
        self._on_change(StoreChange(item_id, known, item, False))

    def remove(self, item_id: str) -> None:
        """Remove an object whose removal an event reported."""
        self._mark_changed(item_id)
        self._discard(item_id, by_read=False)

    def _discard(self, item_id: str, *, by_read: bool) -> None:
        if len(item_id) <= MAX_ID:  # the store never keeps an object with a longer id
            self._removed[item_id] = None
            if len(self._removed) > _TOMBSTONES:
                self._removed.popitem(last=False)
        self._room.free(item_id)
        self._close_updates.forget((self, item_id))
        before = self._items.pop(item_id, None)
        if before is not None:
            self._on_change(StoreChange(item_id, before, None, by_read))

    def _mark_changed(self, item_id: str) -> None:
        for reading in self._readings:
            reading.add(item_id)

    def rewrite(self, new: Callable[[T], T]) -> None:
        """Replace each object with the result of ``new``. ``on_change`` is not called."""
        self._items = {item_id: new(item) for item_id, item in self._items.items()}

    def clear(self) -> None:
        """Forget all objects without calling ``on_change``. An object may return with the next event or read."""
        for item_id in self._items:
            self._room.free(item_id)
            self._close_updates.forget((self, item_id))
        self._items.clear()
        self._removed.clear()

    # -- reads

    def begin_reading(self) -> set[str]:
        """Start a read, before the request is sent. The result collects the ids of objects that events change."""
        reading: set[str] = set()
        self._readings.append(reading)
        return reading

    def end_reading(self, reading: set[str]) -> None:
        """End a read, which has failed or whose result was merged."""
        # Compare by identity, because two readings are equal if events changed the same objects during both
        # readings.
        self._readings = [other for other in self._readings if other is not reading]

    def merge(
        self, read: Mapping[str, T], reading: Collection[str] = (), *, complete: bool = True
    ) -> set[str]:
        """Merge objects that were read.

        Args:
            read: The objects by id.
            reading: The result of ``begin_reading``. Objects that events changed since then are skipped.
            complete: Whether ``read`` is the whole list, so that objects missing from it no longer exist.

        Returns:
            The ids of objects with a change that no event had reported, including removed objects.
        """
        gone = [item_id for item_id in self._items if item_id not in read and item_id not in reading]
        news = set(gone if complete else ())
        for item_id in news:
            self._discard(item_id, by_read=True)
        for item_id, item in read.items():
            known = self._items.get(item_id)
            if item_id in reading or item == known:
                continue
            if known is not None and self._versions.reads_older(item, known):
                continue
            if not self._room.add(item_id):
                continue
            settled = self._close_updates.settle((self, item_id), self._versions.content(item))
            self._removed.pop(item_id, None)
            self._items[item_id] = item
            if self._versions.is_news(known, item) and not settled:
                news.add(item_id)
            self._on_change(StoreChange(item_id, known, item, True))
        return news
