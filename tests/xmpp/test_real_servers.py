"""The link against Prosody and ejabberd: one list of behaviors for both servers and all three transports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import CredentialsError, LinkLostError, NetworkError, NotFoundError
from mcp_finesse.xmpp import (
    LinkState,
    LinkTiming,
    ResourceSlot,
    Route,
    bosh_route,
    tcp_route,
    websocket_route,
)
from mcp_finesse.xmpp.protocol.subscription_reconciler import plan
from mcp_finesse.xmpp.transport.base import StreamSide
from tests.peers.ejabberd import Ejabberd
from tests.peers.publisher import publisher
from tests.peers.xmpp_server import AGENT, DOMAIN, XmppServer
from tests.xmpp.support_servers import linked

pytestmark = pytest.mark.peer

TEAM = "/finesse/api/Team/310/Users"
QUEUE = "/finesse/api/Queue/77"
UPDATE = f"<Update><data><dialog><note>{'A & B < C ü ' * 170}</note></dialog></data></Update>"


@pytest.fixture(params=["websocket", "bosh", "tcp"])
def way_in(request: pytest.FixtureRequest, server: XmppServer) -> Route:
    # The certificate is for the XMPP domain, as it is for a Finesse behind a proxy.
    context = server.client_context()
    match request.param:
        case "websocket":
            return websocket_route(server.url, context, server_hostname=DOMAIN)
        case "bosh":
            return bosh_route(server.bosh_url, context, server_hostname=DOMAIN)
        case _:
            return tcp_route("localhost", server.tls_port, context, server_hostname=DOMAIN)


async def test_link_logs_in_and_sees_finesse_presence(server: XmppServer, way_in: Route) -> None:
    async with publisher(server), linked(way_in) as (link, recorder):
        assert link.full_jid == f"{AGENT}@{DOMAIN}/mcp-finesse-test-1"
        assert link.connected
        assert not link.degraded
        assert [event.state for event in recorder.states] == [LinkState.CONNECTED]


async def test_link_is_degraded_while_finesse_is_absent(server: XmppServer, way_in: Route) -> None:
    async with linked(way_in) as (link, recorder):
        assert link.degraded
        async with publisher(server):
            await recorder.until_state(LinkState.CONNECTED)
            assert not link.degraded
        await recorder.until(lambda r: [e.state for e in r.states][-1] is LinkState.DEGRADED)
        assert link.connected


async def test_link_receives_what_finesse_publishes(server: XmppServer, way_in: Route) -> None:
    assert len(UPDATE) > 2000
    async with publisher(server, [TEAM]) as finesse, linked(way_in) as (link, recorder):
        subscription = await link.subscribe(TEAM)
        assert (subscription.node, subscription.jid) == (TEAM, link.full_jid)
        assert await link.subscriptions() == [subscription]
        await finesse.publish(TEAM, UPDATE)
        await recorder.until(lambda r: r.events)
        event = recorder.events[0]
        assert (event.node, event.payload, event.to) == (TEAM, UPDATE, link.full_jid)
        assert event.item_id
        assert not event.delayed
        await link.unsubscribe(subscription)
        assert await link.subscriptions() == []


async def test_subscription_id_is_kept_where_the_server_assigns_one(
    server: XmppServer, way_in: Route
) -> None:
    async with publisher(server, [TEAM]), linked(way_in) as (link, _):
        row = await link.subscribe(TEAM)
        assert (row.subid is not None) == isinstance(server, Ejabberd)
        await link.unsubscribe(row)
        assert await link.subscriptions() == []


async def test_missing_feed_is_rejected_by_name(way_in: Route) -> None:
    async with linked(way_in) as (link, _):
        with pytest.raises(NotFoundError, match="/finesse/api/Team/999/Users"):
            await link.subscribe("/finesse/api/Team/999/Users")
        assert await link.subscriptions() == []


async def test_order_is_kept_in_a_burst(server: XmppServer, way_in: Route) -> None:
    async with publisher(server, [TEAM]) as finesse, linked(way_in) as (link, recorder):
        row = await link.subscribe(TEAM)
        await asyncio.gather(*(finesse.publish(TEAM, f"<Update>{number}</Update>") for number in range(50)))
        await recorder.until(lambda r: len(r.events) == 50)
        assert [event.payload for event in recorder.events] == [f"<Update>{n}</Update>" for n in range(50)]
        await link.unsubscribe(row)


async def test_priority_minus_1_leaves_bare_jid_events_to_the_other_client_and_keeps_our_subscription(
    server: XmppServer, way_in: Route
) -> None:
    """The priority returns to 0 when the other client has left."""
    async with publisher(server, [TEAM]) as finesse, linked(way_in) as (link, recorder):
        row = await link.subscribe(TEAM)
        link.confirm_subscriptions()
        assert link.priority.priority == 0
        async with linked(way_in, resource="gadget") as (gadget, other):
            automatic = await gadget._pubsub.subscribe(TEAM, f"{AGENT}@{DOMAIN}")
            await until(lambda: link.priority.priority == -1)
            assert gadget.priority.priority == 0
            await link.subscriptions()  # answered after the server has processed our presence
            await asyncio.gather(
                *(finesse.publish(TEAM, f"<Update>{number}</Update>") for number in range(20))
            )
            await recorder.until(lambda r: len(r.events) == 20)
            await other.until(lambda r: len(r.events) == 20)
            await link.subscriptions()
            assert len(recorder.events) == 20
            await gadget._pubsub.unsubscribe(automatic)
        await until(lambda: link.priority.priority == 0)
        await link.unsubscribe(row)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - siblings have no event
            await asyncio.sleep(0.01)


async def test_pings_are_answered_by_the_server(way_in: Route) -> None:
    timing = LinkTiming(presence=0.1, ping_interval=0.05, ping_timeout=0.5, ping_misses=1)
    async with linked(way_in, timing=timing) as (link, recorder):
        with pytest.raises(TimeoutError):  # a single unanswered ping would lose the link by then
            await recorder.until(lambda r: any(e.state is LinkState.LOST for e in r.states), seconds=1)
        assert link.connected


async def test_wrong_password_is_sent_once(way_in: Route) -> None:
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


async def test_second_login_with_the_same_resource_replaces_the_first(way_in: Route) -> None:
    async with linked(way_in) as (first, recorder), linked(way_in) as (second, _):
        ended = await recorder.until_state(LinkState.REPLACED)
        assert "another program" in ended.reason
        assert not first.connected
        assert second.connected
        assert len(recorder.states) == 2


async def test_other_sessions_of_the_user_are_seen(server: XmppServer, way_in: Route) -> None:
    async with publisher(server), linked(way_in) as (link, _):
        async with linked(way_in, resource="mcp-finesse-test-2") as (sibling, _):
            await link.subscriptions()  # what the server sent before its response has arrived as well
            assert link.siblings == {sibling.full_jid}
        await link.subscriptions()
        assert link.siblings == frozenset()


async def test_frozen_server_is_detected_by_the_pings(server: XmppServer, way_in: Route) -> None:
    timing = LinkTiming(presence=0.1, ping_interval=0.1, ping_timeout=0.1, close=0.1)
    async with linked(way_in, timing=timing) as (_, recorder):
        with server.frozen():
            ended = await recorder.until_state(LinkState.LOST)
        assert "pings" in ended.reason


async def test_subscriptions_are_found_again_after_a_reconnect(
    server: XmppServer, way_in: Route, tmp_path: Path
) -> None:
    slot = ResourceSlot.acquire(tmp_path, AGENT, DOMAIN)
    other_queue = "/finesse/api/Queue/78"
    async with publisher(server, [TEAM, QUEUE, other_queue]) as finesse:
        async with linked(way_in, resource=slot.resource) as (link, _):
            await link.subscribe(TEAM)
            await link.subscribe(QUEUE)
        async with linked(way_in, resource=slot.resource) as (link, recorder):
            rows = await link.subscriptions()
            todo = plan(rows, [TEAM, other_queue], link.full_jid, slot.holder_is_alive)
            assert set(todo.keep) == {TEAM}
            assert [row.node for row in todo.remove] == [QUEUE]
            assert todo.add == [other_queue]
            await finesse.publish(TEAM, "<Update/>")
            await recorder.until(lambda r: r.events)
            for row in (*todo.keep.values(), *todo.remove):
                await link.unsubscribe(row)
                await link.unsubscribe(row)  # missing, which is not an error
            assert await link.subscriptions() == []
    slot.release()


async def test_killed_server_loses_the_link_and_the_next_link_resumes(
    server: XmppServer, way_in: Route
) -> None:
    async with publisher(server, [TEAM]), linked(way_in) as (link, recorder):
        await link.subscribe(TEAM)
        server.kill()
        try:
            ended = await recorder.until_state(LinkState.LOST)
            assert isinstance(ended.error, LinkLostError)
            with pytest.raises(LinkLostError):
                await link.subscribe(TEAM)
            with pytest.raises(NetworkError) as refused:
                async with linked(way_in):
                    pass
            assert refused.value.step == "tcp"
        finally:
            server.start()
    async with publisher(server, [TEAM]) as finesse, linked(way_in) as (link, recorder):
        # A crash may cost the server its subscriptions: existing ones are kept, missing ones are made again.
        todo = plan(await link.subscriptions(), [TEAM], link.full_jid, lambda _: None)
        rows = [*todo.keep.values(), *[await link.subscribe(node) for node in todo.add]]
        assert len(rows) == 1
        await finesse.publish(TEAM, UPDATE)
        await recorder.until(lambda r: r.events)
        assert [event.payload for event in recorder.events] == [UPDATE]
        await link.unsubscribe(rows[0])
