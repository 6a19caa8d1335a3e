"""The known queues with their statistics. Queues without a subscription are not updated, so callers read them again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from mcp_finesse.model import Queue, Update
from mcp_finesse.session.state.room import MAX_MEMBERS, Room
from mcp_finesse.session.state.store import VersionedStore, Versions
from mcp_finesse.session.state.update_order import Order

_VERSIONS: Versions[Queue] = Versions(lambda new, known: Order.SAME if new == known else Order.UNORDERED)
"""Queues have no time of change, so the version received last is kept."""


class Queues:
    """The queues that the agent may see.

    Args:
        changed: A function that is called with the id of every changed queue.
    """

    def __init__(self, changed: Callable[[str], None]) -> None:
        self._store = VersionedStore(_VERSIONS, lambda change: changed(change.id), room=Room(MAX_MEMBERS))
        self._changed = changed

    @property
    def known(self) -> Mapping[str, Queue]:
        """The queues that were read or reported, by id."""
        return self._store.items

    @property
    def refused(self) -> int:
        """How many queues were rejected because a limit was reached."""
        return self._store.refused

    def apply(self, update: Update, size: int) -> None:
        """Apply a notification of ``size`` characters."""
        queues = [update.queue] if update.queue is not None else update.queues
        for queue in queues:
            if not queue.id:
                continue
            if update.event == "DELETE":
                self._store.remove(queue.id)
            else:
                self._store.upsert(queue.id, queue, revive=True, size=size // len(queues))

    def begin_reading(self) -> set[str]:
        """Start a read of queues. Call this before the request is sent."""
        return self._store.begin_reading()

    def end_reading(self, reading: set[str]) -> None:
        """End a read of queues, which has failed or whose result was merged."""
        self._store.end_reading(reading)

    def merge(self, queues: Iterable[Queue], reading: Collection[str] = (), *, complete: bool = True) -> None:
        """Merge queues that were read. If ``complete`` is true, queues missing from the list no longer exist."""
        self._store.merge({queue.id: queue for queue in queues if queue.id}, reading, complete=complete)

    def forget(self) -> None:
        """Discard all queues, because events may have been lost."""
        forgotten = list(self.known)
        self._store.clear()
        for queue_id in forgotten:
            self._changed(queue_id)
