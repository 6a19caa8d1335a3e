"""BOSH on a bad line, with Prosody and ejabberd at its end: what is lost on the way is asked for again."""

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
"""Without pings, so that a test alone decides what is under way."""


@dataclass
class Line:
    """A link that is subscribed, behind a relay."""

    relay: Relay
    finesse: Publisher
    link: NotificationLink
    recorder: Recorder

    async def publish(self, *numbers: int) -> None:
        for number in numbers:
            await self.finesse.publish(NODE, f"<Update>{number}</Update>")

    async def until_received(self, *numbers: int) -> None:
        """These events have come, in this order, and no other."""
        await self.recorder.until(lambda recorder: len(recorder.events) >= len(numbers))
        assert [event.payload for event in self.recorder.events] == [f"<Update>{n}</Update>" for n in numbers]
        assert self.link.connected

    @contextmanager
    def losing(self) -> Iterator[None]:
        """What the server says is lost, and with the last of it, all connections."""
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


async def test_a_connection_that_breaks_costs_nothing(server: XmppServer) -> None:
    async with line(server) as on:
        on.relay.cut()
        await on.publish(1, 2)
        await on.until_received(1, 2)


async def test_what_we_say_while_a_connection_is_broken_waits_until_it_is_mended(server: XmppServer) -> None:
    """Prosody ends a session whose held request comes again after a later one."""
    async with line(server) as on:
        transport = on.link._stream.transport
        assert isinstance(transport, BoshTransport)
        async with asyncio.timeout(5):
            while not transport._in_flight:  # noqa: ASYNC110 - the pause after an answer is very short
                await asyncio.sleep(0.001)
            on.relay.cut()
            while transport._order.whole:  # noqa: ASYNC110 - it is known as soon as the loop has looked
                await asyncio.sleep(0)
        assert [row.node for row in await on.link.subscriptions()] == [NODE]
        await on.publish(1)
        await on.until_received(1)


async def test_an_event_that_is_lost_on_the_way_is_asked_for_again(server: XmppServer) -> None:
    async with line(server) as on:
        with on.losing():
            before = on.relay.lost
            await on.publish(1)
            await on.relay.until_lost(before)
        await on.publish(2)
        await on.until_received(1, 2)


async def test_two_answers_that_are_lost_at_once_come_again_in_their_order(server: XmppServer) -> None:
    async with line(server) as on:
        with on.losing():
            before = on.relay.lost
            listing = asyncio.create_task(on.link.subscriptions())
            await on.relay.until_lost(before)
            await on.publish(1)  # with the answer to one of the two, or when there is a request again
        await on.publish(2)
        assert [row.node for row in await listing] == [NODE]
        await on.until_received(1, 2)


async def test_a_break_in_the_moment_of_a_request_is_healed_or_told(server: XmppServer) -> None:
    """The limit: a request that is held breaks while the next is on its way to the server.

    Prosody then knows the next, has no answer to the one that broke, and ends the session when that comes
    again. Nothing that a client may do by XEP-0124 helps: it must not leave the request out, and cannot know.
    What is left is to say so at once, and a new session.
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
