"""Faults of one agent's connections to the Notification Service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.simulator.console.support import Page, console_page
from tests.simulator.support_rest import until
from tests.simulator.support_xmpp import USER_NODE, RawClient


@asynccontextmanager
async def client(page: Page, user: str) -> AsyncIterator[RawClient]:
    """Yield a client with a subscription to the user's feed."""
    async with connect(page.simulator.ws_url, subprotocols=["xmpp"], proxy=None) as socket:
        xmpp = RawClient(socket)
        await xmpp.log_in(user)
        await xmpp.subscribe(USER_NODE.replace("1001", user))
        yield xmpp


async def shown(page: Page, agent: str) -> tuple[int, int]:
    _, data = await anext(page.events())
    found = data["state"]["agents"][agent]
    return found["streams"], found["frozen"]


async def test_frozen_stream_receives_nothing_until_it_is_thawed_and_others_do() -> None:
    async with console_page() as page, client(page, "1001") as frozen, client(page, "1002") as other:
        await page.act("fault/stream", agent="1001", fault="freeze")
        assert (await shown(page, "1001"), await shown(page, "1002")) == ((1, 1), (1, 0))
        for agent in ("1001", "1002"):
            await page.act("agent/sign-in", agent=agent)
        assert "NOT_READY" in await other.receive_text()
        event = next(e for e in page.console.journal.entries if e.kind == "event" and e.agent == "1001")
        assert (event.target, "no subscriber" in event.detail) == ("events", True)
        await page.act("fault/stream", agent="1001", fault="thaw")
        await page.act("agent/state", agent="1001", state="READY")
        assert "READY" in await frozen.receive_text()
        assert await shown(page, "1001") == (1, 0)


async def test_event_to_a_client_is_an_arrow_with_the_number_of_sessions() -> None:
    async with console_page() as page, client(page, "1001") as xmpp:
        await page.act("agent/sign-in", agent="1001")
        assert "NOT_READY" in await xmpp.receive_text()
        event = next(e for e in page.console.journal.entries if e.kind == "event" and e.agent == "1001")
        assert (event.source, event.target) == ("events", "client")
        assert event.detail == f"{USER_NODE}, sent to 1 session"


async def test_dropped_stream_ends_and_others_stay() -> None:
    async with console_page() as page, client(page, "1001") as dropped, client(page, "1002") as other:
        await page.act("fault/stream", agent="1001", fault="drop")
        with pytest.raises(ConnectionClosed):
            await dropped.websocket.recv()
        await until(lambda: len(page.simulator.notifications.sessions) == 1)
        assert (await shown(page, "1001"), await shown(page, "1002")) == ((0, 0), (1, 0))
        await other.assert_nothing_received()


async def test_clearing_the_faults_thaws_streams() -> None:
    async with console_page() as page, client(page, "1001"):
        await page.act("fault/stream", agent="1001", fault="freeze")
        await page.act("fault/clear")
        assert await shown(page, "1001") == (1, 0)
