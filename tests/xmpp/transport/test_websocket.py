"""WebSocket transport against every kind of server: each dial ends in time with the failed step."""

from __future__ import annotations

import asyncio
import logging
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from mcp_finesse.errors import ConfigurationError, NetworkError
from mcp_finesse.xmpp import Route, websocket_route
from mcp_finesse.xmpp.transport import framing, websocket_transport
from tests.xmpp.support import (
    DOMAIN,
    FRAMING,
    Ear,
    Peer,
    client_context,
    opened,
    presence,
    raw_server,
    says,
    says_nothing,
    server_context,
)


def insecure(port: int) -> Route:
    return websocket_route(f"ws://127.0.0.1:{port}/ws", allow_insecure=True)


def secure(port: int, context: ssl.SSLContext | None = None, hostname: str | None = None) -> Route:
    return websocket_route(f"wss://localhost:{port}/ws", context or client_context(), hostname)


async def failure(route: Route, seconds: float = 5) -> NetworkError:
    ear = Ear()
    with pytest.raises(NetworkError) as caught:
        await route.opener(ear, seconds)
    assert not ear.lost.done()  # a transport that was never returned reports no end
    return caught.value


def answers(
    response: bytes, *, then_close: bool = False
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response)
        await writer.drain()
        if not then_close:
            await says_nothing(reader, writer)

    return serve


# Addresses


def test_websocket_route_has_name_url_and_encryption() -> None:
    route = websocket_route("wss://fin.test:8445/ws")
    assert (route.name, route.url, route.encrypted) == ("websocket", "wss://fin.test:8445/ws", True)
    assert f'to="{DOMAIN}"' in route.header(DOMAIN)
    assert not insecure(1).encrypted


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://fin.test:8445/ws", "cannot be used"),
        ("wss:///ws", "cannot be used"),
        ("wss://fin.test:port/ws", "cannot be used"),
        ("wss://5001:secret@fin.test/ws", "contains a user name"),
        ("ws://fin.test:7071/ws", "the password could be read on the network"),
    ],
)
def test_invalid_websocket_url_is_rejected_before_any_request(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        websocket_route(url)
    assert "secret" not in str(caught.value)
    assert caught.value.advice


# Dialing


async def test_certificate_for_another_host_is_rejected_unless_that_host_is_configured() -> None:
    async with Peer(tls=server_context("finesse.corp.test")) as peer:
        port = int(peer.url.split(":")[2].split("/")[0])
        assert (await failure(secure(port))).step == "tls"
        async with opened(peer, route=secure(port, hostname="finesse.corp.test")) as (link, _):
            assert link.connected


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (
            "200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n\r\n<html>",
            "HTTP 200 with text/html",
        ),
        (
            "302 Found\r\nLocation: https://a.test/\r\nContent-Length: 0\r\n\r\n",
            "redirection to https://a.test/",
        ),
        ("503 Busy\r\nContent-Length: 0\r\n\r\n", "HTTP 503"),
        ("nonsense\r\n\r\n", "valid HTTP"),
        (f"{'9' * 5_000}\r\n\r\n", "valid HTTP"),
        ("101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "Sec-WebSocket-Accept"),
    ],
    ids=["page", "redirection", "busy", "nonsense", "long nonsense", "bad upgrade"],
)
async def test_response_that_is_not_websocket_fails_the_upgrade(response: str, why: str) -> None:
    async with raw_server(answers(f"HTTP/1.1 {response}".encode())) as port:
        error = await failure(insecure(port))
    assert error.step == "upgrade"
    assert why in error.message
    assert "/ws" in error.message
    assert len(error.message) < 600


