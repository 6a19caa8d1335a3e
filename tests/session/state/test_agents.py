"""Order of two versions of one agent by the time of the state."""

from __future__ import annotations

import pytest

from mcp_finesse.model import User
from mcp_finesse.session.state.agents import order_of
from mcp_finesse.session.state.update_order import Order
from tests.session.state.test_mirror import at


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
    assert order_of(new, known) is order
