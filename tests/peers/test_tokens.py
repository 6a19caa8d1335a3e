"""What our tools cost a model before it has done anything, counted as one would count (o200k_base)."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from mcp_finesse.server import build_server
from tests.peers import node
from tests.server.support import ScriptedSession

pytestmark = pytest.mark.peer

MOST_TOOLS = 25
ALL, MEDIAN, WITH_OUTPUT = 4000, 150, 7000
INPUT = ("name", "description", "inputSchema")


async def listed() -> list[dict[str, Any]]:
    async with Client(build_server(ScriptedSession().as_session())) as client:
        tools = (await client.list_tools()).tools
    return [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in tools]


async def count(tools: list[dict[str, Any]], parts: tuple[str, ...], home: Path) -> list[int]:
    """The tokens of each tool: those parts of it, as compact JSON."""
    texts = [
        json.dumps({part: tool[part] for part in parts}, separators=(",", ":"), ensure_ascii=False)
        for tool in tools
    ]
    done = await node.run(node.HERE / "count_tokens.mjs", home=home, given=json.dumps(texts))
    counts: list[int] = done.answer()
    assert len(counts) == len(tools)
    return counts


async def test_the_tools_fit_into_their_budget(tmp_path: Path) -> None:
    node.node()
    tools = await listed()
    assert len(tools) <= MOST_TOOLS
    tokens = await count(tools, INPUT, tmp_path)
    assert sum(tokens) <= ALL
    assert statistics.median(tokens) <= MEDIAN
    assert sum(await count(tools, (*INPUT, "outputSchema"), tmp_path)) <= WITH_OUTPUT


async def test_the_counter_counts(tmp_path: Path) -> None:
    node.node()
    texts = [{"name": "", "description": "a"}, {"name": "", "description": "hold the call " * 100}]
    short, long = await count(texts, ("name", "description"), tmp_path)
    assert short < 20
    assert 300 <= long <= 320
