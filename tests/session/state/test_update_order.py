"""Order of two updates by time, and the read requested when they cannot be ordered."""

from __future__ import annotations

import pytest

from mcp_finesse.session.state.update_order import CloseUpdates, Order, order_by_time


def test_equal_times_give_no_order() -> None:
    assert order_by_time(1.0, 1.0, same=False) is Order.UNORDERED
    assert order_by_time(1.0, 1.0, same=True) is Order.SAME


class Watched:
    """Close updates with a test clock, counting the requested reads."""

    def __init__(self) -> None:
        self.now = 0.0
        self.reads = 0
        self.updates = CloseUpdates(0.5, lambda: self.now)
        self.updates.on_unordered = self._read

    def _read(self) -> None:
        self.reads += 1

    def record(self, order: Order, new: str, known: str | None) -> None:
        self.updates.record("7", order, new, known, str)


@pytest.mark.parametrize(
    ("order", "seconds", "reads"),
    [
        (Order.UNORDERED, 0.1, 1),
        (Order.UNORDERED, 0.6, 0),
        (Order.NEWER, 0.1, 0),
        (Order.SAME, 0.1, 0),
    ],
)
def test_read_is_requested_only_for_close_unordered_updates(order: Order, seconds: float, reads: int) -> None:
    watched = Watched()
    watched.record(Order.NEWER, "a", None)
    watched.now = seconds
    watched.record(order, "b", "a")
    assert watched.reads == reads


def test_unordered_update_soon_after_a_read_requests_another_read() -> None:
    watched = Watched()
    watched.updates.settle("7", "b")
    watched.record(Order.UNORDERED, "a", "b")
    assert watched.reads == 1


@pytest.mark.parametrize(("read", "told"), [("a", True), ("b", True), ("c", False)])
def test_read_equal_to_an_unordered_update_counts_as_notified(read: str, told: bool) -> None:
    watched = Watched()
    watched.record(Order.NEWER, "a", None)
    watched.record(Order.UNORDERED, "b", "a")
    assert watched.updates.settle("7", read) is told
    assert not watched.updates.settle("7", read)


def test_remembered_updates_are_bounded() -> None:
    watched = Watched()
    for number in range(1000):
        watched.updates.record(number, Order.NEWER, "a", None, str)
        watched.record(Order.UNORDERED, str(number), "a")
    assert len(watched.updates._recorded_at) <= 256
    assert all(len(found) <= 8 for found in watched.updates._candidates.values())
