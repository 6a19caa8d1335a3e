"""The XML stream over TCP: bytes sent and received, and every dial failure."""

from __future__ import annotations

import asyncio
import socket
import struct
import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.errors import ConfigurationError, FinesseError, NetworkError
from mcp_finesse.xmpp import Route, tcp_route
from mcp_finesse.xmpp.stream import TransportClient
from mcp_finesse.xmpp.transport.tcp import TcpTransport
from tests.xmpp.support import (
    DOMAIN,
    HASTY,
    JID,
    SASL,
    Ear,
    client_context,
    identity,
    opened_by,
    raw_server,
    says_nothing,
    server_context,
)

HEADER = b"<stream:stream to='fin.test'>"
ROOT = (
    b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
    b" id='s1' version='1.0'>"
)


def secure(port: int, hostname: str | None = None) -> Route:
    return tcp_route("localhost", port, client_context(), server_hostname=hostname)


def insecure(port: int) -> Route:
    return tcp_route("127.0.0.1", port, encrypted=False, allow_insecure=True)


async def failure(route: Route, seconds: float = 5) -> NetworkError:
    ear = Ear()
    with pytest.raises(NetworkError) as caught:
        await route.opener(ear, seconds)
    assert not ear.lost.done()  # a transport that was never returned reports no end
    return caught.value


# Addresses


def test_tcp_route_has_name_url_and_encryption() -> None:
    route = tcp_route("fin.test", 5223)
    assert (route.name, route.url, route.encrypted) == ("tcp", "tls://fin.test:5223", True)
    plain = tcp_route("::1", 5222, encrypted=False, allow_insecure=True)
    assert (plain.url, plain.encrypted) == ("tcp://[::1]:5222", False)


def test_header_opens_a_stream_to_the_domain_and_footer_ends_it() -> None:
    route = tcp_route("fin.test", 5223)
    root = ET.fromstring(route.header("a&b.test") + route.footer)
    assert root.tag == "{http://etherx.jabber.org/streams}stream"
    assert (root.get("to"), root.get("version")) == ("a&b.test", "1.0")
    assert "xmlns='jabber:client'" in route.header(DOMAIN)


def test_port_without_tls_requires_allow_insecure() -> None:
    with pytest.raises(ConfigurationError, match="the password could be read on the network") as caught:
        tcp_route("fin.test", 5222, encrypted=False)
    assert "5223" in caught.value.advice
    assert "FINESSE_ALLOW_INSECURE" in caught.value.advice


@pytest.mark.parametrize(("host", "port"), [("", 5223), ("fin.test", 0), ("fin.test", 65536)])
def test_invalid_tcp_address_is_rejected(host: str, port: int) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        tcp_route(host, port)


# Dialing


async def test_tls_starts_before_the_first_byte_of_xmpp() -> None:
    received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.set_result(await reader.readuntil(b">"))
        await says_nothing(reader, writer)

    async with raw_server(serve, server_context("finesse.corp.test")) as port:
        assert (await failure(secure(port))).step == "tls"
        transport = await secure(port, "finesse.corp.test").opener(ear := Ear(), 5)
        assert transport.get_extra_info("ssl_object") is None  # slixmpp would wait forever
        transport.write(HEADER)
        assert await received == HEADER
        transport.abort()
        await ear.lost


async def test_closed_port_and_unknown_host_fail_with_their_step() -> None:
    async with raw_server(says_nothing) as port:
        pass
    assert (await failure(secure(port))).step == "tcp"
    assert (await failure(tcp_route("no-such-host.invalid", 5223))).step == "dns"


async def test_unfinished_tls_handshake_times_out() -> None:
    async with raw_server(says_nothing) as port:
        error = await failure(secure(port), 0.2)
    assert error.step == "tls"
    assert "no response within 0.2 s" in error.message


async def test_connection_lost_before_the_handover_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def dial(transport: TcpTransport, *_: object, **__: object) -> None:
        transport.connection_lost(None)

    monkeypatch.setattr("mcp_finesse.xmpp.transport.tcp.dial", dial)
    error = await failure(insecure(1))
    assert error.step == "stream"
    assert "the server closed the connection" in error.message


# The stream


async def test_bytes_are_passed_unchanged_including_whitespace() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            writer.write(data)

    async with raw_server(echo) as port:
        transport = await insecure(port).opener(ear := Ear(), 5)
        transport.write(HEADER)
        transport.write(b" ")
        transport.write("<presence>ü</presence>".encode())
        await ear.until_said("</presence>")
        assert ear.said == f"{HEADER.decode()} <presence>ü</presence>"
        assert not transport.is_closing()
        transport.close()
        assert transport.is_closing()
        transport.write(b"too late")
        assert await ear.lost is None


