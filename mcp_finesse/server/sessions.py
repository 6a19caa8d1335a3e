"""Maps MCP requests to Finesse sessions, and keeps the sessions open while clients are connected."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

import anyio
from mcp.server import MCPServer
from mcp.types import Tool

from mcp_finesse.errors import NotReadyError
from mcp_finesse.redaction import Redaction
from mcp_finesse.server.audit.auditor import Auditor
from mcp_finesse.server.auth.request_scopes import require_read_scope
from mcp_finesse.server.redaction import RedactionMiddleware
from mcp_finesse.server.sdk.requests import RequestContext, remember_request
from mcp_finesse.session import FinesseSession

logger = logging.getLogger(__name__)

CLOSE_SECONDS = 1.5
"""Maximum seconds to close the session. MCP hosts kill the server about two seconds after closing stdin."""
_CANCEL_SECONDS = 0.2

Companion = Callable[[FinesseSession], AbstractAsyncContextManager[None]]


class Sessions(ABC):
    """Maps an MCP request to the Finesse session on which the request acts.

    Tools, resources, completions and change notifications use this class for every request. The code of tools
    and resources therefore does not depend on how many agents the MCP server serves.
    """

    def __init__(self) -> None:
        self._calls: set[anyio.CancelScope] = set()
        self._ending = False

    @abstractmethod
    def for_request(self, context: RequestContext) -> FinesseSession:
        """Return the session of the client that sent the request.

        Raises:
            NotReadyError: the MCP server is starting or shutting down.
        """

    @abstractmethod
    def running(self) -> AbstractAsyncContextManager[Sessions]:
        """Keep the sessions open while this context is active. The sessions connect in the background."""

    @property
    @abstractmethod
    def state(self) -> str:
        """The state of the sessions in one word, for health checks."""

    @contextmanager
    def call(self, context: RequestContext) -> Iterator[FinesseSession]:
        """Provide the session for one tool call.

        Raises:
            NotReadyError: there is no session, or the MCP server shuts down during the tool call.
            FinesseError: an error that ``for_request`` raised.
        """
        session = self.for_request(context)
        if self._ending:
            raise NotReadyError("This MCP server is shutting down. Nothing was sent.")
        with anyio.CancelScope() as scope:
            self._calls.add(scope)
            try:
                yield session
            finally:
                self._calls.discard(scope)
        if scope.cancelled_caught:
            raise NotReadyError(
                "This MCP server is shutting down. A request that was sent to Finesse may still take effect.",
                advice="After the restart, read the state before you repeat the action.",
            )

    def end_calls(self) -> None:
        """Cancel running tool calls and refuse new ones. Clients get the reason before the connection closes."""
        self._ending = True
        for scope in self._calls:
            scope.cancel()


class SingleSession(Sessions):
    """One agent's session for all requests, opened with the first MCP connection and closed after the last.

    The session runs in its own asyncio task. The tasks of MCP connections can be cancelled, but the orderly
    closing of the link to Finesse must not be cancelled.
    """

    def __init__(self, open_session: Callable[[], FinesseSession], companion: Companion) -> None:
        """Store the arguments. The session is not opened yet.

        Args:
            open_session: creates the session for the first connection.
            companion: a context that is active while the session is open.
        """
        super().__init__()
        self._open_session = open_session
        self._companion = companion
        self._connections = 0
        self._turn = asyncio.Lock()
        self._session: FinesseSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    def for_request(self, context: RequestContext) -> FinesseSession:  # noqa: ARG002  (one session for all requests)
        """Return the open session.

        Raises:
            NotReadyError: the MCP server is starting or shutting down.
        """
        if self._session is None:
            raise NotReadyError(
                "This MCP server is starting or shutting down.", advice="Try again in a few seconds."
            )
        return self._session

    @property
    def state(self) -> str:
        """The state of the session. ``closed`` if no session is open."""
        return str(self._session.status.state) if self._session is not None else "closed"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Sessions]:
        """Keep the session open while this context is active. The session connects in the background."""
        async with self._turn:
            if self._connections == 0:
                await self._start()
            self._connections += 1
        try:
            yield self
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
        with anyio.CancelScope(shield=True):  # a short wait: the session connects in the background
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
        logger.warning("The session took more than %s s to close and was abandoned", CLOSE_SECONDS)
        self._task.cancel()
        await _finished(self._task, _CANCEL_SECONDS)


class FinesseServer(MCPServer[Sessions]):
    """The SDK's MCP server, together with its Finesse sessions.

    Attributes:
        sessions: provides the Finesse session of each request.
        auditor: writes the audit log.
        scopes_of_tools: the scope that each tool requires of a caller over HTTP.
    """

    def __init__(
        self,
        sessions: Sessions,
        redaction: Redaction,
        auditor: Auditor,
        *,
        scopes_of_tools: Mapping[str, str] | None = None,
        middleware: Sequence[Any] = (),
        **options: Any,
    ) -> None:
        super().__init__(
            middleware=[remember_request, RedactionMiddleware(redaction), require_read_scope, *middleware],
            **options,
        )
        self.sessions = sessions
        self.auditor = auditor
        self.scopes_of_tools = scopes_of_tools or {}
        self._unlisted = {tool.name for tool in options.get("tools", ()) if not getattr(tool, "listed", True)}

    async def list_tools(self) -> list[Tool]:
        """List the tools, except tools that read-only mode refuses."""
        return [tool for tool in await super().list_tools() if tool.name not in self._unlisted]


async def _finished(task: asyncio.Task[None], seconds: float) -> bool:
    done, _ = await asyncio.wait({task}, timeout=seconds)
    return bool(done)
