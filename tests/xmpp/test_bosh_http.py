"""The HTTP below a BOSH session: which failure is told, and that connections are kept and closed."""

from __future__ import annotations

import asyncio
import errno
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from mcp_finesse.errors import NetworkError
from mcp_finesse.xmpp.bosh_body import LostReply
from mcp_finesse.xmpp.bosh_http import BoshHttp
from mcp_finesse.xmpp.route import Deadline
from tests.xmpp.bosh_server import BRISK, BoshServer

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
        (httpx.ConnectTimeout(""), None, "no answer within 1 s"),
        (httpx.ReadError(""), None, "the connection broke"),
        (httpx.RemoteProtocolError("Server disconnected."), None, "Server disconnected"),
    ],
)
async def test_the_cause_that_says_most_is_told(
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


async def test_a_connection_that_the_server_closed_between_two_requests_costs_no_second_try() -> None:
    async with BoshServer() as server:
        http = client(server.url)
        for _ in range(2):
            sending = asyncio.ensure_future(http.send(b"<body rid='1'/>", 1))
            (await server.next()).answer()
            await sending
            server.hang_up()
            await server.until_left_alone()
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
