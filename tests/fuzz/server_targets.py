"""Targets: lines on stdin, and HTTP requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import uvicorn
from mcp.server.stdio import stdio_server
from uvicorn.server import ServerState

from mcp_finesse.server.sdk.server import serve_messages
from mcp_finesse.server.sessions import FinesseServer
from mcp_finesse.server.transports.request_timeout import TimedRequests
from tests.fuzz.argument_targets import served
from tests.fuzz.loop import run
from tests.fuzz.target import Target, expect
from tests.fuzz.xmpp_targets import pieces

_LAST = "last of the case"
_SECONDS = 5.0
_TURNS = 30
"""Turns of the event loop in which a response can be made."""


class Lines:
    """The lines of a client, followed by a request whose response ends the case.

    Attributes:
        answers: the lines of the server.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self.answers: list[dict[str, Any]] = []
        self._ended = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[str]:
        for line in self._lines:
            yield line
        yield json.dumps({"jsonrpc": "2.0", "id": _LAST, "method": "ping"})
        async with asyncio.timeout(_SECONDS):
            await self._ended.wait()

    async def write(self, line: str) -> None:
        """Receive a line of the server."""
        answer = json.loads(line)
        self.answers.append(answer)
        if answer.get("id") == _LAST:
            self._ended.set()

    async def flush(self) -> None: ...


def serve_lines(data: bytes) -> None:
    """Serve a client that sends any lines. A request behind them must still get a response."""
    run(_serve(served().server, data.decode("utf-8", "replace").split("\n")))


async def _serve(server: FinesseServer, sent: list[str]) -> None:
    lines: Any = Lines(sent)
    async with stdio_server(stdin=lines, stdout=lines) as (messages, answers):
        await serve_messages(server, messages, answers)
    last = [answer for answer in lines.answers if answer.get("id") == _LAST]
    expect(len(last) == 1, "The server does not respond any more.")
    for answer in lines.answers:
        code = answer.get("error", {}).get("code")
        expect(code != -32603, f"An internal error: {answer}")


def _request(number: int, method: str, **params: Any) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


@cache
def line_samples() -> list[bytes]:
    """Return conversations, one message a line."""
    initialize = _request(
        1,
        "initialize",
        protocolVersion="2025-11-25",
        capabilities={},
        clientInfo={"name": "c", "version": "1"},
    )
    initialized = '{"jsonrpc": "2.0", "method": "notifications/initialized"}'
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    requests = [
        _request(2, "tools/list"),
        _request(3, "tools/call", name="get_user", arguments={}),
        _request(4, "tools/call", name="get_notifications", arguments={"after": "life:1", "limit": 5}),
        _request(5, "resources/list"),
        _request(6, "resources/read", uri="finesse://dialogs/331"),
        _request(7, "resources/subscribe", uri="finesse://user"),
        _request(8, "completion/complete", ref={"type": "ref/resource", "uri": "finesse://dialogs/{id}"},
                 argument={"name": "id", "value": "3"}),
        _request(9, "logging/setLevel", level="debug"),
        _request(10, "server/discover", _meta=meta),
        _request(11, "tools/call", name="get_user", arguments={}, _meta=meta),
        _request(12, "resources/templates/list", cursor="x"),
        '{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 3, "reason": "x"}}',
        '{"jsonrpc": "2.0", "id": 99, "result": {}}',
        '{"jsonrpc": "2.0", "id": 99, "error": {"code": 1, "message": "m"}}',
    ]  # fmt: skip
    found = ["\n".join([initialize, initialized, each]) for each in requests]
    found += ["\n".join(requests[8:10]), "\n".join([initialize, initialized, *requests])]
    return [each.encode() for each in found]


class Wire(asyncio.Transport):
    """The connection of an HTTP client.

    Attributes:
        written: what the server sent.
        closed: whether the server has closed the connection.
    """

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 8765)})
        self.written = bytearray()
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...


