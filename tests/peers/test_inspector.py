"""MCP Inspector's command line, which we did not write, lists our tools and calls them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import Command
from tests.peers import node
from tests.server.snapshot import pinned

pytestmark = pytest.mark.peer


@asynccontextmanager
async def target(transport: str, folder: Path) -> AsyncIterator[list[str]]:
    """What the Inspector is told: a command that it starts, or a server that runs."""
    flags = ["serve", "--simulator", "--state-dir", str(folder / "state")]
    if transport == "stdio":
        yield [sys.executable, "-m", "mcp_finesse", *flags]
        return
    async with Command.started(folder, *flags, "--transport", "http", "--port", "0") as server:
        yield [(await server.said(r"Serving MCP at (\S+)"))[1], "--transport", "http"]


async def ask(target: list[str], home: Path, method: str, *more: str) -> dict[str, Any]:
    inspector = node.program("@modelcontextprotocol/inspector", "mcp-inspector")
    done = await node.run(
        inspector, "--cli", *target, "--method", method, *more, "--format", "json", home=home
    )
    return dict(done.answer()["result"])


async def call(target: list[str], home: Path, tool: str, *more: str) -> dict[str, Any]:
    """Call a tool that must not fail; its structured answer."""
    result = await ask(target, home, "tools/call", "--tool-name", tool, *more)
    assert result.get("isError") is not True
    assert result["content"][0]["text"]
    return dict(result["structuredContent"])


@pytest.mark.parametrize("transport", ["stdio", "http"])
async def test_it_lists_the_tools_and_calls_them(transport: str, tmp_path: Path) -> None:
    node.node()
    async with target(transport, tmp_path) as server:
        listed, dialogs, status, modern = await asyncio.gather(
            ask(server, tmp_path, "tools/list"),
            call(server, tmp_path, "get_dialogs"),
            call(server, tmp_path, "get_session_status"),
            call(server, tmp_path, "get_session_status", "--protocol-era", "modern"),
        )
    assert [tool["name"] for tool in listed["tools"]] == [tool["name"] for tool in pinned()]
    assert dialogs == {"dialogs": [], "left_out": 0}
    for answer in (status, modern):
        assert answer["user_id"] == "1001"
        assert answer["state"] in ("connecting", "ready")


async def test_it_sees_a_refusal_as_an_error_of_the_tool(tmp_path: Path) -> None:
    node.node()
    async with target("stdio", tmp_path) as server:
        result = await ask_for_a_misspelt_argument(server, tmp_path)
    assert result.status == 5  # the Inspector's status for a tool that failed
    assert "Unknown argument 'dialog'" in result.out + result.err


async def ask_for_a_misspelt_argument(server: list[str], home: Path) -> node.Done:
    inspector = node.program("@modelcontextprotocol/inspector", "mcp-inspector")
    return await node.run(
        inspector, "--cli", *server, "--method", "tools/call", "--tool-name", "hold_call",
        "--tool-args-json", '{"dialog": "1"}', "--format", "json", home=home,
    )  # fmt: skip
