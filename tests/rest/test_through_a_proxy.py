"""REST through a proxy: the tunnel hides everything, and proxy failures are reported as such."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import NetworkError, ProxyCredentialsError
from mcp_finesse.rest import RestClient
from tests.proxies.support import ConnectProxy, basic
from tests.rest.support import (
    ADA,
    ADA_BASIC,
    CUT,
    SHORT,
    ScriptedServer,
    Sleeps,
    client_for,
    http2_server,
    server_context,
    trusting_context,
    xml,
)

USER = xml("<User><loginId>1001</loginId></User>")
NAME = "fin.example.test"


def client_by(proxy: ConnectProxy, url: str, login: str = "", **options: object) -> RestClient:
    values: dict[str, object] = {
        "verify": trusting_context(),
        "timeouts": SHORT,
        "sleep": Sleeps(),
        "allow_insecure": True,
        "proxy": proxy.proxy(login, trusting_context()),
    }
    return RestClient(url, ADA, **(values | options))  # type: ignore[arg-type]


async def failure(client: RestClient, path: str = "User/1001") -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        await client.get(path)
    return caught.value


async def test_proxy_learns_only_host_and_port() -> None:
    async with (
        ScriptedServer(USER, tls=server_context(NAME)) as server,
        ConnectProxy(names={NAME: server.port}, login="u:hunter2") as proxy,
        client_by(proxy, f"https://{NAME}:8445", "u:hunter2") as client,
    ):
        # Only the proxy can resolve the name: it is not looked up here.
        assert (await client.get("User/1001")).tag == "User"
    assert proxy.asked == [f"{NAME}:8445"]
    assert server.requests[0].headers["Authorization"] == ADA_BASIC
    seen = b"".join(proxy.heads) + bytes(proxy.passed)
    assert ADA_BASIC.encode() not in seen
    assert b"User/1001" not in seen
    assert b"Proxy-Authorization" not in str(server.requests).encode()


async def test_tunnel_serves_several_requests_and_is_closed_with_the_client() -> None:
    async with (
        ScriptedServer(tls=server_context()) as server,
        ConnectProxy() as proxy,
    ):
        server.always = USER
        async with client_by(proxy, server.url) as client:
            for _ in range(3):
                await client.get("User/1001")
            assert (len(proxy.asked), proxy.open) == (1, 1)
        async with asyncio.timeout(5):
            while proxy.open:  # noqa: ASYNC110 - the proxy has no event for it
                await asyncio.sleep(0.005)


async def test_http_2_works_through_the_tunnel(tmp_path: Path) -> None:
    seen: list[str] = []
    async with (
        http2_server(tmp_path / "both.pem", seen) as url,
        ConnectProxy() as proxy,
        client_by(proxy, url) as client,
    ):
        await client.get("User/1001")
    assert seen == ["2"]


async def test_unencrypted_http_uses_a_tunnel_too() -> None:
    async with (
        ScriptedServer(USER) as server,
        ConnectProxy() as proxy,
        client_by(proxy, server.url) as client,
    ):
        await client.get("User/1001")
    assert proxy.asked == [f"localhost:{server.port}"]


async def test_https_proxy_gets_its_credentials_encrypted() -> None:
    async with (
        ScriptedServer(USER, tls=server_context()) as server,
        ConnectProxy(tls=server_context(), login="u:hunter2") as proxy,
        client_by(proxy, server.url, "u:hunter2") as client,
    ):
        await client.get("User/1001")
    assert basic("u:hunter2") in proxy.heads[0]


async def test_wrong_proxy_credentials_are_sent_once_and_not_shown() -> None:
    async with (
        ScriptedServer(USER, tls=server_context()) as server,
        ConnectProxy(login="u:right") as proxy,
        client_by(proxy, server.url, "u:hunter2") as client,
    ):
        error = await failure(client)
    assert isinstance(error, ProxyCredentialsError)
    assert "rejected the credentials" in error.message
    assert "hunter2" not in str(error)
    assert len(proxy.asked) == 1
    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP 403 Forbidden"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "HTTP 502 Bad Gateway"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>", "other data"),
        (b"\x00\x01garbage", "does not respond as an HTTP proxy"),
        (b"", "no response within 0.3 s"),
        (b"HTTP/1.1 200 Conn", "no response within 0.3 s"),
    ],
    ids=["forbidden", "bad gateway", "page", "garbage", "silence", "half an answer"],
)
async def test_proxy_failure_is_reported_in_bounded_time(answer: bytes, why: str) -> None:
    async with (
        ConnectProxy(answer=answer) as proxy,
        client_by(proxy, "https://fin.test:8445", timeouts=replace(SHORT, connect=0.3)) as client,
        asyncio.timeout(5),
    ):
        error = await failure(client)
    assert (error.step, error.sent) == ("proxy", False)
    assert f"the proxy http://localhost:{proxy.port} to fin.test:8445" in error.message
    assert why in error.message


async def test_total_timeout_includes_the_proxy() -> None:
    async with (
        ConnectProxy(answer=b"") as proxy,
        client_by(proxy, "https://fin.test:8445", timeouts=replace(SHORT, total=0.2)) as client,
    ):
        error = await failure(client)
    assert error.step == "proxy"
    assert "it took too long" in error.message


async def test_unreachable_proxy_is_reported() -> None:
    async with ConnectProxy() as proxy:
        pass
    async with client_by(proxy, "https://fin.test:8445") as client:
        error = await failure(client)
    assert error.step == "proxy"
    assert "Connection refused" in error.message
    assert "FINESSE_PROXY" in error.advice


async def test_proxy_hangup_is_reported() -> None:
    async with ScriptedServer() as broken:  # closes the connection on anything but GET
        broken.script.append(CUT)
        proxy = ConnectProxy()
        proxy.port = broken.port
        async with client_by(proxy, "https://fin.test:8445") as client:
            error = await failure(client)
    assert error.step == "proxy"
    assert "closed the connection" in error.message


async def test_untrusted_proxy_certificate_is_reported() -> None:
    async with (
        ConnectProxy(tls=server_context("other.test")) as proxy,
        client_by(proxy, "https://fin.test") as client,
    ):
        error = await failure(client)
    assert error.step == "proxy"
    assert "its certificate is not trusted (Hostname mismatch" in error.message


async def test_failures_inside_the_tunnel_belong_to_the_server() -> None:
    async with (
        ScriptedServer(tls=server_context("other.test")) as server,
        ConnectProxy() as proxy,
        client_by(proxy, server.url) as client,
    ):
        error = await failure(client)
        assert error.step == "tls"
        assert "other.test" in error.message or "mismatch" in error.message.lower()
    async with (
        ScriptedServer(CUT, CUT, CUT, tls=server_context()) as server,
        ConnectProxy() as proxy,
        client_by(proxy, server.url) as client,
    ):
        error = await failure(client)
        assert error.step == "http"
    assert [request.line for request in server.requests][1:] == ["GET /finesse/api/SystemInfo"] * 2


async def test_failures_inside_the_tunnel_do_not_exhaust_the_connection_pool() -> None:
    async with (
        ScriptedServer(tls=server_context("other.test")) as server,
        ConnectProxy() as proxy,
        client_by(proxy, server.url) as client,
    ):
        steps = [(await failure(client)).step for _ in range(12)]
    assert steps == ["tls"] * 12


async def test_cancelled_request_to_a_silent_proxy_leaves_nothing_behind() -> None:
    async with ConnectProxy(answer=b"") as proxy, client_by(proxy, "https://fin.test") as client:
        for _ in range(12):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await client.get("User/1001")
        assert proxy.open <= 1


async def test_proxy_credentials_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        ScriptedServer(USER, tls=server_context()) as server,
        ConnectProxy(login="u:hunter2") as proxy,
        client_by(proxy, server.url, "u:hunter2") as client,
    ):
        await client.get("User/1001")
    assert "hunter2" not in caplog.text
    assert basic("u:hunter2").decode() not in caplog.text


async def test_proxy_environment_variables_are_ignored_by_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://localhost:1")
    monkeypatch.setenv("ALL_PROXY", "http://localhost:1")
    async with ScriptedServer(USER) as server, client_for(server) as client:
        await client.get("User/1001")
        assert [request.line for request in server.requests] == ["GET /finesse/api/User/1001"]