async def _http(server: FinesseServer) -> uvicorn.Config:
    """Return the configuration of a running HTTP server."""
    app = server.streamable_http_app(session_idle_timeout=0.2, max_sessions=200)
    started = asyncio.Event()

    async def live() -> None:
        async with app.router.lifespan_context(app):
            started.set()
            await asyncio.Event().wait()

    _LIVING.append(asyncio.create_task(live()))
    await started.wait()
    config = uvicorn.Config(app, http=TimedRequests, log_config=None, access_log=False)
    config.load()
    return config


_LIVING: list[asyncio.Task[None]] = []


@cache
def http_config() -> uvicorn.Config:
    """Return the configuration of the HTTP server of this process."""
    return run(_http(served().server))


def serve_http_request(data: bytes) -> None:
    """Receive bytes over an HTTP connection. The server must not answer with an internal error."""
    run(_serve_http(http_config(), data))


async def _serve_http(config: uvicorn.Config, data: bytes) -> None:
    state, wire = ServerState(), Wire()
    connection = TimedRequests(config, state, {})
    connection.connection_made(wire)
    for piece in pieces(data):
        if not wire.closed:
            connection.data_received(piece)
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    connection.connection_lost(None)
    if state.tasks:
        _, left = await asyncio.wait(state.tasks, timeout=_SECONDS)
        expect(not left, "A request does not end when its connection is lost.")
    expect(
        not bytes(wire.written).startswith(b"HTTP/1.1 500"),
        f"An internal error: {bytes(wire.written)!r:.300}",
    )


def http_samples() -> list[bytes]:
    """Return HTTP requests."""

    def post(body: str, **headers: str) -> str:
        given = {
            "Host": "127.0.0.1:8765",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return "POST /mcp HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in given.items()) + f"\r\n{body}"

    conversation = line_samples()[0].decode().split("\n")
    modern = line_samples()[9].decode().split("\n")[-1]
    get = "GET {} HTTP/1.1\r\nHost: localhost:8765\r\nAccept: text/event-stream\r\n{}\r\n"
    found = [
        *(post(line, MCP_Protocol_Version="2025-11-25", Mcp_Session_Id="x" * 32) for line in conversation),
        post(conversation[0]),
        post(modern, MCP_Protocol_Version="2026-07-28", Mcp_Method="tools/call", Mcp_Name="get_user"),
        post(conversation[0], Origin="http://evil.example", Transfer_Encoding="chunked"),
        get.format("/mcp", "Last-Event-ID: 5\r\n"),
        get.format("/healthz", ""),
        get.format("/mcp/../healthz?a=%00", "Cookie: a=b\r\n"),
        get.format("http://other.example/mcp", "Connection: close\r\n"),
        "DELETE /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nMcp-Session-Id: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        get.format("/healthz", "") * 3,
    ]
    return [each.encode() for each in found]


TARGETS = (
    Target(
        "json_rpc",
        serve_lines,
        line_samples,
        (
            b"\n",
            b'"id": null',
            b'"id": 1.5',
            b'"id": "last"',
            b'"id": true',
            b"2.0",
            b"1.0",
            b"jsonrpc",
            b"params",
            b"9" * 30,
            b"1e999",
            b"[" * 2000,
            b'{"a":' * 500,
            b"initialize",
            b"ping",
            b"tools/call",
            b"resources/read",
            b"notifications/cancelled",
            b"2026-07-28",
            b"2099-01-01",
            b"_meta",
            b"progressToken",
        ),
    ),
    Target(
        "http_requests",
        serve_http_request,
        http_samples,
        (
            b"\r\n",
            b"\r\n\r\n",
            b"GET ",
            b"PUT ",
            b"HEAD ",
            b"CONNECT ",
            b"HTTP/1.0",
            b"HTTP/2.0",
            b"%2f..%2f",
            b"//mcp",
            b"Host: a",
            b"Origin: null",
            b"Content-Length: 99999999999999",
            b"Content-Length: -1",
            b"Content-Length: 0",
            b"Transfer-Encoding: chunked",
            b"Expect: 100-continue",
            b"Upgrade: websocket",
            b"0\r\n\r\n",
            b"\x00",
            b"\xff",
            b"Mcp-Session-Id: ",
            b"Mcp-Protocol-Version: ",
            b"application/json; charset=utf-16",
            b"*/*",
            b"a" * 3000,
        ),
    ),
)
