"""Connections through a proxy: what it sees, and every way it can fail."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

import pytest

from mcp_finesse.errors import NetworkError, ProxyCredentialsError
from mcp_finesse.proxies import Proxy
from mcp_finesse.xmpp import Route, bosh_route, tcp_route, websocket_route
from mcp_finesse.xmpp.transport.base import Deadline
from mcp_finesse.xmpp.transport.tunnel import open_tunnel
from tests.proxies.support import ConnectProxy, basic
from tests.xmpp.bosh_server import BRISK, BoshServer, granted
from tests.xmpp.support import (
    DOMAIN,
    Ear,
    Peer,
    client_context,
    opened,
    raw_server,
    says_nothing,
    server_context,
)

NAME = "fin.example.test"
TARGET = f"{NAME}:8445"

Way = Callable[[Proxy], Route]


def by_websocket(proxy: Proxy) -> Route:
    return websocket_route(f"wss://{TARGET}/ws", client_context(), proxy=proxy)


def by_tcp(proxy: Proxy) -> Route:
    return tcp_route(NAME, 8445, client_context(), proxy=proxy)


def by_bosh(proxy: Proxy) -> Route:
    return bosh_route(f"https://{TARGET}/http-bind/", client_context(), timing=BRISK, proxy=proxy)


ways = pytest.mark.parametrize("way", [by_websocket, by_tcp, by_bosh], ids=["websocket", "tcp", "bosh"])


async def failure(route: Route, seconds: float = 5) -> NetworkError:
    ear = Ear()
    ear.stream_header = route.header(DOMAIN)
    with pytest.raises(NetworkError) as caught:
        await route.opener(ear, seconds)
    assert not ear.lost.done()  # a transport that was never returned reports no end
    return caught.value


async def until_left_alone(proxy: ConnectProxy) -> None:
    async with asyncio.timeout(5):
        while proxy.open:  # noqa: ASYNC110 - the proxy has no event for it
            await asyncio.sleep(0.005)


# The tunnel


async def test_websocket_session_works_through_a_proxy_that_resolves_the_name() -> None:
    async with Peer(tls=server_context(NAME)) as peer:
        port = int(peer.url.split(":")[2].split("/")[0])
        async with ConnectProxy(names={NAME: port}, login="u:hunter2") as proxy:
            async with opened(peer, route=by_websocket(proxy.proxy("u:hunter2"))) as (link, _):
                assert link.connected
            await until_left_alone(proxy)
    assert proxy.asked == [TARGET]
    assert peer.logins == [("5001", "secret")]
    assert b"ADUwMDEAc2VjcmV0" not in proxy.passed  # the login as SASL PLAIN encodes it
    assert b"/ws" not in proxy.passed


async def test_tcp_stream_works_through_a_proxy() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            writer.write(data)

    async with (
        raw_server(echo, server_context(NAME)) as port,
        ConnectProxy(names={NAME: port}) as proxy,
    ):
        transport = await by_tcp(proxy.proxy()).opener(ear := Ear(), 5)
        transport.write(b"<stream:stream><auth>secret</auth>")
        await ear.until_said("</auth>")
        assert b"secret" not in proxy.passed
        transport.abort()
        await ear.lost
        await until_left_alone(proxy)


async def test_bosh_session_works_through_a_proxy_and_ends() -> None:
    async with BoshServer(tls=server_context(NAME)) as server:
        port = int(server.url.split(":")[2].split("/")[0])
        async with ConnectProxy(names={NAME: port}) as proxy:
            route = by_bosh(proxy.proxy())
            ear = Ear()
            ear.stream_header = route.header(DOMAIN)
            opening = asyncio.ensure_future(route.opener(ear, 5))
            await granted(server)
            transport = await opening
            assert b"http-bind" not in proxy.passed
            transport.abort()
            await ear.lost
            await until_left_alone(proxy)
            assert set(proxy.asked) == {TARGET}


async def test_unencrypted_transports_use_a_tunnel_too() -> None:
    async with raw_server(says_nothing) as port, ConnectProxy() as proxy:
        route = tcp_route("127.0.0.1", port, encrypted=False, allow_insecure=True, proxy=proxy.proxy())
        transport = await route.opener(ear := Ear(), 5)
        assert proxy.asked == [f"127.0.0.1:{port}"]
        transport.abort()
        await ear.lost


async def test_data_sent_first_by_the_server_is_not_lost() -> None:
    stands, said = asyncio.Event(), asyncio.Event()

    async def speaks_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stands.wait()  # otherwise it could arrive in one packet with the proxy's response
        writer.write(b"hello")
        said.set()
        await says_nothing(reader, writer)

    class Listener(asyncio.Protocol):
        def __init__(self) -> None:
            self.heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def data_received(self, data: bytes) -> None:
            self.heard.set_result(data)

    async with raw_server(speaks_first) as port, ConnectProxy() as proxy:
        transport = await open_tunnel(proxy.proxy(), "127.0.0.1", port, Deadline(5))
        stands.set()
        await said.wait()
        transport.set_protocol(listener := Listener())
        transport.resume_reading()
        async with asyncio.timeout(5):
            assert await listener.heard == b"hello"
        transport.abort()


@ways
async def test_https_proxy_uses_tls_and_the_server_tls_inside_the_tunnel(way: Way) -> None:
    # CPython 3.11 reports its own handling of the SSLError.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    async with (
        raw_server(says_nothing, server_context("somebody.else.test")) as port,
        ConnectProxy(names={NAME: port}, tls=server_context(), login="u:hunter2") as proxy,
    ):
        error = await failure(way(proxy.proxy("u:hunter2", client_context())))
    # The connection got as far as the server's certificate.
    assert error.step == "tls"
    assert "not trusted" in error.message
    assert basic("u:hunter2") in proxy.heads[0]


# Failures


@ways
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html>No.</html>", "HTTP 403 Forbidden"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "HTTP 502 Bad Gateway"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Sign in</html>", "other data"),
        (b"SSH-2.0-x\r\n", "does not respond as an HTTP proxy"),
        (b"HTTP/1.1 200 " + b"x" * 20000, "the response is longer than 16384 bytes"),
        (b"", "no response within 0.3 s"),
    ],
    ids=["forbidden", "bad gateway", "page", "garbage", "endless", "silence"],
)
async def test_proxy_failure_is_reported_in_bounded_time(way: Way, answer: bytes, why: str) -> None:
    async with ConnectProxy(answer=answer) as proxy:
        async with asyncio.timeout(5):
            error = await failure(way(proxy.proxy()), 0.3)
        assert error.step == "proxy"
        assert f"the proxy http://localhost:{proxy.port} to {TARGET} failed: " in error.message
        assert why in error.message
        assert error.advice
        await until_left_alone(proxy)


@ways
async def test_wrong_proxy_credentials_are_reported_and_not_shown(way: Way) -> None:
    async with ConnectProxy(login="u:right") as proxy:
        error = await failure(way(proxy.proxy("u:hunter2")))
        assert isinstance(error, ProxyCredentialsError)
        assert "hunter2" not in str(error)
        assert "rejected the credentials" in error.message
        assert len(proxy.asked) == 1


@ways
async def test_proxy_hangup_is_reported(way: Way) -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with raw_server(hangs_up) as port:
        error = await failure(way(Proxy("127.0.0.1", port)))
    assert error.step == "proxy"
    assert "closed the connection" in error.message


@ways
async def test_unreachable_proxy_is_reported(way: Way) -> None:
    async with raw_server(says_nothing) as port:
        pass
    error = await failure(way(Proxy("127.0.0.1", port)))
    assert error.step == "proxy"
    assert "Connection refused" in error.message
    error = await failure(way(Proxy("no-such-proxy.invalid", 3128)))
    assert error.step == "proxy"
    assert "no-such-proxy.invalid" in error.message


@ways
async def test_tls_failure_of_the_proxy_is_reported(way: Way) -> None:
    async with raw_server(says_nothing, server_context("other.test")) as port:
        error = await failure(way(Proxy("localhost", port, client_context())))
    assert error.step == "proxy"
    assert "its certificate is not trusted" in error.message
    assert "FINESSE_PROXY" in error.advice
    async with raw_server(says_nothing) as port, asyncio.timeout(5):
        error = await failure(way(Proxy("localhost", port, client_context())), 0.3)
    assert error.step == "proxy"
    assert "no response within 0.3 s" in error.message


@ways
async def test_failures_inside_the_tunnel_belong_to_the_server(way: Way) -> None:
    async with raw_server(says_nothing) as port, ConnectProxy(names={NAME: port}) as proxy:
        assert (await failure(way(proxy.proxy()), 0.3)).step == "tls"


@ways
async def test_cancelled_dial_through_a_proxy_leaves_nothing_behind(way: Way) -> None:
    async with ConnectProxy(answer=b"") as proxy:
        route = way(proxy.proxy())
        ear = Ear()
        ear.stream_header = route.header(DOMAIN)
        opening = asyncio.ensure_future(route.opener(ear, 5))
        async with asyncio.timeout(5):
            while not proxy.asked:  # noqa: ASYNC110 - the proxy has no event for it
                await asyncio.sleep(0.005)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await until_left_alone(proxy)


@pytest.mark.parametrize("ended", ["closed", "secured"])
async def test_connection_that_ends_during_tls_with_the_proxy_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, ended: str
) -> None:
    async def start_tls(transport: asyncio.Transport, *_: object, **__: object) -> object:
        transport.abort()
        return None if ended == "secured" else transport

    async with raw_server(says_nothing) as port:
        monkeypatch.setattr(asyncio.get_running_loop(), "start_tls", start_tls)
        proxy = Proxy("127.0.0.1", port, ssl.create_default_context())
        with pytest.raises(NetworkError, match="the proxy closed the connection") as caught:
            await open_tunnel(proxy, NAME, 8445, Deadline(5))
    assert caught.value.step == "proxy"


async def test_bosh_session_survives_a_short_proxy_failure_but_not_lost_credentials() -> None:
    async with BoshServer(tls=server_context(NAME)) as server:
        port = int(server.url.split(":")[2].split("/")[0])
        async with ConnectProxy(names={NAME: port}) as proxy:
            route = by_bosh(proxy.proxy())
            ear = Ear()
            ear.stream_header = route.header(DOMAIN)
            opening = asyncio.ensure_future(route.opener(ear, 5))
            await granted(server)
            transport = await opening
            transport.write(route.header(DOMAIN).encode())
            await server.next()
            proxy.names[NAME] = 1  # nothing listens there
            proxy.answer = b"HTTP/1.1 502 Bad Gateway\r\n\r\n"
            proxy.cut()
            async with asyncio.timeout(5):
                while len(proxy.asked) < 3:  # noqa: ASYNC110 - the proxy has no event for it
                    await asyncio.sleep(0.005)
            proxy.names[NAME], proxy.answer = port, None
            (await server.next()).answer()
            asked = await server.next()
            proxy.answer = b"HTTP/1.1 407 No\r\n\r\n"
            asked.cut()
            async with asyncio.timeout(5):
                reason = str(await ear.lost)
            assert "the proxy requires credentials (HTTP 407 No)" in reason
            transport.abort()
            server.hang_up()
            await until_left_alone(proxy)


async def test_websocket_session_works_inside_the_tls_of_a_proxy() -> None:
    async with Peer(tls=server_context(NAME)) as peer:
        port = int(peer.url.split(":")[2].split("/")[0])
        async with ConnectProxy(names={NAME: port}, tls=server_context()) as proxy:
            route = by_websocket(proxy.proxy("", client_context()))
            async with opened(peer, route=route) as (link, _):
                assert link.connected
            await until_left_alone(proxy)
