"""The link against Prosody: what we say to an XMPP server that we did not write, and what it makes of it.

The publisher is slixmpp as it comes, over TCP, so that nothing of ours stands on the other side.
"""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from slixmpp import ClientXMPP

from mcp_finesse.errors import CredentialsError, LinkLostError, NetworkError
from mcp_finesse.xmpp import (
    LinkIdentity,
    LinkState,
    LinkTiming,
    NotificationLink,
    ResourceSlot,
    Route,
    bosh_route,
    tcp_route,
    websocket_route,
)
from mcp_finesse.xmpp.housekeeping import plan
from mcp_finesse.xmpp.route import StreamSide
from tests.peers.prosody import AGENT, DOMAIN, PASSWORD, PUBSUB, Prosody, prosody_or_skip
from tests.xmpp.support import Recorder

pytestmark = pytest.mark.peer

NODE = "/finesse/api/Team/310/Users"
TIMING = LinkTiming(connect=5, presence=1, request=5, close=1)


@pytest.fixture(scope="module")
def prosody() -> Iterator[Prosody]:
    yield from prosody_or_skip()


class Publisher:
    """The user ``finesse``: available, and able to publish."""

    def __init__(self, client: ClientXMPP) -> None:
        self._client = client

    async def publish(self, node: str, text: str) -> None:
        notification = ET.Element("{http://jabber.org/protocol/pubsub}notification")
        notification.text = text
        await self._client.plugin["xep_0060"].publish(PUBSUB, node, payload=notification)


@asynccontextmanager
async def publisher(prosody: Prosody) -> AsyncIterator[Publisher]:
    client = ClientXMPP(f"finesse@{DOMAIN}/app", PASSWORD, ssl_context=prosody.client_context())
    client.register_plugin("xep_0060")
    started = asyncio.Event()
    client.add_event_handler("session_start", lambda _: started.set())
    before = asyncio.all_tasks()
    client.connect("127.0.0.1", prosody.tls_port)
    try:
        async with asyncio.timeout(10):
            await started.wait()
        client.send_presence()
        yield Publisher(client)
    finally:
        await client.disconnect()
        left = {
            task for task in asyncio.all_tasks() - before if "run_filters" in repr(task)
        }  # slixmpp's sender
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture(params=["websocket", "bosh", "tcp"])
def way_in(request: pytest.FixtureRequest, prosody: Prosody) -> Route:
    # Prosody serves TLS for the names it knows, as a Finesse behind a proxy might.
    context = prosody.client_context()
    match request.param:
        case "websocket":
            return websocket_route(prosody.url, context, server_hostname=DOMAIN)
        case "bosh":
            return bosh_route(prosody.bosh_url, context, server_hostname=DOMAIN)
        case _:
            return tcp_route("localhost", prosody.tls_port, context, server_hostname=DOMAIN)


@asynccontextmanager
async def linked(
    route: Route,
    *,
    password: str = PASSWORD,
    resource: str = "mcp-finesse-test-1",
    timing: LinkTiming = TIMING,
) -> AsyncIterator[tuple[NotificationLink, Recorder]]:
    recorder = Recorder()
    link = NotificationLink(
        LinkIdentity(AGENT, SecretStr(password), DOMAIN, PUBSUB, resource),
        route,
        on_feed=recorder.on_feed,
        on_link=recorder.on_link,
        timing=timing,
    )
    try:
        await link.open()
        yield link, recorder
    finally:
        await link.close()


async def test_logs_in_and_sees_that_finesse_is_there(prosody: Prosody, way_in: Route) -> None:
    async with publisher(prosody), linked(way_in) as (link, recorder):
        assert link.full_jid == f"{AGENT}@{DOMAIN}/mcp-finesse-test-1"
        assert link.connected
        assert not link.degraded
        assert [event.state for event in recorder.states] == [LinkState.CONNECTED]


async def test_is_degraded_while_finesse_is_away_and_says_so_each_time(
    prosody: Prosody, way_in: Route
) -> None:
    async with linked(way_in) as (link, recorder):
        assert link.degraded
        async with publisher(prosody):
            await recorder.until_state(LinkState.CONNECTED)
            assert not link.degraded
        await recorder.until(lambda r: [e.state for e in r.states][-1] is LinkState.DEGRADED)
        assert link.connected


async def test_receives_what_finesse_publishes(prosody: Prosody, way_in: Route) -> None:
    update = f"<Update><data><dialog><note>{'A & B < C ü ' * 170}</note></dialog></data></Update>"
    assert len(update) > 2000
    async with publisher(prosody) as finesse, linked(way_in) as (link, recorder):
        subscription = await link.subscribe(NODE)
        assert (subscription.node, subscription.jid) == (NODE, link.full_jid)
        await finesse.publish(NODE, update)
        await recorder.until(lambda r: r.events)
        event = recorder.events[0]
        assert (event.node, event.payload, event.to) == (NODE, update, link.full_jid)
        assert not event.delayed
        await link.unsubscribe(subscription)
        assert await link.subscriptions() == []