async def test_endless_page_fails_the_upgrade_in_time() -> None:
    async with raw_server(answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>")) as port:
        error = await failure(insecure(port), seconds=0.2)
    assert (error.step, "no response within 0.2 s" in error.message) == ("upgrade", True)


async def test_silent_server_fails_the_upgrade_in_time() -> None:
    async with raw_server(says_nothing) as port:
        assert (await failure(insecure(port), seconds=0.2)).step == "upgrade"


async def test_hangup_instead_of_a_response_fails_the_upgrade() -> None:
    async with raw_server(answers(b"", then_close=True)) as port:
        error = await failure(insecure(port))
    assert error.step == "upgrade"


async def test_websocket_without_xmpp_subprotocol_fails_the_upgrade() -> None:
    async with Peer(subprotocol=None) as peer:
        error = await failure(peer.route)
    assert error.step == "upgrade"
    assert "subprotocol xmpp" in error.message


async def test_connection_lost_before_the_upgrade_is_not_awaited() -> None:
    transport = websocket_transport.WebSocketTransport(Ear(), parse_uri("ws://fin.test/ws"))
    transport.abort()
    with pytest.raises(ConnectionResetError):
        await transport.upgrade()


async def test_cancelled_dial_leaves_nothing_behind() -> None:
    dialled: asyncio.Queue[None] = asyncio.Queue()

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        dialled.put_nowait(None)
        await says_nothing(reader, writer)

    async with raw_server(listens) as port:
        for route in (insecure(port), secure(port)):
            dial = asyncio.ensure_future(route.opener(Ear(), 5))
            async with asyncio.timeout(5):
                await dialled.get()
            dial.cancel()
            with pytest.raises(asyncio.CancelledError):
                await dial


# Frames


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Peer, asyncio.Transport, Ear]]:
    """Yield a transport with an open stream and a peer that sends nothing unprompted."""
    async with Peer() as peer:
        peer.answers = {"open": says(f"<open xmlns='{FRAMING}'/>")}
        transport = await peer.route.opener(ear := Ear(), 5)
        transport.write(peer.route.header(DOMAIN).encode())
        await ear.until(1)
        ear.data.clear()
        yield peer, transport, ear
        transport.abort()
        async with asyncio.timeout(5):
            await ear.lost


async def test_message_in_several_frames_is_one_stanza() -> None:
    text = "<message xmlns='jabber:client'>ü</message>".encode()
    parts = (
        (text[:20], Opcode.TEXT, False),
        (text[20:32], Opcode.CONT, False),
        (text[32:], Opcode.CONT, True),
    )
    async with connected() as (peer, _, ear):
        for data, opcode, fin in parts:
            peer.socket.transport.write(Frame(opcode, data, fin).serialize(mask=False))
        await ear.until(1)
        assert ear.data == [text]


async def test_messages_are_the_same_however_the_bytes_are_split() -> None:
    """A read of one whole frame takes a shortcut. All other reads, and what they leave behind, do not."""
    texts = [b"<message xmlns='jabber:client'>%d</message>" % number for number in range(8)]
    ping = Frame(Opcode.PING, b"").serialize(mask=False)
    frames = [Frame(Opcode.TEXT, text).serialize(mask=False) for text in texts]
    for cut in (1, 2, 3, 20, len(frames[0])):
        async with connected() as (_, transport, ear):
            socket = cast("asyncio.Protocol", transport)
            stream = [frames[0], frames[1][:cut], frames[1][cut:], ping, frames[2] + frames[3], frames[4]]
            for data in (*stream, frames[5][:1], frames[5][1:] + frames[6][:cut], frames[6][cut:], frames[7]):
                socket.data_received(data)
            assert ear.data == texts[:8]


async def test_websocket_ping_is_answered() -> None:
    async with connected() as (peer, _, _), asyncio.timeout(5):
        seconds = await (await peer.socket.ping())
        assert 0 <= seconds < 5


async def test_whitespace_is_not_sent_and_each_write_is_one_frame() -> None:
    async with connected() as (peer, transport, _):
        transport.write(b" ")
        transport.write(b"<presence/>")
        transport.write(bytearray(b"\n"))
        transport.write(memoryview(b"<iq/>"))
        await peer.until_received("<iq")
        assert peer.received[1:] == ["<presence xmlns='jabber:client'/>", "<iq xmlns='jabber:client'/>"]


