"""The driver: customers and agents act in time, faults reach their targets, and time comes from outside."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from mcp_finesse.simulator import Simulator, SimulatorPair, SimulatorSettings
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.scenarios.definition import parse_scenario
from mcp_finesse.simulator.scenarios.definition.fault_names import FAULT_KINDS
from mcp_finesse.simulator.scenarios.driver import ScenarioDriver, run_scenario
from tests.simulator.scenarios.support import HEAD, VirtualRun

BEN = "scripted_agents: [{agents: [1002], answers: 4, talks: 100, wraps_up: 6}]\n"


def own_state(run: VirtualRun, agent_id: str = "1002") -> str:
    return run.agent(agent_id).state


async def test_agent_answers_and_customer_hangs_up_in_time() -> None:
    run = VirtualRun.of(BEN + "calls: [{queue: 77, at: 20, talk: 30}]")
    states: dict[str, float] = {}
    await run.until(100, lambda: states.setdefault(own_state(run), run.now))
    del states["LOGOUT"]  # at time 0, before the sign-in was executed
    assert list(states) == ["NOT_READY", "READY", "RESERVED", "TALKING"]
    assert states["READY"] == pytest.approx(6, abs=1)
    assert states["RESERVED"] == pytest.approx(20, abs=1)
    assert states["TALKING"] == pytest.approx(24, abs=1)
    assert own_state(run) == "READY"
    assert run.outcomes == {"calls": 1, "calls answered": 1}
    assert run.center.state.calls == {}


async def test_customer_talks_as_long_as_the_scenario_says() -> None:
    run = VirtualRun.of(BEN + "calls: [{queue: 77, at: 20, talk: 30}]")
    await run.until(52)
    assert own_state(run) == "TALKING"
    await run.until(56)
    assert own_state(run) != "TALKING"


async def test_agent_ends_the_call_of_a_customer_who_does_not_hang_up() -> None:
    run = VirtualRun.of(BEN + "calls: [{queue: 77, at: 20}]")
    await run.until(122)
    assert own_state(run) == "TALKING"
    await run.until(126)
    assert own_state(run) != "TALKING"


async def test_customer_without_patience_hangs_up_and_one_with_patience_waits() -> None:
    run = VirtualRun.of("calls: [{queue: 77, at: 20, patience: 30}, {queue: 78, at: 20, patience: 300}]")
    await run.until(48)
    assert len(run.center.state.calls) == 2
    await run.until(51)
    (call,) = run.center.state.calls.values()
    assert call.waiting_for == "78"
    assert run.outcomes == {"calls": 2, "calls abandoned": 1}


async def test_call_that_reaches_nobody_is_abandoned_once() -> None:
    run = VirtualRun.of("calls: [{agent: 1002, at: 20, patience: 30}]")
    await run.until(100)
    assert run.outcomes == {"calls": 1, "calls abandoned": 1}
    assert run.center.state.calls == {}


async def test_variables_and_number_are_those_of_the_call() -> None:
    run = VirtualRun.of(
        "calls: [{queue: 77, at: 1, number: 2065550177, name: Zoë, variables: {user.orderId: 7}}]"
    )
    await run.until(5)
    (call,) = run.center.state.calls.values()
    assert call.from_address == "2065550177"
    assert call.variables == {"callVariable1": "Zoë", "user.orderId": "7"}


async def test_agent_takes_a_break_after_the_call_and_comes_back() -> None:
    breaks = "breaks: [{at: 40, seconds: 60, reason: Lunch}], signs_out: 200}]\n"
    run = VirtualRun.of(
        BEN.replace("wraps_up: 6}]\n", f"wraps_up: 6, {breaks}") + "calls: [{queue: 77, at: 20, talk: 30}]"
    )
    await run.until(50)
    assert own_state(run) == "TALKING"
    await run.until(70)
    assert own_state(run) == "NOT_READY"
    reason = run.agent("1002").reason
    assert reason is not None
    assert reason.label == "Lunch"
    await run.until(110)
    assert own_state(run) == "READY"
    await run.until(205)
    assert own_state(run) == "LOGOUT"
    await run.until(300)
    assert own_state(run) == "LOGOUT"


async def test_agent_who_is_not_scripted_is_left_alone() -> None:
    run = VirtualRun.of(BEN + "calls: [{queue: 77, at: [20, 21, 22], talk: 30}]")
    await run.until(100)
    assert own_state(run, "1001") == own_state(run, "1003") == "LOGOUT"


async def test_chats_are_accepted_up_to_the_limit_and_closed_in_time() -> None:
    scripted = "scripted_agents: [{agents: [1002], answers: 4, media: [Cisco_Chat], tasks_at_once: 2, task_time: 50}]\n"
    run = VirtualRun.of(scripted + "chats: [{media: 5001, at: [20, 21, 22], patience: 20}]")
    await run.until(30)
    assert [task.state for task in run.center.tasks.tasks_of("1002")] == ["ACTIVE", "ACTIVE"]
    await run.until(45)
    assert len(run.center.tasks.tasks) == 2
    await run.until(90)
    assert run.center.tasks.tasks == []
    assert run.outcomes == {"chats": 3, "chats accepted": 2, "chats abandoned": 1}


async def test_chats_wait_while_the_agent_is_on_a_break() -> None:
    scripted = "scripted_agents: [{agents: [1002], media: [5001], breaks: [{at: 10, seconds: 50}], signs_out: 100}]\n"
    run = VirtualRun.of(scripted + "chats: [{media: 5001, at: 20}]")
    user = run.center.tasks.users["1002", "5001"]
    await run.until(50)
    assert (user.shown, [task.agent_id for task in run.center.tasks.tasks]) == ("NOT_READY", [""])
    await run.until(70)
    assert [task.state for task in run.center.tasks.tasks] == ["ACTIVE"]
    await run.until(101)
    assert user.shown == "LOGOUT"


# Time


async def test_scenario_runs_as_many_seconds_per_real_second_as_its_speed() -> None:
    slept: list[float] = []
    advanced: list[float] = []

    class Recorder:
        async def advance(self, now: float) -> None:
            advanced.append(now)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 5:
            raise TimeoutError

    driver: Any = Recorder()
    with pytest.raises(TimeoutError):
        await run_scenario(driver, 10, clock=lambda: 100 + sum(slept), sleep=sleep)
    assert slept == [0.05] * 5
    assert advanced == pytest.approx([0, 0.5, 1, 1.5, 2])


async def test_fast_scenario_leaves_time_for_clients_between_its_steps() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        raise TimeoutError

    driver = VirtualRun.of("").driver
    with pytest.raises(TimeoutError):
        await run_scenario(driver, 1000, sleep=sleep)
    assert slept == [0.01]


async def test_events_between_two_steps_happen_in_order() -> None:
    run = VirtualRun.of("calls: [{queue: 77, at: [30, 10, 20]}]\nfaults: [{at: 15, fault: die}]")
    await run.driver.advance(100)
    assert [call.number for call in run.center.state.calls.values()] == [1, 2, 3]
    assert run.node.happened == ["die"]


# Faults

_ARGUMENTS = {
    "n": "3",
    "seconds": "0.5",
    "action": "HOLD",
    "error_type": "Invalid State",
    "message": "CF_X",
    "data": "5",
    "status": "503",
    "method": "GET",
    "path": "/User",
    "reason": "test",
}


@pytest.mark.parametrize("name", FAULT_KINDS)
def test_every_fault_exists_and_accepts_its_fields(name: str) -> None:
    kind = FAULT_KINDS[name]  # type: ignore[index]
    owner = {"faults": Faults, "node": Simulator, "center": ContactCenter}[kind.target]
    if kind.is_switch:
        assert getattr(Faults(), name) is False
        return
    if name in ("lose_cti", "restore_cti"):
        name = "set_in_service"
    parameters = inspect.signature(getattr(owner, name)).parameters
    assert kind.fields <= set(parameters)
    needed = {each for each, item in parameters.items() if item.default is item.empty} - {
        "self",
        "in_service",
    }
    assert needed == kind.required


async def test_every_fault_happens_to_the_node_that_the_scenario_names() -> None:
    """Each fault with all its fields is injected into the second node of a running pair, and no error is raised."""
    faults = [
        f"  - {{at: {number}, fault: {name}, node: 2"
        + "".join(f", {field}: {_ARGUMENTS[field]}" for field in sorted(kind.fields))
        + "}\n"
        for number, (name, kind) in enumerate(FAULT_KINDS.items())
    ]
    definition = parse_scenario(HEAD + "nodes: 2\nfaults:\n" + "".join(faults))
    async with SimulatorPair(SimulatorSettings(tls=False)) as pair:
        driver = ScenarioDriver(definition, pair.center, [pair.a, pair.b])
        await driver.advance(list(FAULT_KINDS).index("event_before_answer"))
        assert pair.b.faults.silent
        assert pair.b.faults.drop_request_id
        assert not pair.a.faults.silent
        await driver.advance(list(FAULT_KINDS).index("fail_next"))
        assert not pair.b.faults.silent
        failure = pair.b.faults.take_failure("HOLD")
        assert failure is not None
        assert (failure.details.type, failure.details.data) == ("Invalid State", "5")
        assert pair.a.faults.take_failure("HOLD") is None
        assert pair.b.faults.event_delay == 0.5
        await driver.advance(list(FAULT_KINDS).index("lose_cti"))
        assert not pair.center.in_service
        await driver.advance(list(FAULT_KINDS).index("die"))
        assert pair.b.node.halted
        assert pair.a.node.in_service
        await driver.advance(len(faults))
        assert pair.b.node.in_service


async def test_node_that_cannot_open_its_ports_does_not_end_the_scenario(
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = VirtualRun.of("faults: [{at: 1, fault: come_back}]\ncalls: [{queue: 77, at: 2}]")

    def fail() -> None:
        raise OSError("the port is in use")

    run.node.come_back = fail  # type: ignore[method-assign, assignment]
    await run.until(3)
    assert "the fault come_back failed: the port is in use" in caplog.text
    assert run.outcomes == {"calls": 1}
