"""Test tools: a Notification Service on its own TLS port, and a raw XMPP client on asyncio streams."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import tempfile
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from mcp_finesse.simulator.openfire.notification_service import NotificationService
from mcp_finesse.simulator.openfire_settings import STOCK, OpenfireSettings
from mcp_finesse.simulator.ports.certificates import Authority
from mcp_finesse.simulator.ports.listening import Listener
from mcp_finesse.simulator.ports.tcp_port import TcpPort
from mcp_finesse.simulator.publishing.publication import Publication
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support_xmpp import DOMAIN, LIMIT, FakeCenter, FakeFaults, RawClient, tag

HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    f"xmlns:stream='http://etherx.jabber.org/streams' to='{DOMAIN}' version='1.0'>"
)


class TcpClient(RawClient):
    """A hand-written XMPP client over TCP; it inherits the stanza methods of ``RawClient``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.jid = ""
        self._numbers = iter(range(1, 1_000_000))
        self._renew()

    def _renew(self) -> None:
        self._parser = ET.XMLPullParser(("start", "end"))
        self._depth = 0
        self._ready: deque[ET.Element] = deque()
        self.raw = b""

    async def send(self, xml: str) -> None:
        self.writer.write(xml.encode())
        await self.writer.drain()

    async def receive(self) -> ET.Element:
        """Return the next element: the stream header is the first one, the finished stream the last."""
        while not self._ready:
            async with asyncio.timeout(LIMIT):
                data = await self.reader.read(65536)
            if not data:
                raise EOFError
            self.raw += data
            self._parser.feed(data)
            for event, element in self._parser.read_events():
                self._depth += 1 if event == "start" else -1
                if (event, self._depth) in (("start", 1), ("end", 1), ("end", 0)):
                    self._ready.append(element)
        return self._ready.popleft()

    async def open(self, to: str = DOMAIN) -> tuple[ET.Element, ET.Element]:
        self._renew()
        await self.send(HEADER.replace(f"to='{DOMAIN}'", f"to='{to}'"))
        return await self.receive(), await self.receive()

    async def ended(self, condition: str | None = None) -> None:
        """Expect the stream error, if any, and the footer from the server; then send the client's footer."""
        if condition:
            error = await self.receive()
            assert (error.tag, error[0].tag) == (tag("stream:error"), tag(f"streams:{condition}"))
        assert (await self.receive()).tag == tag("stream:stream")
        await self.send("</stream:stream>")
        await self.cut()

    async def cut(self) -> None:
        """Check that the connection is closed and that nothing more was received."""
        async with asyncio.timeout(LIMIT):
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                assert await self.reader.read() == b""


@dataclass
class TcpNode:
    """A running Notification Service on its own port."""

    port: int
    trust: ssl.SSLContext
    center: FakeCenter
    faults: FakeFaults
    service: NotificationService

    @contextlib.asynccontextmanager
    async def raw(self) -> AsyncIterator[TcpClient]:
        """Return a client that has done only the TLS handshake."""
        reader, writer = await asyncio.open_connection("localhost", self.port, ssl=self.trust)
        try:
            yield TcpClient(reader, writer)
        finally:
            writer.transport.abort()

    @contextlib.asynccontextmanager
    async def client(self, user: str = "1001", resource: str = "tcp-1") -> AsyncIterator[TcpClient]:
        """Return a client that is logged in."""
        async with self.raw() as client:
            await client.log_in(user, resource)
            yield client

    def publish(self, node: str, xml: str = "<Update/>") -> None:
        self.service.publish(Publication(node, xml))


@contextlib.asynccontextmanager
async def running_tcp(openfire: OpenfireSettings | None = None) -> AsyncIterator[TcpNode]:
    """Run a Notification Service on a free loopback port, with TLS from the first byte."""
    center, faults = FakeCenter(), FakeFaults()
    service = NotificationService(center, faults, SimulatorSettings(openfire=openfire or STOCK))
    with tempfile.TemporaryDirectory() as folder:
        files = Authority(Path(folder)).issue("server", "localhost")
        port = await TcpPort.open(Listener.on("127.0.0.1", 0), files, service.tcp_connection)
        trust = ssl.create_default_context(cafile=str(files.ca_file))
    try:
        yield TcpNode(port.port, trust, center, faults, service)
    finally:
        await service.aclose()
        port.close()
