"""What our tools cost a model before it has done anything, counted as one would count (o200k_base)."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from mcp_finesse.model import parse_update
from mcp_finesse.server import build_server
from tests.benchmarks.stanzas import update
from tests.peers import node
from tests.server.support import ScriptedSession, signed_in, text_of

pytestmark = pytest.mark.peer

MOST_TOOLS = 28
ALL, MEDIAN, WITH_OUTPUT = 3200, 150, 7000
MOST_OF_XML = 0.4
INPUT = ("name", "description", "inputSchema")


async def listed() -> list[dict[str, Any]]:
    async with Client(build_server(ScriptedSession().as_session())) as client:
        tools = (await client.list_tools()).tools
    return [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in tools]


async def count(tools: list[dict[str, Any]], parts: tuple[str, ...], home: Path) -> list[int]:
    """The tokens of each tool: those parts of it, as compact JSON."""
    return await tokens_of([compact({part: tool[part] for part in parts}) for tool in tools], home)


async def tokens_of(texts: list[str], home: Path) -> list[int]:
    """The tokens of each text."""
    done = await node.run(node.HERE / "count_tokens.mjs", home=home, given=json.dumps(texts))
    counts: list[int] = done.answer()
    assert len(counts) == len(texts)
    return counts


def compact(value: Any) -> str:
    """JSON as it is sent: without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


async def test_the_tools_fit_into_their_budget(tmp_path: Path) -> None:
    node.node()
    tools = await listed()
    assert len(tools) <= MOST_TOOLS
    tokens = await count(tools, INPUT, tmp_path)
    assert sum(tokens) <= ALL
    assert statistics.median(tokens) <= MEDIAN
    assert sum(await count(tools, (*INPUT, "outputSchema"), tmp_path)) <= WITH_OUTPUT


async def test_three_calls_cost_at_most_two_fifths_of_the_xml_that_they_came_in(tmp_path: Path) -> None:
    node.node()
    calls = [of_another_call(update(number), number) for number in range(101, 104)]
    session = signed_in()
    session.have(*(call for text in calls if (call := parse_update(text).dialog) is not None))
    async with Client(build_server(session.as_session())) as client:
        result = await client.call_tool("get_dialogs", {})
    assert len((result.structured_content or {})["dialogs"]) == 3
    xml, data, text = await tokens_of(
        ["".join(calls), compact(result.structured_content), text_of(result)], tmp_path
    )
    assert data <= MOST_OF_XML * xml
    assert text <= MOST_OF_XML * xml


def of_another_call(text: str, number: int) -> str:
    """The update as one of another call."""
    return text.replace("33100421", f"33100{number}")


async def test_the_counter_counts(tmp_path: Path) -> None:
    node.node()
    texts = [{"name": "", "description": "a"}, {"name": "", "description": "hold the call " * 100}]
    short, long = await count(texts, ("name", "description"), tmp_path)
    assert short < 20
    assert 300 <= long <= 320
