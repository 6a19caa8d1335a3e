"""Our server on a simulated Finesse whose customer calls as soon as the agent is ready: ``FOLDER stdio|http``."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio

from mcp_finesse.cli.simulation import simulated, simulated_config
from mcp_finesse.server import build_server, serve_http, serve_stdio
from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import SimulatorSettings
from mcp_finesse.simulator.scenarios.customers import Patience, customers_call

AT_ONCE = Patience(before_calling=0.02)


async def main(folder: Path, transport: str) -> None:
    async with simulated(SimulatorSettings()) as simulator, anyio.create_task_group() as tasks:
        tasks.start_soon(customers_call, simulator.center, AT_ONCE, 0.02)
        config = simulated_config(simulator, folder)
        closed = anyio.Event()
        server = build_server(lambda: FinesseSession(config), closed=closed)
        if transport == "stdio":
            await serve_stdio(server, closed)
        else:
            await serve_http(
                server,
                port=0,
                on_started=lambda url: print(f"Serving MCP at {url}", file=sys.stderr, flush=True),
            )
        tasks.cancel_scope.cancel()


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), sys.argv[2])
