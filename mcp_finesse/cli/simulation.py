"""A simulated Finesse beside the server, for ``serve --simulator`` and the demo."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.session import SessionConfig
from mcp_finesse.settings import Settings
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.scenarios.customers import customers_call

AGENT = "1001"
PASSWORD = "secret"  # noqa: S105 - everybody in the simulator has it, and its documentation says so


def simulated_config(simulator: Simulator, settings: Settings, user: str = AGENT) -> SessionConfig:
    """The session of an agent of the simulator, trusting the simulator's own certificate."""
    return SessionConfig(
        url=simulator.url,
        credentials=Credentials(user, SecretStr(PASSWORD)),
        state_dir=settings.state_dir,
        make_tls=lambda: ssl.create_default_context(cafile=str(simulator.ca_file)),
        journal_size=settings.journal_size,
        read_only=settings.read_only,
    )


@asynccontextmanager
async def practice_floor(settings: Settings) -> AsyncIterator[SessionConfig]:
    """Run a simulator whose customers call the agent when ready, for as long as the context lasts."""
    async with Simulator(SimulatorSettings()) as simulator, anyio.create_task_group() as tasks:
        tasks.start_soon(customers_call, simulator.center)
        yield simulated_config(simulator, settings)
        tasks.cancel_scope.cancel()
