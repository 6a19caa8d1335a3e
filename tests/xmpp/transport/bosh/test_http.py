"""HTTP below a BOSH session: reported failures and persistent connections."""

from __future__ import annotations

import asyncio
import errno
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from mcp_finesse.cookies import MAX_COOKIES
from mcp_finesse.errors import NetworkError
from mcp_finesse.xmpp.transport.base import Deadline
from mcp_finesse.xmpp.transport.bosh.body import LostReply
from mcp_finesse.xmpp.transport.bosh.http import BoshHttp
from mcp_finesse.xmpp.transport.bosh.order import ResendOrder
from tests.xmpp.bosh_server import BOSH, BRISK, BoshServer
from tests.xmpp.support import SASL

REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed")


def client(url: str = "http://127.0.0.1:1/http-bind/") -> BoshHttp:
    return BoshHttp(httpx.URL(url), None, "127.0.0.1", BRISK)


def failing(error: Exception, cause: BaseException | None) -> Any:
    def stream(*_: object, **__: object) -> AbstractAsyncContextManager[httpx.Response]:
        raise error from cause

    return stream


@pytest.mark.parametrize(
    ("error", "cause", "reason"),
    [
        (httpx.ConnectError("All attempts failed"), REFUSED, "Connection refused"),
        (
            httpx.ConnectError("All attempts failed"),
            ExceptionGroup("", [OSError(), REFUSED]),
            "Connection refused",
        ),
        (httpx.ConnectTimeout(""), None, "no response within 1 s"),
        (httpx.ReadError(""), None, "the connection was lost"),
        (httpx.RemoteProtocolError("Server disconnected."), None, "Server disconnected"),
    ],
)
async def test_most_specific_cause_is_reported(
    monkeypatch: pytest.MonkeyPatch, error: Exception, cause: BaseException | None, reason: str
) -> None:
    monkeypatch.setattr(httpx.AsyncClient, "stream", failing(error, cause))
    http = client()
    with pytest.raises(NetworkError) as caught:
        await http.create(b"<body/>", Deadline(1))
    assert (caught.value.step, caught.value.message) == ("tcp", f"No connection to 127.0.0.1:1: {reason}.")
    with pytest.raises(LostReply):
        await http.send(b"<body/>", 1)
    await http.aclose()
    await http.aclose()


async def test_connection_closed_by_the_server_between_requests_costs_no_retry() -> None:
    async with BoshServer() as server:
        http = client(server.url)
        for _ in range(2):
            sending = asyncio.ensure_future(http.send(b"<body rid='1'/>", 1))
            (await server.next()).answer()
            await sending
            server.hang_up()
            await server.until_left_alone()
        assert await server.nothing_for(3 * BRISK.backoff)
        await http.aclose()


async def test_connections_are_kept_until_the_end() -> None:
    async with BoshServer() as server:
        http = client(server.url)
        for _ in range(3):
            sending = asyncio.ensure_future(http.send(b"<body rid='1'/>", 1))
            (await server.next()).answer()
            await sending
            assert server.connections == 1
        await http.aclose()
        await server.until_left_alone()


# -- a request that carries the password

AUTH = f"<body rid='3'><auth xmlns='{SASL}' mechanism='PLAIN'>AGEAYg==</auth></body>".encode()


def delivering(http: BoshHttp, body: bytes) -> asyncio.Future[Any]:
    order = ResendOrder(on_whole=lambda: None)
    return asyncio.ensure_future(http.deliver(3, body, 2.0, 30.0, order))


async def test_password_request_with_lost_response_is_not_sent_again() -> None:
    async with BoshServer() as server:
        http = client(server.url)
        sending = delivering(http, AUTH)
        (await server.next()).cut()
        with pytest.raises(LostReply):
            await sending
        assert await server.nothing_for(3 * BRISK.backoff)
        await http.aclose()


async def test_other_request_with_lost_response_is_sent_again() -> None:
    async with BoshServer() as server:
        http = client(server.url)
        sending = delivering(http, b"<body rid='3'/>")
        (await server.next()).cut()
        again = await server.next()
        assert again.rid == 3
        again.answer()
        await sending
        await http.aclose()


async def test_cookies_are_kept_up_to_a_limit() -> None:
    async with BoshServer() as server:
        http = client(server.url)
        for count in (3, MAX_COOKIES + 1):
            cookies = "".join(f"\r\nSet-Cookie: c{number}=1" for number in range(count))
            sending = asyncio.ensure_future(http.send(b"<body rid='1'/>", 1))
            (await server.next()).answer_http(f"<body xmlns='{BOSH}'/>", kind=f"text/xml{cookies}")
            await sending
            assert len(http._http.cookies.jar) == (count if count <= MAX_COOKIES else 0)
        await http.aclose()
