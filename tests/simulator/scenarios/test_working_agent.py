"""Test the scripted agent.

The agent signs in, answers, ends its calls, becomes READY and survives a caller who hangs up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.scenarios.working_agent import Pace, agent_works

QUICK = Pace(ringing=0.0, talking=0.0, wrap_up=0.0)


@asynccontextmanager
async def working(pace: Pace) -> AsyncIterator[Simulator]:
    async with Simulator(SimulatorSettings(time_scale=0.01)) as simulator:
        work = asyncio.create_task(agent_works(simulator.center, "1001", pace, tick=0.005))
        try:
            await until(lambda: state(simulator) == "READY")
            yield simulator
            assert not work.done()
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)


def state(simulator: Simulator) -> str:
    return str(simulator.center.truth()["users"]["1001"]["state"])


def own_state(simulator: Simulator, dialog_id: str) -> str:
    dialog = simulator.center.truth()["dialogs"].get(dialog_id)
    return str(dialog["participants"]["4501"]["state"]) if dialog is not None else "gone"


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  (the simulator has no event for everything)
            await asyncio.sleep(0.002)


async def test_agent_answers_and_ends_calls_and_becomes_ready_again() -> None:
    async with working(QUICK) as simulator:
        for _ in range(2):
            dialog_id = simulator.center.customers.call("8800", "3125550142", {})
            await until(lambda dialog_id=dialog_id: own_state(simulator, dialog_id) in ("WRAP_UP", "gone"))
            await until(lambda: state(simulator) == "READY")


async def test_agent_lets_a_call_ring_as_long_as_its_pace_says() -> None:
    async with working(Pace(ringing=3600.0)) as simulator:
        dialog_id = simulator.center.customers.call("8800", "3125550142", {})
        await until(lambda: own_state(simulator, dialog_id) == "ALERTING")
        simulator.center.customers.hang_up(dialog_id)
        await until(lambda: own_state(simulator, dialog_id) == "gone")
        await until(lambda: state(simulator) != "RESERVED")
