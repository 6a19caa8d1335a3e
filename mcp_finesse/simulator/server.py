"""A simulated Finesse node inside this process, with REST and the Notification Service on local ports."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Literal

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.http_router import HttpRouter
from mcp_finesse.simulator.node import NOTIFICATIONS, FinesseNode
from mcp_finesse.simulator.observer import RecordedRequest
from mcp_finesse.simulator.openfire.notification_service import NotificationService
from mcp_finesse.simulator.ports.node_ports import NodePorts
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.rest.api import RestApi
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.site import Site
from mcp_finesse.simulator.system_info import Address, Maintenance
from mcp_finesse.simulator.world.world import World

HOST = "localhost"


class Simulator:
    """A simulated Finesse node.

        async with Simulator(SimulatorSettings()) as simulator:
            ...  # simulator.url, simulator.ws_url, simulator.bosh_url, simulator.ca_file

    Attributes:
        settings: the settings that were passed to the constructor.
        faults: faults to inject.
        center: the contact center, with agents, calls, customers, and a snapshot of the actual state.
        node: the state of this node, such as the service state.
        notifications: the Notification Service.
        ca_file: the PEM file of the CA certificate to trust. The folder of the file is deleted when the
            simulator stops.
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

    @property
    def url(self) -> str:
        """Base URL of the REST API, without a path."""
        return f"{'https' if self.settings.tls else 'http'}://{HOST}:{self._ports.port}"

    @property
    def ws_url(self) -> str:
        """WebSocket URL of the Notification Service."""
        return f"{'wss' if self.settings.tls else 'ws'}://{HOST}:{self._ports.port}/ws"

    @property
    def bosh_url(self) -> str:
        """BOSH URL of the Notification Service."""
        return f"{self.url}/http-bind"

    @property
    def tcp_address(self) -> tuple[str, int]:
        """The host and port for XMPP over TCP.

        Raises:
            RuntimeError: ``tcp_port`` is ``None`` in the settings.
        """
        if self._ports.tcp_port is None:
            raise RuntimeError("the simulator was started without a TCP port; set tcp_port")
        return HOST, self._ports.tcp_port

    @property
    def is_running(self) -> bool:
        """Whether the machine runs, so that its ports accept connections."""
        return self._ports.is_open

    @property
    def requests(self) -> deque[RecordedRequest]:
        """The most recent REST requests, oldest first."""
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
        """Close all connections and ports within a bounded time."""
        try:
            await self.stop()
        finally:
            self._site.close()

    async def start(self, site: Site) -> None:
        """Start the node as one of several nodes of a site. To run a single node, use ``async with`` instead.

        Raises:
            OSError: a port is in use.
        """
        settings = self.settings
        self.faults = Faults()
        self.center = site.center
        self.node = site.center.add_node(settings, self.faults)
        self.notifications = NotificationService(self.node, self.faults, settings)
        self.node.publish = self.notifications.publish
        self.notifications.on_published = self._observe_event
        self.faults.on_event_fault = self._observe_event_fault
        self.faults.on_kill_links = self.notifications.kill_links
        self._rest = RestApi(self.center, self.node)
        self._http_router = HttpRouter(
            self._rest, self.notifications, lambda client: self._ports.reset(client)
        )
        self.ca_file = site.authority.ca_file
        names = dict.fromkeys((HOST, "127.0.0.1", "::1", settings.host, settings.domain))
        certificates = site.authority.issue(settings.domain, *names)
        self._ports = NodePorts(settings, certificates, self._http_router, self.notifications.tcp_connection)
        await self._ports.open()
        plain, secure = (None, self._ports.tcp_port) if settings.tls else (self._ports.tcp_port, None)
        self.node.address = Address(HOST, self._ports.port, plain, secure)

    async def stop(self) -> None:
        """Close all connections gracefully, then the ports, within a bounded time."""
        try:
            await self.notifications.aclose()
        finally:
            self._rest.close()
            await self._ports.close()
            self._ports.release()

    def _observe_event(self, publication: Publication, receivers: int) -> None:
        for observer in self.center.observers:
            observer.event_published(self.settings.domain, publication, receivers)

    def _observe_event_fault(self, publication: Publication, fault: str) -> None:
        for observer in self.center.observers:
            observer.event_altered(self.settings.domain, publication, fault)

    # Node failures and recoveries

    def stop_notification_service(self) -> None:
        """Cut all XMPP connections, refuse new connections, and put Finesse out of service, as SystemInfo shows."""
        self.notifications.stop()
        self.node.lose(NOTIFICATIONS, "Notification Service is unreachable")

    def start_notification_service(self) -> None:
        """Serve XMPP again, with the previous subscriptions, and put Finesse back in service."""
        self.notifications.start()
        self.node.regain(NOTIFICATIONS)

    def stop_tomcat(self) -> None:
        """Reset the connection of every REST request, and make the user ``finesse`` unavailable. XMPP still works."""
        self._http_router.missing = "tomcat"
        self._halt("Tomcat is down")

    def stop_web_app(self, status: Literal[404, 503] = 404) -> None:
        """Respond to REST with an HTML page and ``status``. Make the user ``finesse`` unavailable. XMPP still works."""
        self._http_router.missing, self._http_router.status = "web app", status
        self._halt("the web application is down")

    def start_tomcat(self) -> None:
        """Restart Finesse, which becomes available, then in service, then publishes the latest state of all objects."""
        self._http_router.missing = ""
        if self.node.halted:
            self.notifications.set_finesse_presence(True)
            self.node.boot()

    start_web_app = start_tomcat

    def _halt(self, reason: str) -> None:
        if not self.node.halted:
            self.node.halt(reason)
            self.notifications.set_finesse_presence(False)

    async def die(self) -> None:
        """Simulate a machine failure. Reset every connection and refuse new connections. Idempotent."""
        self.node.halt("the node is down")
        self._ports.reset()
        self.notifications.stop()
        if self._ports.is_open:
            await self._ports.close()
            self._ports.reserve()

    async def come_back(self) -> None:
        """Restart the machine on the same ports. The subscriptions still exist, but the XMPP sessions do not."""
        if not self._ports.is_open:
            await self._ports.open()
            self.start_tomcat()
            self.start_notification_service()

    def fail_heartbeat(self) -> None:
        """Let CTI heartbeats fail while the node is still in service."""
        self.node.system.fail_heartbeat(True)

    def restore_heartbeat(self) -> None:
        """Let CTI heartbeats succeed again."""
        self.node.system.fail_heartbeat(False)

    def enter_maintenance(self, phase: Maintenance = "INITIATING") -> None:
        """Enter Finesse maintenance mode or its next phase, and publish a SystemInfo event (CCE)."""
        self.node.set_maintenance(phase)

    def leave_maintenance(self) -> None:
        """Leave maintenance mode and publish a SystemInfo event."""
        self.node.set_maintenance(None)

    def lose_user_database(self) -> None:
        """Lose the user database (CCE). REST then accepts only recently authenticated users. Events continue."""
        self.node.lose_user_database(True)

    def regain_user_database(self) -> None:
        """Restore the user database, so that every user can authenticate again."""
        self.node.lose_user_database(False)
