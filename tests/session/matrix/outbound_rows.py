"""Rows of the matrix for campaign calls: reclassify the customer's answer, schedule and cancel a callback."""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.outbound import cancel_callback, reclassify_call, schedule_callback
from mcp_finesse.simulator.calls.calls import Call
from mcp_finesse.simulator.requests.calls import DialogRequest
from tests.session.matrix.bench import EXTENSION, Bench
from tests.session.matrix.rows import Case, Row, signed_in

CAMPAIGN, CUSTOMER = "Welcome", "2125550100"
TIME, OTHER_TIME, NUMBER = "2050-05-01T12:00", "2050-05-02T12:00", "2125550199"
SCHEDULE, CANCEL = "UPDATE_SCHEDULED_CALLBACK", "CANCEL_SCHEDULED_CALLBACK"


async def _connected(bench: Bench) -> str:
    """Accept a preview, connect the customer and return the call."""
    await signed_in(bench)
    bench.desktop.change_state("READY")
    await bench.until(lambda: bench.center.state.agents[bench.user_id].state == "READY")
    bench.desktop.act("ACCEPT", bench.center.customers.offer_record(CAMPAIGN, bench.user_id, CUSTOMER))

    def talking() -> list[str]:
        calls = bench.center.state.calls
        return [each for each in calls if bench.party(each, CUSTOMER) == "ACTIVE"]

    await bench.until(talking)
    (call,) = talking()
    await bench.until(lambda: bench.party(call, EXTENSION) == "ACTIVE")
    return call


def _desktop(bench: Bench, call: str, action: str, **parameters: str) -> Callable[[], object]:
    """Return a function that requests an action with parameters as another client of the agent."""

    def act() -> None:
        center, agent = bench.center, bench.center.state.agents[bench.user_id]
        request = DialogRequest(action, agent.extension, "", parameters)
        center.carry_out(center.calls.act(agent, call, request))

    return act


def _case(
    bench: Bench,
    call: str,
    action: Action,
    is_so: Callable[[Call], bool],
    by_another: Callable[[], object],
    undo: Callable[[], object],
) -> Case:
    def in_effect() -> bool:
        found = bench.center.state.calls.get(call)
        return found is not None and is_so(found)

    def leaves() -> None:
        bench.center.customers.hang_up(call)

    return Case(action, in_effect, by_another, undo, leaves, action.name)


async def reclassify(bench: Bench) -> Case:
    call = await _connected(bench)
    return _case(
        bench,
        call,
        reclassify_call(call, "FAX"),
        lambda found: found.variables.get("BAResponse") == "FAX",
        _desktop(bench, call, "RECLASSIFY", outboundClassification="FAX"),
        _desktop(bench, call, "RECLASSIFY", outboundClassification="BUSY"),
    )


async def schedule(bench: Bench) -> Case:
    call = await _connected(bench)
    return _case(
        bench,
        call,
        schedule_callback(call, TIME, NUMBER),
        lambda found: found.callback == {"callbackTime": TIME, "callbackNumber": NUMBER},
        _desktop(bench, call, SCHEDULE, callbackTime=TIME, callbackNumber=NUMBER),
        _desktop(bench, call, SCHEDULE, callbackTime=OTHER_TIME),
    )


async def _scheduled(bench: Bench) -> str:
    call = await _connected(bench)
    _desktop(bench, call, SCHEDULE, callbackTime=OTHER_TIME)()
    await bench.until(lambda: bench.center.state.calls[call].callback)
    return call


async def reschedule(bench: Bench) -> Case:
    call = await _scheduled(bench)
    return _case(
        bench,
        call,
        schedule_callback(call, TIME),
        lambda found: found.callback.get("callbackTime") == TIME,
        _desktop(bench, call, SCHEDULE, callbackTime=TIME),
        _desktop(bench, call, CANCEL),
    )


async def cancel(bench: Bench) -> Case:
    call = await _scheduled(bench)
    return _case(
        bench,
        call,
        cancel_callback(call),
        lambda found: not found.callback,
        _desktop(bench, call, CANCEL),
        _desktop(bench, call, SCHEDULE, callbackTime=TIME),
    )


OUTBOUND_ROWS = (
    Row("reclassify_call", reclassify),
    Row("schedule_callback", schedule),
    Row("schedule_callback, another time", reschedule),
    Row("cancel_callback", cancel),
)