async def test_close_is_sent_to_the_server_and_nothing_after_it() -> None:
    async with connected() as (peer, transport, ear):
        transport.close()
        transport.close()
        assert transport.is_closing()
        transport.write(b"<presence/>")
        await ear.lost
        await peer.gone.wait()
        assert peer.socket.protocol.close_code == 1000
        assert len(peer.received) == 1


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (Frame(Opcode.BINARY, b"x").serialize(mask=False), "binary frame"),
        (
            Frame(Opcode.CLOSE, b"\x03\xe9bye").serialize(mask=False),
            "closed the WebSocket (1001 (going away) bye)",
        ),
        (Frame(Opcode.CLOSE, b"").serialize(mask=False), "closed the WebSocket"),
        (b"\x81\x7f" + struct.pack("!Q", websocket_transport.MAX_MESSAGE + 1), "exceeds limit"),
        (b"\xf1\x00", "reserved bits"),
        (Frame(Opcode.TEXT, b"<open/>").serialize(mask=False), "not of urn:ietf"),
        (Frame(Opcode.TEXT, b"<!DOCTYPE x><x/>").serialize(mask=False), "document type"),
    ],
    ids=["binary", "close", "bare close", "too big", "reserved bits", "odd open", "document type"],
)
async def test_violation_of_rfc_7395_ends_the_link_with_the_reason(frame: bytes, why: str) -> None:
    async with connected() as (peer, _, ear):
        peer.socket.transport.write(frame)
        async with asyncio.timeout(5):
            assert why in str(await ear.lost)


async def test_nothing_is_delivered_after_the_end() -> None:
    frames = [Frame(Opcode.TEXT, text).serialize(mask=False) for text in (b"<open/>", b"<message/>")]
    async with connected() as (peer, _, ear):
        peer.socket.transport.write(b"".join(frames))
        await ear.lost
        assert ear.data == []


async def test_message_of_the_maximum_size_is_delivered() -> None:
    async with connected() as (peer, _, ear):
        await peer.send("<x>" + "a" * (websocket_transport.MAX_MESSAGE - 7) + "</x>")
        await ear.until(1)
        assert len(ear.data[0]) == websocket_transport.MAX_MESSAGE


async def test_endless_fragments_end_the_link() -> None:
    async with connected() as (peer, _, ear):
        part = b"a" * 2**20
        peer.socket.transport.write(Frame(Opcode.TEXT, b"<x>", False).serialize(mask=False))
        for _ in range(5):
            peer.socket.transport.write(Frame(Opcode.CONT, part, False).serialize(mask=False))
        async with asyncio.timeout(5):
            assert "exceeds limit" in str(await ear.lost)
        assert ear.data == []


async def test_close_with_redirection_is_quoted() -> None:
    async with connected() as (peer, transport, ear):
        await peer.send(f"<close xmlns='{FRAMING}' see-other-uri='wss://b.test/ws'/>")
        await ear.until(1)
        assert ear.data == [b"</stream:stream>"]
        transport.abort()
        assert "wss://b.test/ws" in str(await ear.lost)


async def test_long_redirection_is_truncated() -> None:
    async with connected() as (peer, transport, ear):
        await peer.send(f"<close xmlns='{FRAMING}' see-other-uri='wss://{'b' * 9000}'/>")
        await ear.until(1)
        transport.abort()
        assert len(str(await ear.lost)) < 500


async def test_root_is_delivered_even_without_an_open() -> None:
    async with Peer() as peer:
        peer.answers = {"open": says("<x/>")}
        transport = await peer.route.opener(ear := Ear(), 5)
        transport.write(peer.route.header(DOMAIN).encode())
        await ear.until(2)
        assert ear.data == [framing.stream_root(), b"<x/>"]
        transport.abort()
        await ear.lost


async def test_cut_connection_is_lost() -> None:
    async with connected() as (peer, transport, ear):
        peer.cut()
        async with asyncio.timeout(5):
            await ear.lost
        transport.write(b"<presence/>")  # too late, and harmless
        assert transport.is_closing()


async def test_websockets_library_does_not_log_the_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with Peer() as peer, opened(peer):
        await peer.send(presence("x@y"))
    assert "ADUwMDEAc2VjcmV0" not in "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("websockets.server")
    )


async def test_endless_empty_frames_end_the_link() -> None:
    async with connected() as (peer, _, ear):
        peer.socket.transport.write(Frame(Opcode.TEXT, b"<x>", False).serialize(mask=False))
        empty = Frame(Opcode.CONT, b"", False).serialize(mask=False)
        peer.socket.transport.write(empty * 20_000)
        async with asyncio.timeout(5):
            assert "too many frames" in str(await ear.lost)
        assert ear.data == []


async def test_compression_is_not_offered() -> None:
    """Without an offer, a compressed frame violates the protocol."""
    transport = websocket_transport.WebSocketTransport(Ear(), parse_uri("wss://finesse.example/ws/"))
    assert "Sec-WebSocket-Extensions" not in transport._protocol.connect().headers
