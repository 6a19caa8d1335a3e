"""The ports of a node: one for REST, WebSocket and BOSH, one for XMPP without HTTP. They close and open as one."""

from __future__ import annotations

from mcp_finesse.simulator.ports.certificates import CertificateFiles
from mcp_finesse.simulator.ports.http_port import App, HttpPort
from mcp_finesse.simulator.ports.listening import Listener
from mcp_finesse.simulator.ports.tcp_port import Serve, TcpPort
from mcp_finesse.simulator.settings import SimulatorSettings


class NodePorts:
    """Closed at first. Ports that are reserved and not open refuse connections, and nobody else gets them.

    Args:
        settings: host, ports, TLS.
        certificates: of the node.
        app: serves HTTP and WebSocket.
        serve_tcp: serves a TCP connection.

    Attributes:
        port: of REST, WebSocket and BOSH; as in the settings until it is open for the first time.
        tcp_port: of XMPP without HTTP; ``None`` if there is none.
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
        """Listen before serving: a port that is taken is an error here, and leaves nothing.

        Raises:
            OSError: a port is taken.
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
        """Whether anybody is let in."""
        return self._http is not None

    def reset(self, client: tuple[str, int] | None = None) -> None:
        """Break every connection, or the one to the HTTP port of this client."""
        if self._http is not None:
            self._http.reset(client)
        if self._tcp is not None and client is None:
            self._tcp.reset()

    async def close(self) -> None:
        """Take no more connections, and end what is left of them."""
        if self._tcp is not None:
            self._tcp.close()
            self._tcp = None
        if self._http is not None:
            await self._http.close()
            self._http = None

    def release(self) -> None:
        """Give the ports away."""
        for listener in self._reserved:
            listener.close()
        self._reserved = []

    def reserve(self) -> None:
        """Take the ports, the same ones if there were some.

        Raises:
            OSError: a port is taken.
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
