"""OAuth against an authorization server that we did not write, with the login of both SDKs' clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import httpx2
import jwt
import pytest
from mcp.client import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from pydantic import AnyUrl

from mcp_finesse.server import Auditor, AuthConfig, OAuthConfig, build_server, serve_http
from mcp_finesse.server.auth import authentication, introspection
from tests.peers import node
from tests.peers.oauth import REDIRECT, AuthorizationServer, authorization_server, log_in
from tests.server.auth.support import RSA_KEY
from tests.server.support import signed_in, tell

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning"),
]

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "raw", "version": "0"},
    },
}


class Bench:
    """Our server, which accepts the tokens of an authorization server."""

    def __init__(self, server: AuthorizationServer, url: str, records: list[dict[str, Any]]) -> None:
        self.server = server
        self.url = url
        self.records = records

    async def status(self, token: str, message: dict[str, Any] = INITIALIZE, **headers: str) -> int:
        """Send a message with a token, and return the status."""
        async with httpx.AsyncClient(trust_env=False) as http:
            accept = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {token}"}
            return (await http.post(self.url, json=message, headers=accept | headers)).status_code


class Records:
    """Keeps audit records."""

    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []

    def append(self, fields: Any) -> None:
        self.kept.append(dict(fields))


@asynccontextmanager
async def serving(server: AuthorizationServer, **options: Any) -> AsyncIterator[Bench]:
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    records = Records()

    async def serve() -> None:
        mcp = build_server(signed_in().as_session(), auditor=Auditor(records))
        auth = AuthConfig(oauth=OAuthConfig(server.issuer, **options))
        await serve_http(mcp, port=0, auth=auth, on_started=started.set_result)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve)
        yield Bench(server, await started, records.kept)
        tasks.cancel_scope.cancel()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[AuthorizationServer]:
    async with authorization_server(tmp_path) as server:
        yield server


class Memory:
    """The storage of a client, which is empty at first."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@asynccontextmanager
