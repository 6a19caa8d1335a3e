"""Order of two versions of one call by the times and states of its participants."""

from __future__ import annotations

import pytest

from mcp_finesse.model import CallVariable, Dialog, MediaProperties, Participant
from mcp_finesse.session.state.calls import order_of
from mcp_finesse.session.state.update_order import Order
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
    assert order_of(new, known) is order
