"""BOSH dialing: the address, the session request and its failures."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme

from mcp_finesse.errors import ConfigurationError, NetworkError
from mcp_finesse.xmpp import Route, bosh_route
from mcp_finesse.xmpp.transport.bosh import http as bosh_http
from tests.xmpp.bosh_server import BRISK, BoshServer, granted
from tests.xmpp.support import (
    DOMAIN,
    Ear,
    client_context,
    raw_server,
    says_nothing,
    server_context,
)


def listening(route: Route) -> Ear:
    ear = Ear()
    ear.stream_header = route.header(DOMAIN)
    return ear


async def failure(route: Route, seconds: float = 5) -> NetworkError:
    ear = listening(route)
    with pytest.raises(NetworkError) as caught:
        await route.opener(ear, seconds)
    assert not ear.lost.done()  # a transport that was never returned reports no end
    return caught.value


def plain(port: int) -> Route:
    return bosh_route(f"http://127.0.0.1:{port}/http-bind/", allow_insecure=True, timing=BRISK)


def secure(port: int, context: ssl.SSLContext | None = None, hostname: str | None = None) -> Route:
    return bosh_route(
        f"https://localhost:{port}/http-bind/", context or client_context(), hostname, timing=BRISK
    )


# Addresses


def test_bosh_route_has_name_url_and_encryption() -> None:
    route = bosh_route("https://fin.test:7443/http-bind/")
    assert (route.name, route.url, route.encrypted) == ("bosh", "https://fin.test:7443/http-bind/", True)
    assert f'to="{DOMAIN}"' in route.header(DOMAIN)
    assert not plain(1).encrypted


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("wss://fin.test:7443/http-bind", "cannot be used"),
        ("https:///http-bind", "cannot be used"),
        ("https://fin.test:port/http-bind", "cannot be used"),
        ("https://5001:secret@fin.test/http-bind", "contains a user name"),
        ("http://fin.test:7071/http-bind", "the password could be read on the network"),
    ],
)
def test_invalid_bosh_url_is_rejected_before_any_request(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        bosh_route(url)
    assert "secret" not in str(caught.value)
    assert caught.value.advice


# Dialing


async def test_session_is_granted_before_the_stream_receives_data() -> None:
    async with BoshServer(server_context("localhost")) as server:
        route = server.route()
        ear = listening(route)
        dialling = asyncio.ensure_future(route.opener(ear, 5))
        asked = await granted(server)
        assert 0 < asked.rid < 2**41
        transport = await dialling
        assert transport.get_extra_info("ssl_object") is None  # slixmpp would wait forever
        assert ear.data == []
        transport.abort()
        assert await ear.lost is None
        await server.until_left_alone()


async def test_certificate_for_another_host_is_rejected_unless_that_host_is_configured() -> None:
    async with BoshServer(server_context("finesse.corp.test")) as server:
        port = int(server.url.split(":")[2].split("/")[0])
        error = await failure(secure(port))
        assert (error.step, "host name for which the certificate was issued" in error.advice) == ("tls", True)
        route = secure(port, hostname="finesse.corp.test")
        ear = listening(route)
        dialling = asyncio.ensure_future(route.opener(ear, 5))
        await granted(server)
        (await dialling).abort()
        await ear.lost


async def test_unknown_host_and_closed_port_fail_with_their_step() -> None:
    error = await failure(bosh_route("https://no-such-host.invalid/http-bind"))
    assert error.step == "dns"
    async with raw_server(says_nothing) as port:
        pass
    for route in (plain(port), secure(port)):
        error = await failure(route)
        assert error.step == "tcp"
        assert "refused" in error.message
        assert f":{port}" in error.message


async def test_unanswered_dns_lookup_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    error = await failure(plain(1), 0.1)
    assert error.step == "dns"
    assert "no response within 0.1 s" in error.message


async def test_unfinished_tls_handshake_times_out() -> None:
    async with raw_server(says_nothing) as port:
        error = await failure(secure(port), 0.2)
    assert error.step == "tls"
    assert "no response within 0.2 s" in error.message


async def test_missing_tls_and_untrusted_certificate_are_tls_failures() -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with raw_server(http) as port:
        error = await failure(secure(port))
    assert error.step == "tls"
    assert "wrong version number" in error.message
    stranger = ssl.create_default_context()
    trustme.CA().configure_trust(stranger)
    async with raw_server(says_nothing, server_context()) as port:
        error = await failure(secure(port, stranger))
    assert error.step == "tls"
    assert "not trusted" in error.message


async def test_silence_or_hangup_fails_the_http_step() -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with raw_server(says_nothing) as port:
        error = await failure(plain(port), 0.2)
    assert error.step == "http"
    assert "no response within 0.2 s" in error.message
    async with raw_server(hangs_up) as port:
        error = await failure(plain(port))
    assert error.step == "http"
    assert "disconnected" in error.message


@pytest.mark.parametrize(
    ("status", "kind", "content", "reason"),
    [
        (404, "text/html", "<html/>", "the server responded with HTTP 404 with text/html"),
        (403, "text/plain", "no", "the server responded with HTTP 403 with text/plain"),
        (400, "text/xml", "", "the server responded with HTTP 400 with text/xml"),
        (302, "text/html", "", "the server responded with HTTP 302"),
        (503, "text/html", "<html/>", "the server responded with HTTP 503"),
        (
            200,
            "text/html",
            "<html><body>Log in</body></html>",
            "the server responded with HTTP 200 with text/html, which is no",
        ),
        (
            200,
            "text/xml",
            "<!DOCTYPE x><body xmlns='http://jabber.org/protocol/httpbind'/>",
            "which is no BOSH",
        ),
    ],
)
async def test_response_that_is_not_bosh_fails_the_http_step(
    status: int, kind: str, content: str, reason: str
) -> None:
    async with BoshServer() as server:
        dialling = asyncio.ensure_future(failure(server.route()))
        (await server.next()).answer_http(content, status, kind)
        error = await dialling
        assert error.step == "http"
        assert reason in error.message
        assert server.url in error.message
        assert "7443, /http-bind/" in error.advice
        await server.until_left_alone()
        assert await server.nothing_for(0.05)  # the request is sent once


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ("type='terminate' condition='host-unknown'", "the server does not know the XMPP domain"),
        ("type='error'", "undefined-condition"),
        ("wait='60'", "the response contains no session id"),
        ("sid='1' wait='soon'", "cannot be read"),
    ],
)
async def test_bosh_error_fails_the_stream_step(attributes: str, reason: str) -> None:
    async with BoshServer() as server:
        dialling = asyncio.ensure_future(failure(server.route()))
        (await server.next()).answer(attributes)
        error = await dialling
        assert error.step == "stream"
        assert reason in error.message
        await server.until_left_alone()


async def test_endless_response_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bosh_http, "MAX_ANSWER", 1000)
    async with BoshServer() as server:
        dialling = asyncio.ensure_future(failure(server.route()))
        (await server.next()).answer("sid='1'", "x" * 2000)
        error = await dialling
        assert error.step == "http"
        assert "an incomplete response" in error.message


async def test_cancelled_dial_leaves_nothing_behind() -> None:
    async with BoshServer(server_context("localhost")) as server:
        route = server.route()
        dialling = asyncio.ensure_future(route.opener(listening(route), 5))
        await server.next()
        dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialling
        await server.until_left_alone()