async def logging_in(url: str, memory: Memory, mode: str) -> AsyncIterator[Client]:
    """Yield the Python SDK's client, which registers itself and logs in."""
    returned: dict[str, str] = {}

    async def redirect(address: str) -> None:
        returned.update(await log_in(address))

    async def callback() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(
            code=returned["code"], state=returned.get("state"), iss=returned.get("iss")
        )

    metadata = OAuthClientMetadata(
        client_name="assistant",
        redirect_uris=[AnyUrl(REDIRECT)],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        token_endpoint_auth_method="none",
    )
    auth = OAuthClientProvider(url, metadata, memory, redirect, callback)
    async with (
        httpx2.AsyncClient(auth=auth, timeout=30, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_python_client_registers_logs_in_and_acts(server: AuthorizationServer, mode: str) -> None:
    memory = Memory()
    async with serving(server) as bench:
        async with logging_in(bench.url, memory, mode) as client:
            assert "READY" in await tell(client, "get_user")
            assert (await client.read_resource("finesse://user")).contents
        assert {record["caller"] for record in bench.records if record["event"] == "call"} == {"ada"}
        assert memory.tokens is not None
        assert {"finesse:read", "finesse:act"} <= set((memory.tokens.scope or "").split())
        claims = jwt.decode(memory.tokens.access_token, options={"verify_signature": False})
        assert (claims["aud"], claims["iss"], claims["sub"]) == (bench.url, server.issuer, "ada")


async def test_python_client_asks_for_a_missing_scope_and_repeats_the_call(
    server: AuthorizationServer,
) -> None:
    memory = Memory()
    async with serving(server) as bench:
        async with logging_in(bench.url, memory, "auto") as client:
            assert memory.client is not None
            reading = await bench.server.token(bench.url, "finesse:read")
            memory.tokens = OAuthToken(access_token=reading, scope="finesse:read")
        async with logging_in(bench.url, memory, "auto") as client:
            assert "READY" in await tell(client, "get_user")
            assert memory.tokens is not None
            assert memory.tokens.access_token == reading
            await tell(client, "change_state", state="READY")
            assert memory.tokens.access_token != reading


async def test_typescript_client_registers_logs_in_and_acts(
    server: AuthorizationServer, tmp_path: Path
) -> None:
    async with serving(server) as bench:
        done = await node.run(node.HERE / "oauth_client.mjs", bench.url, home=tmp_path)
        answer = done.answer()
    assert [each["resource"] for each in answer["asked"]] == [bench.url]
    assert {"finesse:read", "finesse:act"} <= set(answer["asked"][0]["scope"].split())
    assert "READY" in answer["user"]
    assert answer["changed"] == "confirmed"


async def test_token_for_this_server_is_accepted_and_others_are_rejected(
    server: AuthorizationServer, tmp_path: Path
) -> None:
    async with authorization_server(tmp_path) as foreign, serving(server) as bench:
        good = await server.token(bench.url)
        assert jwt.get_unverified_header(good)["alg"] == "ES256"
        assert await bench.status(good) == 200
        assert await bench.status(await foreign.token(bench.url)) == 401
        assert await bench.status(await server.token("https://other.example/mcp")) == 401
        assert await bench.status(await server.token(f"{bench.url}/")) == 401
        assert await bench.status(await server.token(f"{bench.url}/opaque")) == 401
        signature = good.rpartition(".")[2]
        assert await bench.status(good.replace(signature, signature[:20] + "AAAA" + signature[24:])) == 401
        claims = jwt.decode(good, options={"verify_signature": False})
        for name, algorithm, key in (
            ("HS256", "HS256", "k" * 64),
            ("none", "none", None),
            ("RS256", "RS256", RSA_KEY),
        ):
            forged = jwt.encode(claims, key, algorithm, headers={"kid": "rsa", "typ": "at+jwt"})  # type: ignore[arg-type]
            assert await bench.status(forged) == 401, name


async def test_expired_token_is_rejected_after_the_leeway(
    server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_finesse.server.auth.jwt_verifier.LEEWAY_SECONDS", 0)
    async with serving(server) as bench:
        token = await server.token(bench.url, client="hasty")
        async with asyncio.timeout(10):
            while await bench.status(token) != 401:  # noqa: ASYNC110 - the end of its lifetime is no event
                await asyncio.sleep(0.1)
        assert await bench.status(token) == 401


async def test_missing_scope_gets_403(server: AuthorizationServer) -> None:
    call = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": {"name": "sign_out", "arguments": {}},
    }
    async with serving(server) as bench:
        assert await bench.status(await server.token(bench.url, "finesse:read"), call) == 403
        assert await bench.status(await server.token(bench.url, "finesse:act"), INITIALIZE) == 200


async def test_session_of_another_subject_is_not_found(server: AuthorizationServer) -> None:
    async with serving(server) as bench, httpx.AsyncClient(trust_env=False) as http:
        accept = {"Accept": "application/json, text/event-stream"}
        first = accept | {"Authorization": f"Bearer {await server.token(bench.url)}"}
        opened = await http.post(bench.url, json=INITIALIZE, headers=first)
        session = {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        again = await server.token(bench.url)
        assert await bench.status(again, ping, **session) == 200
        other = await server.token(bench.url, client="finesse")
        assert await bench.status(other, ping, **session) == 404


async def test_introspected_token_is_accepted_until_it_is_revoked(
    server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(introspection, "CACHE_SECONDS", 0.2)
    monkeypatch.setattr(authentication, "RECHECK_SECONDS", 0.2)
    options = {
        "introspection_url": f"{server.issuer}/token/introspection",
        "client_id": "finesse",
        "client_secret": "secret of finesse",
        "audience": "https://finesse-mcp.example.com/opaque",
    }
    async with serving(server, **options) as bench, httpx.AsyncClient(trust_env=False) as http:
        token = await server.token("https://finesse-mcp.example.com/opaque")
        assert "." not in token
        assert await bench.status(token) == 200
        assert await bench.status(await server.token("https://other.example/opaque")) == 401
        assert await bench.status("invented") == 401
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        wait = {"jsonrpc": "2.0", "id": 2, "method": "subscriptions/listen"} | {
            "params": {"notifications": {"resourceSubscriptions": ["finesse://user"]}, "_meta": meta}
        }
        headers = {
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "MCP-Protocol-Version": "2026-07-28",
            "Mcp-Method": "subscriptions/listen",
        }
        async with http.stream("POST", bench.url, content=json.dumps(wait), headers=headers) as response:
            assert response.status_code == 200
            await server.revoke(token)
            async with asyncio.timeout(10):
                async for _ in response.aiter_raw():
                    pass
        assert await bench.status(token) == 401
