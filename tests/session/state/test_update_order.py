"""Order of two updates of one object, and the read requested when they cannot be ordered."""

from __future__ import annotations

import pytest

from mcp_finesse.model import CallVariable, Dialog, MediaProperties, Participant, User
from mcp_finesse.session.state.update_order import (
    CloseUpdates,
    Order,
    order_by_time,
    order_of_dialogs,
    order_of_users,
)
from tests.session.state.test_mirror import at


def call(*parties: tuple[str, str, float | None], value: str = "", actions: tuple[str, ...] = ()) -> Dialog:
    return Dialog(
        id="7",
        state="ACTIVE",
        participants=[
            Participant(
                media_address=address,
                state=state,
                state_change_time=None if seconds is None else at(seconds),
                actions=list(actions),
            )
            for address, state, seconds in parties
        ],
        media_properties=MediaProperties(call_variables=[CallVariable(name="callVariable1", value=value)]),
    )


@pytest.mark.parametrize(
    ("new", "known", "order"),
    [
        (call(("A", "HELD", 2)), call(("A", "ACTIVE", 1)), Order.NEWER),
        (call(("A", "ACTIVE", 1)), call(("A", "HELD", 2)), Order.OLDER),
        (call(("A", "ACTIVE", 1), value="x"), call(("A", "ACTIVE", 1), value="x"), Order.SAME),
        (call(("A", "ACTIVE", 1), value="x"), call(("A", "ACTIVE", 1), value="y"), Order.UNORDERED),
        (call(("A", "ACTIVE", 1), actions=("HOLD",)), call(("A", "ACTIVE", 1)), Order.UNORDERED),
        (call(("A", "ACTIVE", 1)), call(("A", "ALERTING", 1)), Order.NEWER),
        (call(("A", "ALERTING", 1)), call(("A", "ACTIVE", 1)), Order.OLDER),
        (call(("A", "HELD", 1)), call(("A", "ACTIVE", 1)), Order.UNORDERED),
        (
            call(("A", "HELD", 2), ("B", "ACTIVE", 1)),
            call(("A", "ACTIVE", 1), ("B", "HELD", 2)),
            Order.UNORDERED,
        ),
        (call(("A", "ACTIVE", 1), ("B", "ALERTING", 2)), call(("A", "ACTIVE", 1)), Order.NEWER),
        (call(("A", "ACTIVE", 2), ("B", "ACTIVE", 1)), call(("A", "ACTIVE", 2)), Order.UNORDERED),
        (call(("A", "ALERTING", None)), call(("A", "ACTIVE", None)), Order.UNORDERED),
        (call(("A", "ALERTING", 1)), call(("A", "ACTIVE", None)), Order.NEWER),
        (call(("A", "ACTIVE", None)), call(("A", "ACTIVE", None)), Order.SAME),
        (call(("A", "ACTIVE", 3), value="x"), call(("A", "ACTIVE", 1), value="y"), Order.NEWER),
    ],
)
def test_dialogs_are_ordered_by_times_then_states(new: Dialog, known: Dialog, order: Order) -> None:
    assert order_of_dialogs(new, known) is order


def agent(state: str, seconds: float | None, pending: str | None = None) -> User:
    return User(
        state=state,
        pending_state=pending,
        state_change_time=None if seconds is None else at(seconds),
    )


@pytest.mark.parametrize(
    ("new", "known", "order"),
    [
        (agent("READY", 2), agent("NOT_READY", 1), Order.NEWER),
        (agent("READY", 1), agent("NOT_READY", 2), Order.OLDER),
        (agent("TALKING", 1, "NOT_READY"), agent("TALKING", 1), Order.UNORDERED),
        (agent("READY", 1), agent("READY", 1), Order.SAME),
        (agent("READY", None), agent("NOT_READY", 1), Order.UNORDERED),
        (agent("READY", 1), agent("NOT_READY", None), Order.NEWER),
    ],
)
def test_agents_are_ordered_by_state_change_time(new: User, known: User, order: Order) -> None:
    assert order_of_users(new, known) is order


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

    def take(self, order: Order, new: str, known: str | None) -> None:
        self.updates.take("7", order, new, known, str)


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
    watched.take(Order.NEWER, "a", None)
    watched.now = seconds
    watched.take(order, "b", "a")
    assert watched.reads == reads


def test_unordered_update_soon_after_a_read_requests_another_read() -> None:
    watched = Watched()
    watched.updates.settle("7", "b")
    watched.take(Order.UNORDERED, "a", "b")
    assert watched.reads == 1


@pytest.mark.parametrize(("read", "told"), [("a", True), ("b", True), ("c", False)])
def test_read_equal_to_an_unordered_update_counts_as_notified(read: str, told: bool) -> None:
    watched = Watched()
    watched.take(Order.NEWER, "a", None)
    watched.take(Order.UNORDERED, "b", "a")
    assert watched.updates.settle("7", read) is told
    assert not watched.updates.settle("7", read)


def test_remembered_updates_are_bounded() -> None:
    watched = Watched()
    for number in range(1000):
        watched.updates.take(number, Order.NEWER, "a", None, str)
        watched.take(Order.UNORDERED, str(number), "a")
    assert len(watched.updates._taken) <= 256
    assert all(len(found) <= 8 for found in watched.updates._candidates.values())
