"""The server that a customer calls at once, started for a client in another process or in this one."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 20.0


def server_command(folder: Path, transport: str) -> list[str]:
    """The command that serves."""
    return [sys.executable, "-m", "tests.peers.controlled_server", str(folder / "state"), transport]


@asynccontextmanager
async def controlled_server(folder: Path) -> AsyncIterator[str]:
    """Serve over HTTP; yields the URL."""
    process = await asyncio.create_subprocess_exec(
        *server_command(folder, "http"), stderr=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(LIMIT):
            while True:
                line = (await process.stderr.readline()).decode()
                assert line, "the server ended"
                if found := re.search(r"Serving MCP at (\S+)", line):
                    break
        yield found[1]
    finally:
        process.terminate()
        async with asyncio.timeout(LIMIT):
            await process.stderr.read()
            await process.wait()
