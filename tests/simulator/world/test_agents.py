"""State requests of agents from each state, and the effect of calls on agent state."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.errors import CtiError
from mcp_finesse.simulator.world.agents import NO_REASON, Agent, Phase, TargetState
from mcp_finesse.simulator.world.platforms import UCCE, UCCX, PlatformRules
from mcp_finesse.simulator.world.world import AgentRecord, ReasonCode

LUNCH = ReasonCode(23, "NOT_READY", 41, "Lunch")
MEETING = ReasonCode(24, "NOT_READY", 42, "Meeting")
RECORD = AgentRecord("1001", "Ada", "Okoro", "4501", "310", wrap_up_on_incoming="REQUIRED")


def agent_in(state: str, rules: PlatformRules = UCCE) -> Agent:
    """Return an agent brought into a state the regular way."""
    agent = Agent(RECORD, rules, lambda: 1000.0)
    if state != "LOGOUT":
        agent.sign_in("4501")
    before = "NOT_READY" if state in ("NOT_READY", "WORK") else "READY"
    if state not in ("LOGOUT", "NOT_READY", "WORK"):
        agent.request_state(TargetState(before), None)
    phases = {
        "RESERVED": [Phase.OFFERED],
        "TALKING": [Phase.OFFERED, Phase.TALKING],
        "HOLD": [Phase.TALKING, Phase.HOLD],
        "WORK": [Phase.TALKING, Phase.IDLE],
        "WORK_READY": [Phase.TALKING, Phase.IDLE],
    }
    for phase in phases.get(state, []):
        agent.apply_phase(phase, wrap_up=True)
    assert agent.state == state
    return agent


@pytest.mark.parametrize(
    ("start", "asked", "then"),
    [
        ("NOT_READY", "READY", "READY"),
        ("NOT_READY", "NOT_READY", "NOT_READY"),
        ("NOT_READY", "LOGOUT", "LOGOUT"),
        ("READY", "NOT_READY", "NOT_READY"),
        ("WORK", "READY", "READY"),
        ("WORK", "NOT_READY", "NOT_READY"),
        ("WORK_READY", "READY", "READY"),
        ("WORK_READY", "NOT_READY", "NOT_READY"),
    ],
)
def test_idle_agent_changes_state_immediately(start: str, asked: str, then: str) -> None:
    agent = agent_in(start)
    agent.request_state(TargetState(asked), None)
    assert (agent.state, agent.pending) == (then, None)


@pytest.mark.parametrize("start", ["TALKING", "HOLD"])
@pytest.mark.parametrize("asked", ["READY", "NOT_READY"])
def test_state_requested_during_a_call_is_pending(start: str, asked: str) -> None:
    agent = agent_in(start)
    agent.request_state(TargetState(asked), "routed")
    assert agent.state == start
    assert agent.pending == TargetState(asked)


@pytest.mark.parametrize(
    ("start", "asked", "data"),
    [
        ("LOGOUT", "READY", "257"),
        ("LOGOUT", "NOT_READY", "257"),
        ("READY", "LOGOUT", "265"),
        ("RESERVED", "NOT_READY", "265"),
        ("RESERVED", "LOGOUT", "265"),
        ("TALKING", "LOGOUT", "265"),
        ("HOLD", "LOGOUT", "265"),
        ("WORK", "LOGOUT", "265"),
        ("WORK_READY", "LOGOUT", "265"),
    ],
)
def test_disallowed_state_request_is_an_invalid_state(start: str, asked: str, data: str) -> None:
    agent = agent_in(start)
    with pytest.raises(CtiError) as caught:
        agent.request_state(
            TargetState(asked), "routed" if start in ("RESERVED", "TALKING", "HOLD") else None
        )
    assert (caught.value.details.type, caught.value.details.data) == ("Invalid State", data)
    assert agent.state == start


@pytest.mark.parametrize(
    ("start", "asked", "allowed"),
    [
        ("READY", "LOGOUT", True),
        ("NOT_READY", "LOGOUT", True),
        ("RESERVED", "LOGOUT", True),
        ("WORK", "LOGOUT", True),
        ("WORK_READY", "LOGOUT", True),
        ("READY", "NOT_READY", True),
        ("WORK", "NOT_READY", True),
        ("WORK_READY", "NOT_READY", True),
        ("NOT_READY", "NOT_READY", False),
        ("TALKING", "NOT_READY", False),
        ("HOLD", "NOT_READY", False),
        ("RESERVED", "NOT_READY", False),
    ],
)
def test_supervisor_requests_follow_their_own_table(start: str, asked: str, allowed: bool) -> None:
    agent = agent_in(start)
    if allowed:
        agent.request_state(TargetState(asked), None, by_supervisor=True)
        assert agent.state == asked
    else:
        with pytest.raises(CtiError):
            agent.request_state(TargetState(asked), None, by_supervisor=True)


def test_supervisor_sign_out_during_a_call_waits_for_its_end() -> None:
    agent = agent_in("TALKING")
    agent.request_state(TargetState("LOGOUT"), "routed", by_supervisor=True)
    assert not agent.wraps_up("incoming")
    agent.apply_phase(Phase.IDLE, wrap_up=False)
    assert (agent.state, agent.extension) == ("LOGOUT", "")


def test_sign_in_sets_not_ready_without_a_reason() -> None:
    agent = Agent(RECORD, UCCE, lambda: 1000.0)
    assert agent.changed_at is None
    agent.sign_in("4501")
    assert (agent.state, agent.reason_id, agent.extension, agent.changed_at) == (
        "NOT_READY",
        "-1",
        "4501",
        1000.0,
    )


@pytest.mark.parametrize("state", ["READY", "TALKING", "WORK"])
def test_forced_sign_in_keeps_the_state(state: str) -> None:
    agent = agent_in(state)
    agent.sign_in("4501")
    assert agent.state == state


def test_second_sign_in_at_another_device_is_rejected() -> None:
    agent = agent_in("READY")
    with pytest.raises(CtiError, match="259"):
        agent.sign_in("4502")


def test_change_of_reason_keeps_the_time_of_the_state() -> None:
    times = iter([1000.0, 2000.0])
    agent = Agent(RECORD, UCCE, lambda: next(times))
    agent.sign_in("4501")
    agent.request_state(TargetState.with_reason("NOT_READY", LUNCH), None)
    assert (agent.reason_id, agent.changed_at) == ("23", 1000.0)


@pytest.mark.parametrize(
    ("before", "pending", "wrap_up", "afterwards", "in_the_end"),
    [
        ("READY", None, False, "READY", "READY"),
        ("NOT_READY", None, False, "NOT_READY", "NOT_READY"),
        ("READY", "NOT_READY", False, "NOT_READY", "NOT_READY"),
        ("NOT_READY", "READY", False, "READY", "READY"),
        ("READY", None, True, "WORK_READY", "READY"),
        ("NOT_READY", None, True, "WORK", "NOT_READY"),
        ("READY", "NOT_READY", True, "WORK", "NOT_READY"),
        ("NOT_READY", "READY", True, "WORK_READY", "READY"),
    ],
)
def test_end_of_a_call_leads_to_wrap_up_or_the_next_state(
    before: str, pending: str | None, wrap_up: bool, afterwards: str, in_the_end: str
) -> None:
    agent = agent_in(before)
    agent.apply_phase(Phase.TALKING, wrap_up=False)
    if pending:
        agent.request_state(TargetState(pending), "routed")
    agent.apply_phase(Phase.IDLE, wrap_up)
    assert (agent.state, agent.pending) == (afterwards, None)
    agent.end_wrap_up()
    assert agent.state == in_the_end


def test_reason_before_a_call_is_restored_after_it() -> None:
    agent = agent_in("NOT_READY")
    agent.request_state(TargetState.with_reason("NOT_READY", LUNCH), None)
    agent.apply_phase(Phase.TALKING, wrap_up=False)
    assert (agent.reason, agent.reason_id) == (None, "")
    agent.apply_phase(Phase.IDLE, wrap_up=False)
    assert (agent.reason, agent.reason_id) == (LUNCH, "23")


def test_last_pending_state_wins() -> None:
    agent = agent_in("TALKING")
    agent.request_state(TargetState.with_reason("NOT_READY", LUNCH), "routed")
    agent.request_state(TargetState.with_reason("NOT_READY", MEETING), "routed")
    agent.apply_phase(Phase.IDLE, wrap_up=False)
    assert agent.reason == MEETING


def test_offered_call_reserves_only_a_ready_agent() -> None:
    ready, not_ready = agent_in("READY"), agent_in("NOT_READY")
    for agent in (ready, not_ready):
        agent.apply_phase(Phase.OFFERED, wrap_up=False)
    assert (ready.state, not_ready.state) == ("RESERVED", "NOT_READY")
    ready.apply_phase(Phase.IDLE, wrap_up=False)
    assert ready.state == "READY"


def test_off_hook_sets_a_ready_agent_not_ready_with_50006() -> None:
    off_hook = ReasonCode(1, "NOT_READY", 50006, "Off hook", system=True)
    ready, not_ready = agent_in("READY"), agent_in("NOT_READY")
    ready.go_off_hook(off_hook)
    not_ready.go_off_hook(off_hook)
    assert (ready.state, ready.reason) == ("NOT_READY", off_hook)
    assert not_ready.reason is None


@pytest.mark.parametrize(
    ("mode", "direction", "wraps_up"),
    [
        ("REQUIRED", "incoming", True),
        ("REQUIRED_WITH_WRAP_UP_DATA", "incoming", True),
        ("OPTIONAL", "incoming", False),
        ("NOT_ALLOWED", "incoming", False),
        ("REQUIRED", "outgoing", False),
    ],
)
def test_wrap_up_is_configured_by_direction(mode: str, direction: str, wraps_up: bool) -> None:
    record = AgentRecord("1", "A", "B", "4501", "310", wrap_up_on_incoming=mode)  # type: ignore[arg-type]
    assert Agent(record, UCCE, lambda: 0.0).wraps_up(direction) is wraps_up


@pytest.mark.parametrize(
    ("start", "now", "when_the_call_ends"),
    [
        ("READY", "NOT_READY", "NOT_READY"),
        ("NOT_READY", "NOT_READY", "NOT_READY"),
        ("WORK_READY", "NOT_READY", "NOT_READY"),
        ("TALKING", "TALKING", "NOT_READY"),
        ("HOLD", "HOLD", "NOT_READY"),
        ("LOGOUT", "LOGOUT", "LOGOUT"),
    ],
)
def test_forced_change_waits_for_the_end_of_a_call(start: str, now: str, when_the_call_ends: str) -> None:
    agent = agent_in(start)
    agent.force(TargetState("NOT_READY", None, NO_REASON))
    assert agent.state == now
    if now in ("TALKING", "HOLD"):
        agent.request_state(TargetState("READY"), "routed")  # a state request does not override it
        assert not agent.wraps_up("incoming")
    agent.apply_phase(Phase.IDLE, wrap_up=False)
    assert agent.state == when_the_call_ends


class TestCcx:
    """The documented differences of Unified CCX."""

    def test_agent_on_ccx_can_sign_out_from_ready(self) -> None:
        agent = agent_in("READY", UCCX)
        agent.request_state(TargetState("LOGOUT"), None)
        assert agent.state == "LOGOUT"

    def test_signed_out_agent_on_ccx_gets_another_error_code(self) -> None:
        with pytest.raises(CtiError, match="1010 CF_INVALID_PARAMETER"):
            agent_in("LOGOUT", UCCX).request_state(TargetState("NOT_READY"), None)

    @pytest.mark.parametrize(("call", "data"), [("routed", "265"), ("direct", "33")])
    def test_pending_ready_is_rejected_on_ccx(self, call: str, data: str) -> None:
        agent = agent_in("TALKING", UCCX)
        with pytest.raises(CtiError, match=data):
            agent.request_state(TargetState("READY"), call)

    def test_not_ready_can_be_requested_once_per_call_on_ccx(self) -> None:
        agent = agent_in("TALKING", UCCX)
        agent.request_state(TargetState.with_reason("NOT_READY", LUNCH), "routed")
        for reason in (LUNCH, MEETING):
            with pytest.raises(CtiError, match="265"):
                agent.request_state(TargetState.with_reason("NOT_READY", reason), "routed")

    def test_hold_on_ccx_keeps_state_talking(self) -> None:
        agent = agent_in("TALKING", UCCX)
        agent.apply_phase(Phase.HOLD, wrap_up=False)
        assert agent.state == "TALKING"

    def test_wrap_up_on_ccx_is_always_work(self) -> None:
        agent = agent_in("TALKING", UCCX)
        agent.apply_phase(Phase.IDLE, wrap_up=True)
        assert agent.state == "WORK"
        agent.end_wrap_up()
        assert agent.state == "READY"
