"""The token command of the simulator prints what a token command must print."""

from __future__ import annotations

import asyncio
import json
import sys

from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.sign_on import fetch_token


async def test_command_prints_a_token_that_rest_accepts() -> None:
    async with Simulator(SimulatorSettings(auth_mode="SSO")) as simulator:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            fetch_token.__name__,
            simulator.url,
            "aokoro",
            str(simulator.ca_file),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        made = json.loads(output)
        assert simulator.center.tokens.is_valid("1001", made["token"])
        assert set(made) == {"token", "refresh_token", "expires_in"}
