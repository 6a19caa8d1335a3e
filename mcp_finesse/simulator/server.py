"""One simulated Finesse node: REST and the Notification Service behind one TLS port, embedded."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import cast

from hypercorn.asyncio import serve
from hypercorn.typing import ASGIFramework

from mcp_finesse.simulator.certificates import issue_certificates
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.listening import Listener, ListenerConfig
from mcp_finesse.simulator.notification_service import NotificationService
from mcp_finesse.simulator.rest_api import ROOT, RecordedRequest, RestApi
from mcp_finesse.simulator.rest_exchange import Receive, Scope, Send
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.tcp_port import TcpPort
from mcp_finesse.simulator.timing import later_on_loop
from mcp_finesse.simulator.world import World

WEBSOCKET_PATHS = ("/ws", "/ws/")
BOSH_PATHS = ("/http-bind", "/http-bind/")
GRACE_SECONDS = 0.3
STOP_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 60.0
KEEP_ALIVE_REQUESTS = 1_000_000


class Simulator:
    """A Finesse to practise on.

        async with Simulator(SimulatorSettings()) as simulator:
            ...  # simulator.url, simulator.ws_url, simulator.bosh_url, simulator.ca_file

    Attributes:
        settings: as given.
        faults: what is to go wrong.
        center: the contact centre, with the customer's side of calls and the truth.
        notifications: the Notification Service.
        ca_file: PEM file of the authority to trust, in a folder that goes with the simulator.
    """

    settings: SimulatorSettings
    faults: Faults
    center: ContactCenter
    notifications: NotificationService
    ca_file: Path
    _listener: Listener
    _server: asyncio.Task[None]
    _tcp: TcpPort | None

    def __init__(self, settings: SimulatorSettings | None = None, world: World | None = None) -> None:
        self.settings = settings or SimulatorSettings()
        self._world = world
        self._port = self.settings.port
        self._stop = asyncio.Event()

    @property
    def url(self) -> str:
        """Base URL of REST, without a path."""
        return f"{'https' if self.settings.tls else 'http'}://localhost:{self._port}"

    @property
    def ws_url(self) -> str:
        """URL of the Notification Service over WebSocket."""
        return f"{'wss' if self.settings.tls else 'ws'}://localhost:{self._port}/ws"

    @property
    def bosh_url(self) -> str:
        """URL of the Notification Service over BOSH."""
        return f"{self.url}/http-bind"

    @property
    def tcp_address(self) -> tuple[str, int]:
        """Host and port of XMPP over TCP.

        Raises:
            RuntimeError: the settings open no such port (``tcp_port``).
        """
        if self._tcp is None:
            raise RuntimeError("the simulator was started without a TCP port; set tcp_port")
        return "localhost", self._tcp.port

    @property
    def requests(self) -> deque[RecordedRequest]:
        """The latest REST requests, oldest first."""
        return self._rest.requests

    async def __aenter__(self) -> Simulator:
        self.faults = Faults()
        self.center = ContactCenter(
            later=later_on_loop(asyncio.get_running_loop()),
            settings=self.settings,
            world=self._world,
            faults=self.faults,
        )
        self.notifications = NotificationService(self.center, self.faults, self.settings)
        self.center.publish = self.notifications.publish
        self.faults.on_kill_links = self.notifications.kill_links
        self._rest = RestApi(self.center)
        self._folder = tempfile.TemporaryDirectory(prefix="mcp-finesse-simulator-")
        try:
            await self._start(Path(self._folder.name))
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and the port; bounded, and without an error of its own."""
        try:
            await self.notifications.aclose()
        finally:
            self._rest.close()
            self._stop.set()
            if self._tcp is not None:
                self._tcp.close()
            try:
                await self._end_server()
            finally:
                self._folder.cleanup()

    async def _end_server(self) -> None:
        """Let connections end in order for a moment, then hang up."""
        try:
            await asyncio.wait({self._server}, timeout=GRACE_SECONDS)
            self._listener.hang_up()
            await asyncio.wait({self._server}, timeout=STOP_SECONDS)
        finally:
            self._server.cancel()
            await asyncio.gather(self._server, return_exceptions=True)

    async def _start(self, folder: Path) -> None:
        """Listen before serving: a port that is taken is an ``OSError`` here, and the URL is known."""
        names = dict.fromkeys(("localhost", "127.0.0.1", "::1", self.settings.host, self.settings.domain))
        files = issue_certificates(folder, *names)
        self.ca_file = files.ca_file
        self._tcp = None
        if self.settings.tcp_port is not None:
            tls = files if self.settings.tls else None
            listener = Listener.on(self.settings.host, self.settings.tcp_port)
            self._tcp = await TcpPort.open(listener, tls, self.notifications.tcp_connection)
        try:
            self._listener = Listener.on(self.settings.host, self.settings.port)
        except BaseException:
            if self._tcp is not None:
                self._tcp.close()
            raise
        self._port = self._listener.port
        config = ListenerConfig(self._listener)
        config.errorlog = logging.getLogger("mcp_finesse.simulator.http")
        config.keep_alive_timeout = KEEP_ALIVE_SECONDS
        config.keep_alive_max_requests = KEEP_ALIVE_REQUESTS
        if self.settings.tls:
            config.certfile, config.keyfile = str(files.cert_file), str(files.key_file)
        app = cast("ASGIFramework", self._app)
        self._server = asyncio.create_task(serve(app, config, shutdown_trigger=self._stop.wait))

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI application: REST, BOSH, WebSocket, and nothing else."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(ROOT):
            await self._rest(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] in BOSH_PATHS:
            await self.notifications.bosh_app(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] in WEBSOCKET_PATHS:
            await self.notifications.websocket_app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
        else:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})


async def _live(receive: Receive, send: Send) -> None:
    """Nothing is to be done at start or end: the simulator itself does it."""
    for moment in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{moment}.complete"})
