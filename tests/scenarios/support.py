"""A working day through MCP: a simulated Finesse, a server for one agent, and a client that calls its tools."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from mcp_finesse.server import Selection, build_server
from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.server.support import data, refusal, tell
from tests.session.support import config_for

REQUEST_IDS = pytest.mark.parametrize("request_ids", ["all", "sparse"])
"""Run a test with request ids on every event, and with the sparse ids recorded on a real system."""


@dataclass
class Desk:
    """A person at work and the simulated contact center."""

    simulator: Simulator
    client: Client
    user_id: str

    @property
    def truth(self) -> dict[str, Any]:
        """The simulator's state, whatever the client has been told."""
        return self.simulator.center.truth()

    def state_of(self, user_id: str) -> str:
        return str(self.truth["users"][user_id]["state"])

    def talking_on(self, dialog_id: str) -> set[str]:
        """Return the addresses of everybody who is active on a call."""
        dialog = self.truth["dialogs"].get(dialog_id, {"participants": {}})
        return {address for address, party in dialog["participants"].items() if party["state"] == "ACTIVE"}

    async def do(self, tool: str, status: str = "confirmed", **arguments: Any) -> dict[str, Any]:
        """Call a tool and check the status of its outcome."""
        result = await data(self.client, tool, **arguments)
        assert result["status"] == status, f"{tool}: {result}"
        return result

    async def get(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return await data(self.client, tool, **arguments)

    async def text(self, tool: str, **arguments: Any) -> str:
        return await tell(self.client, tool, **arguments)

    async def refused(self, tool: str, **arguments: Any) -> str:
        """Return the error of a tool that must send nothing."""
        before = len(self.writes())
        said = await refusal(self.client, tool, **arguments)
        assert len(self.writes()) == before
        return said

    def writes(self) -> list[str]:
        """Return the requests that change something, newest last."""
        return [
            f"{request.method} {request.path}"
            for request in self.simulator.requests
            if request.method != "GET"
        ]

    def colleague_signs_in(self, user_id: str, state: str = "NOT_READY") -> None:
        self.simulator.center.colleague(user_id).sign_in()
        if state != "NOT_READY":
            self.simulator.center.colleague(user_id).change_state(state)

    async def colleague_talks(self, user_id: str, to: str, number: str = "3125550142") -> str:
        """Let a customer call and the colleague answer, and return the dialog id."""
        dialog_id = self.simulator.center.customers.call(to, number)
        await self.until(
            lambda: (
                "ALERTING"
                in self.truth["dialogs"][dialog_id]["participants"]
                .get(self.simulator.center.state.agents[user_id].extension, {})
                .get("state", "")
            )
        )
        self.simulator.center.colleague(user_id).act("ANSWER", dialog_id)
        await self.until(lambda: self.state_of(user_id) == "TALKING")
        return dialog_id

    async def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Poll until a condition on the simulator's state holds."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - the simulator's state has no event
                await asyncio.sleep(0.01)


@asynccontextmanager
async def at_work(
    folder: Path, user_id: str, *toolsets: str, era: str = "auto", **settings: Any
) -> AsyncIterator[Desk]:
    """Yield a person at work with these toolsets in addition to core and agent."""
    async with Simulator(SimulatorSettings(**settings)) as simulator:
        session = FinesseSession(config_for(simulator, folder, user=user_id))
        mcp = build_server(session, selection=Selection(["agent", *toolsets]), confirm="never")
        async with Client(mcp, mode=era) as client:
            await session.ready(10)
            yield Desk(simulator, client, user_id)
