"""The table of agent states: complete, and in agreement with what is known of the platforms."""

from __future__ import annotations

import pytest

from mcp_finesse.model import AGENT_STATES, TRANSITIONS, AgentState, Platform, may_ask_for, traits_of

A = AgentState
MAY_BE_ASKED_FOR = {A.READY, A.NOT_READY, A.LOGOUT}


def test_every_state_has_a_meaning_and_a_way_in_or_out() -> None:
    assert set(AGENT_STATES) == set(AgentState)
    told = {state for step in TRANSITIONS for state in (*step.start, *step.end)}
    assert told == set(AgentState) - {A.LOGIN, A.UNKNOWN}


def test_users_ask_for_ready_not_ready_and_sign_out_alone() -> None:
    """Guide p.42: all other states are the system's."""
    assert {end for step in TRANSITIONS if step.asked for end in step.end} == MAY_BE_ASKED_FOR


@pytest.mark.parametrize("platform", Platform)
def test_the_table_agrees_with_the_traits_of_the_platform(platform: Platform) -> None:
    traits = traits_of(platform)
    here = [step for step in TRANSITIONS if platform in step.platforms]
    assert {s for s in AgentState if A.LOGOUT in may_ask_for(s, platform)} == traits.sign_out_from
    assert (A.READY in may_ask_for("TALKING", platform)) is traits.pending_ready
    assert any(A.HOLD in step.end for step in here) is traits.hold_changes_agent_state
    assert any(A.WORK_READY in step.end for step in here) is traits.work_ready


@pytest.mark.parametrize(
    ("state", "platform", "expected"),
    [
        ("LOGOUT", None, [A.NOT_READY]),
        ("NOT_READY", Platform.UCCE, [A.LOGOUT, A.READY, A.NOT_READY]),
        ("READY", Platform.UCCE, [A.NOT_READY]),
        ("READY", Platform.UCCX, [A.LOGOUT, A.NOT_READY]),
        ("READY", None, [A.LOGOUT, A.NOT_READY]),
        ("TALKING", Platform.UCCX, [A.NOT_READY]),
        ("RESERVED", None, []),
        ("RESERVED_OUTBOUND", Platform.UCCX, []),
        ("SOMETHING_NEW", None, []),
        (None, None, []),
    ],
)
def test_what_an_agent_may_ask_for_follows_from_the_state(
    state: str | None, platform: Platform | None, expected: list[AgentState]
) -> None:
    assert may_ask_for(state, platform) == expected
