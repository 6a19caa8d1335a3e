"""The pinned tools, one file per toolset, rewritten by ``python -m tests.server.snapshot``.

Review the difference before committing: every client sees it.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from mcp.client import Client

from mcp_finesse.server import Selection
from mcp_finesse.server.toolsets.selection import TOOLSETS
from tests.server.support import connected, signed_in

FOLDER = Path(__file__).parent / "toolsets"
DEFAULT = ("core", "agent")


def pinned(*toolsets: str) -> list[dict[str, Any]]:
    """Return the pinned tools of these toolsets, by default those of a server with no selection."""
    chosen = toolsets or DEFAULT
    found = [tool for name in chosen for tool in json.loads((FOLDER / f"{name}.json").read_text())]
    return list({tool["name"]: tool for tool in found}.values())  # a tool may belong to two toolsets


async def tools(client: Client) -> list[dict[str, Any]]:
    """Return the tools as a client receives them."""
    listed = (await client.list_tools()).tools
    return [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in listed]


async def write() -> None:
    async with connected(signed_in(), selection=Selection(["all"])) as client:
        listed = {tool["name"]: tool for tool in await tools(client)}
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for toolset in TOOLSETS.values():
        text = json.dumps([listed[name] for name in toolset.names], indent=1, ensure_ascii=False)
        (FOLDER / f"{toolset.name}.json").write_text(text + "\n")


if __name__ == "__main__":
    asyncio.run(write())
