"""Dialing servers that are absent, without TLS, untrusted or silent."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme

from mcp_finesse.errors import NetworkError
from mcp_finesse.xmpp.transport.base import Deadline
from mcp_finesse.xmpp.transport.dial import dial
from tests.xmpp.support import client_context, raw_server, says_nothing, server_context


class Caller(asyncio.Protocol):
    """Records its transports."""

    def __init__(self) -> None:
        self.transports: list[asyncio.BaseTransport] = []
        self.lost = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transports.append(transport)

    def connection_lost(self, _: Exception | None) -> None:
        self.lost.set()


async def failure(
    port: int, tls: ssl.SSLContext | None = None, *, host: str = "localhost", seconds: float = 5
) -> NetworkError:
    caller = Caller()
    with pytest.raises(NetworkError) as caught:
        await dial(caller, host, port, Deadline(seconds), tls=tls, hostname=host)
    assert all(transport.is_closing() for transport in caller.transports)
    return caught.value


async def test_plain_and_tls_connections_can_be_dialed() -> None:
    async with raw_server(says_nothing) as port:
        caller = Caller()
        await dial(caller, "127.0.0.1", port, Deadline(5), tls=None, hostname="")
        (plain,) = caller.transports
        plain.close()
    async with raw_server(says_nothing, server_context("fin.test")) as port:
        caller = Caller()
        await dial(caller, "127.0.0.1", port, Deadline(5), tls=client_context(), hostname="fin.test")
        assert caller.transports[1].get_extra_info("ssl_object") is not None
        caller.transports[1].abort()  # type: ignore[attr-defined]
        async with asyncio.timeout(5):
            await caller.lost.wait()


async def test_unknown_host_is_a_dns_failure() -> None:
    error = await failure(443, host="no-such-host.invalid")
    assert error.step == "dns"
    assert "no-such-host.invalid" in error.message


async def test_closed_port_is_a_tcp_failure() -> None:
    async with raw_server(says_nothing) as port:
        pass
    error = await failure(port)
    assert error.step == "tcp"
    assert f"localhost:{port}" in error.message


@pytest.mark.parametrize(("hangs", "step"), [("getaddrinfo", "dns"), ("create_connection", "tcp")])
async def test_unanswered_step_times_out(monkeypatch: pytest.MonkeyPatch, hangs: str, step: str) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    async with raw_server(says_nothing) as port:
        monkeypatch.setattr(asyncio.get_running_loop(), hangs, never)
        error = await failure(port, client_context(), seconds=0.1)
    assert error.step == step
    assert "no response within 0.1 s" in error.message


async def test_unfinished_tls_handshake_times_out() -> None:
    async with raw_server(says_nothing) as port:
        error = await failure(port, client_context(), seconds=0.2)
    assert error.step == "tls"
    assert "no response within 0.2 s" in error.message


async def test_port_without_tls_is_a_tls_failure() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with raw_server(plain) as port:
        error = await failure(port, client_context())
    assert error.step == "tls"
    assert "wrong version number" in error.message.lower()


async def test_hangup_during_tls_is_a_tls_failure() -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    async with raw_server(hangs_up) as port:
        assert (await failure(port, client_context())).step == "tls"


async def test_untrusted_certificate_is_a_tls_failure_with_ca_advice() -> None:
    stranger = ssl.create_default_context()
    trustme.CA().configure_trust(stranger)
    async with raw_server(says_nothing, server_context()) as port:
        error = await failure(port, stranger)
    assert error.step == "tls"
    assert "not trusted" in error.message
    assert "CA file" in error.advice
    assert error.advice.endswith("trusted CAs.")


async def test_connection_closed_during_tls_without_an_error_is_a_tls_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def nothing(*_: object, **__: object) -> None:
        return None

    async with raw_server(says_nothing) as port:
        monkeypatch.setattr(asyncio.get_running_loop(), "start_tls", nothing)
        caller = Caller()
        with pytest.raises(NetworkError) as caught:
            await dial(caller, "127.0.0.1", port, Deadline(5), tls=client_context(), hostname="x")
        assert caught.value.step == "tls"
        caller.transports[0].close()
