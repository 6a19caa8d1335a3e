"""A server that sends faster than the client handles, or reads nothing, does not exhaust memory."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable

import pytest
from websockets.frames import Frame, Opcode
from websockets.utils import accept_key

from mcp_finesse.xmpp import Route, tcp_route, websocket_route
from mcp_finesse.xmpp.negotiation import Ending, lost
from mcp_finesse.xmpp.paced_input import HIGH
from mcp_finesse.xmpp.stream import TransportClient
from tests.xmpp.support import DOMAIN, FRAMING, JID, Ear, client_context, identity, raw_server, server_context

Greeting = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MEGABYTE = 2**20
IN_SOCKETS = 24 * MEGABYTE
"""More than the buffers of both sockets, TLS and asyncio hold on any system."""
STANZA = b"<message xmlns='jabber:client'><body>%s</body></message>" % (b"x" * 8000)


async def greet_tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b">")
    writer.write(
        b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='s' version='1.0'>"
    )


async def greet_websocket(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = request.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
    writer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_key(key)}\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n".encode()
    )
    writer.write(text_frame(f"<open xmlns='{FRAMING}' from='{DOMAIN}' id='s' version='1.0'/>".encode()))


def text_frame(data: bytes) -> bytes:
    return Frame(Opcode.TEXT, data).serialize(mask=False)


def tcp(port: int, tls: bool) -> Route:
    if tls:
        return tcp_route("localhost", port, client_context())
    return tcp_route("127.0.0.1", port, encrypted=False, allow_insecure=True)


def websocket(port: int, tls: bool) -> Route:
    if tls:
        return websocket_route(f"wss://localhost:{port}/ws", client_context())
    return websocket_route(f"ws://127.0.0.1:{port}/ws", allow_insecure=True)


transports = pytest.mark.parametrize(
    ("greet", "route_to", "stanza"),
    [(greet_tcp, tcp, STANZA), (greet_websocket, websocket, text_frame(STANZA))],
    ids=["tcp", "websocket"],
)
encrypted = pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])


class Flood:
    """A server that sends one piece repeatedly, as fast as it is read."""

    def __init__(self, greet: Greeting, piece: bytes, *, megabytes: int) -> None:
        self.sent = 0
        self._greet = greet
        self._block = piece * (MEGABYTE // 4 // len(piece) + 1)
        self._size = megabytes * MEGABYTE
        self.all_sent = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._greet(reader, writer)
        while self.sent < self._size:
            writer.write(self._block)
            await writer.drain()
            self.sent += len(self._block)
        self.all_sent.set()
        await asyncio.Event().wait()

    async def until_it_stalls(self) -> None:
        """Wait until nothing was sent for 200 ms."""
        before = -1
        while self.sent != before:
            before = self.sent
            await asyncio.sleep(0.2)


@transports
@encrypted
async def test_nothing_is_read_while_the_stream_pauses_the_transport(
    greet: Greeting, route_to: Callable[[int, bool], Route], stanza: bytes, tls: bool
) -> None:
    flood = Flood(greet, stanza, megabytes=60)
    async with raw_server(flood.serve, server_context() if tls else None) as port:
        route = route_to(port, tls)
        transport = await route.opener(ear := Ear(), 5)
        transport.write(route.header(DOMAIN).encode())
        await ear.until(1)
        transport.pause_reading()
        await asyncio.sleep(0)
        held = len(ear.data)
        transport.write(b"<presence/>")  # writing does not resume reading
        await flood.until_it_stalls()
        assert flood.sent < IN_SOCKETS
        assert len(ear.data) <= held + 20  # from the buffer that was being handled
        transport.resume_reading()
        async with asyncio.timeout(20):
            await flood.all_sent.wait()
        transport.abort()
        await ear.lost


@transports
async def test_data_waiting_for_the_parser_is_bounded(
    greet: Greeting,
    route_to: Callable[[int, bool], Route],
    stanza: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "mcp_finesse.xmpp.paced_input.BUDGET", -1.0
    )  # handle less per turn than one read returns
    waiting: list[int] = []
    taken = 0
    ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

    def take(element: ET.Element) -> bool:
        nonlocal taken
        taken += 1
        return True

    flood = Flood(greet, stanza, megabytes=16)
    async with raw_server(flood.serve) as port:
        route = route_to(port, False)
        client = TransportClient(JID, identity().password, route, take=take, on_end=ended.set_result)
        feed = client._input.feed
        monkeypatch.setattr(
            client._input, "feed", lambda data: (feed(data), waiting.append(client._input._waiting))
        )
        client.attach(await route.opener(client, 5))
        async with asyncio.timeout(60):
            await flood.all_sent.wait()
        assert max(waiting) < HIGH + 2**17
        assert taken > 100
        client.end(lost("the test is over"))
        await client.aclose(0.1)


@encrypted
async def test_pongs_do_not_pile_up_while_the_server_reads_nothing(tls: bool) -> None:
    ping = Frame(Opcode.PING, b"p" * 125).serialize(mask=False)
    flood = Flood(greet_websocket, ping, megabytes=200)
    async with raw_server(flood.serve, server_context() if tls else None) as port:
        route = websocket(port, tls)
        transport = await route.opener(ear := Ear(), 5)
        await flood.until_it_stalls()
        assert flood.sent < 2 * IN_SOCKETS
        transport.abort()
        await ear.lost
