"""An administrator's client joined to a simulated configuration in one event loop, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import FinesseError
from mcp_finesse.rest import RestClient
from mcp_finesse.session import Clock, SessionTiming
from mcp_finesse.session.administration.change_runner import (
    ConfigurationChange,
    ConfigurationOutcome,
    Node,
    run_change,
)
from mcp_finesse.session.administration.session import OWN_OBJECT
from mcp_finesse.simulator.configuration.configuration import Configuration
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.rest.api import RestApi
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.timing import later_on_loop

TIMING = replace(SessionTiming().scaled(0.05), action=2.0, event=0.02)
ADMINISTRATOR = Credentials("admin", SecretStr("secret"))


def nothing() -> None:
    """Do nothing: no other administrator acts."""


class _Wire(httpx.AsyncBaseTransport):
    """A transport that passes requests to the simulator and counts the changes.

    Attributes:
        before: called when a change has arrived, before it is executed.
        after: called when it has been answered.
        lost: whether the connection breaks before the response arrives.
        writes: how many changes have arrived.
    """

    def __init__(self, api: RestApi) -> None:
        self.before: Callable[[], object] = nothing
        self.after: Callable[[], object] = nothing
        self.lost = False
        self.writes = 0
        self._inner = httpx.ASGITransport(app=api)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return await self._inner.handle_async_request(request)
        await request.extensions["trace"]("http11.send_request_headers.started", {})
        self.writes += 1
        self.before()
        response = await self._inner.handle_async_request(request)
        self.after()
        if self.lost:
            raise httpx.ReadError("connection reset", request=request)
        return response


class ConfigurationBench:
    """A configuration and an administrator who changes it."""

    def __init__(self) -> None:
        settings = SimulatorSettings()
        center = ContactCenter(later=later_on_loop(asyncio.get_running_loop()), settings=settings)
        self.faults = Faults()
        self.wire = _Wire(RestApi(center, center.add_node(settings, self.faults)))
        self.configuration: Configuration = center.configuration
        self.rest = RestClient("http://bench", ADMINISTRATOR, allow_insecure=True, own_object=OWN_OBJECT)
        self.rest._exchanger._http = httpx.AsyncClient(transport=self.wire)

    async def change(self, change: ConfigurationChange) -> ConfigurationOutcome | FinesseError:
        """Execute a change and return its outcome or error."""
        try:
            return await run_change(change, Node(self.rest, "UCCE"), TIMING, Clock())
        except FinesseError as error:
            return error


@asynccontextmanager
async def configuration_bench() -> AsyncIterator[ConfigurationBench]:
    """Yield a bench with the configuration of the default world."""
    made = ConfigurationBench()
    try:
        yield made
    finally:
        await made.rest.close()
