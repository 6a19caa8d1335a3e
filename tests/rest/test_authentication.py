"""Credentials are tried once, and not again after they were rejected."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from mcp_finesse.account_guard import AccountGuard
from mcp_finesse.credentials import Credentials, Login, Token
from mcp_finesse.errors import CredentialsError, CredentialSourceError, NotReadyError, RefusedError
from mcp_finesse.rest import RestClient
from tests.credentials.support import ScriptedSource
from tests.rest.support import (
    ADA_BASIC,
    CUT,
    Reply,
    ScriptedServer,
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


@pytest.mark.parametrize("refusal", [UNAUTHORIZED, Reply(401), html(status=401)])
async def test_rejected_password_is_never_sent_again(refusal: Reply) -> None:
    async with scripted(refusal) as (client, server):
        for attempt in (client.get("User/1001"), put(client), client.get("SystemInfo")):
            with pytest.raises(CredentialsError, match="1001") as caught:
                await attempt

        assert len(server.requests) == 1
        assert "secret" not in str(caught.value)
        assert caught.value.advice


async def test_concurrent_requests_with_a_wrong_password_cost_one_attempt() -> None:
    async with scripted() as (client, server):
        server.always = UNAUTHORIZED
        results = await asyncio.gather(*(client.get(f"User/{i}") for i in range(8)), return_exceptions=True)

    assert {type(result) for result in results} == {CredentialsError}
    assert len(server.requests) == 1


async def test_requests_without_credentials_continue_after_a_rejection() -> None:
    async with scripted(UNAUTHORIZED, xml("<SystemInfo/>")) as (client, server):
        with pytest.raises(CredentialsError):
            await client.get("User/1001")

        assert (await client.get("SystemInfo", authenticated=False)).tag == "SystemInfo"
        assert "Authorization" not in server.requests[1].headers


async def test_http_401_without_credentials_does_not_blame_them() -> None:
    async with scripted(Reply(401), USER) as (client, server):
        with pytest.raises(RefusedError) as caught:
            await client.get("SystemInfo", authenticated=False)

        assert caught.value.status == 401
        assert (await client.get("User/1001")).tag == "User"
        assert server.requests[1].headers["Authorization"] == ADA_BASIC


@pytest.mark.parametrize(
    "kind", ["Invalid State", "Invalid Supervisor", "Invalid Authorization User Specified"]
)
async def test_http_401_about_a_rule_is_a_refused_error(kind: str) -> None:
    async with scripted(api_error(401, kind), Reply()) as (client, server):
        with pytest.raises(RefusedError, match=kind):
            await put(client)

        await put(client)
        assert len(server.requests) == 2


async def test_http_401_about_the_role_is_a_refused_error_after_accepted_credentials() -> None:
    async with scripted(USER, UNAUTHORIZED, USER, Reply()) as (client, server):
        await client.get("User/1001")
        with pytest.raises(RefusedError) as caught:
            await client.get("Team/310")

        assert caught.value.status == 401
        await put(client)

    assert [request.line for request in server.requests] == [
        "GET /finesse/api/User/1001",
        "GET /finesse/api/Team/310",
        "GET /finesse/api/User/1001",
        "PUT /finesse/api/User/1001",
    ]


async def test_password_changed_while_running_stops_all_requests() -> None:
    async with scripted(USER) as (client, server):
        await client.get("User/1001")
        server.always = UNAUTHORIZED
        for _ in range(3):
            with pytest.raises(CredentialsError):
                await put(client)

        assert len(server.requests) == 3, "the change, the look at the own object, then nothing more"


async def test_http_401_with_lost_verification_is_a_refused_error() -> None:
    async with scripted(USER, UNAUTHORIZED, CUT) as (client, _):
        await client.get("User/1001")
        with pytest.raises(RefusedError):
            await put(client)


async def test_accepted_credentials_allow_concurrent_requests() -> None:
    both = asyncio.Barrier(2)

    async with scripted(USER) as (client, server):
        await client.get("User/1001")
        serve_one = server._serve_one

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
            await asyncio.wait_for(both.wait(), 2)
            return await serve_one(reader, writer)

        server._serve_one = meet  # type: ignore[method-assign]
        server.always = lambda request: xml(f"<a>{request.target}</a>")
        first, second = await asyncio.gather(client.get("User/1001"), client.get("User/2"))

    assert (first.text, second.text) == ("/finesse/api/User/1001", "/finesse/api/User/2")


# -- credentials that change while a request waits for others


class Tokens:
    """Gives numbered tokens of 100 seconds."""

    user_id, single_sign_on = "1001", True

    def __init__(self) -> None:
        self.error: CredentialSourceError | None = None
        self.readings = 0

    async def read(self) -> Credentials:
        if self.error is not None:
            raise self.error
        self.readings += 1
        return Token("1001", SecretStr(f"token-{self.readings}"), 100)


async def test_secret_that_was_replaced_during_the_wait_is_not_sent() -> None:
    login, guard = Login(ScriptedSource(["old", "new"])), AccountGuard("1001")
    old = await login.credentials()
    async with ScriptedServer(USER) as server, client_for(server, login, guard=guard) as client:
        async with guard.attempt(old.secret, decisive=True) as other:
            waiting = asyncio.create_task(client.get("User/1001"))
            await asyncio.sleep(0.05)
            assert await login.replace(old)
            other.accepted()
        await waiting
    new = await login.credentials()
    assert [request.headers["Authorization"] for request in server.requests] == [new.authorization()]


@pytest.mark.parametrize("renewed", [True, False])
async def test_token_that_expired_during_the_wait_is_not_sent(renewed: bool) -> None:
    clock, source, guard = [1000.0], Tokens(), AccountGuard("1001")
    login = Login(source, monotonic=lambda: clock[0], wall=lambda: clock[0])
    first = await login.credentials()
    async with ScriptedServer(USER) as server, client_for(server, login, guard=guard) as client:
        async with guard.attempt(first.secret, decisive=True) as other:
            waiting = asyncio.create_task(client.get("User/1001"))
            await asyncio.sleep(0.05)
            clock[0] += 101
            source.error = None if renewed else CredentialSourceError("The command failed.")
            other.accepted()
        if renewed:
            await waiting
        else:
            with pytest.raises(CredentialSourceError):
                await waiting
    sent = [request.headers["Authorization"] for request in server.requests]
    assert sent == (["Bearer token-2"] if renewed else [])
    await login.aclose()


async def test_token_that_expired_while_the_password_was_verified_is_not_sent() -> None:
    clock, source, guard = [1000.0], Tokens(), AccountGuard("1001")
    login = Login(source, monotonic=lambda: clock[0], wall=lambda: clock[0])

    def answer(request: object) -> Reply:
        if "User/1001" in str(request):
            clock[0] += 101 if source.readings == 1 else 0
            return USER
        return Reply()

    async with (
        ScriptedServer(CUT, xml("<SystemInfo/>")) as server,
        client_for(server, login, guard=guard) as client,
    ):
        server.always = answer
        with pytest.raises(Exception, match="response"):
            await put(client)  # the response is lost, so the token must be verified before the next request
        await client.send("PUT", "Team/1", b"<Team/>", "r-2")
    sent = [
        (request.line.split("/api/")[1], request.headers.get("Authorization")) for request in server.requests
    ]
    assert sent[-2:] == [("User/1001", "Bearer token-1"), ("Team/1", "Bearer token-2")]
    await login.aclose()


async def test_credentials_that_keep_changing_end_with_an_error() -> None:
    login, guard = Login(Credentials("1001", SecretStr("secret"))), AccountGuard("1001")
    login.is_current = lambda _: False  # type: ignore[method-assign]
    async with ScriptedServer(USER) as server, client_for(server, login, guard=guard) as client:
        with pytest.raises(NotReadyError, match="Nothing was sent"):
            await client.get("User/1001")
    assert server.requests == []
