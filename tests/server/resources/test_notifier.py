"""Resource update notifications in both protocol eras: coalesced in bursts, and no client delays another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import anyio
import pytest
from mcp.client import Client
from mcp.server.connection import Connection
from mcp.types import ResourceUpdatedNotification

from mcp_finesse.model import Update
from mcp_finesse.server import build_server
from mcp_finesse.server.resources import notifier as module
from mcp_finesse.server.resources.notifier import ResourceNotifier
from mcp_finesse.session import SessionState
from tests.server.support import ScriptedSession, agent, call, signed_in, until

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")


def turn(session: ScriptedSession, state: str) -> None:
    session.hear("user", Update(event="PUT", source="/finesse/api/User/1001", user=agent(state=state)))


@asynccontextmanager
async def listening(client: Client, era: str, heard: list[str], *wanted: str) -> AsyncIterator[None]:
    """Collect the notifications the way the protocol era provides."""
    if era == "legacy":
        for uri in wanted:
            await client.subscribe_resource(uri)
        yield
        return
    async with (
        client.listen(resource_subscriptions=list(wanted)) as events,
        anyio.create_task_group() as tasks,
    ):

        async def collect() -> None:
            async for event in events:
                heard.append(event.uri)  # type: ignore[union-attr]  # noqa: PERF401  (collected as they arrive)

        tasks.start_soon(collect)
        yield
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def client_of(session: ScriptedSession, era: str, heard: list[str]) -> AsyncIterator[Client]:
    async def hear(message: Any) -> None:
        if era == "legacy" and isinstance(message, ResourceUpdatedNotification):
            heard.append(str(message.params.uri))

    async with Client(build_server(session.as_session()), mode=era, message_handler=hear) as client:
        yield client


async def test_client_is_notified_only_of_subscribed_resources(era: str) -> None:
    session, heard = signed_in(), list[str]()
    wanted = ("finesse://user", "finesse://notifications/dialogs")
    async with client_of(session, era, heard) as client, listening(client, era, heard, *wanted):
        turn(session, "NOT_READY")
        await until(lambda: heard == ["finesse://user"])
        session.hear("dialogs", Update(event="PUT", source="/finesse/api/Dialog/1", dialog=call("1")))
        await until(lambda: heard == list(wanted))


@pytest.mark.parametrize(
    "uri",
    ["finesse://session", "finesse://dialogs", "finesse://dialogs/331", "finesse://notifications"],
)
async def test_every_resource_is_announced(uri: str, era: str) -> None:
    session, heard = signed_in(), list[str]()
    async with client_of(session, era, heard) as client, listening(client, era, heard, uri):
        session.change(SessionState.DEGRADED)
        session.hear("dialogs", Update(event="PUT", source="/finesse/api/Dialog/331", dialog=call("331")))
        await until(lambda: heard == [uri])


async def test_burst_is_announced_immediately_and_then_coalesced(era: str) -> None:
    session, heard = signed_in(), list[str]()
    uri = "finesse://notifications"
    async with client_of(session, era, heard) as client, listening(client, era, heard, uri):
        started = time.monotonic()
        turn(session, "READY")
        await until(lambda: len(heard) == 1)
        assert time.monotonic() - started < module.INTERVAL
        for _ in range(500):
            turn(session, "READY")
        await until(lambda: len(heard) == 2)
        assert time.monotonic() - started >= module.INTERVAL * 0.9
        await asyncio.sleep(module.INTERVAL * 2)
        assert len(heard) == 2


async def test_unsubscribed_client_is_not_notified() -> None:
    session, heard = signed_in(), list[str]()
    async with client_of(session, "legacy", heard) as client:
        await client.subscribe_resource("finesse://user")
        await client.subscribe_resource("finesse://notifications")
        await client.unsubscribe_resource("finesse://user")
        await client.unsubscribe_resource("finesse://never")
        turn(session, "NOT_READY")
        await until(lambda: heard == ["finesse://notifications"])


class Far:
    """A connection whose client can be made to stop reading."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.broken = False
        self.exit_stack = self
        self.end: Any = None

    def callback(self, end: Any) -> None:
        self.end = end

    async def send_resource_updated(self, uri: str) -> None:
        await self.reads.wait()
        if self.broken:
            raise OSError("gone")
        self.heard.append(uri)


def far(announcer: ResourceNotifier, session: ScriptedSession, uri: str = "finesse://user") -> Far:
    connection = Far()
    announcer.subscribe(session.as_session(), cast("Connection", connection), uri)
    return connection


async def test_client_that_does_not_read_delays_only_itself() -> None:
    session, announcer = signed_in(), ResourceNotifier(interval=0)
    async with announcer.announcing(session.as_session()):
        stalled, other = far(announcer, session), far(announcer, session)
        stalled.reads.clear()
        for number in range(5):
            turn(session, "READY")
            await until(lambda number=number: len(other.heard) == number + 1)  # type: ignore[misc]
        assert stalled.heard == []
        stalled.reads.set()
        await until(lambda: len(stalled.heard) == 2)  # the blocked one, and the others coalesced into one
        await asyncio.sleep(0.01)
        assert len(stalled.heard) == 2


async def test_failing_client_does_not_affect_others(caplog: pytest.LogCaptureFixture) -> None:
    session, announcer = signed_in(), ResourceNotifier(interval=0)
    async with announcer.announcing(session.as_session()):
        broken, other = far(announcer, session), far(announcer, session)
        broken.broken = True
        for number in range(2):
            turn(session, "READY")
            await until(lambda number=number: len(other.heard) == number + 1)  # type: ignore[misc]
    assert "Could not notify a client" in caplog.text


async def test_closed_connection_is_removed() -> None:
    session, announcer = signed_in(), ResourceNotifier(interval=0)
    async with announcer.announcing(session.as_session()):
        gone = far(announcer, session)
        gone.reads.clear()
        turn(session, "READY")
        await asyncio.sleep(0.01)
        gone.end()
        assert announcer.connections == 0
        gone.reads.set()
        await asyncio.sleep(0.01)
        assert gone.heard == []


async def test_server_removes_its_listeners_when_the_client_leaves() -> None:
    session, heard = signed_in(), list[str]()
    async with client_of(session, "legacy", heard) as client:
        await client.subscribe_resource("finesse://user")
    assert session.mirror._listeners == []
    assert session.journal._listeners == []


async def test_nothing_is_announced_after_the_session_has_ended() -> None:
    session, announcer = signed_in(), ResourceNotifier(interval=0)
    async with announcer.announcing(session.as_session()):
        pass
    turn(session, "READY")
    late = far(announcer, session)
    await asyncio.sleep(0.01)
    assert late.heard == []
    assert announcer.connections == 0
