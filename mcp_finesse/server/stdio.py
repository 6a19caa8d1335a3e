"""Serves MCP on stdin and stdout, and ends in order on end of input, Ctrl-C and SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import anyio
from mcp.server import MCPServer

from mcp_finesse.server.lifecycle import CLOSE_SECONDS
from mcp_finesse.server.sdk import run_stdio

_CLOSE_LIMIT = CLOSE_SECONDS + 0.4


async def serve_stdio(mcp: MCPServer[Any], closed: anyio.Event) -> None:
    """Serve until stdin ends or the process is told to end.

    Args:
        mcp: from :func:`build_server`.
        closed: the event that was given to :func:`build_server`.

    On a signal this never returns: the process ends with status 0 as soon as the session is closed, since the
    thread that reads stdin would hold up an ordinary exit until the client closes its end.
    """
    async with anyio.create_task_group() as tasks:
        if sys.platform != "win32":
            tasks.start_soon(_end_on_signal, tasks.cancel_scope, closed)
        try:
            await run_stdio(mcp)
        except* (BrokenPipeError, ConnectionResetError):
            pass  # the client is gone without a word: that is an end like any other
        tasks.cancel_scope.cancel()


async def _end_on_signal(serving: anyio.CancelScope, closed: anyio.Event) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            break
        serving.cancel()
        with anyio.move_on_after(_CLOSE_LIMIT, shield=True):
            await closed.wait()
    sys.stderr.flush()
    os._exit(0)
