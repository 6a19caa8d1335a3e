"""The request being handled is known in handlers without a context, and separately in concurrent ones."""

from __future__ import annotations

import anyio
import pytest
from mcp.client import Client
from mcp.server import MCPServer

from mcp_finesse.server.sdk.requests import current_request, remember_request


async def test_concurrent_requests_each_see_their_own_context(era: str) -> None:
    mcp: MCPServer[None] = MCPServer("requests", middleware=[remember_request], log_level="WARNING")
    both = anyio.Event()
    waiting = 0

    async def current() -> str:
        nonlocal waiting
        waiting += 1
        if waiting == 2:
            both.set()
        await both.wait()
        return str((current_request().params or {})["uri"])

    mcp.resource("finesse://a", name="a")(current)
    mcp.resource("finesse://b", name="b")(current)
    shown: dict[str, str] = {}

    async def read(client: Client, uri: str) -> None:
        (content,) = (await client.read_resource(uri)).contents
        shown[uri] = getattr(content, "text", "")

    async with Client(mcp, mode=era) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(read, client, "finesse://a")
        tasks.start_soon(read, client, "finesse://b")
    assert shown == {"finesse://a": "finesse://a", "finesse://b": "finesse://b"}


async def test_there_is_no_current_request_outside_of_one() -> None:
    with pytest.raises(LookupError):
        current_request()
