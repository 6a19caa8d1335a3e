"""The token cost of the tools, counted with a real tokenizer (npm ``gpt-tokenizer``, o200k)."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.server.toolsets.selection import TOOLSETS
from tests.server.snapshot import DEFAULT, pinned

PEERS = Path(os.environ.get("PEERS") or Path(__file__).parents[1] / "peers" / "node_modules")
COUNT = """
const { encode } = require(process.argv[1] + '/gpt-tokenizer/cjs/encoding/o200k_base.js');
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(texts.map(text => encode(text).length)));
"""

pytestmark = pytest.mark.peer


def tokens(texts: list[str]) -> list[int]:
    """Return the number of tokens of each text."""
    node = shutil.which("node")
    if node is None or not (PEERS / "gpt-tokenizer").is_dir():
        missing = "needs Node.js and gpt-tokenizer (npm ci --prefix tests/peers)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    counted = subprocess.run(
        [node, "-e", COUNT, str(PEERS)], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    result: list[int] = json.loads(counted.stdout)
    return result


def wire(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def costs(tools: list[dict[str, Any]]) -> tuple[list[int], list[int]]:
    """Return the tokens of each tool: what a model receives, and its output schema."""
    inputs = tokens(
        [wire({name: tool[name] for name in ("name", "description", "inputSchema")}) for tool in tools]
    )
    return inputs, tokens([wire(tool["outputSchema"]) for tool in tools])


def test_default_toolsets_have_at_most_28_tools_and_3200_tokens() -> None:
    tools = pinned()
    assert len(tools) <= 28
    inputs, outputs = costs(tools)
    assert statistics.median(inputs) <= 150
    assert sum(inputs) <= 3_200
    assert sum(inputs) + sum(outputs) <= 7_000


# Tokens of a toolset as a model receives it, and with its output schemas: about 15 % above the measured
# values.
BUDGETS = {
    "supervisor": (1_650, 3_250),
    "outbound": (550, 1_160),
    "tasks": (1_270, 2_590),
    "admin": (2_230, 3_300),
    "developer": (390, 570),
}


def test_every_toolset_beyond_the_default_has_a_budget() -> None:
    assert {*BUDGETS, *DEFAULT} == set(TOOLSETS)


@pytest.mark.parametrize("toolset", BUDGETS)
def test_selected_toolset_stays_within_its_budget(toolset: str) -> None:
    told, with_output = BUDGETS[toolset]
    inputs, outputs = costs(pinned(toolset))
    assert sum(inputs) <= told
    assert sum(inputs) + sum(outputs) <= with_output
