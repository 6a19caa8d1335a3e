"""BOSH over a faulty connection with Prosody and ejabberd: lost responses are requested again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import pytest

from mcp_finesse.errors import LinkLostError
from mcp_finesse.xmpp import LinkTiming, NotificationLink, Route, bosh_route
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming
from mcp_finesse.xmpp.transport.bosh.transport import BoshTransport
from tests.peers.prosody import Prosody
from tests.peers.publisher import Publisher, publisher
from tests.peers.relay import Relay
from tests.peers.xmpp_server import DOMAIN, XmppServer
from tests.xmpp.support import Recorder
from tests.xmpp.support_servers import linked

pytestmark = pytest.mark.peer

NODE = "/finesse/api/Team/310/Users"
QUIET = LinkTiming(connect=5, presence=1, request=5, close=1, ping_interval=60)
"""Without pings, so that only the test decides what is in flight."""


@dataclass
class Line:
    """A subscribed link behind a relay."""

    relay: Relay
    finesse: Publisher
    link: NotificationLink
    recorder: Recorder

    async def publish(self, *numbers: int) -> None:
        for number in numbers:
            await self.finesse.publish(NODE, f"<Update>{number}</Update>")

    async def until_received(self, *numbers: int) -> None:
        """Wait until exactly these events have arrived, in this order."""
        await self.recorder.until(lambda recorder: len(recorder.events) >= len(numbers))
        assert [event.payload for event in self.recorder.events] == [f"<Update>{n}</Update>" for n in numbers]
        assert self.link.connected

    @contextmanager
    def losing(self) -> Iterator[None]:
        """Lose what the server sends, then all connections."""
        self.relay.deaf = True
        yield
        self.relay.deaf = False
        self.relay.cut()


@asynccontextmanager
async def line(server: XmppServer) -> AsyncIterator[Line]:
    async with Relay(server.https_port) as relay, publisher(server, [NODE]) as finesse:
        route = route_by(relay, server)
        async with linked(route, timing=QUIET) as (link, recorder):
            row = await link.subscribe(NODE)
            yield Line(relay, finesse, link, recorder)
            if link.connected:
                await link.unsubscribe(row)


def route_by(relay: Relay, server: XmppServer) -> Route:
    return bosh_route(
        f"https://localhost:{relay.port}/http-bind",
        server.client_context(),
        server_hostname=DOMAIN,
        timing=BoshTiming(backoff=0.1),
    )


async def test_broken_connection_loses_nothing(server: XmppServer) -> None:
    async with line(server) as on:
        on.relay.cut()
        await on.publish(1, 2)
        await on.until_received(1, 2)


async def test_request_during_a_broken_connection_waits_until_it_is_restored(server: XmppServer) -> None:
    """Prosody ends a session whose held request arrives again after a later one."""
    async with line(server) as on:
        transport = on.link._stream.transport
        assert isinstance(transport, BoshTransport)
        async with asyncio.timeout(5):
            while not transport._in_flight:  # noqa: ASYNC110 - the pause after a response is very short
                await asyncio.sleep(0.001)
            on.relay.cut()
            while transport._order.whole:  # noqa: ASYNC110 - noticed as soon as the loop has run
                await asyncio.sleep(0)
        assert [row.node for row in await on.link.subscriptions()] == [NODE]
        await on.publish(1)
        await on.until_received(1)


async def test_lost_event_is_requested_again(server: XmppServer) -> None:
    async with line(server) as on:
        with on.losing():
            before = on.relay.lost
            await on.publish(1)
            await on.relay.until_lost(before)
        await on.publish(2)
        await on.until_received(1, 2)


async def test_two_lost_responses_arrive_again_in_order(server: XmppServer) -> None:
    async with line(server) as on:
        with on.losing():
            before = on.relay.lost
            listing = asyncio.create_task(on.link.subscriptions())
            await on.relay.until_lost(before)
            await on.publish(1)  # with the response to one of the two, or when there is a request again
        await on.publish(2)
        assert [row.node for row in await listing] == [NODE]
        await on.until_received(1, 2)


async def test_connection_broken_during_a_request_is_restored_or_reported(server: XmppServer) -> None:
    """The limit: a held request breaks while the next one is on its way to the server.

    Prosody then knows the next request, has no response to the broken one, and ends the session when that
    arrives again. Nothing that XEP-0124 allows a client helps: it must not omit the request, and cannot
    know. What remains is to report the loss immediately and start a new session.
    """
    async with line(server) as on:
        listing = asyncio.create_task(on.link.subscriptions())
        await asyncio.sleep(0.001)
        on.relay.cut()
        (answer,) = await asyncio.gather(listing, return_exceptions=True)
        if isinstance(server, Prosody) and isinstance(answer, LinkLostError):
            assert "item-not-found" in answer.message
            async with linked(route_by(on.relay, server), timing=QUIET) as (link, _):
                answer = await link.subscriptions()
        else:
            await on.publish(1)
            await on.until_received(1)
        assert isinstance(answer, list)
        assert [row.node for row in answer] == [NODE]
