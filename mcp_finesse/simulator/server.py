"""One simulated Finesse node: REST and the Notification Service behind one TLS port, embedded."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Literal

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.front import Front
from mcp_finesse.simulator.http_port import HttpPort
from mcp_finesse.simulator.listening import Listener
from mcp_finesse.simulator.node import NOTIFICATIONS, FinesseNode
from mcp_finesse.simulator.notification_service import NotificationService
from mcp_finesse.simulator.rest_api import RecordedRequest, RestApi
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.site import Site
from mcp_finesse.simulator.system_info import Address, Maintenance
from mcp_finesse.simulator.tcp_port import TcpPort
from mcp_finesse.simulator.world import World

HOST = "localhost"


class Simulator:
    """A Finesse to practise on.

        async with Simulator(SimulatorSettings()) as simulator:
            ...  # simulator.url, simulator.ws_url, simulator.bosh_url, simulator.ca_file

    Attributes:
        settings: as given.
        faults: what is to go wrong.
        center: the contact centre, with the customer's side of calls and the truth.
        node: what this Finesse has of its own beside it, such as the service state.
        notifications: the Notification Service.
        ca_file: PEM file of the authority to trust, in a folder that goes with the simulator.
    """

    settings: SimulatorSettings
    faults: Faults
    center: ContactCenter
    node: FinesseNode
    notifications: NotificationService
    ca_file: Path

    def __init__(self, settings: SimulatorSettings | None = None, world: World | None = None) -> None:
        self.settings = settings or SimulatorSettings()
        self._world = world
        self._http: HttpPort | None = None
        self._tcp: TcpPort | None = None
        self._reserved: list[Listener] = []
        self._port = self.settings.port
        self._tcp_port = self.settings.tcp_port

    @property
    def url(self) -> str:
        """Base URL of REST, without a path."""
        return f"{'https' if self.settings.tls else 'http'}://{HOST}:{self._port}"

    @property
    def ws_url(self) -> str:
        """URL of the Notification Service over WebSocket."""
        return f"{'wss' if self.settings.tls else 'ws'}://{HOST}:{self._port}/ws"

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
        if self._tcp_port is None:
            raise RuntimeError("the simulator was started without a TCP port; set tcp_port")
        return HOST, self._tcp_port

    @property
    def requests(self) -> deque[RecordedRequest]:
        """The latest REST requests, oldest first."""
        return self._rest.requests

    # Start and stop

    async def __aenter__(self) -> Simulator:
        self._site = Site(self.settings, self._world)
        try:
            await self.start(self._site)
        except BaseException:
            self._site.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection and the port; bounded, and without an error of its own."""
        try:
            await self.stop()
        finally:
            self._site.close()

    async def start(self, site: Site) -> None:
        """Run as one more node of a site. Alone, use the simulator as a context.

        Raises:
            OSError: a port is taken.
        """
        settings = self.settings
        self.faults = Faults()
        self.center = site.center
        self.node = site.center.add_node(settings, self.faults)
        self.notifications = NotificationService(self.node, self.faults, settings)
        self.node.publish = self.notifications.publish
        self.faults.on_kill_links = self.notifications.kill_links
        self._rest = RestApi(self.center, self.node)
        self._front = Front(self._rest, self.notifications, self._cut)
        self.ca_file = site.authority.ca_file
        names = dict.fromkeys((HOST, "127.0.0.1", "::1", settings.host, settings.domain))
        files = site.authority.issue(settings.domain, *names)
        self._files = files if settings.tls else None
        # Listen before serving: a port that is taken is an error here, and the addresses are known.
        ports = [settings.port] if settings.tcp_port is None else [settings.port, settings.tcp_port]
        self._reserve(ports)
        await self._open()

    async def stop(self) -> None:
        """Close every connection in order, and the ports; bounded."""
        try:
            await self.notifications.aclose()
        finally:
            self._rest.close()
            await self._close()
            self._release()

    def _reserve(self, ports: list[int]) -> None:
        try:
            for port in ports:
                self._reserved.append(Listener.reserve(self.settings.host, port))
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        for listener in self._reserved:
            listener.close()
        self._reserved.clear()

    async def _open(self) -> None:
        """Listen on the ports that are reserved, and serve them."""
        try:
            for listener in self._reserved:
                listener.open()
        except BaseException:
            self._release()
            raise
        http, *tcp = self._reserved
        self._reserved = []
        self._port = http.port
        self._http = HttpPort(http, self._files, self._front)
        for listener in tcp:
            self._tcp_port = listener.port
            self._tcp = await TcpPort.open(listener, self._files, self.notifications.tcp_connection)
        plain, secure = (None, self._tcp_port) if self.settings.tls else (self._tcp_port, None)
        self.node.address = Address(HOST, self._port, plain, secure)

    async def _close(self) -> None:
        if self._tcp is not None:
            self._tcp.close()
            self._tcp = None
        if self._http is not None:
            await self._http.close()
            self._http = None

    def _cut(self, client: tuple[str, int]) -> None:
        if self._http is not None:
            self._http.reset(client)

    # Failures of the node, and the end of each

    def stop_notification_service(self) -> None:
        """XMPP is cut and refused at every door; Finesse goes out of service, which SystemInfo says."""
        self.notifications.stop()
        self.node.lose(NOTIFICATIONS, "Notification Service is unreachable")

    def start_notification_service(self) -> None:
        """XMPP is served again, with the subscriptions there were; Finesse comes into service."""
        self.notifications.start()
        self.node.regain(NOTIFICATIONS)

    def stop_tomcat(self) -> None:
        """REST requests lose their connection and ``finesse`` becomes unavailable; XMPP goes on."""
        self._front.missing = "tomcat"
        self._halt("Tomcat is down")

    def stop_web_app(self, status: Literal[404, 503] = 404) -> None:
        """REST requests get a web page with this status and ``finesse`` becomes unavailable; XMPP goes on."""
        self._front.missing, self._front.status = "web app", status
        self._halt("the web application is down")

    def start_tomcat(self) -> None:
        """Finesse starts anew: available, then in service, then the last state of everything."""
        self._front.missing = ""
        self.notifications.set_finesse_presence(True)
        self.node.boot()

    start_web_app = start_tomcat

    def _halt(self, reason: str) -> None:
        self.node.halt(reason)
        self.notifications.set_finesse_presence(False)

    async def die(self) -> None:
        """The machine is gone: every connection is reset, and its ports refuse. Harmless when repeated."""
        self.node.halt("the node is down")
        for port in (self._http, self._tcp):
            if port is not None:
                port.reset()
        self.notifications.stop()
        if self._http is not None:
            await self._close()
            self._reserve([self._port] if self._tcp_port is None else [self._port, self._tcp_port])

    async def come_back(self) -> None:
        """The machine starts, on the same ports: with its subscriptions, without sessions."""
        if self._http is None:
            await self._open()
            self.start_tomcat()
            self.start_notification_service()

    def fail_heartbeat(self) -> None:
        """CTI stops answering heartbeats; the node has not drawn its conclusion yet and stays in service."""
        self.node.system.fail_heartbeat(True)

    def restore_heartbeat(self) -> None:
        """CTI answers again."""
        self.node.system.fail_heartbeat(False)

    def enter_maintenance(self, phase: Maintenance = "INITIATING") -> None:
        """Finesse maintenance mode begins, or goes on to its next phase; told by a SystemInfo event (CCE)."""
        self.node.maintain(phase)

    def leave_maintenance(self) -> None:
        """The mode is over; told by a SystemInfo event."""
        self.node.maintain(None)

    def lose_user_database(self) -> None:
        """REST knows only those who have proved themselves in the last half hour; events go on (CCE)."""
        self.node.lose_user_database(True)

    def regain_user_database(self) -> None:
        """Everybody is known again."""
        self.node.lose_user_database(False)
