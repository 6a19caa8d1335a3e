"""Writes ``tools.json``, the pinned list of tools, when run as ``python -m tests.server.snapshot``."""

from __future__ import annotations

import asyncio
import json

from tests.server.support import connected, signed_in
from tests.server.test_app import SNAPSHOT, tools


async def write() -> None:
    async with connected(signed_in()) as client:
        SNAPSHOT.write_text(json.dumps(await tools(client), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    asyncio.run(write())
