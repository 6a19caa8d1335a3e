"""A simulated Finesse and an agentless session that configures it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.rest import RestTimeouts
from mcp_finesse.session import Administration, SessionConfig, SessionTiming
from mcp_finesse.simulator import Simulator, SimulatorSettings

ADMIN = Credentials("admin", SecretStr("secret"))
TIMING = replace(SessionTiming(), action=6.0, event=0.2)
TIMEOUTS = RestTimeouts(connect=1.0, answer=0.5, total=1.0)


def admin_config(simulator: Simulator, folder: Path, **more: Any) -> SessionConfig:
    """Return the configuration of a session without an agent."""
    values: dict[str, Any] = {
        "url": simulator.url,
        "credentials": ADMIN,
        "administrator": ADMIN,
        "agent": False,
        "state_dir": folder,
        "make_tls": lambda: ssl.create_default_context(cafile=str(simulator.ca_file)),
        "timing": TIMING,
        "rest_timeouts": TIMEOUTS,
    }
    return SessionConfig(**(values | more))


@dataclass
class Office:
    """An administrator and the simulated Finesse."""

    simulator: Simulator
    administration: Administration
    config: SessionConfig

    def sent(self, *methods: str) -> Sequence[str]:
        """Return "METHOD path" of the requests that reached Finesse, by default of all except GET."""
        chosen = methods or ("PUT", "POST", "DELETE")
        return [
            f"{request.method} {request.path.removeprefix('/finesse/api/')}"
            for request in self.simulator.requests
            if request.method in chosen
        ]

    def attempts(self) -> int:
        """Return how often the administrator's password was tried."""
        return len(self.simulator.center.configuration.authentication.attempts)


@asynccontextmanager
async def office(folder: Path, platform: str = "UCCE", **more: Any) -> AsyncIterator[Office]:
    settings = SimulatorSettings(platform=platform)  # type: ignore[arg-type]
    async with Simulator(settings) as simulator:
        config = admin_config(simulator, folder, **more)
        administration = Administration(config)
        try:
            yield Office(simulator, administration, config)
        finally:
            await administration.close()
