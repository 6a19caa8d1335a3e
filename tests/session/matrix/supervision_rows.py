"""Rows of the matrix for supervisors: monitor, barge, intercept, drop and record."""

from __future__ import annotations

from mcp_finesse.server.tools.supervisor.supervision import intercept_call
from mcp_finesse.session.actions.supervision import (
    barge_call,
    drop_participant,
    monitor_call,
    start_recording,
)
from mcp_finesse.simulator.settings import Platform
from tests.session.matrix.bench import (
    AGENT,
    CUSTOMER,
    EXTENSION,
    SALES,
    SUPERVISOR,
    SUPERVISOR_EXTENSION,
    Bench,
)
from tests.session.matrix.rows import Case, Row, talking


async def _agent_talks(bench: Bench) -> str:
    """Sign the supervisor in, connect the agent to a customer and return the call."""
    agent, floor = bench.center.colleague(AGENT), bench.center.state
    bench.desktop.sign_in()
    agent.sign_in()
    await bench.until(lambda: floor.agents[AGENT].signed_in and floor.agents[SUPERVISOR].signed_in)
    agent.change_state("READY")
    await bench.until(lambda: floor.agents[AGENT].state == "READY")
    call = bench.center.customers.call(SALES, CUSTOMER, {})
    agent.act("ANSWER", call)
    await bench.until(lambda: floor.agents[AGENT].state == "TALKING")
    return call


def _monitor_of(bench: Bench, call: str) -> str:
    """Return the id of the supervisor's monitoring dialog of a call, or an empty string."""
    for each in bench.center.state.calls.values():
        if each.monitors == call and bench.party(each.id, SUPERVISOR_EXTENSION) == "ACTIVE":
            return each.id
    return ""


async def _monitoring(bench: Bench) -> tuple[str, str]:
    call = await _agent_talks(bench)
    bench.desktop.monitor(EXTENSION)
    await bench.until(lambda: _monitor_of(bench, call))
    return call, _monitor_of(bench, call)


async def _barged(bench: Bench) -> str:
    call, monitor = await _monitoring(bench)
    bench.desktop.barge(monitor)
    await bench.until(lambda: _is_on(bench, call))
    return call


def _is_on(bench: Bench, call: str) -> bool:
    return bench.party(call, SUPERVISOR_EXTENSION) == "ACTIVE"


def _is_alone(bench: Bench, call: str) -> bool:
    """Return whether the supervisor is on the call and the agent is not."""
    return _is_on(bench, call) and bench.party(call, EXTENSION) in ("gone", "DROPPED", "WRAP_UP")


async def monitor(bench: Bench) -> Case:
    call = await _agent_talks(bench)
    return Case(
        monitor_call(SUPERVISOR, EXTENSION),
        lambda: bool(_monitor_of(bench, call)),
        lambda: bench.desktop.monitor(EXTENSION),
        None,
        lambda: bench.center.customers.hang_up(call),
        "SILENT_MONITOR",
    )


async def barge(bench: Bench) -> Case:
    call, monitor_id = await _monitoring(bench)
    return Case(
        barge_call(SUPERVISOR, monitor_id),
        lambda: _is_on(bench, call),
        lambda: bench.desktop.barge(monitor_id),
        lambda: bench.desktop.act("DROP", monitor_id),
        lambda: bench.center.customers.hang_up(call),
        "BARGE_CALL",
    )


async def intercept(bench: Bench) -> Case:
    case = await barge(bench)
    (call,) = [each.monitors for each in bench.center.state.calls.values() if each.monitors]
    case.action, case.in_effect, case.requests = intercept_call, lambda: _is_alone(bench, call), 2
    return case


async def intercept_after_barge(bench: Bench) -> Case:
    case = await drop(bench)
    case.action = intercept_call
    return case


async def drop(bench: Bench) -> Case:
    call = await _barged(bench)
    return Case(
        drop_participant(call, EXTENSION),
        lambda: _is_alone(bench, call),
        lambda: bench.center.colleague(AGENT).act("DROP", call),
        lambda: bench.desktop.act("DROP", call),
        lambda: bench.center.customers.hang_up(call),
        "PARTICIPANT_DROP",
    )


def _recording(bench: Bench, heard: str, shown: str) -> Case:
    def in_effect() -> bool:
        found = bench.center.state.calls.get(heard)
        return found is not None and found.recorded

    return Case(
        start_recording(shown),
        in_effect,
        lambda: bench.desktop.act_on("START_RECORDING", shown, EXTENSION),
        None,
        lambda: bench.center.customers.hang_up(heard),
        "START_RECORDING",
    )


async def record(bench: Bench) -> Case:
    call = await talking(bench)
    return _recording(bench, call, call)


async def record_monitored(bench: Bench) -> Case:
    return _recording(bench, *await _monitoring(bench))


_UCCX: Platform = "UCCX"
SUPERVISION_ROWS = (
    Row("monitor_call", monitor, user_id=SUPERVISOR),
    Row("barge_call", barge, user_id=SUPERVISOR),
    Row("intercept_call", intercept, user_id=SUPERVISOR),
    Row("intercept_call, after barge_call", intercept_after_barge, user_id=SUPERVISOR),
    Row("drop_participant", drop, user_id=SUPERVISOR),
    Row("start_recording", record, platform=_UCCX, success="unreported"),
    Row("start_recording, monitored call", record_monitored, True, SUPERVISOR, _UCCX, "unreported"),
)
