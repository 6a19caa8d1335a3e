"""Canaries: each fails when a part of the SDK that it does not promise is no longer as we use it."""

from __future__ import annotations

from typing import Annotated, Any

import anyio
import pytest
from mcp.client import Client
from mcp.server import MCPServer
from mcp.server.connection import Connection
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.subscriptions import ListenHandler
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ValidationError

from mcp_finesse.server.sdk import (
    CheckedTool,
    end_listen_streams,
    make_tool,
    serve_resource_subscriptions,
    when_connection_ends,
)
from tests.server.support import until


class Answer(BaseModel):
    """Read by nobody who pays for tokens."""

    number: int
    note: str | None = None


async def double(number: int, note: str | None = None) -> Annotated[CallToolResult, Answer]:
    return CallToolResult(
        content=[TextContent(type="text", text="short")], structured_content={"number": 2 * number}
    )


def tool() -> CheckedTool:
    return make_tool(double, title="Double", description="Doubles.", annotations=ToolAnnotations())


def server(**options: Any) -> MCPServer[Any]:
    return MCPServer("canary", tools=[tool()], log_level="WARNING", **options)


async def test_a_tool_has_lean_schemas(era: str) -> None:
    async with Client(server(), mode=era) as client:
        [listed] = (await client.list_tools()).tools
    assert listed.input_schema == {
        "type": "object",
        "properties": {"number": {"type": "integer"}, "note": {"type": "string"}},
        "required": ["number"],
        "additionalProperties": False,
    }
    assert listed.output_schema == {
        "type": "object",
        "properties": {"number": {"type": "integer"}, "note": {"type": "string"}},
        "required": ["number"],
    }


async def test_an_unknown_argument_is_refused_by_name(era: str) -> None:
    async with Client(server(), mode=era) as client:
        result = await client.call_tool("double", {"number": 1, "nmber": 2})
    assert result.is_error
    assert result.content[0].text == (  # type: ignore[union-attr]
        "Error executing tool double: unknown argument 'nmber'. It takes: number, note."
    )


async def test_a_wrong_argument_is_named_without_the_report_of_the_validator(era: str) -> None:
    async with Client(server(), mode=era) as client:
        result = await client.call_tool("double", {"number": "many"})
    text = result.content[0].text  # type: ignore[union-attr]
    assert text.startswith(
        "Error executing tool double: invalid arguments. number: Input should be a valid integer"
    )
    assert "pydantic" not in text


async def test_the_cause_of_an_argument_error_stays_for_the_log_of_the_sdk() -> None:
    with pytest.raises(ToolError) as caught:
        await server().call_tool("double", {"number": "many"})
    assert isinstance(caught.value.__cause__, ValidationError)


async def test_a_result_goes_out_in_both_forms_as_it_was_made(era: str) -> None:
    async with Client(server(), mode=era) as client:
        result = await client.call_tool("double", {"number": 4})
    assert result.structured_content == {"number": 8}
    assert [block.text for block in result.content] == ["short"]  # type: ignore[union-attr]


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_subscribing_reaches_us_with_a_connection_that_tells_its_end() -> None:
    seen: list[tuple[Connection, str]] = []
    ended: list[str] = []

    def subscribe(connection: Connection, uri: str) -> None:
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


def test_a_server_without_listen_streams_has_none_to_end() -> None:
    end_listen_streams(server(subscriptions=False))


async def test_the_server_tells_what_it_is_before_any_era_is_chosen() -> None:
    low = server()._lowlevel_server
    assert callable(low._handle_discover)
    assert low.server_info_stamp["name"] == "canary"
