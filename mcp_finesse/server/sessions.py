"""One session per server process, however many MCP connections and calls of tools it has."""

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
"""Hosts wait about two seconds after closing stdin before they kill the server."""
_CANCEL_SECONDS = 0.2

Companion = Callable[[FinesseSession], AbstractAsyncContextManager[None]]


class SessionRegistry:
    """Opens the session for the first connection and closes it after the last.

    The session lives in a task of its own: connections come and go in tasks that are cancelled, and closing
    the link to Finesse in order must not be cancelled with them.
    """

    def __init__(self, open_session: Callable[[], FinesseSession], companion: Companion) -> None:
        """Prepare; nothing is opened yet.

        Args:
            open_session: makes the session, when the first connection comes.
            companion: runs beside it, from just after its start to just before its end.
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
        """The session.

        Raises:
            NotReadyError: there is none now, because the server starts or ends.
        """
        if self._session is None:
            raise NotReadyError("the server is starting or shutting down.")
        return self._session

    @contextmanager
    def call(self) -> Iterator[FinesseSession]:
        """Have the session for one call of a tool.

        Raises:
            NotReadyError: there is no session, or the server shuts down meanwhile.
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
        """End calls under way, refuse later ones: callers are told why before their connections close."""
        self._ending = True
        for scope in self._calls:
            scope.cancel()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FinesseSession]:
        """Have the session open for as long as this context lasts; it connects in the background."""
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
        with anyio.CancelScope(shield=True):  # quick: the session connects after this
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
    """The SDK's server, which also knows whose calls it serves.

    Attributes:
        host: the session behind it.
    """

    def __init__(self, host: SessionRegistry, **options: Any) -> None:
        super().__init__(**options)
        self.host = host
        self._unlisted = {tool.name for tool in options.get("tools", ()) if not getattr(tool, "listed", True)}

    async def list_tools(self) -> list[Tool]:
        """List the tools that this server offers; those that read-only mode refuses are left out."""
        return [tool for tool in await super().list_tools() if tool.name not in self._unlisted]


async def _finished(task: asyncio.Task[None], seconds: float) -> bool:
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return bool(done)
