"""HTTP with authentication: what a request needs, what a caller may do, and whose session is whose."""

from __future__ import annotations

import asyncio
import json
import logging
import re
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
from mcp.shared.exceptions import MCPError

from mcp_finesse.errors import AuditError, ConfigurationError
from mcp_finesse.model import Update
from mcp_finesse.server import (
    Auditor,
    AuthConfig,
    Exposure,
    OAuthConfig,
    Selection,
    TokenFile,
    build_server,
    serve_http,
)
from mcp_finesse.server.auth import authentication as module
from mcp_finesse.server.auth import introspection
from mcp_finesse.server.auth.fetching import FETCH_SECONDS
from mcp_finesse.server.auth.scopes import SCOPES
from tests.server.auth.support import (
    RSA_KEY,
    AuthorizationServer,
    authorization_server,
    public_jwk,
    response,
    signed,
)
from tests.server.support import ScriptedSession, agent, refusal, signed_in, tell, until

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")

ACCEPT = {"Accept": "application/json, text/event-stream"}
INITIALIZE: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "raw", "version": "0"},
    },
}


class Records:
    """Keeps audit records."""

    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []

    def append(self, fields: Any) -> None:
        self.kept.append(dict(fields))


class Bench:
    """A server with static tokens."""

    def __init__(self, folder: Path) -> None:
        self.file = TokenFile(folder / "tokens.json")
        self.tokens = {
            "ada": self.file.create("ada", ["finesse:read", "finesse:act"]),
            "ben": self.file.create("ben", ["finesse:read"]),
            "eve": self.file.create("eve", ["finesse:act"]),
            "root": self.file.create("root", SCOPES),
        }
        self.session: ScriptedSession = signed_in()
        self.records = Records()
        self.url = ""

    @asynccontextmanager
    async def serving(self, oauth: OAuthConfig | None = None, **options: Any) -> AsyncIterator[str]:
        started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        auth = AuthConfig(token_file=self.file.path, oauth=oauth)

        async def serve() -> None:
            selection = Selection(("agent", "developer"))
            mcp = build_server(self.session.as_session(), selection=selection, auditor=Auditor(self.records))
            await serve_http(mcp, port=0, auth=auth, on_started=started.set_result, **options)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serve)
            self.url = await started
            yield self.url
            tasks.cancel_scope.cancel()

    @asynccontextmanager
    async def client(self, token: str, era: str) -> AsyncIterator[Client]:
        """Yield a client with one of the tokens."""
        headers = {"Authorization": f"Bearer {self.tokens[token]}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=era) as client,
        ):
            yield client

    def bearer(self, token: str) -> dict[str, str]:
        return ACCEPT | {"Authorization": f"Bearer {self.tokens[token]}"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


# -- tokens


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, ""), ("Basic YTpi", ""), ("Bearer", "invalid_token"), ("bearer x", "invalid_token"),
        ("Bearer mcpf_" + "x" * 43, "invalid_token"), ("Bearer a b", "invalid_token"),
        ("Bearer " + "x" * 17_000, "invalid_token"),
    ],
)  # fmt: skip
async def test_request_without_a_valid_token_gets_401_with_a_challenge(
    bench: Bench, header: str | None, error: str
) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        headers = ACCEPT | ({"Authorization": header} if header is not None else {})
        for method, path in (
            ("POST", url),
            ("GET", url),
            ("DELETE", url),
            ("GET", url + "/x"),
            ("PUT", url[:-3]),
        ):
            answer = await http.request(method, path, headers=headers)
            challenge = answer.headers["www-authenticate"]
            assert answer.status_code == 401
            assert challenge.startswith("Bearer ")
            assert ('error="invalid_token"' in challenge) is (
                header is not None and bool(error) and header != "Bearer "
            )
            assert 'scope="finesse:read finesse:act finesse:raw"' in challenge
            assert "resource_metadata" not in challenge  # static tokens only
    assert bench.session.sent == []


