"""The server that a customer calls at once, started for a client in another process or in this one."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 20.0


def server_command(folder: Path, transport: str) -> list[str]:
    """The command that serves."""
    return [sys.executable, "-m", "tests.peers.controlled_server", str(folder / "state"), transport]


@asynccontextmanager
async def controlled_server(folder: Path) -> AsyncIterator[str]:
    """Serve over HTTP; yields the URL."""
    async with serving(*server_command(folder, "http")) as url:
        yield url


@asynccontextmanager
async def serving(*command: str | Path) -> AsyncIterator[str]:
    """Run a server over HTTP that says its URL; yields that. It must end well, and have met nothing odd."""
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, cwd=ROOT)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(LIMIT):
            url = await _said_url(process.stderr)
        rest = asyncio.create_task(process.stderr.read())  # or a full pipe would stop the server
        yield url
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(LIMIT):
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    said = (await rest).decode()
    assert process.returncode == 0, said
    assert "Traceback" not in said, said


async def _said_url(said: asyncio.StreamReader) -> str:
    while line := (await said.readline()).decode():
        if found := re.search(r"Serving MCP at (\S+)", line):
            return found[1]
    raise AssertionError("the server ended")
