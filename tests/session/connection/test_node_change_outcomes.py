"""Node changes during an action: the result is true and nothing is sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mcp_finesse.errors import FinesseError
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.agent import change_state
from mcp_finesse.session.actions.calls import consult_call, hold_call
from mcp_finesse.session.actions.transfer import transfer_call
from mcp_finesse.simulator import SimulatorPair
from tests.session.connection.test_two_nodes import (
    TwoNodes,
    die,
    lose_cti_here,
    two_nodes,
)
from tests.session.support import AGENT, COLLEAGUE_EXTENSION, EXTENSION, TIMING

QUICK = replace(TIMING, action=4.0, confirmation=1.5, error_window=0.3)
NUMBER = "2125550101"
Fail = Callable[[SimulatorPair], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    """An action on a call with a customer, and whether its result is in effect in the simulator."""

    name: str
    action: Callable[[str], Action]
    in_effect: Callable[[TwoNodes, str], bool]


def _party(finesse: TwoNodes, call: str, address: str) -> str:
    found = finesse.simulator.center.state.calls.get(call)
    party = found.party(address) if found is not None else None
    return party.state if party is not None else "gone"


CASES = (
    Case("hold", hold_call, lambda f, call: _party(f, call, EXTENSION) == "HELD"),
    Case(
        "transfer",
        lambda call: transfer_call(call, COLLEAGUE_EXTENSION),
        lambda f, call: _party(f, call, COLLEAGUE_EXTENSION) != "gone",
    ),
    Case(
        "consult",
        lambda call: consult_call(call, COLLEAGUE_EXTENSION),
        lambda f, _: any(
            each.to_address == COLLEAGUE_EXTENSION for each in f.simulator.center.state.calls.values()
        ),
    ),
    Case(
        "not ready",
        lambda _: change_state(AGENT, "NOT_READY", 23),
        lambda f, _: f.simulator.center.state.agents[AGENT].pending is not None,
    ),
)


def _writes(finesse: TwoNodes) -> int:
    requests = [*finesse.pair.a.requests, *finesse.pair.b.requests]
    return sum(each.method != "GET" for each in requests)


@pytest.mark.parametrize("fail", [die, lose_cti_here], ids=lambda f: f.__name__)
@pytest.mark.parametrize("carried_out", [True, False], ids=["carried out", "dropped"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_action_result_is_true_when_the_node_changes_meanwhile(
    case: Case, carried_out: bool, fail: Fail, tmp_path: Path
) -> None:
    async with two_nodes(tmp_path, timing=QUICK) as finesse:
        finesse.colleague_ready()
        call = await finesse.talking()
        sent = _writes(finesse)
        if not carried_out:
            for method in ("PUT", "POST"):
                finesse.pair.a.faults.http_status(202, method=method)
        acting = asyncio.create_task(finesse.session.act(case.action(call)))
        async with asyncio.timeout(5):
            while _writes(finesse) == sent:  # noqa: ASYNC110 - a list has no event
                await asyncio.sleep(0.002)
        await fail(finesse.pair)
        status = "raised"
        with suppress(FinesseError):
            status = str((await acting).status)
        in_effect = case.in_effect(finesse, call)
        assert _writes(finesse) == sent + 1
        if status in ("confirmed", "unchanged"):
            assert in_effect
        if status in ("failed", "raised"):
            assert not in_effect