async def test_second_authorization_header_and_token_in_the_query_are_refused(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        pair = [("Authorization", f"Bearer {bench.tokens['ada']}"), ("Authorization", "Bearer x")]
        assert (await http.post(url, json=INITIALIZE, headers=[*ACCEPT.items(), *pair])).status_code == 400
        named = f"{url}?access_token={bench.tokens['ada']}"
        assert (await http.post(named, json=INITIALIZE, headers=ACCEPT)).status_code == 401


async def test_scheme_is_case_insensitive(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        headers = ACCEPT | {"Authorization": f"bEARER {bench.tokens['ada']}"}
        assert (await http.post(url, json=INITIALIZE, headers=headers)).status_code == 200


async def test_health_checks_need_no_token(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        for path in ("/healthz", "/readyz"):
            answer = await http.get(url.replace("/mcp", path))
            assert (answer.status_code, answer.content) == (200, b"")


async def test_path_with_a_trailing_slash_is_not_redirected(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        answer = await http.post(f"{url}/", json=INITIALIZE, headers=bench.bearer("ada"))
        assert answer.status_code == 404


async def test_token_created_and_revoked_while_serving_takes_effect(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        bench.tokens["new"] = bench.file.create("new", ["finesse:read"])
        assert (await http.post(url, json=INITIALIZE, headers=bench.bearer("new"))).status_code == 200
        bench.file.revoke("new")
        assert (await http.post(url, json=INITIALIZE, headers=bench.bearer("new"))).status_code == 401


# -- scopes


async def test_reading_token_may_read_and_may_not_act(bench: Bench, era: str) -> None:
    async with bench.serving(), bench.client("ben", era) as client:
        assert "READY" in await tell(client, "get_user")
        assert (await client.read_resource("finesse://user")).contents
        with pytest.raises((MCPError, httpx2.HTTPError, BaseExceptionGroup)):
            await client.call_tool("change_state", {"state": "NOT_READY"})
    assert bench.session.sent == []


async def test_acting_token_may_not_read(bench: Bench, era: str) -> None:
    async with bench.serving() as url, bench.client("eve", era) as client:
        assert len((await client.list_tools()).tools) > 20
        async with httpx.AsyncClient() as http:
            for method in (
                "resources/read",
                "resources/subscribe",
                "completion/complete",
                "subscriptions/listen",
            ):
                message = {"jsonrpc": "2.0", "id": 5, "method": method, "params": {}}
                answer = await http.post(url, json=message, headers=bench.bearer("eve"))
                assert answer.status_code == 403, method
                assert 'scope="finesse:read finesse:act"' in answer.headers["www-authenticate"]


async def test_missing_scope_gets_403_that_names_the_scopes_to_request(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        call = {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "sign_out", "arguments": {}},
        }
        answer = await http.post(url, json=call, headers=bench.bearer("ben"))
        assert answer.status_code == 403
        assert answer.json()["error"] == "insufficient_scope"
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
        assert 'scope="finesse:read finesse:act"' in answer.headers["www-authenticate"]
        assert "Requires finesse:act." in answer.headers["www-authenticate"]
        assert bench.session.sent == []


@pytest.mark.parametrize(
    ("method", "params", "tool"),
    [
        ("tools/call", {"name": "sign_out", "arguments": {"secret": "hunter2"}}, "sign_out"),
        ("resources/read", {"uri": "finesse://user"}, "resources/read"),
    ],
)
async def test_missing_scope_is_in_the_audit_log_without_the_token(
    method: str, params: dict[str, Any], tool: str, bench: Bench
) -> None:
    bench.tokens["raw"] = bench.file.create("raw", ["finesse:raw"])
    async with bench.serving() as url, httpx.AsyncClient() as http:
        call = {"jsonrpc": "2.0", "id": 2, "method": method, "params": params}
        assert (await http.post(url, json=call, headers=bench.bearer("raw"))).status_code == 403
    [record] = bench.records.kept
    assert record.pop("call")
    scope = "finesse:act" if tool == "sign_out" else "finesse:read"
    assert record == {
        "event": "decision",
        "tool": tool,
        "caller": "raw",
        "decision": "refused",
        "rule": f"scope {scope}",
    }
    assert bench.tokens["raw"] not in json.dumps(bench.records.kept)


async def test_missing_scope_is_refused_also_while_the_audit_log_cannot_be_written(bench: Bench) -> None:
    def fail(_: Any) -> None:
        raise AuditError("The disk is full.")

    bench.records.append = fail  # type: ignore[method-assign]
    async with bench.serving() as url, httpx.AsyncClient() as http:
        call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "sign_out"}}
        assert (await http.post(url, json=call, headers=bench.bearer("ben"))).status_code == 403


async def test_tool_is_refused_also_where_no_scope_was_checked_before(
    bench: Bench, era: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "scopes_of_message", lambda *_: frozenset())
    async with bench.serving():
        async with bench.client("ben", era) as client:
            said = await refusal(client, "change_state", state="NOT_READY")
            assert "change_state requires the scope finesse:act" in said
        async with bench.client("eve", era) as client:
            assert "requires the scope finesse:read" in await refusal(client, "get_user")
            with pytest.raises(MCPError, match="requires the scope finesse:read"):
                await client.read_resource("finesse://user")
    assert bench.session.sent == []
    assert [record["outcome"] for record in bench.records.kept if record["event"] == "result"] == [
        "ScopeError"
    ] * 2


async def test_raw_requests_as_administrator_require_both_scopes(bench: Bench) -> None:
    bench.tokens["raw"] = bench.file.create("raw", ["finesse:raw"])
    async with bench.serving() as url, httpx.AsyncClient() as http:
        arguments = {"method": "GET", "path": "/x", "as_administrator": True}
        call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call"} | {
            "params": {"name": "send_request", "arguments": arguments}
        }
        answer = await http.post(url, json=call, headers=bench.bearer("raw"))
        assert answer.status_code == 403
        assert "Requires finesse:admin." in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'[{"method": "tools/call"}]', b'{"method": {}}', b"5"]
)
async def test_odd_message_of_a_restricted_token_is_left_to_the_sdk(bench: Bench, body: bytes) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        headers = bench.bearer("ben") | {"Content-Type": "application/json"}
        assert (await http.post(url, content=body, headers=headers)).status_code == 400


