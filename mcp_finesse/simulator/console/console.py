"""The console of a running simulation: its port, its token, and the task that sends changes to the pages."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Any, cast

from mcp_finesse.simulator.console.actions import Actions
from mcp_finesse.simulator.console.app import ConsoleApp
from mcp_finesse.simulator.console.events import EventStream
from mcp_finesse.simulator.console.guard import Guard
from mcp_finesse.simulator.console.journal import Journal
from mcp_finesse.simulator.console.snapshot import differences, snapshot
from mcp_finesse.simulator.ports.http_port import App, HttpPort
from mcp_finesse.simulator.ports.listening import Listener
from mcp_finesse.simulator.server import Simulator

HOST = "127.0.0.1"
REFRESH_SECONDS = 0.1
"""Seconds between two looks at the simulation. Changes in between reach the pages together."""


class Console:
    """Serves the console of one contact center while the context is active.

        async with Simulator() as simulator, Console([simulator]) as console:
            ...  # console.address

    Args:
        simulators: the nodes of one contact center. They must be running.
        port: the port to listen on. 0 chooses a free port.

    Attributes:
        token: the secret of this start, which every request except those for static files must carry.
        journal: what went over the wire.
    """

    def __init__(self, simulators: Sequence[Simulator], port: int = 0) -> None:
        self._simulators = simulators
        self._center = simulators[0].center
        self._wanted_port = port
        self.token = secrets.token_urlsafe(24)
        self.journal = Journal(self._center)
        self._events = EventStream(self._full_snapshot)
        self._app = ConsoleApp(self._events, Actions(simulators, self.journal))
        self._shown = snapshot(self._center, simulators)

    @property
    def port(self) -> int:
        """The port of the console."""
        return self._http.port

    @property
    def origin(self) -> str:
        """The URL of the console without the token."""
        return f"http://{HOST}:{self.port}"

    @property
    def address(self) -> str:
        """The URL to open. The token is in its fragment, which browsers do not send to servers."""
        return f"{self.origin}/#token={self.token}"

    async def __aenter__(self) -> Console:
        """Listen on the port.

        Raises:
            OSError: the port is in use.
        """
        guard = Guard(self._app.asgi, lambda: self.port, self.token, self._app.is_file)
        self._http = HttpPort(Listener.on(HOST, self._wanted_port), None, cast("App", guard))
        self._center.observers.append(self.journal)
        self._task = asyncio.create_task(self._send_changes())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._center.observers.remove(self.journal)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._http.close()

    async def _send_changes(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            if self._events.has_pages:
                self._refresh()

    def _refresh(self) -> None:
        """Send what has changed since the last call."""
        now = snapshot(self._center, self._simulators)
        if changed := differences(self._shown, now):
            self._events.send("change", changed)
        self._shown = now
        if fresh := self.journal.take_fresh():
            self._events.send("wire", fresh)

    def _full_snapshot(self) -> dict[str, Any]:
        """Return what all pages know by now, after sending them the latest changes."""
        self._refresh()
        return {"now": self._center.state.clock(), "state": self._shown, "wire": self.journal.all()}
