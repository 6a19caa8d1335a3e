"""The Python SDK's client listens in the way of 2026-07-28, and is told of a call, over stdio and over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.server.subscriptions import ResourceUpdated
from mcp.types import TextResourceContents

from tests.peers.support import LIMIT, ROOT, controlled_server, server_command

MODERN = "2026-07-28"
NOTIFICATIONS = "finesse://notifications"


@asynccontextmanager
async def connected(transport: str, folder: Path) -> AsyncIterator[Client]:
    if transport == "stdio":
        command, *arguments = server_command(folder, "stdio")
        server = StdioServerParameters(command=command, args=arguments, cwd=ROOT)
        async with Client(server, mode=MODERN) as client:
            yield client
    else:
        async with controlled_server(folder) as url, Client(url, mode=MODERN) as client:
            yield client


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return dict(result.structured_content or {})


async def ringing(client: Client) -> dict[str, Any] | None:
    """The call that alerts, as the resource tells it."""
    (content,) = (await client.read_resource(NOTIFICATIONS)).contents
    assert isinstance(content, TextResourceContents)
    for item in json.loads(content.text)["notifications"]:
        for dialog in item.get("dialogs", []):
            if dialog.get("my_state") == "ALERTING":
                return dict(dialog)
    return None


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_it_is_told_when_a_call_arrives(transport: str, tmp_path: Path) -> None:
    async with connected(transport, tmp_path) as client:
        assert client.protocol_version == MODERN
        async with client.listen(resource_subscriptions=[NOTIFICATIONS]) as updates:
            assert (await call(client, "sign_in", extension="4501"))["status"] == "confirmed"
            await call(client, "change_state", state="READY")
            dialog, told = None, set()
            async with asyncio.timeout(LIMIT):
                async for update in updates:
                    assert isinstance(update, ResourceUpdated)
                    told.add(update.uri)
                    if dialog := await ringing(client):
                        break
        assert dialog is not None
        assert dialog["state"] == "ALERTING"
        assert told == {NOTIFICATIONS}
        assert (await call(client, "answer_call"))["status"] == "confirmed"
