"""Limits per client, and the errors beyond them."""

from __future__ import annotations

import asyncio
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import pytest
from mcp.client import Client
from mcp.server.connection import Connection
from mcp.server.subscriptions import ListenHandler

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.server import build_server
from mcp_finesse.server.resources import notifier as module
from mcp_finesse.server.resources.notifier import ResourceNotifier
from mcp_finesse.server.transports import http as http_module
from mcp_finesse.server.transports.request_filter import MAX_HEADERS
from mcp_finesse.server.transports.request_timeout import TimedRequests
from mcp_finesse.session import Clock, Journal
from mcp_finesse.session.connection.subscriptions import MAX_FEEDS, Subscriptions
from mcp_finesse.session.state.journal import MAX_WAITERS
from tests.server.support import connected, signed_in
from tests.server.transports.test_http import served

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
JSON = {"Accept": "application/json, text/event-stream"}


async def test_waits_beyond_the_limit_are_rejected_until_one_ends() -> None:
    journal = Journal(epoch="e")
    waits = [asyncio.create_task(journal.wait(None, lambda _: True, 30)) for _ in range(MAX_WAITERS)]
    await asyncio.sleep(0)
    with pytest.raises(InvalidRequestError, match="already waiting for notifications"):
        await journal.wait(None, lambda _: True, 30)
    waits[0].cancel()
    await asyncio.wait({waits[0]})
    assert await journal.wait(None, lambda _: True, 0) is None
    for wait in waits:
        wait.cancel()
    await asyncio.wait(waits)


async def test_feeds_beyond_the_limit_are_rejected_until_one_is_unsubscribed() -> None:
    feeds = Subscriptions("1001", Clock(), Journal())
    for number in range(MAX_FEEDS):
        await feeds.subscribe(f"team:{number}")
    with pytest.raises(InvalidRequestError, match=r"feeds are subscribed already\. Nothing was sent"):
        await feeds.subscribe("team:new")
    await feeds.subscribe("team:0")  # already subscribed
    await feeds.unsubscribe("team:1")
    await feeds.subscribe("team:new")


async def test_resource_subscriptions_beyond_the_limit_are_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_RESOURCES", 3)
    async with connected(signed_in(), "legacy") as client:
        for number in range(3):
            await client.subscribe_resource(f"finesse://dialogs/{number}")
        await client.subscribe_resource("finesse://dialogs/1")
        with pytest.raises(Exception, match="has 3 subscriptions already"):
            await client.subscribe_resource("finesse://dialogs/3")
        with pytest.raises(Exception, match="cannot be subscribed"):
            await client.subscribe_resource("finesse://dialogs/" + "x" * 3000)
        await client.unsubscribe_resource("finesse://dialogs/1")
        await client.subscribe_resource("finesse://dialogs/3")


async def test_subscribing_clients_beyond_the_limit_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CLIENTS", 0)
    with pytest.raises(InvalidRequestError, match="clients are subscribed already"):
        ResourceNotifier().subscribe(signed_in().as_session(), cast("Connection", object()), "finesse://user")


def test_listen_streams_are_limited() -> None:
    mcp = build_server(signed_in().as_session())
    entry = mcp._lowlevel_server.get_request_handler("subscriptions/listen")
    assert entry is not None
    assert isinstance(entry.handler, ListenHandler)
    assert entry.handler._max_subscriptions == module.MAX_CLIENTS


async def test_idle_http_session_is_closed_and_sessions_beyond_the_limit_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_module, "MAX_SESSIONS", 3)
    monkeypatch.setattr(http_module, "IDLE_SECONDS", 0.5)
    async with served(signed_in()) as url, httpx.AsyncClient() as http:
        answers = [(await http.post(url, json=INITIALIZE, headers=JSON)).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 503]
        async with asyncio.timeout(5):
            while (await http.post(url, json=INITIALIZE, headers=JSON)).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.1)  # the SDK has no event for a session it closed


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /mcp HTT",
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
        b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{",
    ],
    ids=["nothing", "request line", "headers", "body"],
)
async def test_unfinished_request_is_closed_with_408(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimedRequests, "seconds", 0.2)
    async with served(signed_in()) as url:
        place: Any = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(sent.replace(b"Host: 127.0.0.1", f"Host: {place.netloc}".encode()))
        async with asyncio.timeout(5):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408")
        writer.close()


