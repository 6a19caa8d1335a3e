"""Test tools: a console on a real port, and a client like its page."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.console import Console
from mcp_finesse.simulator.console.guard import TOKEN_HEADER


@dataclass
class Page:
    """Sends the requests of a page."""

    simulator: Simulator
    console: Console
    http: httpx.AsyncClient

    @property
    def headers(self) -> dict[str, str]:
        return {TOKEN_HEADER: self.console.token, "Origin": self.console.origin}

    async def act(self, name: str, **fields: Any) -> dict[str, Any]:
        """Perform an action that must succeed."""
        answer = await self.try_to(name, **fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def try_to(self, name: str, **fields: Any) -> httpx.Response:
        headers = self.headers | {"Content-Type": "application/json"}
        return await self.http.post(f"/actions/{name}", content=json.dumps(fields), headers=headers)

    async def events(self) -> AsyncGenerator[tuple[str, Any]]:
        """Yield name and data of each event."""
        async with self.http.stream("GET", "/events", headers=self.headers) as answer:
            assert answer.status_code == 200
            name = ""
            async for line in answer.aiter_lines():
                key, _, value = line.partition(": ")
                if key == "event":
                    name = value
                elif key == "data":
                    yield name, json.loads(value)


@asynccontextmanager
async def console_page(settings: SimulatorSettings | None = None) -> AsyncIterator[Page]:
    """Yield a page of the console of a running simulator."""
    async with (
        Simulator(settings or SimulatorSettings(tls=False)) as simulator,
        Console([simulator]) as console,
    ):
        base = console.origin
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=10) as http:
            yield Page(simulator, console, http)
