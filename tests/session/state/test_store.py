"""The versioned store: newest version wins, events take precedence over reads, removals are remembered."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.session.state.room import MAX_ID, Budget, Room
from mcp_finesse.session.state.store import StoreChange, VersionedStore, Versions
from mcp_finesse.session.state.update_order import Order, order_by_time


@dataclass(frozen=True)
class Item:
    value: str
    time: float | None = None


def _order(new: Item, known: Item) -> Order:
    return order_by_time(new.time, known.time, same=new == known)


class Watched(VersionedStore[Item]):
    """A store that records its changes."""

    def __init__(self, room: Room | None = None) -> None:
        self.changes: list[StoreChange[Item]] = []
        super().__init__(Versions(_order), self.changes.append, room=room)


def test_newer_version_replaces_and_older_one_is_ignored() -> None:
    store = Watched()
    for item in (Item("a", 1), Item("b", 3), Item("c", 2)):
        store.upsert("7", item)
    assert store.items == {"7": Item("b", 3)}
    assert [(change.before, change.after) for change in store.changes] == [
        (None, Item("a", 1)),
        (Item("a", 1), Item("b", 3)),
    ]
    assert [change.changes_list for change in store.changes] == [True, False]


def test_removed_object_returns_only_when_revived_or_read() -> None:
    store = Watched()
    store.upsert("7", Item("a"))
    store.remove("7")
    store.upsert("7", Item("late"))
    assert store.items == {}
    store.upsert("7", Item("back"), revive=True)
    assert store.items == {"7": Item("back")}
    store.remove("7")
    assert store.merge({"7": Item("read")}) == {"7"}
    assert store.items == {"7": Item("read")}


def test_read_skips_objects_that_events_changed_since_it_began() -> None:
    store = Watched()
    store.upsert("changed", Item("old"))
    store.upsert("removed", Item("old"))
    reading = store.begin_reading()
    store.upsert("changed", Item("event"))
    store.upsert("added", Item("event"))
    store.remove("removed")
    assert store.merge({"changed": Item("read"), "removed": Item("read")}, reading) == set()
    store.end_reading(reading)
    assert store.items == {"changed": Item("event"), "added": Item("event")}


def test_ending_one_of_two_equal_reads_keeps_the_other() -> None:
    store = Watched()
    first, second = store.begin_reading(), store.begin_reading()
    store.end_reading(second)
    store.upsert("7", Item("event"))
    assert (first, second) == ({"7"}, set())


def test_complete_read_removes_what_it_does_not_list_and_partial_read_does_not() -> None:
    store = Watched()
    store.upsert("1", Item("a"))
    store.upsert("2", Item("b"))
    assert store.merge({"1": Item("a")}, complete=False) == set()
    assert list(store.items) == ["1", "2"]
    assert store.merge({"1": Item("a")}) == {"2"}
    assert list(store.items) == ["1"]
    assert [change.by_read for change in store.changes] == [False, False, True]


def test_older_read_is_ignored() -> None:
    store = Watched()
    store.upsert("7", Item("event", 5))
    assert store.merge({"7": Item("read", 4)}) == set()
    assert store.items == {"7": Item("event", 5)}


def test_stores_that_share_a_budget_share_its_limit_and_a_cleared_store_returns_its_part() -> None:
    budget = Budget(10)
    first, second = Watched(Room(5, budget)), Watched(Room(5, budget))
    first.upsert("1", Item("a"), size=6)
    second.upsert("2", Item("b"), size=6)
    assert (list(first.items), list(second.items), second.refused) == (["1"], [], 1)
    first.clear()
    second.upsert("2", Item("b"), size=6)
    assert list(second.items) == ["2"]


def test_object_without_id_or_with_an_oversized_id_is_not_kept() -> None:
    store = Watched()
    store.upsert("", Item("a"))
    store.upsert("x" * (MAX_ID + 1), Item("a"))
    store.remove("x" * (MAX_ID + 1))
    assert (store.items, store.changes, store.refused) == ({}, [], 1)


def test_rewriting_changes_objects_without_a_notification() -> None:
    store = Watched()
    store.upsert("7", Item("a", 5))
    store.rewrite(lambda item: Item(item.value))
    assert store.items == {"7": Item("a")}
    assert len(store.changes) == 1
