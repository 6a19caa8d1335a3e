"""One session for all connections: opened by the first and closed by the last, in order and in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import anyio
import pytest

from mcp_finesse.errors import ConfigurationError, NotReadyError
from mcp_finesse.server import sessions
from mcp_finesse.server.sdk.requests import RequestContext
from mcp_finesse.server.sessions import SingleSession
from mcp_finesse.session import FinesseSession
from tests.server.support import ScriptedSession

ANY = cast("RequestContext", None)
"""A request of any client: all have the same session."""


class Companion:
    """Records when it runs."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    @asynccontextmanager
    async def __call__(self, session: FinesseSession) -> AsyncIterator[None]:
        self.steps.append("companion begins")
        yield
        self.steps.append("companion ends")


def host_of(session: ScriptedSession) -> SingleSession:
    return SingleSession(session.as_session, Companion())


async def test_connections_share_one_session() -> None:
    session = ScriptedSession()
    host = host_of(session)
    async with host.running() as first:
        async with host.running() as second:
            assert first.for_request(ANY) is second.for_request(ANY) is host.for_request(ANY)
        assert session.closed == 0
    assert (session.opened, session.closed) == (1, 1)


async def test_new_session_is_opened_after_the_last_connection_has_closed() -> None:
    session = ScriptedSession()
    host = host_of(session)
    for _ in range(2):
        async with host.running():
            pass
    assert (session.opened, session.closed) == (2, 2)


async def test_session_is_unavailable_without_a_connection() -> None:
    host = host_of(ScriptedSession())
    with pytest.raises(NotReadyError):
        host.for_request(ANY)
    async with host.running():
        pass
    with pytest.raises(NotReadyError):
        host.for_request(ANY)


async def test_companion_runs_inside_the_session() -> None:
    session, companion = ScriptedSession(), Companion()

    async def closing() -> None:
        companion.steps.append("session closes")

    session.closing = closing
    async with SingleSession(session.as_session, companion).running():
        assert companion.steps == ["companion begins"]
    assert companion.steps == ["companion begins", "companion ends", "session closes"]


async def test_connections_may_end_in_other_tasks_and_in_any_order() -> None:
    session = ScriptedSession()
    host = host_of(session)
    leave = [anyio.Event(), anyio.Event()]
    inside = [anyio.Event(), anyio.Event()]

    async def connect(number: int) -> None:
        async with host.running():
            inside[number].set()
            await leave[number].wait()

    async with anyio.create_task_group() as tasks:
        for number in range(2):
            tasks.start_soon(connect, number)
            await inside[number].wait()
        leave[0].set()
        await asyncio.sleep(0.01)
        assert session.closed == 0
        leave[1].set()
    assert session.closed == 1


async def test_cancelled_connection_still_closes_the_session() -> None:
    session = ScriptedSession()
    finished = anyio.Event()

    async def closing() -> None:
        await asyncio.sleep(0.05)
        finished.set()

    session.closing = closing
    async with anyio.create_task_group() as tasks:

        async def connect() -> None:
            async with host_of(session).running():
                tasks.cancel_scope.cancel()
                await anyio.sleep_forever()

        tasks.start_soon(connect)
    assert finished.is_set()
    assert session.closed == 1


async def test_close_that_takes_too_long_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CLOSE_SECONDS", 0.05)
    session = ScriptedSession()
    session.closing = anyio.sleep_forever
    started = time.monotonic()
    async with host_of(session).running():
        pass
    assert time.monotonic() - started < 1
    assert session.closed == 0


async def test_failed_open_raises_and_the_next_connection_can_open() -> None:
    session = ScriptedSession()
    attempts = []

    def open_session() -> FinesseSession:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConfigurationError("FINESSE_URL is missing.")
        return session.as_session()

    host = SingleSession(open_session, Companion())
    with pytest.raises(ConfigurationError, match="FINESSE_URL"):
        async with host.running():
            pass
    async with host.running() as running:
        assert running.for_request(ANY) is session.as_session()


async def test_running_calls_are_told_that_the_server_ends_and_later_ones_rejected() -> None:
    host = host_of(ScriptedSession())
    said: list[str] = []

    async def call() -> None:
        try:
            with host.call(ANY):
                await anyio.sleep_forever()
        except NotReadyError as error:
            said.append(error.message)

    async with host.running():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call)
            tasks.start_soon(call)
            await anyio.wait_all_tasks_blocked()
            host.end_calls()
        assert len(said) == 2
        assert all("may still take effect" in words for words in said)
        with pytest.raises(NotReadyError, match="Nothing was sent"), host.call(ANY):
            pass
    async with host.running():
        with host.call(ANY) as session:
            assert session is host.for_request(ANY)


async def test_call_cancelled_by_its_client_is_cancelled_without_an_error() -> None:
    host = host_of(ScriptedSession())
    async with host.running():
        with anyio.CancelScope() as scope, host.call(ANY):
            scope.cancel()
            await anyio.sleep_forever()
        assert scope.cancelled_caught


async def test_error_while_closing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    session = ScriptedSession()

    async def closing() -> None:
        raise OSError("broken pipe")

    session.closing = closing
    async with host_of(session).running():
        pass
    assert "The session ended with an error" in caplog.text
