"""The transport against servers of every kind: each dial ends in time with the step that failed."""

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
    assert not ear.lost.done()  # a transport that was never returned does not end either
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


def test_a_route_tells_what_it_is() -> None:
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
        ("wss://5001:secret@fin.test/ws", "holds a user name"),
        ("ws://fin.test:7071/ws", "the password could be read on the network"),
    ],
)
def test_an_address_that_will_not_do_is_refused_before_anything_is_sent(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        websocket_route(url)
    assert "secret" not in str(caught.value)
    assert caught.value.advice


# Dialling


async def test_a_certificate_for_another_name_is_refused_unless_that_name_is_given() -> None:
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
        ("101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "Sec-WebSocket-Accept"),
    ],
    ids=["page", "redirection", "busy", "nonsense", "bad upgrade"],
)
async def test_what_is_no_websocket_is_an_upgrade_failure(response: str, why: str) -> None:
    async with raw_server(answers(f"HTTP/1.1 {response}".encode())) as port:
        error = await failure(insecure(port))
    assert error.step == "upgrade"
    assert why in error.message
    assert "/ws" in error.message


async def test_a_page_that_never_ends_is_an_upgrade_failure_in_time() -> None:
    async with raw_server(answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>")) as port:
        error = await failure(insecure(port), seconds=0.2)
    assert (error.step, "no answer within 0.2 s" in error.message) == ("upgrade", True)


async def test_a_server_that_accepts_and_says_nothing_is_an_upgrade_failure_in_time() -> None:
    async with raw_server(says_nothing) as port:
        assert (await failure(insecure(port), seconds=0.2)).step == "upgrade"


async def test_a_server_that_hangs_up_instead_of_an_answer_is_an_upgrade_failure() -> None:
    async with raw_server(answers(b"", then_close=True)) as port:
        error = await failure(insecure(port))
    assert error.step == "upgrade"


async def test_a_websocket_that_does_not_speak_xmpp_is_an_upgrade_failure() -> None:
    async with Peer(subprotocol=None) as peer:
        error = await failure(peer.route)
    assert error.step == "upgrade"
    assert "sub-protocol xmpp" in error.message


async def test_a_connection_lost_before_the_upgrade_is_not_waited_for() -> None:
    transport = websocket_transport.WebSocketTransport(Ear(), parse_uri("ws://fin.test/ws"))
    transport.abort()
    with pytest.raises(ConnectionResetError):
        await transport.upgrade()


async def test_cancelling_a_dial_leaves_nothing() -> None:
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
    """A transport whose stream is open, and a peer that says nothing by itself."""
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


async def test_a_message_in_several_frames_is_one_stanza() -> None:
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


async def test_messages_are_the_same_however_the_bytes_are_cut() -> None:
    """Reads that are one whole frame take a shorter way; all others, and what they leave behind, the long one."""
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


async def test_a_frame_ping_is_answered() -> None:
    async with connected() as (peer, _, _), asyncio.timeout(5):
        await (await peer.socket.ping())


async def test_whitespace_is_never_sent_and_each_write_is_a_frame() -> None:
    async with connected() as (peer, transport, _):
        transport.write(b" ")
        transport.write(b"<presence/>")
        transport.write(bytearray(b"\n"))
        transport.write(memoryview(b"<iq/>"))
        await peer.until_received("<iq")
        assert peer.received[1:] == ["<presence xmlns='jabber:client'/>", "<iq xmlns='jabber:client'/>"]


async def test_an_end_is_told_to_the_server_and_nothing_is_sent_after_it() -> None:
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
async def test_what_is_not_rfc_7395_ends_the_link_at_once_with_the_reason(frame: bytes, why: str) -> None:
    async with connected() as (peer, _, ear):
        peer.socket.transport.write(frame)
        async with asyncio.timeout(5):
            assert why in str(await ear.lost)


async def test_nothing_is_heard_after_the_end() -> None:
    frames = [Frame(Opcode.TEXT, text).serialize(mask=False) for text in (b"<open/>", b"<message/>")]
    async with connected() as (peer, _, ear):
        peer.socket.transport.write(b"".join(frames))
        await ear.lost
        assert ear.data == []


async def test_a_message_of_the_largest_size_passes() -> None:
    async with connected() as (peer, _, ear):
        await peer.send("<x>" + "a" * (websocket_transport.MAX_MESSAGE - 7) + "</x>")
        await ear.until(1)
        assert len(ear.data[0]) == websocket_transport.MAX_MESSAGE


async def test_fragments_without_end_end_the_link() -> None:
    async with connected() as (peer, _, ear):
        part = b"a" * 2**20
        peer.socket.transport.write(Frame(Opcode.TEXT, b"<x>", False).serialize(mask=False))
        for _ in range(5):
            peer.socket.transport.write(Frame(Opcode.CONT, part, False).serialize(mask=False))
        async with asyncio.timeout(5):
            assert "exceeds limit" in str(await ear.lost)
        assert ear.data == []


async def test_a_server_that_points_elsewhere_is_quoted() -> None:
    async with connected() as (peer, transport, ear):
        await peer.send(f"<close xmlns='{FRAMING}' see-other-uri='wss://b.test/ws'/>")
        await ear.until(1)
        assert ear.data == [b"</stream:stream>"]
        transport.abort()
        assert "wss://b.test/ws" in str(await ear.lost)


async def test_what_comes_instead_of_an_open_gets_a_root_all_the_same() -> None:
    async with Peer() as peer:
        peer.answers = {"open": says("<x/>")}
        transport = await peer.route.opener(ear := Ear(), 5)
        transport.write(peer.route.header(DOMAIN).encode())
        await ear.until(2)
        assert ear.data == [framing.stream_root(), b"<x/>"]
        transport.abort()
        await ear.lost


async def test_a_connection_that_is_cut_is_lost() -> None:
    async with connected() as (peer, transport, ear):
        peer.cut()
        async with asyncio.timeout(5):
            await ear.lost
        transport.write(b"<presence/>")  # too late, and harmless
        assert transport.is_closing()


async def test_the_library_below_cannot_log_the_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with Peer() as peer, opened(peer):
        await peer.send(presence("x@y"))
    assert "ADUwMDEAc2VjcmV0" not in "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("websockets.server")
    )


async def test_message_of_empty_frames_without_end_ends_the_link() -> None:
    async with connected() as (peer, _, ear):
        peer.socket.transport.write(Frame(Opcode.TEXT, b"<x>", False).serialize(mask=False))
        empty = Frame(Opcode.CONT, b"", False).serialize(mask=False)
        peer.socket.transport.write(empty * 20_000)
        async with asyncio.timeout(5):
            assert "too many frames" in str(await ear.lost)
        assert ear.data == []


async def test_no_compression_is_offered() -> None:
    """What is not offered cannot be agreed on, and a compressed frame is then a breach of the protocol."""
    transport = websocket_transport.WebSocketTransport(Ear(), parse_uri("wss://finesse.example/ws/"))
    assert "Sec-WebSocket-Extensions" not in transport._protocol.connect().headers
