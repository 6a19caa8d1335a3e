"""An HTTP server with a scripted session, for tests that need a real process: ``FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio

from mcp_finesse.server import build_server, serve_http
from tests.server.stdio_program import note
from tests.server.support import signed_in


async def main(file: Path) -> None:
    session = signed_in()

    async def closing() -> None:
        note(file, "closed")

    session.closing = closing
    mcp = build_server(session.as_session())
    await serve_http(mcp, port=0, on_started=lambda url: note(file, url))


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]))
