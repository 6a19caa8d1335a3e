"""A stdio server with a scripted session, for tests that need a real process: ``FILE [close-seconds]``."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio

from mcp_finesse.model import Update
from mcp_finesse.server import build_server, serve_stdio
from mcp_finesse.session import FinesseSession
from tests.server.support import ScriptedSession, agent, signed_in


def note(file: Path, what: str) -> None:
    with file.open("a") as notes:
        notes.write(what + "\n")


async def turn_again_and_again(session: ScriptedSession) -> None:
    """Change the agent's state repeatedly, so that subscribers receive updates."""
    while True:
        await anyio.sleep(0.02)
        print("a stray print", flush=True)  # must not reach the wire
        update = Update(event="PUT", source="/finesse/api/User/1001", user=agent())
        session.hear("user", update)


async def main(file: Path, close_seconds: float) -> None:
    session = signed_in()

    async def closing() -> None:
        await anyio.sleep(close_seconds)
        note(file, "closed")

    session.closing = closing
    closed = anyio.Event()

    def open_session() -> FinesseSession:
        note(file, "serving")
        return session.as_session()

    mcp = build_server(open_session, closed=closed)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(turn_again_and_again, session)
        await serve_stdio(mcp, closed)
        tasks.cancel_scope.cancel()


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)
