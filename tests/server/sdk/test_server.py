"""Canaries: each test fails when an SDK internal that we rely on changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio
import pytest
from mcp.client import Client
from mcp.server import MCPServer
from mcp.server.connection import Connection
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.subscriptions import ListenHandler
from mcp.shared.message import SessionMessage
from mcp.types import CallToolResult, JSONRPCRequest, TextContent, ToolAnnotations
from pydantic import BaseModel, ValidationError
from sse_starlette.sse import AppStatus

from mcp_finesse.server.sdk.requests import RequestContext
from mcp_finesse.server.sdk.server import (
    CheckedTool,
    connection_of,
    connection_state,
    end_listen_streams,
    forget_the_end,
    make_tool,
    serve_messages,
    serve_resource_subscriptions,
    when_connection_ends,
)
from tests.server.support import until


class Answer(BaseModel):
    """Not shown to models."""

    number: int
    note: str | None = None


async def double(number: int, note: str | None = None) -> Annotated[CallToolResult, Answer]:
    return CallToolResult(
        content=[TextContent(type="text", text="short")], structured_content={"number": 2 * number}
    )


def tool() -> CheckedTool:
    return make_tool(
        double, signature_of=double, title="Double", description="Doubles.", annotations=ToolAnnotations()
    )


def server(**options: Any) -> MCPServer[Any]:
    return MCPServer("canary", tools=[tool()], log_level="WARNING", **options)


async def test_tool_has_lean_schemas(era: str) -> None:
    async with Client(server(), mode=era) as client:
        [listed] = (await client.list_tools()).tools
    assert listed.input_schema == {
        "type": "object",
        "properties": {"number": {"type": "integer"}, "note": {"type": "string"}},
        "required": ["number"],
    }
    assert listed.output_schema == {
        "type": "object",
        "properties": {"number": {"type": "integer"}, "note": {"type": "string"}},
        "required": ["number"],
    }


async def test_unknown_argument_is_rejected_by_name(era: str) -> None:
    async with Client(server(), mode=era) as client:
        result = await client.call_tool("double", {"number": 1, "nmber": 2})
    assert result.is_error
    assert result.content[0].text == (  # type: ignore[union-attr]
        "Error executing tool double: Unknown argument 'nmber'. Did you mean number? Accepted arguments: number, note."
    )


async def test_invalid_argument_is_named_without_the_validators_report(era: str) -> None:
    async with Client(server(), mode=era) as client:
        result = await client.call_tool("double", {"number": "many"})
    text = result.content[0].text  # type: ignore[union-attr]
    assert text.startswith(
        "Error executing tool double: invalid arguments. number: Input should be a valid integer"
    )
    assert "pydantic" not in text


async def test_argument_error_keeps_its_cause_for_the_sdk_log() -> None:
    with pytest.raises(ToolError) as caught:
        await server().call_tool("double", {"number": "many"})
    assert isinstance(caught.value.__cause__, ValidationError)


async def test_result_is_returned_as_text_and_structured_content(era: str) -> None:
    async with Client(server(), mode=era) as client:
        result = await client.call_tool("double", {"number": 4})
    assert result.structured_content == {"number": 8}
    assert [block.text for block in result.content] == ["short"]  # type: ignore[union-attr]


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_subscribe_handler_gets_a_connection_that_reports_its_end() -> None:
    seen: list[tuple[Connection, str]] = []
    ended: list[str] = []

    def subscribe(context: RequestContext, uri: str) -> None:
        connection = connection_of(context)
        seen.append((connection, uri))
        when_connection_ends(connection, lambda: ended.append(uri))

    mcp = server()
    serve_resource_subscriptions(mcp, subscribe, lambda _, uri: ended.append(f"unsubscribed {uri}"))
    async with Client(mcp, mode="legacy") as client:
        assert client.server_capabilities is not None
        assert client.server_capabilities.resources is not None
        assert client.server_capabilities.resources.subscribe is True
        await client.subscribe_resource("finesse://user")
        await client.unsubscribe_resource("finesse://user")
        assert [uri for _, uri in seen] == ["finesse://user"]
        assert isinstance(seen[0][0], Connection)
        assert ended == ["unsubscribed finesse://user"]
    assert ended == ["unsubscribed finesse://user", "finesse://user"]


async def test_listen_streams_can_be_ended_by_the_server() -> None:
    mcp = server()
    entry = mcp._lowlevel_server.get_request_handler("subscriptions/listen")
    assert entry is not None
    assert isinstance(entry.handler, ListenHandler)
    handler = entry.handler
    async with Client(mcp) as client:
        with anyio.fail_after(5):
            async with client.listen(resource_subscriptions=["finesse://user"]) as events:
                await until(lambda: bool(handler._streams))
                end_listen_streams(mcp)
                assert [event async for event in events] == []


def test_ending_listen_streams_without_any_raises_nothing() -> None:
    end_listen_streams(server(subscriptions=False))


@asynccontextmanager
async def spoken_to() -> AsyncIterator[Callable[..., Awaitable[dict[str, Any]]]]:
    """Yield a function that sends a request to a server on in-memory streams and returns the response."""
    to_server, messages = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    answers, from_server = anyio.create_memory_object_stream[SessionMessage](9)

    async def ask(number: int, method: str, **params: Any) -> dict[str, Any]:
        await to_server.send(ValueError("a line that is no message"))
        request = JSONRPCRequest(jsonrpc="2.0", id=number, method=method, params=params)
        await to_server.send(SessionMessage(request))
        while True:
            answer = (await from_server.receive()).message.model_dump(by_alias=True)
            if answer.get("id") == number:
                return answer

    async with anyio.create_task_group() as tasks, to_server, from_server:
        tasks.start_soon(serve_messages, server(), messages, answers)
        with anyio.fail_after(5):
            yield ask


ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "0"},
}


async def test_discover_request_leaves_the_protocol_era_open() -> None:
    async with spoken_to() as ask:
        for number in (1, 2):
            found = (await ask(number, "server/discover", _meta=ENVELOPE))["result"]
            assert found["supportedVersions"] == ["2026-07-28"]
            assert found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "canary"
        started = (await ask(3, "initialize", **INITIALIZE))["result"]
        assert started["protocolVersion"] == "2025-11-25"


async def test_discover_request_may_be_followed_by_the_modern_era() -> None:
    async with spoken_to() as ask:
        await ask(1, "server/discover", _meta=ENVELOPE)
        assert (await ask(2, "tools/list", _meta=ENVELOPE))["result"]["tools"][0]["name"] == "double"
        assert "supportedVersions" in (await ask(3, "server/discover", _meta=ENVELOPE))["result"]


async def test_sse_exit_flag_is_reset_for_a_later_server_of_the_process() -> None:
    AppStatus.should_exit = True
    forget_the_end()
    assert AppStatus.should_exit is False


async def test_connection_state_lasts_for_a_connection_and_is_absent_in_the_modern_era() -> None:
    mcp: MCPServer[Any] = MCPServer("state", log_level="WARNING")

    @mcp.tool()
    async def count(ctx: Context) -> str:  # type: ignore[type-arg]
        state = connection_state(ctx)
        if state is None:
            return "none"
        state["calls"] = state.get("calls", 0) + 1
        return str(state["calls"])

    async def called(client: Client) -> str:
        return str((await client.call_tool("count", {})).content[0].text)  # type: ignore[union-attr]

    async with Client(mcp, mode="legacy") as one, Client(mcp, mode="legacy") as other:
        assert [await called(one), await called(one), await called(other)] == ["1", "2", "1"]
    async with Client(mcp, mode="auto") as modern:
        assert await called(modern) == "none"


def test_tools_with_the_same_signature_share_schemas_and_nothing_else() -> None:
    async def first(number: int) -> int:
        return number

    async def second(number: int) -> int:
        return -number

    hints = ToolAnnotations()
    one = make_tool(first, signature_of=first, title="One", description="First.", annotations=hints)
    two = make_tool(
        second, signature_of=first, title="Two", description="Second.", annotations=hints, listed=False
    )
    assert one.parameters is two.parameters
    assert (one.fn, one.title, one.description, one.listed) == (first, "One", "First.", True)
    assert (two.fn, two.title, two.description, two.listed) == (second, "Two", "Second.", False)
