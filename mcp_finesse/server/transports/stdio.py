"""MCP over stdin and stdout, with graceful shutdown on end of input, Ctrl-C and SIGTERM."""

from __future__ import annotations

import os
import threading
from typing import Any

import anyio
import anyio.abc
from mcp.server import MCPServer

from mcp_finesse import signals
from mcp_finesse.server.sdk.server import run_stdio
from mcp_finesse.server.sessions import CLOSE_SECONDS

_CLOSE_LIMIT = CLOSE_SECONDS + 0.4
_EXIT_LIMIT = 1.6

_GONE = (BrokenPipeError, ConnectionResetError, anyio.BrokenResourceError, anyio.ClosedResourceError)


async def serve_stdio(mcp: MCPServer[Any], closed: anyio.Event) -> None:
    """Serve one MCP client until stdin ends or a signal arrives. Then close the session and return.

    After a signal the process exits within four seconds with status 0, even if something hangs, such as a write
    to a client that does not read.

    Args:
        mcp: the result of :func:`build_server`.
        closed: the event passed to :func:`build_server`.

    Raises:
        FinesseError: the session could not be opened.
    """
    try:
        async with anyio.create_task_group() as tasks:
            await tasks.start(_end_on_signal, tasks.cancel_scope, closed)
            await run_stdio(mcp)
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        # a disconnect of the client is a normal end, even while writes are pending
        _, rest = group.split(_GONE)
        if rest is not None:
            raise _only_error(rest) from None


def _only_error(error: BaseException) -> BaseException:
    """Return the error inside an exception group that contains only that error."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


async def _end_on_signal(
    serving: anyio.CancelScope,
    closed: anyio.Event,
    *,
    task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
) -> None:
    stopping = anyio.Event()
    with signals.receiving(stopping.set):
        task_status.started()
        await stopping.wait()
        serving.cancel()
        with anyio.move_on_after(_CLOSE_LIMIT, shield=True):
            await closed.wait()
    end = threading.Timer(_EXIT_LIMIT, os._exit, [0])
    end.daemon = True
    end.start()
