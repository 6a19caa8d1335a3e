"""A server without an agent on a simulated Finesse, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp.client import Client

from mcp_finesse.server import Selection, build_server
from mcp_finesse.server.policy.rules import PolicyRules
from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.server.support import data, refusal, tell
from tests.session.support_admin import admin_config

ADMIN = Selection(["admin"])


@dataclass
class Desk:
    """A client with the admin tools."""

    simulator: Simulator
    client: Client

    async def tell(self, tool: str, **arguments: Any) -> str:
        """Call a tool, which must succeed, and return its text."""
        return await tell(self.client, tool, **arguments)

    async def data(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool, which must succeed, and return its structured content."""
        return await data(self.client, tool, **arguments)

    async def refusal(self, tool: str, **arguments: Any) -> str:
        """Call a tool, which must fail without sending a change, and return its error text."""
        before = self.writes()
        text = await refusal(self.client, tool, **arguments)
        assert self.writes() == before
        return text

    def writes(self) -> list[str]:
        """Return method and path of all changes that reached Finesse."""
        return [
            f"{request.method} {request.path.removeprefix('/finesse/api/')}"
            for request in self.simulator.requests
            if request.method != "GET"
        ]


@asynccontextmanager
async def desk(
    folder: Path,
    mode: str = "auto",
    *,
    platform: str = "UCCE",
    read_only: bool = False,
    rules: dict[str, Any] | None = None,
    **more: Any,
) -> AsyncIterator[Desk]:
    settings = SimulatorSettings(platform=platform)  # type: ignore[arg-type]
    async with Simulator(settings) as simulator:
        config = admin_config(simulator, folder, read_only=read_only, **more)
        server = build_server(
            lambda: FinesseSession(config),
            selection=ADMIN,
            read_only=read_only,
            confirm="never",
            rules=PolicyRules.model_validate(rules or {}),
        )
        async with Client(server, mode=mode) as client:
            yield Desk(simulator, client)
