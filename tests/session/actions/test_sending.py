"""Sending within a time limit: requests that may have been executed and requests that certainly were not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mcp_finesse.errors import FinesseError, NetworkError, NotReadyError, PayloadError, RefusedError
from mcp_finesse.rest.transmission import Transmission, open_transmission, record_transmission
from mcp_finesse.session.actions.agent import sign_in
from mcp_finesse.session.actions.sending import send_within
from tests.rest.support import HANG, Reply, api_error, scripted, xml
from tests.session.support import AGENT, EXTENSION, Floor, floor

USER = xml("<User><loginId>1001</loginId></User>")


def opened() -> Transmission:
    transmission = open_transmission()
    assert transmission is not None
    return transmission


async def test_request_without_time_left_is_not_sent() -> None:
    async def send() -> None:
        raise AssertionError

    with pytest.raises(NotReadyError, match="READY was not sent"):
        await send_within(0.0, send, "READY", "Try again.")


@pytest.mark.parametrize(
    ("steps", "error"),
    [("", NotReadyError), ("start", NetworkError), ("start reject", RefusedError)],
)
async def test_timeout_error_depends_on_whether_the_request_was_sent(
    steps: str, error: type[FinesseError]
) -> None:
    async def send() -> None:
        for step in steps.split():
            getattr(opened(), step)()
        await asyncio.Event().wait()

    with pytest.raises(error) as caught:
        await send_within(0.01, send, "READY", "Try again.")
    assert caught.value.may_have_been_executed == (steps == "start")


def test_rejection_of_one_request_does_not_cover_another() -> None:
    with record_transmission() as outer:
        opened().start()
        with record_transmission() as inner:
            opened().start()
            opened().reject()
    assert (inner.started, inner.may_have_been_executed) == (True, False)
    assert outer.may_have_been_executed


async def test_change_rejected_while_the_password_is_unverified_was_not_executed() -> None:
    async with scripted(USER, api_error(401, "Authorization Failure", "UNAUTHORIZED"), HANG) as (
        client,
        server,
    ):
        await client.get("User/1001")
        with pytest.raises(RefusedError) as caught:
            await send_within(0.3, lambda: client.send("PUT", "User/1002", b"<User/>", "r-1"), "READY", "")
        assert (caught.value.status, caught.value.may_have_been_executed) == (401, False)
        assert [request.method for request in server.requests] == ["GET", "PUT", "GET"]


@pytest.mark.parametrize("compressed", [True, False])
async def test_change_waiting_for_password_verification_is_not_sent(compressed: bool) -> None:
    # The verifying request gets an unreadable response or none.
    unreadable = Reply(200, b"x", headers={"Content-Encoding": "gzip"})
    async with scripted(USER, unreadable if compressed else HANG) as (client, server):
        await client.get("User/1001")
        client._authenticated._guard._secrets[-1].answer_lost = True
        with pytest.raises(NotReadyError) as caught:
            await send_within(0.3, lambda: client.send("PUT", "User/1002", b"<User/>", "r-1"), "READY", "")
        assert not isinstance(caught.value, PayloadError)
        assert [request.method for request in server.requests] == ["GET", "GET"]


async def test_action_that_waits_for_the_account_guard_says_that_it_was_not_sent(tmp_path: Path) -> None:
    async with floor(tmp_path) as made:
        assert isinstance(made, Floor)
        made.session.nodes.rest._authenticated._guard._line.exclusive = True
        with pytest.raises(NotReadyError, match="LOGIN was not sent"):
            await made.session.act(sign_in(AGENT, EXTENSION), 1.5)
        assert made.sent() == []
