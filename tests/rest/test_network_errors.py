"""Network errors name the connection step that failed and give advice."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from mcp_finesse.errors import NetworkError
from mcp_finesse.http_progress import HttpProgress
from mcp_finesse.rest import RestClient, RestTimeouts
from mcp_finesse.rest.network_errors import is_timeout, network_error
from mcp_finesse.xmpp.transport.base import failed
from tests.rest.support import (
    ADA,
    CUT,
    HANG,
    SHORT,
    ScriptedServer,
    client_for,
    server_context,
    trusting_context,
)

URL = httpx.URL("https://finesse.example.test:8445")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def listening(
    handler: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    listener = await asyncio.start_server(handler, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


async def failure_of(client: RestClient, method: str = "PUT") -> NetworkError:
    async with client:
        request = (
            client.get("User/1001")
            if method == "GET"
            else client.send(method, "User/1001", b"<User/>", "r-1")
        )
        with pytest.raises(NetworkError) as caught:
            await request
    assert caught.value.advice
    assert "secret" not in str(caught.value)
    return caught.value


async def test_closed_port_fails_at_tcp_and_nothing_was_sent() -> None:
    error = await failure_of(RestClient(f"https://localhost:{free_port()}", ADA, timeouts=SHORT))

    assert (error.step, error.sent) == ("tcp", False)
    assert error.message.endswith(" cannot be reached: Connection refused.")


async def test_unknown_host_fails_at_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)

    error = await failure_of(RestClient("https://nowhere.invalid:8445", ADA, timeouts=SHORT))

    assert (error.step, error.sent) == ("dns", False)
    assert "nowhere.invalid" in error.message


async def test_untrusted_certificate_fails_at_tls_with_ca_advice() -> None:
    async with ScriptedServer(tls=server_context()) as server:
        error = await failure_of(client_for(server))

        assert (error.step, error.sent) == ("tls", False)
        assert "not trusted" in error.message
        assert "FINESSE_CA_FILE" in error.advice
        assert server.requests == []


async def test_certificate_of_another_host_gives_advice_about_the_name() -> None:
    async with ScriptedServer(tls=server_context("other.example.test")) as server:
        error = await failure_of(client_for(server, verify=trusting_context()))

        assert error.step == "tls"
        assert "host name" in error.advice


async def test_port_without_tls_fails_at_tls() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with listening(plain) as port:
        error = await failure_of(RestClient(f"https://localhost:{port}", ADA, timeouts=SHORT))

    assert (error.step, error.sent) == ("tls", False)
    assert "8445" in error.advice


async def test_request_on_a_connection_cut_afterwards_may_have_been_executed() -> None:
    async with ScriptedServer(CUT) as server:
        error = await failure_of(client_for(server))

        assert (error.step, error.sent) == ("http", True)
        assert "was lost" in error.message
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "timeouts",
    [RestTimeouts(answer=0.05), RestTimeouts(total=0.05)],
    ids=["no answer", "no end of it"],
)
async def test_request_that_times_out_may_have_been_executed(timeouts: RestTimeouts) -> None:
    async with ScriptedServer(HANG) as server:
        error = await failure_of(client_for(server, timeouts=timeouts))

        assert (error.step, error.sent) == ("http", True)
        assert "too long" in error.message


async def test_get_that_timed_out_is_not_retried() -> None:
    async with ScriptedServer(HANG, HANG) as server:
        error = await failure_of(client_for(server, timeouts=RestTimeouts(answer=0.05)), "GET")

        assert error.step == "http"
        assert len(server.requests) == 1


async def test_tls_handshake_that_times_out_fails_at_tls() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with listening(mute) as port:
        client = RestClient(f"https://localhost:{port}", ADA, timeouts=RestTimeouts(connect=0.05))
        error = await failure_of(client)

    assert (error.step, error.sent) == ("tls", False)


async def test_cancelled_request_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    async with ScriptedServer(HANG) as server, client_for(server) as client:
        request = asyncio.create_task(client.get("User/1001"))
        await server.arrived.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request

        server.always = HANG
        server.arrived.clear()
        again = asyncio.create_task(client.get("User/1001"))
        await server.arrived.wait()  # the slot was released
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)

    assert asyncio.all_tasks() == before


async def test_progress_follows_the_connection_steps() -> None:
    progress = HttpProgress()
    seen = []
    for event in ("connection.connect_tcp.started", "connection.start_tls.started", "http2.x.started"):
        await progress(event, {})
        seen.append((progress.step, progress.sent))
    await progress("http2.send_request_headers.started", {})

    assert seen == [("tcp", False), ("tls", False), ("tls", False)]
    assert (progress.step, progress.sent) == ("http", True)


def test_connect_timeout_names_host_and_port() -> None:
    error = network_error(httpx.ConnectTimeout(""), HttpProgress(), URL)

    assert error.step == "tcp"
    assert "finesse.example.test:8445 did not accept the connection" in error.message


@pytest.mark.parametrize(("url", "place"), [("https://h.test", "h.test:443"), ("http://h.test", "h.test:80")])
def test_default_ports_are_named(url: str, place: str) -> None:
    assert place in network_error(httpx.ConnectError("no"), HttpProgress(), httpx.URL(url)).message


def test_most_specific_cause_is_reported() -> None:
    deep = httpx.ConnectError("All connection attempts failed")
    deep.__cause__ = OSError(113, "No route to host")

    assert "No route to host" in network_error(deep, HttpProgress(), URL).message
    assert "shallow" in network_error(httpx.ConnectError("shallow"), HttpProgress(), URL).message
    assert "ConnectError" in network_error(httpx.ConnectError(""), HttpProgress(), URL).message


async def test_tls_failure_without_message_is_a_tls_failure() -> None:
    progress = HttpProgress()
    await progress("connection.start_tls.started", {})

    assert "too long" in network_error(httpx.ConnectTimeout(""), progress, URL).message
    error = httpx.ReadError("")
    error.__context__ = ssl.SSLError()
    assert network_error(error, HttpProgress(), URL).step == "tls"


def test_timeouts_are_recognized() -> None:
    assert is_timeout(TimeoutError())
    assert is_timeout(httpx.ReadTimeout(""))
    assert not is_timeout(httpx.ReadError(""))
    assert not is_timeout(None)


async def test_missing_response_over_tls_is_not_a_tls_failure() -> None:
    timeouts = RestTimeouts(connect=2.0, answer=2.0, total=0.3)
    async with ScriptedServer(HANG, tls=server_context()) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        error = await failure_of(RestClient(url, ADA, verify=trusting_context(), timeouts=timeouts))
    assert (error.step, error.sent) == ("http", True)
    assert "took too long to respond" in error.message


async def test_unfinished_tls_handshake_is_reported_as_timeout() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with listening(silent) as port:
        timeouts = RestTimeouts(connect=2.0, answer=2.0, total=0.3)
        error = await failure_of(RestClient(f"https://127.0.0.1:{port}", ADA, timeouts=timeouts))
    assert (error.step, error.sent) == ("tls", False)
    assert "it took too long" in error.message


@pytest.mark.parametrize("code", [62, 64], ids=["host name", "IP address"])
def test_certificate_for_another_name_gets_advice_about_the_name(code: int) -> None:
    cause = ssl.SSLCertVerificationError(1, "IP address mismatch")
    cause.verify_code, cause.verify_message = (
        code,
        "IP address mismatch, certificate is not valid for '10.0.0.1'",
    )
    rest = network_error(cause, HttpProgress(), httpx.URL("https://10.0.0.1:8445"))
    xmpp = failed("tls", "10.0.0.1:5223", cause)
    for error in (rest, xmpp):
        assert "host name for which the certificate was issued" in error.advice
        assert "not an IP address" in error.advice
        assert "FINESSE_CA_FILE" not in error.advice
