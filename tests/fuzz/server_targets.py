"""Targets: lines on stdin, and HTTP requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

from mcp.server.stdio import stdio_server

from mcp_finesse.server.sdk.server import serve_messages
from tests.fuzz.argument_targets import served
from tests.fuzz.loop import run
from tests.fuzz.target import Target, expect

_LAST = "last of the case"
_SECONDS = 5.0


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
    run(_serve(data.decode("utf-8", "replace").split("\n")))


async def _serve(sent: list[str]) -> None:
    lines: Any = Lines(sent)
    async with stdio_server(stdin=lines, stdout=lines) as (messages, answers):
        await serve_messages(served().server, messages, answers)
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
)