async def test_body_over_the_limit_is_refused(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        for token in ("ben", "root"):
            headers = bench.bearer(token) | {"Content-Type": "application/json"}
            answer = await http.post(url, content=b" " * (4 * 2**20 + 1), headers=headers)
            assert answer.status_code == 413


# -- callers


async def test_caller_is_in_the_audit_record(bench: Bench, era: str) -> None:
    async with bench.serving():
        for name in ("ada", "ben"):
            async with bench.client(name, era) as client:
                await tell(client, "get_user")
    calls = [record for record in bench.records.kept if record["event"] == "call"]
    assert [(record["caller"], record["identity"]) for record in calls] == [("ada", "1001"), ("ben", "1001")]


async def test_caller_is_in_the_record_of_refused_arguments(bench: Bench, era: str) -> None:
    async with bench.serving(), bench.client("ada", era) as client:
        await refusal(client, "get_user", nonsense="1")
    [record] = bench.records.kept
    assert (record["outcome"], record["caller"], record["identity"]) == ("refused-arguments", "ada", "1001")


async def test_session_belongs_to_the_caller_that_opened_it(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        opened = await http.post(url, json=INITIALIZE, headers=bench.bearer("ada"))
        session = {"Mcp-Session-Id": opened.headers["mcp-session-id"], "MCP-Protocol-Version": "2025-11-25"}
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        subscribe = {
            "jsonrpc": "2.0",
            "id": 3,
            "method": "resources/subscribe",
            "params": {"uri": "finesse://user"},
        }
        for other in ("ben", "root"):
            stolen = bench.bearer(other) | session
            assert (await http.post(url, json=ping, headers=stolen)).status_code == 404
            assert (await http.post(url, json=subscribe, headers=stolen)).status_code == 404
            assert (await http.get(url, headers=stolen)).status_code == 404
            assert (await http.delete(url, headers=stolen)).status_code == 404
        assert (await http.post(url, json=ping, headers=bench.bearer("ada") | session)).status_code == 200


async def test_confirmation_of_one_caller_is_not_valid_for_another(bench: Bench, era: str) -> None:
    arguments = {"to_address": "0015550100"}
    async with bench.serving():
        async with bench.client("root", era) as client:
            code = re.search(r"confirmation_code (\S+)\. ", await refusal(client, "make_call", **arguments))
        assert code is not None
        async with bench.client("ada", era) as client:
            said = await refusal(client, "make_call", **arguments, confirmation_code=code[1])
            assert "The code is not valid for this tool call." in said
        assert bench.session.sent == []
        async with bench.client("root", era) as client:
            await tell(client, "make_call", **arguments, confirmation_code=code[1])
    assert len(bench.session.sent) == 1


async def test_session_ends_with_a_token_of_the_same_name(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http:
        opened = await http.post(url, json=INITIALIZE, headers=bench.bearer("ada"))
        session = {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
        bench.file.revoke("ada")
        bench.tokens["ada"] = bench.file.create("ada", SCOPES)
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        assert (await http.post(url, json=ping, headers=bench.bearer("ada") | session)).status_code == 404


async def test_listening_of_one_caller_is_not_ended_by_another(bench: Bench) -> None:
    headers = bench.bearer("ada") | {"MCP-Protocol-Version": "2026-07-28"}
    async with (
        bench.serving() as url,
        bench.client("ben", "auto") as client,
        client.listen(resource_subscriptions=["finesse://user"]) as events,
        httpx.AsyncClient() as http,
    ):
        for number in range(20):
            cancelled = {
                "jsonrpc": "2.0",
                "method": "notifications/cancelled",
                "params": {"requestId": number},
            }
            await http.post(url, json=cancelled, headers=headers)
        bench.session.hear("user", _turned())
        async with asyncio.timeout(5):
            assert (await anext(events)).uri == "finesse://user"  # type: ignore[union-attr]


# -- open responses


async def test_open_streams_end_when_the_token_is_revoked(
    bench: Bench, era: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECHECK_SECONDS", 0.1)
    async with bench.serving() as url, httpx.AsyncClient() as http:
        if era == "legacy":
            opened = await http.post(url, json=INITIALIZE, headers=bench.bearer("ben"))
            headers = bench.bearer("ben") | {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
            stream = http.stream("GET", url, headers=headers)
        else:
            stream = _listening(http, url, bench.bearer("ben"))
        async with stream as response:
            assert response.status_code == 200
            await asyncio.sleep(0.3)  # verified several times, and still valid
            bench.file.revoke("ben")
            async with asyncio.timeout(5):
                async for _ in response.aiter_raw():
                    pass


async def test_open_stream_ends_when_the_token_expires(bench: Bench) -> None:
    async with bench.serving() as url, httpx.AsyncClient() as http, asyncio.timeout(15):
        bench.tokens["short"] = bench.file.create("short", ["finesse:read"], int(time.time()) + 4)
        async with _listening(http, url, bench.bearer("short")) as response:
            assert response.status_code == 200
            async for _ in response.aiter_raw():
                pass
    assert time.time() >= bench.file.read()[-1].expires  # type: ignore[operator]


async def test_tool_call_ends_when_the_token_is_revoked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECHECK_SECONDS", 0.1)

    async def wait(client: Client) -> None:
        with pytest.raises((MCPError, httpx2.HTTPError, BaseExceptionGroup)):
            await client.call_tool("wait_for_notification", {"timeout": 30})

    async with bench.serving(), bench.client("ben", "auto") as client, anyio.create_task_group() as tasks:
        tasks.start_soon(wait, client)
        await until(lambda: bool(bench.records.kept))
        bench.file.revoke("ben")
        with anyio.fail_after(10):
            await until(lambda: any(record["event"] == "result" for record in bench.records.kept))


class IntrospectedCaller:
    """A caller whose token is verified by introspection at an authorization server that the test controls."""

    def __init__(self, server: AuthorizationServer) -> None:
        self.server = server
        self.oauth = OAuthConfig(
            server.issuer, introspection_url=f"{server.issuer}/introspect", client_id="a", client_secret="b"
        )
        self.headers = ACCEPT | {"Authorization": "Bearer opaque"}

    def may(self, url: str, *scopes: str, **changes: Any) -> None:
        """Let the authorization server report these scopes."""
        self.server.documents["/introspect"] = {
            "active": True,
            "sub": "ada",
            "aud": url,
            "exp": time.time() + 300,
            "scope": " ".join(scopes),
        } | changes

    def fail(self) -> None:
        """Let the authorization server respond to no request."""
        self.server.documents.clear()


@pytest.fixture
async def introspected(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[IntrospectedCaller]:
    monkeypatch.setattr(module, "RECHECK_SECONDS", 0.1)
    monkeypatch.setattr(introspection, "CACHE_SECONDS", 0.05)
    async with authorization_server() as server:
        yield IntrospectedCaller(server)


async def test_open_stream_survives_a_short_outage_of_the_authorization_server(
    bench: Bench, introspected: IntrospectedCaller
) -> None:
    async with bench.serving(introspected.oauth) as url, httpx.AsyncClient() as http:
        introspected.may(url, "finesse:read")
        async with _listening(http, url, introspected.headers) as response:
            lines = response.aiter_lines()
            introspected.fail()
            asked = len(introspected.server.asked)
            await until(lambda: len(introspected.server.asked) >= asked + 3)
            introspected.may(url, "finesse:read")
            await asyncio.sleep(0.3)
            bench.session.hear("user", _turned())
            async with asyncio.timeout(5):
                while "finesse://user" not in await anext(lines):
                    pass
            introspected.may(url, active=False)
            async with asyncio.timeout(5):
                async for _ in lines:
                    pass


async def test_open_stream_ends_when_its_token_could_not_be_verified_for_too_long(
    bench: Bench, introspected: IntrospectedCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "UNVERIFIED_SECONDS", 1.0)
    async with bench.serving(introspected.oauth) as url, httpx.AsyncClient() as http:
        introspected.may(url, "finesse:read")
        async with _listening(http, url, introspected.headers) as response:
            introspected.fail()
            began = time.monotonic()
            async with asyncio.timeout(10):
                async for _ in response.aiter_raw():
                    pass
    assert time.monotonic() - began > 0.8


async def test_open_stream_ends_when_its_token_expires_during_an_outage(
    bench: Bench, introspected: IntrospectedCaller
) -> None:
    async with bench.serving(introspected.oauth) as url, httpx.AsyncClient() as http:
        introspected.may(url, "finesse:read", exp=time.time() + 2)
        async with _listening(http, url, introspected.headers) as response:
            introspected.fail()
            async with asyncio.timeout(10):
                async for _ in response.aiter_raw():
                    pass
            assert response.is_stream_consumed


def test_token_is_used_for_at_most_five_minutes_after_the_authorization_server_accepted_it() -> None:
    last_attempt = module.RETRY_SECONDS + FETCH_SECONDS
    assert introspection.CACHE_SECONDS + module.UNVERIFIED_SECONDS + last_attempt <= 300


async def test_damaged_token_file_ends_open_streams(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECHECK_SECONDS", 0.1)
    async with (
        bench.serving() as url,
        httpx.AsyncClient() as http,
        _listening(http, url, bench.bearer("ben")) as response,
    ):
        bench.file.path.unlink()
        async with asyncio.timeout(5):
            async for _ in response.aiter_raw():
                pass
        assert response.is_stream_consumed


@pytest.mark.parametrize("before", [["finesse:read"], list(SCOPES)], ids=["one scope", "all scopes"])
async def test_open_stream_ends_when_the_token_loses_a_scope(
    before: list[str], bench: Bench, era: str, introspected: IntrospectedCaller
) -> None:
    async with bench.serving(introspected.oauth) as url, httpx.AsyncClient() as http:
        introspected.may(url, *before)
        headers = introspected.headers
        if era == "legacy":
            opened = await http.post(url, json=INITIALIZE, headers=headers)
            headers = headers | {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
            stream = http.stream("GET", url, headers=headers)
        else:
            stream = _listening(http, url, headers)
        async with stream as response:
            assert response.status_code == 200
            introspected.may(url, "finesse:act")
            async with asyncio.timeout(5):
                async for _ in response.aiter_raw():
                    pass
        if era == "legacy":  # resources that were subscribed before are not announced any longer
            again = await http.get(url, headers=headers)
            assert (again.status_code, again.headers["allow"]) == (405, "POST, DELETE")


async def test_open_stream_continues_when_the_token_gains_a_scope(
    bench: Bench, introspected: IntrospectedCaller
) -> None:
    async with bench.serving(introspected.oauth) as url, httpx.AsyncClient() as http:
        introspected.may(url, "finesse:read")
        async with _listening(http, url, introspected.headers) as response:
            introspected.may(url, "finesse:read", "finesse:act")
            lines, asked = response.aiter_lines(), len(introspected.server.asked)
            await until(lambda: len(introspected.server.asked) >= asked + 3)
            bench.session.hear("user", _turned())
            async with asyncio.timeout(5):
                while "finesse://user" not in await anext(lines):
                    pass


# -- OAuth


async def test_metadata_name_the_authorization_server_and_the_scopes(bench: Bench) -> None:
    oauth = OAuthConfig("https://login.example.com/realms/a")
    exposure = Exposure(public_url="https://finesse-mcp.example.com/x/mcp", behind_tls_proxy=True)
    async with bench.serving(oauth, exposure=exposure) as url, httpx.AsyncClient() as http:
        host = {"Host": "finesse-mcp.example.com"}
        answer = await http.post(url, headers=host)
        metadata = "https://finesse-mcp.example.com/.well-known/oauth-protected-resource/x/mcp"
        assert f'resource_metadata="{metadata}"' in answer.headers["www-authenticate"]
        path = url.replace("/mcp", "/.well-known/oauth-protected-resource/x/mcp")
        answer = await http.get(path, headers=host)
        assert answer.json() == {
            "resource": "https://finesse-mcp.example.com/x/mcp",
            "authorization_servers": ["https://login.example.com/realms/a"],
            "scopes_supported": ["finesse:read", "finesse:act", "finesse:raw"],
            "bearer_methods_supported": ["header"],
            "resource_name": "Cisco Finesse",
        }
        assert (await http.post(path, headers=host)).status_code == 405
        assert (await http.get(path, headers={"Host": "evil.example"})).status_code == 421
        assert (await http.get(path, headers=host | {"Origin": "https://evil.example"})).status_code == 403


async def test_oauth_and_static_tokens_are_accepted_side_by_side(bench: Bench) -> None:
    async with authorization_server() as server, httpx.AsyncClient() as http:
        server.publish(public_jwk(RSA_KEY, "first"))
        async with bench.serving(OAuthConfig(server.issuer)) as url:
            token = signed(server.issuer, aud=url)
            headers = ACCEPT | {"Authorization": f"Bearer {token}"}
            assert (await http.post(url, json=INITIALIZE, headers=headers)).status_code == 200
            assert (await http.post(url, json=INITIALIZE, headers=bench.bearer("ada"))).status_code == 200
            other = ACCEPT | {"Authorization": f"Bearer {signed(server.issuer)}"}
            assert (await http.post(url, json=INITIALIZE, headers=other)).status_code == 401


async def test_log_names_the_reason_on_one_line_and_no_token(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def mislead(writer: asyncio.StreamWriter) -> None:
        writer.write(response(b"{}", Content_Type="text/evil"))

    async with authorization_server() as server, httpx.AsyncClient() as http:
        server.documents["/.well-known/oauth-authorization-server"] = mislead
        async with bench.serving(OAuthConfig(server.issuer)) as url:
            tokens = [signed(server.issuer), "mcpf_" + "x" * 43]
            for token in tokens:
                headers = ACCEPT | {"Authorization": f"Bearer {token}"}
                await http.post(url, json=INITIALIZE, headers=headers)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("mcp_finesse")]
    assert any("no such static token" in line for line in said)
    assert any("instead of JSON" in line for line in said)
    assert all(line.isprintable() for line in said)
    assert not any(token in line for line in said for token in tokens)


async def test_static_token_is_never_sent_to_the_authorization_server(bench: Bench) -> None:
    async with authorization_server() as server, httpx.AsyncClient() as http:
        oauth = OAuthConfig(
            server.issuer, introspection_url=f"{server.issuer}/introspect", client_id="a", client_secret="b"
        )
        async with bench.serving(oauth) as url:
            bench.file.revoke("ada")
            assert (await http.post(url, json=INITIALIZE, headers=bench.bearer("ada"))).status_code == 401
        assert server.asked == []


async def test_authorization_server_that_is_down_gets_503_and_no_login(bench: Bench) -> None:
    async with bench.serving(OAuthConfig("http://127.0.0.1:9")) as url, httpx.AsyncClient() as http:
        headers = ACCEPT | {"Authorization": f"Bearer {signed('http://127.0.0.1:9')}"}
        answer = await http.post(url, json=INITIALIZE, headers=headers)
        assert (answer.status_code, answer.content) == (503, b"")
        assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize(
    ("oauth", "problem"),
    [
        (OAuthConfig("http://login.example.com"), "FINESSE_OAUTH_ISSUER is not encrypted"),
        (OAuthConfig("https://a.example", jwks_url="http://b.example"), "FINESSE_OAUTH_JWKS_URL is not encrypted"),
        (OAuthConfig("https://a.example", introspection_url="https://a.example/i"), "requires FINESSE_OAUTH_CLIENT_ID"),
        (OAuthConfig("https://a.example", client_id="x"), "have no effect without introspection"),
        (
            OAuthConfig(
                "https://a.example", introspection_url="https://a.example/i", client_id="x", client_secret="y",
                jwks_url="https://a.example/k",
            ),
            "has no effect with",
        ),
    ],
)  # fmt: skip
async def test_settings_that_cannot_work_prevent_the_start(
    bench: Bench, oauth: OAuthConfig, problem: str
) -> None:
    mcp = build_server(bench.session.as_session())
    with pytest.raises(ConfigurationError, match=problem):
        await serve_http(mcp, port=0, auth=AuthConfig(oauth=oauth))


@asynccontextmanager
async def _listening(
    http: httpx.AsyncClient, url: str, headers: dict[str, str]
) -> AsyncIterator[httpx.Response]:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    listen = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "subscriptions/listen",
        "params": {"notifications": {"resourceSubscriptions": ["finesse://user"]}, "_meta": meta},
    }
    more = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen"}
    more["Content-Type"] = "application/json"
    async with http.stream("POST", url, content=json.dumps(listen), headers=headers | more) as response:
        yield response


def _turned() -> Update:
    return Update(event="PUT", source="/finesse/api/User/1001", user=agent())