async def test_data_sent_first_by_the_server_is_delivered_when_the_stream_listens() -> None:
    async def speaks_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await says_nothing(reader, writer)

    for tls in (None, server_context()):
        async with raw_server(speaks_first, tls) as port:
            transport = await (secure(port) if tls else insecure(port)).opener(ear := Ear(), 5)
            await asyncio.sleep(0.05)
            assert ear.data == []
            transport.write(HEADER)
            await ear.until_said("220 hello")
            transport.abort()
            await ear.lost


async def test_hangup_or_reset_ends_the_transport() -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b">")

    async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b">")
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    for serve, end in ((hangs_up, type(None)), (resets, ConnectionError)):
        async with raw_server(serve) as port:
            transport = await insecure(port).opener(ear := Ear(), 5)
            transport.write(HEADER)
            assert isinstance(await ear.lost, end)
            assert transport.is_closing()


async def test_nothing_is_delivered_after_the_end() -> None:
    ear = Ear()
    transport = TcpTransport(ear)
    transport.close()
    transport.abort()
    transport.data_received(b"late")
    assert ear.data == []


# Login over TCP


async def way_in_fails(answer: bytes) -> FinesseError:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b">")
        writer.write(answer)
        await says_nothing(reader, writer)

    async with raw_server(serve) as port:
        with pytest.raises(FinesseError) as caught:
            async with opened_by(insecure(port), timing=HASTY):
                pass
    return caught.value


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "no response within 0.5 s"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not valid XMPP"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + ROOT, "not valid XMPP"),
        (ROOT + b"<x>" + b"y" * 5 * 2**20, "not valid XMPP"),
        (ROOT + b"</stream:stream>", "the server ended the stream"),
        (b"<html><body>Sign in</body></html>", "the server ended the stream"),
        (b"<html><body>Sign in", "no response within 0.5 s"),
        (ROOT + b"<stream:features><mech", "no response within 0.5 s"),
        (b"\x00\x01garbage", "not valid XMPP"),
    ],
    ids=["silence", "http", "doctype", "endless", "end", "page", "half a page", "half a stanza", "garbage"],
)
async def test_server_that_does_not_speak_xmpp_fails_the_stream_step(answer: bytes, reason: str) -> None:
    error = await way_in_fails(answer)
    assert isinstance(error, NetworkError)
    assert error.step == "stream"
    assert reason in error.message


async def test_starttls_is_never_requested() -> None:
    offer = (
        b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
        b"<mechanisms xmlns='%s'><mechanism>PLAIN</mechanism></mechanisms></stream:features>" % SASL.encode()
    )
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b">"))
        writer.write(ROOT + offer)
        received.append(await reader.readuntil(b"</auth>"))

    async with raw_server(serve) as port:
        with pytest.raises(NetworkError) as caught:
            async with opened_by(insecure(port), timing=HASTY):
                pass
    assert caught.value.step == "sasl"
    assert received[1].startswith(b"<auth")


async def test_slixmpp_sends_keepalive_whitespace_until_the_end() -> None:
    kept: list[bytes] = []
    twice = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b">")
        while data := await reader.read(100):
            kept.append(data)
            if b"".join(kept).count(b" ") >= 2:
                twice.set()

    async with raw_server(serve) as port:
        route = insecure(port)
        client = TransportClient(JID, identity().password, route, take=lambda _: False, on_end=lambda _: None)
        assert client.whitespace_keepalive_interval == 300  # pings of Finesse and ours are far more frequent
        client.whitespace_keepalive_interval = 0.02  # type: ignore[assignment]
        client.attach(await route.opener(client, 5))
        client.establish(client.boundjid)
        async with asyncio.timeout(5):
            await twice.wait()
        assert b"".join(kept).strip() == b""
        await client.aclose(0.1)
        await asyncio.sleep(0.05)  # another one would be due by then


async def test_keepalive_whitespace_is_sent() -> None:
    kept: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b">")
        kept.set_result(await reader.readexactly(1))

    async with raw_server(serve) as port:
        route = insecure(port)
        client = TransportClient(JID, identity().password, route, take=lambda _: False, on_end=lambda _: None)
        client.attach(await route.opener(client, 5))
        client.send_raw(" ")
        async with asyncio.timeout(5):
            assert await kept == b" "
        await client.aclose(0.1)