async def test_keeps_order_under_a_burst(prosody: Prosody, way_in: Route) -> None:
    async with publisher(prosody) as finesse, linked(way_in) as (link, recorder):
        row = await link.subscribe(NODE)
        await asyncio.gather(*(finesse.publish(NODE, f"<Update>{number}</Update>") for number in range(50)))
        await recorder.until(lambda r: len(r.events) == 50)
        assert [event.payload for event in recorder.events] == [f"<Update>{n}</Update>" for n in range(50)]
        await link.unsubscribe(row)


async def test_its_pings_are_answered(way_in: Route) -> None:
    timing = LinkTiming(presence=0.1, ping_interval=0.05, ping_timeout=0.5, ping_misses=1)
    async with linked(way_in, timing=timing) as (link, recorder):
        with pytest.raises(TimeoutError):  # a single ping without answer would lose it by then
            await recorder.until(lambda r: any(e.state is LinkState.LOST for e in r.states), seconds=1)
        assert link.connected


async def test_a_wrong_password_is_tried_once(way_in: Route) -> None:
    written: list[bytes] = []

    async def overheard(stream: StreamSide, seconds: float) -> asyncio.Transport:
        transport = await way_in.opener(stream, seconds)
        write = transport.write
        transport.write = lambda data: (written.append(bytes(data)), write(data))[1]  # type: ignore[method-assign]
        return transport

    with pytest.raises(CredentialsError, match="not-authorized"):
        async with linked(replace(way_in, opener=overheard), password="not-this"):
            pass
    assert sum(b"<auth" in data for data in written) == 1


async def test_a_second_login_with_the_same_resource_replaces_the_first(way_in: Route) -> None:
    async with linked(way_in) as (first, recorder), linked(way_in) as (second, _):
        ended = await recorder.until_state(LinkState.REPLACED)
        assert "another program" in ended.reason
        assert not first.connected
        assert second.connected
        assert len(recorder.states) == 2


async def test_sees_other_sessions_of_the_same_user_come_and_go(prosody: Prosody, way_in: Route) -> None:
    async with publisher(prosody), linked(way_in) as (link, _):
        async with linked(way_in, resource="mcp-finesse-test-2") as (sibling, _):
            await link.subscriptions()  # what the server sent before its answer has arrived as well
            assert link.siblings == {sibling.full_jid}
        await link.subscriptions()
        assert link.siblings == frozenset()


async def test_a_frozen_server_is_found_by_the_pings(prosody: Prosody, way_in: Route) -> None:
    timing = LinkTiming(presence=0.1, ping_interval=0.1, ping_timeout=0.1, close=0.1)
    async with linked(way_in, timing=timing) as (_, recorder):
        with prosody.frozen():
            ended = await recorder.until_state(LinkState.LOST)
        assert "pings" in ended.reason


async def test_finds_its_subscriptions_again_after_a_reconnect(
    prosody: Prosody, way_in: Route, tmp_path: Path
) -> None:
    slot = ResourceSlot.acquire(tmp_path, AGENT, DOMAIN)
    async with linked(way_in, resource=slot.resource) as (link, _):
        await link.subscribe(NODE)
        await link.subscribe("/finesse/api/Queue/77")
    async with publisher(prosody) as finesse, linked(way_in, resource=slot.resource) as (link, recorder):
        todo = plan(
            await link.subscriptions(), [NODE, "/finesse/api/Queue/78"], link.full_jid, slot.holder_is_alive
        )
        assert set(todo.keep) == {NODE}
        assert [row.node for row in todo.remove] == ["/finesse/api/Queue/77"]
        assert todo.add == ["/finesse/api/Queue/78"]
        await finesse.publish(NODE, "<Update/>")
        await recorder.until(lambda r: r.events)
        for row in (*todo.keep.values(), *todo.remove):
            await link.unsubscribe(row)
            await link.unsubscribe(row)  # not there any more: as it should be
        assert await link.subscriptions() == []
    slot.release()


async def test_a_killed_server_loses_the_link_and_a_new_one_works_when_it_is_back(
    prosody: Prosody, way_in: Route
) -> None:
    async with linked(way_in) as (link, recorder):
        prosody.kill()
        try:
            ended = await recorder.until_state(LinkState.LOST)
            assert isinstance(ended.error, LinkLostError)
            with pytest.raises(LinkLostError):
                await link.subscribe(NODE)
            with pytest.raises(NetworkError) as refused:
                async with linked(way_in):
                    pass
            assert refused.value.step == "tcp"
        finally:
            prosody.start()
    async with publisher(prosody) as finesse, linked(way_in) as (link, recorder):
        await link.subscribe(NODE)
        await finesse.publish(NODE, "<Update/>")
        await recorder.until(lambda r: r.events)
