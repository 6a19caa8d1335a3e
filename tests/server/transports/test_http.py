"""Streamable HTTP: both protocol eras, allowed hosts and origins, and a prompt shutdown."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ResourceUpdatedNotification

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.model import Update
from mcp_finesse.server import AuthConfig, Exposure, TokenFile, build_server, serve_http
from mcp_finesse.server.auth.scopes import SCOPES
from mcp_finesse.session import FinesseSession
from tests.server.support import ScriptedSession, agent, signed_in, tell, until

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")


@asynccontextmanager
async def served(session: ScriptedSession, **options: Any) -> AsyncIterator[str]:
    """Yield the URL of a server on this session, which is shut down afterwards."""
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def serve() -> None:
        mcp = build_server(session.as_session())
        await serve_http(mcp, port=0, on_started=started.set_result, **options)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        yield await started
        tasks.cancel_scope.cancel()


def turn(session: ScriptedSession) -> None:
    session.hear("user", Update(event="PUT", source="/finesse/api/User/1001", user=agent()))


async def test_clients_share_the_session_and_are_notified_of_changes(era: str) -> None:
    session = signed_in()
    heard: list[str] = []

    async def hear(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            heard.append(str(message.params.uri))

    async with served(session) as url, Client(url, mode=era, message_handler=hear) as client:
        async with Client(url, mode=era) as other:
            assert "READY" in await tell(other, "get_user")
        if era == "legacy":
            await client.subscribe_resource("finesse://user")
            turn(session)
            await until(lambda: heard == ["finesse://user"])
        else:
            async with client.listen(resource_subscriptions=["finesse://user"]) as events:
                turn(session)
                assert (await anext(events)).uri == "finesse://user"  # type: ignore[union-attr]
        assert session.closed == 0
    assert (session.opened, session.closed) == (1, 1)


async def test_session_is_opened_before_the_first_client() -> None:
    session = signed_in()
    async with served(session):
        assert session.opened == 1


async def test_failed_session_start_raises_its_error() -> None:
    def open_session() -> FinesseSession:
        raise ConfigurationError("FINESSE_URL is missing.")

    with pytest.raises(ExceptionGroup) as caught:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serve_http, build_server(open_session), "127.0.0.1", 0)
    assert caught.group_contains(ConfigurationError, match="FINESSE_URL", depth=1)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Host": "localhost:.evil.example"}, 421),
        ({"Host": "localhost:1.evil.example"}, 421),
        ({"Host": "localhost:"}, 421),
        ({"Host": "[::1]:1"}, 200),
        ({"Host": "finesse-mcp.example:1"}, 421),
        ({"Origin": "http://localhost:.evil.example"}, 403),
        ({"Origin": "http://localhost:3000/"}, 403),
        ({"Host": "finesse-mcp.example"}, 200),
        ({"Origin": "http://localhost:3000"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://good.example"}, 200),
    ],
)
async def test_only_allowed_hosts_and_origins_are_served(headers: dict[str, str], status: int) -> None:
    initialize = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "raw", "version": "0"},
        },
    }
    accept = {"Accept": "application/json, text/event-stream"}
    options = {"allowed_hosts": ["finesse-mcp.example"], "allowed_origins": ["https://good.example"]}
    async with served(signed_in(), **options) as url, httpx.AsyncClient() as http:
        answer = await http.post(url, json=initialize, headers=accept | headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded",
        "X-Forwarded-For",
        "x-forwarded-proto",
        "X-Forwarded-Host",
        "X-FORWARDED-PREFIX",
        "X-Real-IP",
        "Via",
    ],
)
async def test_request_through_a_forgotten_proxy_is_refused(
    header: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(signed_in()) as url, httpx.AsyncClient(headers={header: "x"}) as http:
        for method in ("POST", "GET", "DELETE"):
            answer = await http.request(method, url)
            assert (answer.status_code, answer.text[:24]) == (403, "Requests through a proxy")
        assert (await http.get(url.replace("/mcp", "/healthz"))).status_code == 200
    [said] = [record.getMessage() for record in caplog.records if "proxy" in record.getMessage()]
    assert "FINESSE_TOKEN_FILE" in said
    assert "FINESSE_BEHIND_TLS_PROXY" in said


async def test_request_through_a_proxy_is_served_to_authenticated_callers(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    headers = {"Authorization": f"Bearer {file.create('ada', SCOPES)}", "X-Forwarded-For": "192.0.2.1"}
    auth = AuthConfig(token_file=file.path)
    for exposure in (Exposure(), Exposure(behind_tls_proxy=True)):
        async with (
            served(signed_in(), auth=auth, exposure=exposure) as url,
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            assert "READY" in await tell(client, "get_user")


async def test_port_in_use_is_reported() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"Cannot listen on 127.0.0.1 port {port}"):
            await serve_http(build_server(signed_in().as_session()), port=port)


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
async def test_ipv6_loopback_can_be_served() -> None:
    async with served(signed_in(), host="::1") as url, Client(url) as client:
        assert "READY" in await tell(client, "get_user")


async def test_shutdown_ends_the_streams(era: str) -> None:
    session = signed_in()
    ended: list[object] = []
    async with anyio.create_task_group() as tasks:
        ready = anyio.Event()

        async def listen(url: str) -> None:
            async with Client(url, mode=era) as client:
                if era == "legacy":
                    await client.subscribe_resource("finesse://user")
                    ready.set()
                    await anyio.sleep_forever()
                async with client.listen(resource_subscriptions=["finesse://user"]) as events:
                    ready.set()
                    ended.extend([event async for event in events])
                ended.append("in order")

        async with served(session) as url:
            tasks.start_soon(listen, url)
            await ready.wait()
            started = time.monotonic()
        assert time.monotonic() - started < 2
        assert session.closed == 1
        if era != "legacy":
            await until(lambda: ended == ["in order"])
        tasks.cancel_scope.cancel()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
async def test_signal_ends_the_process_with_status_0(sent: signal.Signals, tmp_path: Path, era: str) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.server.http_program",
        str(notes),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(20):
            while not notes.read_text():  # noqa: ASYNC110  (another process)
                await asyncio.sleep(0.01)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_wait_for_ever, notes.read_text().strip(), era, started := anyio.Event())
                await started.wait()
                process.send_signal(sent)
                assert process.stderr is not None
                said = (await process.stderr.read()).decode()
                assert (await process.wait(), "Traceback" in said) == (0, False)
                tasks.cancel_scope.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    assert notes.read_text().splitlines()[-1] == "closed"


async def _wait_for_ever(url: str, era: str, started: anyio.Event) -> None:
    try:
        async with Client(url, mode=era) as client:
            await client.list_tools()
            started.set()
            await client.call_tool("wait_for_notification", {"timeout": 50})
    except Exception:
        assert started.is_set()  # the server is expected to go away


@pytest.mark.parametrize("name", ["*", "*.example.com", "https://finesse-mcp.example/", ":*", "*:*"])
async def test_allowed_host_that_matches_nothing_is_rejected(name: str) -> None:
    with pytest.raises(ConfigurationError, match="matches no host"):
        await serve_http(build_server(signed_in().as_session()), port=0, allowed_hosts=[name])


@pytest.mark.parametrize(
    "version", ["", "MCP-Protocol-Version: 2026-07-28\r\n"], ids=["2025-11-25", "2026-07-28"]
)
async def test_client_disconnecting_in_mid_request_leaves_no_traceback(
    version: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with served(signed_in()) as url, httpx.AsyncClient() as http:
        host = url.split("/")[2]
        for body in (b"", b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"'):
            _, writer = await asyncio.open_connection(*host.split(":"))
            head = (
                f"POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{version}"
                "Accept: application/json, text/event-stream\r\nContent-Length: 5000\r\n\r\n"
            )
            writer.write(head.encode() + body)
            await writer.drain()
            assert (await http.get(f"http://{host}/healthz")).status_code == 200  # the request has arrived
            writer.transport.abort()
            assert (await http.get(f"http://{host}/healthz")).status_code == 200
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []
