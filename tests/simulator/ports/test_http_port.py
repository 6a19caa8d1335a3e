"""The HTTP port of the simulator."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from mcp_finesse.simulator import Simulator, SimulatorSettings


async def test_port_closes_soon_although_a_response_is_delayed() -> None:
    async with Simulator(SimulatorSettings(tls=False)) as simulator:
        simulator.faults.delay_responses(60)
        async with httpx.AsyncClient(base_url=simulator.url, trust_env=False) as http:
            request = asyncio.create_task(http.get("/finesse/api/SystemInfo"))
            async with asyncio.timeout(10):
                while not simulator.requests:  # noqa: ASYNC110 - a plain list
                    await asyncio.sleep(0.01)
            async with asyncio.timeout(2.5):
                await simulator.die()
            with pytest.raises(httpx.TransportError):
                await request
