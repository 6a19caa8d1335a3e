"""XMPP over TCP (RFC 6120). The connection uses direct TLS if the port has TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from xml.etree.ElementTree import Element

from mcp_finesse.simulator.openfire.ports import StreamEndpoint
from mcp_finesse.simulator.openfire.session import Stage, XmppSession
from mcp_finesse.simulator.openfire.stanzas import CLIENT, STREAM, build
from mcp_finesse.simulator.openfire.xml_stream import StreamXmlError, XmlStream

FOOTER = "</stream:stream>"
_CHUNK = 64 * 1024
_MAX_UNREAD = 8 * 2**20  # a client is disconnected if it leaves more bytes than this unread


class TcpEndpoint:
    """One TCP connection. Implements ``StreamEndpoint``.

    Args:
        domain: XMPP domain for stream headers.
        reader: reader of the connection.
        writer: writer of the connection.
        close_timeout: how many seconds the client has to close its side after the server has closed its own
            side.
    """

    def __init__(
        self, domain: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, close_timeout: float
    ) -> None:
        self._domain = domain
        self._reader = reader
        self._writer = writer
        self._close_timeout = close_timeout
        self._deadline = asyncio.timeout(None)
        self._closing = False
        self._finished = False  # the client has sent its footer

    async def run(self, open_session: Callable[[StreamEndpoint], XmppSession]) -> None:
        """Serve the session of this connection until it is closed or lost."""
        session = open_session(self)
        self._session = session
        self._xml = self._new_stream()
        try:
            async with self._deadline:
                await self._read()
                self._writer.close()
                await self._writer.wait_closed()
        except (TimeoutError, OSError):
            pass  # the client did not close in time, or has disconnected
        finally:
            self._closing = True
            self._writer.transport.abort()
            session.connection_lost()

    def open_stream(self, stream_id: str) -> None:
        """Send the stream header."""
        names = {"xmlns:stream": STREAM, "from": self._domain, "id": stream_id}
        header = build("stream:stream", {**names, "version": "1.0", "xml:lang": "en"}, xmlns=CLIENT)
        self.send(f"<?xml version='1.0' encoding='UTF-8'?>{header.removesuffix('/>')}>")

    def send(self, element: str) -> None:
        """Write one element. Disconnect a client that has left too much data unread."""
        if self._closing:
            return
        self._writer.write(element.encode())
        if self._writer.transport.get_write_buffer_size() > _MAX_UNREAD:
            self.abort()

    def close_stream(self) -> None:
        """Send the stream footer. The connection ends when the client's footer arrives, or after the timeout."""
        self.send(FOOTER)
        if not self._closing:
            self._closing = True
            self._deadline.reschedule(asyncio.get_running_loop().time() + self._close_timeout)

    def abort(self) -> None:
        """Drop the connection and discard unsent data."""
        self._closing = True
        self._writer.transport.abort()

    def _new_stream(self) -> XmlStream:
        return XmlStream(self._opened, self._element, self._ended)

    async def _read(self) -> None:
        while not self._finished and (data := await self._reader.read(_CHUNK)):
            self._take(data)
        if not self._closing:  # the client closed without a footer
            self._session.end()

    def _take(self, data: bytes) -> None:
        if self._closing:
            # Only the client's footer matters after the server's footer. If the footer arrives in two reads,
            # the timeout ends the wait.
            self._finished = FOOTER.encode() in data
            return
        before = self._session.stage
        try:
            self._xml.feed(data)
        except StreamXmlError as error:
            self._session.end(error.condition)
        if self._session.stage is Stage.REOPENING is not before:
            self._xml = self._new_stream()  # SASL success replaces the stream (RFC 6120 section 6.4.6)

    def _opened(self, attributes: dict[str, str]) -> None:
        self._session.open(attributes.get("to"))

    def _element(self, element: Element) -> None:
        if not self._closing:
            self._session.receive(element)

    def _ended(self) -> None:
        self._finished = True
        self._session.end()
