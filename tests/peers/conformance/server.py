"""Our server over HTTP, with the tools, resources and prompts that the conformance suite asks for by name.

They stand beside ours, made as ours are (:func:`make_tool`); what serves them is what serves a user.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, GetPromptRequestParams, PaginatedRequestParams, ToolAnnotations

from mcp_finesse.server import build_server, serve_http
from mcp_finesse.server.sdk.server import CheckedTool, make_tool
from mcp_finesse.server.sessions import FinesseServer
from tests.peers.conformance import contents, questions
from tests.peers.conformance.contents import answer, text
from tests.server.support import signed_in

_A_WHILE = 0.05

_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}


async def test_logging_tool(ctx: Context[Any, Any]) -> CallToolResult:
    """Would tell a client that had asked for it."""
    await ctx.info("Nobody asked.")
    return answer(text("Done."))


async def test_tool_with_progress(ctx: Context[Any, Any]) -> CallToolResult:
    """Tells how far it is."""
    for percent in (0, 50, 100):
        await ctx.report_progress(percent, 100)
        await anyio.sleep(_A_WHILE)
    return answer(text("Done."))


async def test_reconnection(ctx: Context[Any, Any]) -> CallToolResult:
    """Closes its stream before it answers, where the server can do that."""
    await ctx.close_sse_stream()
    return answer(text("Done."))


async def test_trigger_tool_change(ctx: Context[Any, Any]) -> CallToolResult:
    """Announces that the tools changed."""
    await ctx.notify_tools_changed()
    return answer(text("Announced."))


async def test_trigger_prompt_change(ctx: Context[Any, Any]) -> CallToolResult:
    """Announces that the prompts changed."""
    await ctx.notify_prompts_changed()
    return answer(text("Announced."))


async def json_schema_2020_12_tool() -> CallToolResult:
    """Is there for its schema."""
    return answer(text("Done."))


TOOLS: tuple[Callable[..., Awaitable[Any]], ...] = (
    test_logging_tool,
    test_tool_with_progress,
    test_reconnection,
    test_trigger_tool_change,
    test_trigger_prompt_change,
    json_schema_2020_12_tool,
    *contents.TOOLS,
    *questions.TOOLS,
)


def made(fn: Callable[..., Awaitable[Any]]) -> CheckedTool:
    description = inspect.getdoc(fn) or ""
    return make_tool(
        fn, signature_of=fn, title=fn.__name__, description=description, annotations=ToolAnnotations()
    )


def add_what_the_suite_asks_for(mcp: FinesseServer) -> None:
    tools = {fn.__name__: made(fn) for fn in TOOLS}
    tools[json_schema_2020_12_tool.__name__].parameters = _SCHEMA
    mcp._tool_manager._tools.update(tools)  # add_tool would make them the SDK's way, not ours
    contents.add_resources(mcp)
    contents.add_prompts(mcp)
    questions.add_prompts(mcp)
    low = mcp._lowlevel_server  # ours has no prompts, and does not serve them
    low.add_request_handler("prompts/list", PaginatedRequestParams, mcp._handle_list_prompts)
    low.add_request_handler("prompts/get", GetPromptRequestParams, mcp._handle_get_prompt)


async def main() -> None:
    mcp = build_server(signed_in().as_session())
    add_what_the_suite_asks_for(mcp)
    await serve_http(
        mcp, port=0, on_started=lambda url: print(f"Serving MCP at {url}", file=sys.stderr, flush=True)
    )


if __name__ == "__main__":
    anyio.run(main)
