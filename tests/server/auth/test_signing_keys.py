"""Discovery and rotation of keys, and authorization servers that misbehave."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mcp_finesse.proxies import Proxies
from mcp_finesse.server.auth import signing_keys as module
from mcp_finesse.server.auth.fetching import Fetcher
from mcp_finesse.server.auth.signing_keys import SigningKeys, metadata_urls
from mcp_finesse.server.auth.verifier import UnavailableError
from tests.server.auth.support import (
    OTHER_RSA_KEY,
    RSA_KEY,
    AuthorizationServer,
    authorization_server,
    public_jwk,
    response,
)


class Bench:
    """Keys of an authorization server, with a clock that the test sets."""

    def __init__(self, server: AuthorizationServer, url: str | None = None, seconds: float = 5.0) -> None:
        self.now = 1000.0
        self.fetcher = Fetcher(server.issuer, Proxies(), seconds)
        self.keys = SigningKeys(self.fetcher, server.issuer, url, clock=lambda: self.now)

    async def has(self, kid: str) -> bool:
        return await self.keys.find("RS256", kid) is not None


def test_metadata_is_looked_for_where_the_standards_put_it() -> None:
    assert list(metadata_urls("https://login.example.com/realms/a/")) == [
        "https://login.example.com/.well-known/oauth-authorization-server/realms/a",
        "https://login.example.com/.well-known/openid-configuration/realms/a",
        "https://login.example.com/realms/a/.well-known/openid-configuration",
    ]
    assert list(metadata_urls("https://login.example.com")) == [
        "https://login.example.com/.well-known/oauth-authorization-server",
        "https://login.example.com/.well-known/openid-configuration",
    ]


@pytest.mark.parametrize(
    "path", ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
)
async def test_keys_are_found_in_either_kind_of_metadata(path: str) -> None:
    async with authorization_server() as server:
        server.documents[path] = {"issuer": server.issuer, "jwks_uri": f"{server.issuer}/keys"}
        server.documents["/keys"] = {"keys": [public_jwk(RSA_KEY, "first")]}
        assert await Bench(server).has("first")


async def test_configured_address_of_the_keys_needs_no_metadata() -> None:
    async with authorization_server() as server:
        server.documents["/elsewhere"] = {"keys": [public_jwk(RSA_KEY, "first")]}
        assert await Bench(server, f"{server.issuer}/elsewhere").has("first")
        assert server.asked == ["/elsewhere"]


async def test_new_key_is_fetched_and_unknown_ids_cause_no_further_fetches() -> None:
    async with authorization_server() as server:
        server.publish(public_jwk(RSA_KEY, "first"))
        bench = Bench(server)
        assert await bench.has("first")
        server.publish(public_jwk(OTHER_RSA_KEY, "second"))
        for number in range(50):
            assert not await bench.has(f"guess {number}")
        assert len(server.asked) == 2
        bench.now += module.REFETCH_SECONDS + 1
        assert await bench.has("second")
        assert not await bench.has("first")
        assert len(server.asked) == 4


async def test_removed_key_is_refused_after_ten_minutes() -> None:
    async with authorization_server() as server:
        server.publish(public_jwk(RSA_KEY, "first"))
        bench = Bench(server)
        assert await bench.has("first")
        server.publish(public_jwk(OTHER_RSA_KEY, "second"))
        bench.now += module.KEYS_SECONDS - 1
        assert await bench.has("first")
        bench.now += 2
        assert not await bench.has("first")


async def test_known_keys_stay_valid_for_an_hour_while_the_server_is_down() -> None:
    async with authorization_server() as server:
        server.publish(public_jwk(RSA_KEY, "first"))
        bench = Bench(server)
        assert await bench.has("first")
        server.documents.clear()
        bench.now += module.STALE_SECONDS - 1
        assert await bench.has("first")
        bench.now += 10
        with pytest.raises(UnavailableError, match="publishes no metadata"):
            await bench.has("first")
        server.publish(public_jwk(RSA_KEY, "first"))
        bench.now += module.RETRY_SECONDS + 1
        assert await bench.has("first")


async def test_token_with_a_known_key_does_not_wait_while_the_keys_are_fetched_again() -> None:
    async with authorization_server() as server, asyncio.timeout(10):
        server.publish(public_jwk(RSA_KEY, "first"))
        bench = Bench(server)
        assert await bench.has("first")
        server.publish(public_jwk(OTHER_RSA_KEY, "second"))
        keys, asked, release = server.documents["/keys"], asyncio.Event(), asyncio.Event()

        async def wait(writer: asyncio.StreamWriter) -> None:
            asked.set()
            await release.wait()
            writer.write(response(json.dumps(keys).encode()))

        server.documents["/keys"] = wait
        bench.now += module.REFRESH_SECONDS + 1
        assert await bench.has("first")
        await asked.wait()
        for _ in range(5):
            assert await bench.has("first")
        release.set()
        while await bench.has("first"):  # noqa: ASYNC110 - depends on another task of the server
            await asyncio.sleep(0.01)
        assert await bench.has("second")
        assert len(server.asked) == 4  # one fetch in the background
        await bench.keys.aclose()


async def test_token_with_a_known_key_does_not_wait_for_a_server_that_is_down() -> None:
    async with authorization_server() as server, asyncio.timeout(10):
        server.publish(public_jwk(RSA_KEY, "first"))
        bench = Bench(server, seconds=0.2)
        assert await bench.has("first")

        async def says_nothing(_: asyncio.StreamWriter) -> None:
            await asyncio.sleep(30)

        server.documents = dict.fromkeys(server.documents, says_nothing)
        bench.now += module.KEYS_SECONDS + 1
        assert await bench.has("first")  # waits once, until the outage is known
        bench.fetcher._seconds = 60
        for _ in range(5):
            bench.now += module.RETRY_SECONDS + 1
            assert await bench.has("first")
        await bench.keys.aclose()


async def test_concurrent_requests_share_one_fetch() -> None:
    async with authorization_server() as server:
        server.publish(public_jwk(RSA_KEY, "first"))
        bench = Bench(server)
        assert await asyncio.gather(*(bench.has("first") for _ in range(20))) == [True] * 20
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        ({"issuer": "https://other.example"}, "another issuer"),
        ({"issuer": None}, "another issuer"),
        ({"jwks_uri": None}, "on its own origin"),
        ({"jwks_uri": "http://169.254.169.254/latest/meta-data"}, "on its own origin"),
        ({"jwks_uri": "http://localhost:1/keys"}, "on its own origin"),
        ({"jwks_uri": "file:///etc/passwd"}, "on its own origin"),
        ({"jwks_uri": "http://[::1"}, "on its own origin"),
    ],
)
async def test_metadata_that_points_elsewhere_is_refused(metadata: dict[str, Any], problem: str) -> None:
    async with authorization_server() as server:
        server.publish(public_jwk(RSA_KEY, "first"), **metadata)
        with pytest.raises(UnavailableError, match=problem):
            await Bench(server).has("first")
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "document",
    [{}, {"keys": {}}, {"keys": [public_jwk(RSA_KEY, "first")] * 101}],
    ids=["none", "dict", "many"],
)
async def test_odd_key_document_is_refused(document: dict[str, Any]) -> None:
    async with authorization_server() as server:
        server.publish()
        server.documents["/keys"] = document
        with pytest.raises(UnavailableError, match="list of keys"):
            await Bench(server).has("first")


async def test_keys_that_cannot_be_used_do_not_hide_the_others() -> None:
    async with authorization_server() as server:
        odd = [5, {}, {"kty": "RSA", "kid": "odd"}, {"kty": "RSA", "kid": "odd", "n": "!", "e": 5}]
        server.publish(*odd, public_jwk(RSA_KEY, "first"))  # type: ignore[arg-type]
        bench = Bench(server)
        assert await bench.has("first")
        assert not await bench.has("odd")
