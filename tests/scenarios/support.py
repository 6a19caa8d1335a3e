"""A simulated contact centre with an MCP server on it: what the scripted days have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp.client import Client

from mcp_finesse.server import Selection, build_server
from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.server.support import data, refusal, tell
from tests.session.support import TIMING, Floor, config_for


@dataclass
class Day:
    """An agent's working day, seen through the tools."""

    client: Client
    floor: Floor

    @property
    def truth(self) -> dict[str, Any]:
        """What is so in the contact centre."""
        return self.floor.simulator.center.truth()

    async def do(self, tool: str, status: str = "confirmed", **arguments: Any) -> dict[str, Any]:
        """Use a tool that changes something; its outcome must be this."""
        told = await data(self.client, tool, **arguments)
        assert told["status"] == status, told
        return told

    async def look(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Use a tool that tells something."""
        return await data(self.client, tool, **arguments)

    async def read(self, tool: str, **arguments: Any) -> str:
        """The text that a model reads."""
        return await tell(self.client, tool, **arguments)

    async def refused(self, tool: str, **arguments: Any) -> str:
        """Why a tool refuses."""
        return await refusal(self.client, tool, **arguments)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until the session knows something."""
        await self.floor.until(condition)


@asynccontextmanager
async def day(
    folder: Path, *toolsets: str, platform: str = "UCCE", mode: str = "auto", **settings: Any
) -> AsyncIterator[Day]:
    """Agent 1001 at work, with these toolsets."""
    async with Simulator(SimulatorSettings(platform=platform, **settings)) as simulator:  # type: ignore[arg-type]
        config = config_for(simulator, folder, timing=TIMING)
        session = FinesseSession(config)
        mcp = build_server(session, selection=Selection(toolsets))
        async with Client(mcp, mode=mode) as client:
            await session.ready(10)
            yield Day(client, Floor(simulator, session, config))
