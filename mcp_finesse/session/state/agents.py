"""Compares versions of an agent (User) by significant fields, and orders versions by ``stateChangeTime``."""

from __future__ import annotations

from mcp_finesse.model import User
from mcp_finesse.session.state.store import Versions
from mcp_finesse.session.state.update_order import Order, order_by_time


def significant_fields(user: User) -> tuple[object, ...]:
    """Return the fields that have the same format in reads and in events. Other fields cannot be compared."""
    return (user.state, user.reason_code_id, user.extension, user.pending_state)


def order_of(new: User, known: User) -> Order:
    """Order two updates of one agent by ``stateChangeTime``. An update without a time is not treated as older."""
    same = significant_fields(new) == significant_fields(known)
    return order_by_time(_time_of(new), _time_of(known), same=same)


def _time_of(user: User) -> float | None:
    return user.state_change_time.timestamp() if user.state_change_time is not None else None


def _is_news(known: User | None, read: User) -> bool:
    """Return whether a read shows a change. The first read of an agent shows no change."""
    return known is not None and significant_fields(known) != significant_fields(read)


def without_times(user: User) -> User:
    """Return a copy of the agent without the time of the state change."""
    return user.model_copy(update={"state_change_time": None})


AGENT_VERSIONS: Versions[User] = Versions(order_of, significant_fields, is_news=_is_news)
