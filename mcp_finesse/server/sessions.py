"""The one session of a server process, shared by all MCP connections and tool calls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import anyio
from mcp.server import MCPServer
from mcp.types import Tool

from mcp_finesse.errors import NotReadyError
from mcp_finesse.session import FinesseSession

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 1.5
"""Maximum seconds to close the session. Hosts kill the server about two seconds after closing stdin."""
_CANCEL_SECONDS = 0.2

Companion = Callable[[FinesseSession], AbstractAsyncContextManager[None]]


class SessionRegistry:
    """Opens the session for the first connection and closes it after the last.

    The session runs in its own task: connections run in tasks that are cancelled, and the orderly closing of the
    link to Finesse must not be cancelled with them.
    """

    def __init__(self, open_session: Callable[[], FinesseSession], companion: Companion) -> None:
        """Prepare. Opens nothing yet.

        Args:
            open_session: creates the session for the first connection.
            companion: a context that is active while the session is open.
        """
        self._open_session = open_session
        self._companion = companion
        self._connections = 0
        self._turn = asyncio.Lock()
        self._session: FinesseSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._calls: set[anyio.CancelScope] = set()
        self._ending = False

    @property
    def session(self) -> FinesseSession:
        """The open session.

        Raises:
            NotReadyError: the server is starting or shutting down.
        """
        if self._session is None:
            raise NotReadyError("the server is starting or shutting down.")
        return self._session

    @contextmanager
    def call(self) -> Iterator[FinesseSession]:
        """Provide the session for one tool call.

        Raises:
            NotReadyError: there is no session, or the server shuts down during the call.
        """
        session = self.session
        if self._ending:
            raise NotReadyError("the server is shutting down. Nothing was sent.")
        with anyio.CancelScope() as scope:
            self._calls.add(scope)
            try:
                yield session
            finally:
                self._calls.discard(scope)
        if scope.cancelled_caught:
            raise NotReadyError(
                "the server is shutting down; what was sent to Finesse may still take effect.",
                advice="When it is back, look at the state first.",
            )

    def end_calls(self) -> None:
        """Cancel running calls and refuse new ones, so that clients receive the reason before the connection closes."""
        self._ending = True
        for scope in self._calls:
            scope.cancel()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FinesseSession]:
        """Keep the session open while this context is active. It connects in the background."""
        async with self._turn:
            if self._connections == 0:
                await self._start()
            self._connections += 1
        try:
            yield self.session
        finally:
            with anyio.CancelScope(shield=True):
                async with self._turn:
                    self._connections -= 1
                    if self._connections == 0:
                        await self._end()

    async def _start(self) -> None:
        self._stop, self._ending = asyncio.Event(), False
        started: asyncio.Future[FinesseSession] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(started), name="finesse session")
        with anyio.CancelScope(shield=True):  # returns quickly: the session connects in the background
            self._session = await started

    async def _run(self, started: asyncio.Future[FinesseSession]) -> None:
        try:
            async with self._open_session() as session, self._companion(session):
                started.set_result(session)
                await self._stop.wait()
        except Exception as error:
            if started.done():
                logger.exception("The session ended with an error")
            else:
                started.set_exception(error)

    async def _end(self) -> None:
        self._session = None
        self._stop.set()
        if self._task is None or await _finished(self._task, CLOSE_SECONDS):
            return
        logger.warning("The session took more than %s s to close; it is dropped", CLOSE_SECONDS)
        self._task.cancel()
        await _finished(self._task, _CANCEL_SECONDS)


class FinesseServer(MCPServer[FinesseSession]):
    """The SDK's server with the registry of its session.

    Attributes:
        host: the session registry.
    """

    def __init__(self, host: SessionRegistry, **options: Any) -> None:
        super().__init__(**options)
        self.host = host
        self._unlisted = {tool.name for tool in options.get("tools", ()) if not getattr(tool, "listed", True)}

    async def list_tools(self) -> list[Tool]:
        """List the tools, without those that read-only mode refuses."""
        return [tool for tool in await super().list_tools() if tool.name not in self._unlisted]


async def _finished(task: asyncio.Task[None], seconds: float) -> bool:
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return bool(done)
