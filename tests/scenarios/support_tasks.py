"""The working day of an agent with tasks, with access to the session behind the server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp.client import Client

from mcp_finesse.server import Selection, build_server
from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.scenarios.support import Desk
from tests.session.support import AGENT, TIMING, Floor, config_for


@dataclass
class Day(Desk):
    """The desk of agent 1001.

    Attributes:
        floor: the session and the simulated contact center.
    """

    floor: Floor


@asynccontextmanager
async def day(
    folder: Path, *toolsets: str, platform: str = "UCCE", mode: str = "auto", **settings: Any
) -> AsyncIterator[Day]:
    """Yield agent 1001 at work with only these toolsets."""
    async with Simulator(SimulatorSettings(platform=platform, **settings)) as simulator:  # type: ignore[arg-type]
        config = config_for(simulator, folder, timing=TIMING)
        session = FinesseSession(config)
        mcp = build_server(session, selection=Selection(toolsets), confirm="never")
        async with Client(mcp, mode=mode) as client:
            await session.ready(10)
            yield Day(simulator, client, AGENT, Floor(simulator, session, config))
