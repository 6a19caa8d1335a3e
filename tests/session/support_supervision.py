"""A supervisor's session and agents played by the simulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp_finesse.session import FinesseSession, Outcome, SessionTiming
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.agent import sign_in
from mcp_finesse.session.actions.supervision import barge_call, monitor_call
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.session.support import CUSTOMER, TIMING, Floor, config_for

SUPERVISOR, OWN = "1000", "4500"
ADA, ADAS = "1001", "4501"
BEN = "1002"
TEAM = "310"
TEAM_NODE = "/finesse/api/Team/310/Users"
SALES = "8800"


class Office(Floor):
    """The supervisor's session and the simulated colleagues."""

    def agent_state(self, user_id: str) -> str:
        return str(self.simulator.center.truth()["users"][user_id]["state"])

    def colleague(self, user_id: str, *states: str) -> None:
        """Sign a colleague in and move the colleague through these states."""
        who = self.simulator.center.colleague(user_id)
        who.sign_in()
        for state in states:
            who.change_state(state)

    async def do(self, action: Action, status: str = "confirmed") -> Outcome:
        outcome = await self.session.act(action)
        assert outcome.status == status, outcome
        return outcome

    async def monitoring(self) -> tuple[str, str]:
        """Monitor Ada's call with a customer. Return the call and the monitoring dialog."""
        call = await self.ada_talks()
        outcome = await self.do(monitor_call(SUPERVISOR, ADAS))
        assert outcome.dialog_id is not None
        return call, outcome.dialog_id

    async def barged(self) -> str:
        call, monitor = await self.monitoring()
        await self.do(barge_call(SUPERVISOR, monitor))
        return call

    async def ada_talks(self) -> str:
        """Sign the supervisor in (NOT_READY), let Ada talk to a customer and return the call."""
        await self.do(sign_in(SUPERVISOR, OWN))
        self.colleague(ADA, "READY")
        center = self.simulator.center
        call = center.customers.call(SALES, CUSTOMER)
        await self.until_true(lambda: ADAS in center.truth()["dialogs"][call]["participants"])
        center.colleague(ADA).act("ANSWER", call)
        await self.until_true(lambda: self.agent_state(ADA) == "TALKING")
        return call

    async def until_true(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Poll until a condition on the simulator's state, which has no events, holds."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - the simulator's state has no event
                await asyncio.sleep(0.005)

    def talking_on(self, dialog_id: str) -> set[str]:
        parties = self.simulator.center.truth()["dialogs"][dialog_id]["participants"]
        return {address for address, party in parties.items() if party["state"] == "ACTIVE"}


@asynccontextmanager
async def office(
    folder: Path, *, user: str = SUPERVISOR, timing: SessionTiming = TIMING, **settings: Any
) -> AsyncIterator[Office]:
    """Yield a simulated Finesse and a connected session of the supervisor, signed out."""
    async with Simulator(SimulatorSettings(**settings)) as simulator:
        config = config_for(simulator, folder, user=user, timing=timing)
        async with FinesseSession(config) as session:
            await session.ready(10)
            yield Office(simulator, session, config)
