"""RestClient: only GET is retried, and a read-only client sends nothing else."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest

from mcp_finesse.errors import (
    ConfigurationError,
    CredentialsError,
    FinesseError,
    NetworkError,
    NotFoundError,
    OutOfServiceError,
    PayloadError,
    ReadOnlyError,
    RefusedError,
)
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.retry_get import RETRY_DELAYS
from tests.rest.support import (
    CUT,
    OUT_OF_SERVICE,
    Recorded,
    Reply,
    ScriptedServer,
    Sleeps,
    api_error,
    client_for,
    html,
    scripted,
    xml,
)

UNAUTHORIZED = api_error(401, "Authorization Failure", "UNAUTHORIZED", "1001")
USER = xml("<User><loginId>1001</loginId></User>")


async def put(client: RestClient) -> None:
    await client.send("PUT", "User/1001", b"<User/>", "r-1")


@pytest.mark.parametrize("passing", [OUT_OF_SERVICE, html(status=503), html(status=502), CUT])
async def test_get_is_retried_twice_after_a_transient_failure(passing: Reply) -> None:
    sleeps = Sleeps()
    script = deque([USER, passing, passing, USER])

    def reply(request: Recorded) -> Reply:
        return xml("<SystemInfo/>") if request.target.endswith("SystemInfo") else script.popleft()

    async with scripted(sleep=sleeps) as (client, server):
        server.always = reply
        await client.get("User/1001")
        assert (await client.get("User/1001")).tag == "User"

    assert not script
    assert tuple(sleeps) == RETRY_DELAYS


async def test_server_is_asked_without_the_password_after_a_lost_response() -> None:
    async with scripted(USER, CUT, xml("<SystemInfo/>"), USER, USER) as (client, server):
        await client.get("User/1001")
        with pytest.raises(NetworkError):
            await client.exchange("GET", "Team/1")
        await client.exchange("GET", "Team/1")

    assert [request.target.rpartition("/api/")[2] for request in server.requests] == [
        "User/1001",
        "Team/1",
        "SystemInfo",
        "User/1001",
        "Team/1",
    ]
    assert "Authorization" not in server.requests[2].headers


async def test_get_fails_after_the_third_try() -> None:
    async with scripted() as (client, server):
        server.always = OUT_OF_SERVICE
        with pytest.raises(OutOfServiceError):
            await client.get("User/1001")

    assert len(server.requests) == 3


async def test_get_waits_for_a_server_that_is_starting() -> None:
    async with ScriptedServer() as server:
        client = client_for(server)
    started: list[ScriptedServer] = []

    async def start(_: float) -> None:
        again = ScriptedServer(USER)
        again._server = await asyncio.start_server(again._accept, "127.0.0.1", server.port)
        started.append(again)

    client._sleep = start
    async with client:
        assert (await client.get("User/1001")).tag == "User"
    await started[0].__aexit__()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (api_error(400, "Bad Request"), RefusedError),
        (api_error(404, "User Not Found"), NotFoundError),
        (api_error(500, "Internal Server Error"), RefusedError),
        (html(), PayloadError),
        (Reply(301, headers={"Location": "https://elsewhere.test/"}), ConfigurationError),
        (UNAUTHORIZED, CredentialsError),
    ],
)
async def test_get_is_not_retried_after_a_permanent_error(reply: Reply, kind: type[FinesseError]) -> None:
    async with scripted(reply) as (client, server):
        with pytest.raises(kind):
            await client.get("User/1001")

        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(OUT_OF_SERVICE, OutOfServiceError), (html(status=503), OutOfServiceError), (CUT, NetworkError)],
)
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
async def test_change_is_never_retried(method: str, reply: Reply, kind: type[FinesseError]) -> None:
    async with scripted(reply) as (client, server):
        with pytest.raises(kind):
            await client.send(method, "User/1001", None, "r-1")

        assert len(server.requests) == 1


async def test_redirect_is_not_followed_and_gets_no_credentials() -> None:
    async with ScriptedServer() as elsewhere:
        moved = Reply(302, headers={"Location": f"{elsewhere.url}/finesse/api/User/1001"})
        async with scripted(moved, moved) as (client, _):
            with pytest.raises(ConfigurationError, match="not followed"):
                await client.get("User/1001")
            with pytest.raises(ConfigurationError):
                await put(client)

        assert elsewhere.requests == []


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "put", "PATCH"])
async def test_read_only_client_sends_only_get(method: str) -> None:
    async with scripted(USER, read_only=True) as (client, server):
        assert client.read_only
        with pytest.raises(ReadOnlyError, match="not sent"):
            await client.send(method, "User/1001", b"<User/>", "r-1")
        assert server.requests == []

        await client.get("User/1001")
        assert [request.method for request in server.requests] == ["GET"]


async def test_client_reports_its_url_and_hides_the_password() -> None:
    async with scripted() as (client, server):
        assert client.url == f"{server.url}/"
    assert "secret" not in repr(client)
