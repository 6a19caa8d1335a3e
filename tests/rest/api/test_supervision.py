"""The agent states that a supervisor can request, given the agent's present state (guide p.47)."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest.api.supervision import check_present_state


@pytest.mark.parametrize("present", ["TALKING", "HOLD", "RESERVED", "LOGOUT", "NOT_READY"])
def test_not_ready_is_rejected_from_states_that_do_not_allow_it(present: str) -> None:
    words = f"cannot change an agent from '{present}' to NOT_READY"
    with pytest.raises(InvalidRequestError, match=words) as caught:
        check_present_state("NOT_READY", present)
    assert caught.value.advice == "Wait until the agent is READY, WORK or WORK_READY."


@pytest.mark.parametrize(
    ("state", "words"),
    [("READY", "cannot become READY"), ("LOGOUT", "cannot change an agent from 'LOGOUT' to LOGOUT")],
)
def test_signed_out_agent_can_be_neither_ready_nor_signed_out(state: str, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        check_present_state(state, "LOGOUT")


@pytest.mark.parametrize(
    ("state", "present"),
    [("NOT_READY", "WORK"), ("LOGOUT", "TALKING"), ("READY", "NOT_READY"), ("LOGOUT", None)],
)
def test_documented_change_is_allowed(state: str, present: str | None) -> None:
    assert check_present_state(state, present) == state