async def test_connection_beyond_the_limit_is_closed_with_503(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_module, "MAX_CONNECTIONS", 3)
    async with served(signed_in()) as url:
        place: Any = urlsplit(url)
        held = [await asyncio.open_connection(place.hostname, place.port) for _ in range(3)]
        async with asyncio.timeout(5):
            reader, further = await asyncio.open_connection(place.hostname, place.port)
            assert (await reader.read()).startswith(b"HTTP/1.1 503")
            further.close()
            held.pop()[1].transport.abort()
            async with httpx.AsyncClient() as http:
                health = f"http://{place.netloc}/healthz"
                while (await http.get(health)).status_code != 200:  # noqa: ASYNC110 - depends on another task of the server
                    await asyncio.sleep(0.01)
        for _, writer in held:
            writer.transport.abort()


async def test_request_timeout_does_not_cut_a_long_response(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimedRequests, "seconds", 0.2)
    async with served(signed_in()) as url, Client(url, mode="auto") as client:
        result = await client.call_tool("wait_for_notification", {"timeout": 0.8})
        assert not result.is_error


@pytest.mark.parametrize("slow", ["headers", "body"])
async def test_request_that_arrives_byte_by_byte_is_closed_with_408(
    slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimedRequests, "seconds", 0.4)
    async with served(signed_in()) as url:
        place: Any = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        answered = asyncio.create_task(_answer(reader))
        head = f"POST /mcp HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 100000\r\n"
        writer.write(head.encode() + (b"\r\n" if slow == "body" else b"X: "))
        async with asyncio.timeout(5):
            while not answered.done():
                writer.write(b"x")
                await asyncio.sleep(0.02)
        assert answered.result()[:12] in (b"HTTP/1.1 408", _RESET)
        writer.close()


async def test_request_with_too_many_headers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(signed_in()) as url, httpx.AsyncClient() as http:
        health = url.replace("/mcp", "/healthz")
        many = [(f"X-{number}", "y") for number in range(MAX_HEADERS)]
        assert (await http.get(health, headers=many[: MAX_HEADERS - 10])).status_code == 200
        assert (await http.get(health, headers=many)).status_code == 431
        assert (await http.post(url, json=INITIALIZE, headers=[*JSON.items(), *many])).status_code == 431


async def test_headers_over_the_size_limit_are_refused() -> None:
    async with served(signed_in()) as url:
        place: Any = urlsplit(url)
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: {place.netloc}\r\nX: ".encode() + b"y" * 200_000)
        async with asyncio.timeout(5):
            assert (await _answer(reader))[:12] in (b"HTTP/1.1 400", _RESET)
        writer.close()


async def test_client_that_does_not_read_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimedRequests, "unread_seconds", 0.3)
    async with served(signed_in()) as url:
        place: Any = urlsplit(url)
        _, writer = await asyncio.open_connection(place.hostname, place.port, limit=1024)
        writer.transport.pause_reading()
        body = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {%s}}}' % (
            b'"io.modelcontextprotocol/protocolVersion": "2026-07-28", '
            b'"io.modelcontextprotocol/clientCapabilities": {}'
        )
        request = (
            f"POST /mcp HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
            "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
            f"Mcp-Method: tools/list\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        async with asyncio.timeout(30):
            with pytest.raises(ConnectionError):  # when the buffers of both sides are full
                await _send_until_disconnected(writer, request)


_RESET = b"reset"
"""What a client sees that was still sending when the server closed the connection."""


async def _answer(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return _RESET


async def _send_until_disconnected(writer: asyncio.StreamWriter, request: bytes) -> None:
    while True:
        writer.write(request)
        await writer.drain()
        await asyncio.sleep(0)
