"""The least that could be called an MCP server for Finesse: the floor of the time that an action takes.

An SDK server with one tool, httpx and a bare slixmpp. It checks nothing, understands nothing and tells nothing.
"""

from __future__ import annotations

import asyncio
import ssl
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from mcp.server import MCPServer

from mcp_finesse.simulator import Simulator
from tests.benchmarks.bare_slixmpp import bare_client


@asynccontextmanager
async def bare_server(simulator: Simulator, user: str, extension: str) -> AsyncIterator[MCPServer[Any]]:
    """A server with the tool ``act(dialog_id, action)``, on a session of its own.

    It has the subscriptions that a session of ours has, so that as many events come in.
    """
    trust = ssl.create_default_context(cafile=str(simulator.ca_file))
    waiting: dict[str, asyncio.Future[None]] = {}

    def hear(message: Any) -> None:
        text = message.xml.findtext(".//{*}notification")
        for request_id, told in waiting.items():
            if request_id in text and not told.done():
                told.set_result(None)

    async with (
        bare_client(simulator, user) as xmpp,
        httpx.AsyncClient(verify=trust, http2=True, auth=(user, "secret")) as http,
    ):
        xmpp.add_event_handler("pubsub_publish", hear)
        for node in (f"User/{user}", f"User/{user}/Dialogs", "SystemInfo"):
            await xmpp.subscribe(f"/finesse/api/{node}")
        mcp: MCPServer[Any] = MCPServer("bare", log_level="WARNING")

        @mcp.tool()
        async def act(dialog_id: str, action: str) -> str:
            request_id = str(uuid.uuid4())
            told = waiting[request_id] = asyncio.get_running_loop().create_future()
            answer = await http.put(
                f"{simulator.url}/finesse/api/Dialog/{dialog_id}",
                headers={"requestId": request_id, "Content-Type": "application/xml"},
                content=f"<Dialog><requestedAction>{action}</requestedAction>"
                f"<targetMediaAddress>{extension}</targetMediaAddress></Dialog>",
            )
            answer.raise_for_status()
            async with asyncio.timeout(5):
                await told
            del waiting[request_id]
            return "done"

        yield mcp
