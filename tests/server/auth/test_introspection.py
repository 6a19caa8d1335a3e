"""Introspection: what the response must say, how long it is used, and how many queries are sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mcp_finesse.proxies import Proxies
from mcp_finesse.server.auth import introspection as module
from mcp_finesse.server.auth.fetching import Fetcher
from mcp_finesse.server.auth.introspection import Introspection
from mcp_finesse.server.auth.verifier import RejectedTokenError, UnavailableError
from tests.server.auth.support import AUDIENCE, AuthorizationServer, authorization_server, response

NOW = 1_800_000_000.0


class Bench:
    """Introspection at an authorization server, with a clock that the test sets."""

    def __init__(self, server: AuthorizationServer) -> None:
        self.server = server
        self.now = NOW
        self.introspection = Introspection(
            Fetcher(server.issuer, Proxies()),
            f"{server.issuer}/introspect",
            "finesse",
            "secret",
            issuer=server.issuer,
            audience=AUDIENCE,
            clock=lambda: self.now,
        )
        self.say()

    def say(self, **changes: Any) -> None:
        """Let the authorization server describe every token so."""
        answer = {
            "active": True, "sub": "ada", "client_id": "assistant", "scope": "finesse:read x", "aud": AUDIENCE,
            "exp": NOW + 300, "iss": self.server.issuer, "token_type": "Bearer",
        } | changes  # fmt: skip
        self.server.documents["/introspect"] = {
            name: value for name, value in answer.items() if value is not None
        }


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with authorization_server() as server:
        yield Bench(server)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"iss": None},
        {"aud": ["x", AUDIENCE]},
        {"token_type": None},
        {"nbf": NOW + 20},
        {"exp": NOW + 300.5},
    ],
)
async def test_active_token_for_this_server_is_accepted(bench: Bench, changes: dict[str, Any]) -> None:
    bench.say(**changes)
    found = await bench.introspection.verify("opaque")
    assert (found.subject, found.client_id, found.scopes) == ("ada", "assistant", ["finesse:read"])
    assert bench.server.forms == [{"token": ["opaque"], "token_type_hint": ["access_token"]}]


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False}, {"active": "true"}, {"active": 1}, {"active": None}, {"aud": None},
        {"aud": "https://other.example"}, {"iss": "https://other.example"}, {"exp": NOW}, {"exp": None},
        {"exp": "soon"}, {"exp": True}, {"exp": 10**17}, {"nbf": NOW + 60}, {"nbf": []}, {"token_type": "DPoP"},
        {"cnf": {"jkt": "x"}}, {"sub": None, "client_id": None}, {"sub": 5},
    ],
)  # fmt: skip
async def test_other_responses_reject_the_token(bench: Bench, changes: dict[str, Any]) -> None:
    bench.say(**changes)
    for _ in range(2):  # from the response, and from the cache
        with pytest.raises(RejectedTokenError):
            await bench.introspection.verify("opaque")
    assert len(bench.server.asked) == 1


async def test_revocation_takes_effect_within_30_seconds(bench: Bench) -> None:
    await bench.introspection.verify("opaque")
    bench.say(active=False)
    bench.now += 29
    await bench.introspection.verify("opaque")
    bench.now += 1
    with pytest.raises(RejectedTokenError, match="not active"):
        await bench.introspection.verify("opaque")


async def test_cached_result_is_not_used_after_the_token_expired(bench: Bench) -> None:
    bench.say(exp=NOW + 5)
    await bench.introspection.verify("opaque")
    bench.now += 5
    with pytest.raises(RejectedTokenError, match="expired"):
        await bench.introspection.verify("opaque")
    assert len(bench.server.asked) == 2


async def test_flood_of_invalid_tokens_does_not_displace_valid_ones(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CACHED", 3)
    await bench.introspection.verify("valid")
    bench.say(active=False)
    for number in range(5):
        with pytest.raises(RejectedTokenError):
            await bench.introspection.verify(f"invalid {number}")
    await bench.introspection.verify("valid")
    assert len(bench.server.asked) == 6
    assert len(bench.introspection._rejected._results) == 3


async def test_requests_with_one_token_share_a_query_and_queries_are_limited(bench: Bench) -> None:
    release = asyncio.Event()
    answer = bench.server.documents["/introspect"]

    async def wait(writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n")

    bench.server.documents["/introspect"] = wait
    waiting = [
        asyncio.create_task(bench.introspection.verify(f"token {number % module.MAX_QUERIES}"))
        for number in range(2 * module.MAX_QUERIES)
    ]
    while len(bench.server.asked) < module.MAX_QUERIES:  # noqa: ASYNC110  (another task of the test)
        await asyncio.sleep(0.01)
    with pytest.raises(UnavailableError, match="too many tokens"):
        await bench.introspection.verify("one more")
    waiting[0].cancel()
    waiting[module.MAX_QUERIES].cancel()
    release.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, (UnavailableError, asyncio.CancelledError)) for result in results)
    assert len(bench.server.asked) == module.MAX_QUERIES
    bench.server.documents["/introspect"] = answer
    await bench.introspection.verify("token 0")  # a failed query is not remembered


async def test_flood_of_other_tokens_does_not_prevent_queries_about_valid_ones(bench: Bench) -> None:
    await bench.introspection.verify("valid")
    bench.now += module.CACHE_SECONDS
    release, answer = asyncio.Event(), bench.server.documents["/introspect"]

    async def wait(writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(response(json.dumps({"active": False}).encode()))

    bench.server.documents["/introspect"] = wait
    flood = [
        asyncio.create_task(bench.introspection.verify(f"other {number}"))
        for number in range(module.MAX_QUERIES)
    ]
    while len(bench.server.asked) <= module.MAX_QUERIES:  # noqa: ASYNC110  (another task of the test)
        await asyncio.sleep(0.01)
    bench.server.documents["/introspect"] = answer
    async with asyncio.timeout(5):
        assert await bench.introspection.verify("valid")
    release.set()
    await asyncio.gather(*flood, return_exceptions=True)


async def test_rejected_token_has_no_reserved_query(bench: Bench) -> None:
    await bench.introspection.verify("valid")
    bench.now += module.CACHE_SECONDS
    bench.say(active=False)
    with pytest.raises(RejectedTokenError):
        await bench.introspection.verify("valid")
    assert len(bench.introspection._valid._results) == 0


async def test_clock_that_is_set_back_does_not_keep_a_revoked_token(bench: Bench) -> None:
    await bench.introspection.verify("opaque")
    bench.now -= 3600
    bench.say(active=False)
    with pytest.raises(RejectedTokenError):
        await bench.introspection.verify("opaque")
