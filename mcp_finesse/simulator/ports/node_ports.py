"""The two ports of a node: the HTTP port for REST, WebSocket and BOSH, and the port for XMPP over TCP."""

from __future__ import annotations

from mcp_finesse.simulator.ports.certificates import CertificateFiles
from mcp_finesse.simulator.ports.http_port import App, HttpPort
from mcp_finesse.simulator.ports.listening import Listener
from mcp_finesse.simulator.ports.tcp_port import Serve, TcpPort
from mcp_finesse.simulator.settings import SimulatorSettings


class NodePorts:
    """The ports of a node, which open and close together. They start closed. A reserved port refuses connections.

    Args:
        settings: the host, the ports and TLS.
        certificates: certificates of the node.
        app: the ASGI application that serves HTTP and WebSocket.
        serve_tcp: a function that serves a TCP connection.

    Attributes:
        port: the port for REST, WebSocket and BOSH. Until the ports are first opened, ``port`` is the
            configured value.
        tcp_port: the port for XMPP over TCP. ``None`` if disabled.
    """

    def __init__(
        self, settings: SimulatorSettings, certificates: CertificateFiles, app: App, serve_tcp: Serve
    ) -> None:
        self.port = settings.port
        self.tcp_port = settings.tcp_port
        self._host = settings.host
        self._certificates = certificates if settings.tls else None
        self._app = app
        self._serve_tcp = serve_tcp
        self._http: HttpPort | None = None
        self._tcp: TcpPort | None = None
        self._reserved: list[Listener] = []

    async def open(self) -> None:
        """Listen on all ports, then serve them. If one port is already in use, close all ports again.

        Raises:
            OSError: a port is in use.
        """
        if not self._reserved:
            self.reserve()
        try:
            for listener in self._reserved:
                listener.open()
        except BaseException:
            self.release()
            raise
        http, *tcp = self._reserved
        self._reserved = []
        self._http = HttpPort(http, self._certificates, self._app)
        for listener in tcp:
            self._tcp = await TcpPort.open(listener, self._certificates, self._serve_tcp)

    @property
    def is_open(self) -> bool:
        """Whether the ports accept connections."""
        return self._http is not None

    def reset(self, client: tuple[str, int] | None = None) -> None:
        """Reset every connection, or only the HTTP connections of a given client."""
        if self._http is not None:
            self._http.reset(client)
        if self._tcp is not None and client is None:
            self._tcp.reset()

    async def close(self) -> None:
        """Stop accepting connections, and close the open connections."""
        if self._tcp is not None:
            self._tcp.close()
            self._tcp = None
        if self._http is not None:
            await self._http.close()
            self._http = None

    def release(self) -> None:
        """Release the reserved ports."""
        for listener in self._reserved:
            listener.close()
        self._reserved = []

    def reserve(self) -> None:
        """Bind the ports without listening, so that no other process can use them. Reuse earlier port numbers.

        Raises:
            OSError: a port is in use.
        """
        try:
            for port in (self.port, self.tcp_port):
                if port is not None:
                    self._reserved.append(Listener.reserve(self._host, port))
        except BaseException:
            self.release()
            raise
        self.port, *tcp = (listener.port for listener in self._reserved)
        self.tcp_port = tcp[0] if tcp else None
