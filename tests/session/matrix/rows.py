"""Rows of the matrix: each call action, how its floor is prepared, and when its result is in effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.call_data import update_call_data, wrap_up_call
from mcp_finesse.session.actions.calls import (
    answer_call,
    consult_call,
    end_call,
    hold_call,
    make_call,
    retrieve_call,
    send_dtmf,
)
from mcp_finesse.session.actions.transfer import conference_call, transfer_call
from mcp_finesse.simulator.settings import Platform
from tests.session.matrix.bench import (
    AGENT,
    COLLEAGUE,
    COLLEAGUE_EXTENSION,
    CUSTOMER,
    EXTENSION,
    SALES,
    Bench,
    Tool,
)

NUMBER = "2125550101"


@dataclass
class Case:
    """One action, on a floor prepared for it.

    Attributes:
        action: what is requested.
        in_effect: whether its result is in effect in the simulator.
        by_another: another client of the agent requests the same.
        undo: another client of the agent undoes the result; None where nothing can.
        other_leaves: the other party hangs up; None where there is none yet.
        fails_as: the name by which the simulator's fault injection rejects it.
        requests: how many requests an ordinary success takes.
    """

    action: Action | Tool
    in_effect: Callable[[], bool]
    by_another: Callable[[], object]
    undo: Callable[[], object] | None
    other_leaves: Callable[[], object] | None
    fails_as: str
    requests: int = 1


@dataclass(frozen=True)
class Row:
    """A kind of action.

    Attributes:
        name: the tool, with a variant where it matters.
        make: prepares the floor.
        wrap_up: whether agents wrap up after their calls.
        user_id: the user of the session.
        platform: the platform Finesse runs on.
        success: the status of an ordinary success.
    """

    name: str
    make: Callable[[Bench], Awaitable[Case]]
    wrap_up: bool = True
    user_id: str = AGENT
    platform: Platform = "UCCE"
    success: str = "confirmed"


async def signed_in(bench: Bench) -> None:
    bench.center.colleague(COLLEAGUE).sign_in()
    bench.desktop.sign_in()
    await bench.until(lambda: bench.center.state.agents[bench.user_id].signed_in)


async def ringing(bench: Bench, **variables: str) -> str:
    await signed_in(bench)
    bench.desktop.change_state("READY")
    await bench.until(lambda: bench.center.state.agents[bench.user_id].state == "READY")
    return bench.center.customers.call(SALES, CUSTOMER, variables)


async def talking(bench: Bench, **variables: str) -> str:
    call = await ringing(bench, **variables)
    bench.desktop.act("ANSWER", call)
    await bench.until(lambda: bench.party(call, EXTENSION) == "ACTIVE")
    return call


async def held(bench: Bench) -> str:
    call = await talking(bench)
    bench.desktop.act("HOLD", call)
    await bench.until(lambda: bench.party(call, EXTENSION) == "HELD")
    return call


async def consulting(bench: Bench) -> tuple[str, str]:
    call = await talking(bench)
    bench.desktop.act("CONSULT_CALL", call, COLLEAGUE_EXTENSION)
    await bench.until(lambda: any(each.ringing() for each in bench.center.state.calls.values()))
    consult = next(each.id for each in bench.center.state.calls.values() if each.id != call)
    bench.center.colleague(COLLEAGUE).act("ANSWER", consult)
    await bench.until(lambda: bench.party(consult, EXTENSION) == "ACTIVE")
    return call, consult


def _on_call(
    bench: Bench, call: str, action: Action, in_effect: Callable[[], bool], undo: str = "", to: str = ""
) -> Case:
    desktop = bench.desktop
    return Case(
        action,
        in_effect,
        lambda: desktop.act(action.name, call, to),
        (lambda: desktop.act(undo, call)) if undo else None,
        lambda: bench.center.customers.hang_up(call),
        action.name,
    )


def _state(bench: Bench, call: str, *states: str) -> bool:
    return bench.party(call, EXTENSION) in states


async def answer(bench: Bench) -> Case:
    call = await ringing(bench)
    return _on_call(bench, call, answer_call(call), partial(_state, bench, call, "ACTIVE"), "HOLD")


async def hold(bench: Bench) -> Case:
    call = await talking(bench)
    return _on_call(bench, call, hold_call(call), partial(_state, bench, call, "HELD"), "RETRIEVE")


async def retrieve(bench: Bench) -> Case:
    call = await held(bench)
    return _on_call(bench, call, retrieve_call(call), partial(_state, bench, call, "ACTIVE"), "HOLD")


async def end(bench: Bench) -> Case:
    call = await talking(bench)
    over = partial(_state, bench, call, "gone", "DROPPED", "WRAP_UP")
    return _on_call(bench, call, end_call(call), over)


async def consult(bench: Bench) -> Case:
    call = await talking(bench)

    def in_effect() -> bool:
        new = [each for each in bench.center.state.calls.values() if each.id != call]
        return _state(bench, call, "HELD") and any(each.to_address == COLLEAGUE_EXTENSION for each in new)

    action = consult_call(call, COLLEAGUE_EXTENSION)
    return _on_call(bench, call, action, in_effect, to=COLLEAGUE_EXTENSION)


async def transfer_blind(bench: Bench) -> Case:
    call = await talking(bench)

    def in_effect() -> bool:
        return bench.party(call, COLLEAGUE_EXTENSION) != "gone"

    action = transfer_call(call, COLLEAGUE_EXTENSION)
    return _on_call(bench, call, action, in_effect, to=COLLEAGUE_EXTENSION)


async def transfer_consult(bench: Bench) -> Case:
    call, _ = await consulting(bench)

    def in_effect() -> bool:
        parties = {party.address for each in bench.center.state.calls.values() for party in each.live_parties}
        return bench.party(call, COLLEAGUE_EXTENSION) != "gone" and EXTENSION not in parties

    return _on_call(bench, call, transfer_call(call), in_effect)


async def conference(bench: Bench) -> Case:
    call, _ = await consulting(bench)

    def in_effect() -> bool:
        return _state(bench, call, "ACTIVE") and bench.party(call, COLLEAGUE_EXTENSION) == "ACTIVE"

    return _on_call(bench, call, conference_call(call), in_effect)


async def make(bench: Bench) -> Case:
    await signed_in(bench)

    def in_effect() -> bool:
        return any(each.to_address == NUMBER for each in bench.center.state.calls.values())

    action = make_call(bench.user_id, NUMBER)
    return Case(action, in_effect, lambda: bench.desktop.make_call(NUMBER), None, None, "MAKE_CALL")


async def _data(bench: Bench, before: str, value: str) -> Case:
    call = await talking(bench, callVariable1=before)

    def in_effect() -> bool:
        found = bench.center.state.calls.get(call)
        return found is not None and found.variables.get("callVariable1") == value

    made = _on_call(bench, call, update_call_data(call, {"callVariable1": value}), in_effect)
    made.by_another = lambda: bench.desktop.update_call_data(call, {"callVariable1": value})
    made.undo = lambda: bench.desktop.update_call_data(call, {"callVariable1": before})
    return made


async def update_data(bench: Bench) -> Case:
    return await _data(bench, "old", "7731")


async def update_data_over_its_beginning(bench: Bench) -> Case:
    return await _data(bench, "77", "7731")


async def wrap_up(bench: Bench) -> Case:
    call = await talking(bench)

    def in_effect() -> bool:
        found = bench.center.state.calls.get(call)
        return found is not None and found.wrap_up_reason == "Sale"

    made = _on_call(bench, call, wrap_up_call(call, "Sale"), in_effect)
    made.by_another = lambda: bench.desktop.update_call_data(call, wrap_up_reason="Sale")
    return made


async def dtmf(bench: Bench) -> Case:
    call = await talking(bench)

    def in_effect() -> bool:
        found = bench.center.state.calls.get(call)
        return found is not None and found.tones == "42#"

    made = _on_call(bench, call, send_dtmf(call, "42#"), in_effect)
    made.by_another = lambda: bench.desktop.act("SEND_DTMF", call, digits="42#")
    return made


AGENT_ROWS = (
    Row("answer_call", answer),
    Row("hold_call", hold),
    Row("retrieve_call", retrieve),
    Row("end_call", end),
    Row("consult_call", consult),
    Row("transfer_call, blind, with wrap-up", transfer_blind),
    Row("transfer_call, blind, without wrap-up", transfer_blind, wrap_up=False),
    Row("transfer_call, consult, with wrap-up", transfer_consult),
    Row("transfer_call, consult, without wrap-up", transfer_consult, wrap_up=False),
    Row("conference_call", conference),
    Row("make_call", make),
    Row("update_call_data", update_data),
    Row("update_call_data, old value is the beginning", update_data_over_its_beginning),
    Row("wrap_up_call", wrap_up),
    Row("wrap_up_call, without wrap-up", wrap_up, wrap_up=False),
    Row("send_dtmf", dtmf, success="unreported"),
)
