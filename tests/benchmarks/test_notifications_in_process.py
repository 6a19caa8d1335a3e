"""What a notification costs in CPU, from the received bytes to the journal and the mirror, by each transport."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from mcp_finesse.session import FinesseSession
from mcp_finesse.session.connection import connector
from mcp_finesse.simulator import Simulator
from mcp_finesse.xmpp import Route
from mcp_finesse.xmpp.transport import addresses
from mcp_finesse.xmpp.transport.addresses import route_to
from mcp_finesse.xmpp.transport.base import StreamSide
from mcp_finesse.xmpp.transport.bosh.body import Answer
from mcp_finesse.xmpp.transport.bosh.http import BoshHttp
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming
from tests.benchmarks.bare_slixmpp import BareClient, bare_client
from tests.benchmarks.stanzas import changed_at, stanzas
from tests.benchmarks.support import Figure, judge
from tests.session.support import config_for

pytestmark = pytest.mark.benchmark

BURST = 100
BODY = (
    b"<body xmlns='http://jabber.org/protocol/httpbind' xmlns:stream='http://etherx.jabber.org/streams' "
    b"sid='5f1f3cd4-0c23-4e4b-9a55-6b6a2d8d6c55'>%b</body>"
)
Feed = Callable[[list[bytes]], Awaitable[None]]


@pytest.mark.parametrize(
    ("transport", "limit", "bursts"), [("tcp", 1.25, 10), ("websocket", 1.25, 10), ("bosh", 1.5, 3)]
)
async def test_a_notification_costs_little_more_than_slixmpp_needs_to_raise_its_own_event(
    transport: str, limit: float, bursts: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The payload is parsed and typed, the journal and the mirror have it.

    Ours: what came out of TLS (of BOSH: out of HTTP, one event in each answer), into the transport of a
    connected session, until all listeners that a session has of its own have been told. The floor: the same
    stanzas, without their frames, into a bare client whose handler of ``pubsub_publish`` only counts. They
    take turns in short bursts.
    """
    figure = Figure(f"CPU per notification by {transport}", limit=limit, unit="us")
    transports = tap(monkeypatch)
    answers = tap_answers(monkeypatch)
    raised: list[Any] = []
    async with Simulator() as simulator:
        config = config_for(simulator, tmp_path, xmpp_transport=transport, notification_urls=ways(simulator))
        async with FinesseSession(config) as session, bare_client(simulator, "1002") as bare:
            await session.ready(10)
            bare.add_event_handler("pubsub_publish", lambda _: raised.append(None))
            before = session.journal.cursor
            feed = by_bosh(session, answers) if transport == "bosh" else into(transports[0])
            news = stanzas()

            async def run() -> tuple[float, float]:
                ours = floor = 0.0
                for _ in range(bursts):
                    burst = list(islice(news, BURST))
                    floor += await spent(into(bare), burst)
                    ours += await spent(feed, as_they_come(transport, burst))
                    await asyncio.sleep(0)  # what else the loop has to do is nobody's cost
                return ours / bursts, floor / bursts

            await judge(figure, run)

            page, total = session.journal.read(before, limit=1000), len(raised)
            assert len(page.entries) + page.left_out == total == BURST * bursts * (len(figure.pairs) + 1)
            assert all(entry.kind == "dialog" and entry.payload.dialog.participants for entry in page.entries)
            newest = session.mirror.dialogs["33100421"].participants[1]
            assert newest.state_change_time == changed_at(total)


def ways(simulator: Simulator) -> tuple[str, ...]:
    """All doors of the simulator."""
    host, port = simulator.tcp_address
    return simulator.ws_url, simulator.bosh_url, f"xmpps://{host}:{port}"


async def spent(feed: Feed, pieces: list[bytes]) -> float:
    """Microseconds of CPU for each stanza."""
    start = time.process_time()
    await feed(pieces)
    return (time.process_time() - start) * 1e6 / len(pieces)


def into(receiver: asyncio.Protocol | BareClient) -> Feed:
    """As a socket hands over what it read."""

    async def feed(pieces: list[bytes]) -> None:
        for piece in pieces:
            receiver.data_received(piece)

    return feed


def as_they_come(transport: str, burst: list[bytes]) -> list[bytes]:
    """Stanzas in what carries them: nothing, the text frames of a server, which are not masked, or bodies."""
    match transport:
        case "websocket":
            return [Frame(Opcode.TEXT, stanza).serialize(mask=False) for stanza in burst]
        case "bosh":
            return [BODY % stanza for stanza in burst]
    return burst


def by_bosh(session: FinesseSession, answers: asyncio.Queue[Answer]) -> Feed:
    """What HTTP hands over: one stanza in each answer, and the next request before the next answer."""

    async def feed(bodies: list[bytes]) -> None:
        arrived = asyncio.Event()
        last = int(session.journal.cursor.rpartition(":")[2]) + len(bodies)
        end = session.journal.listen(lambda entry: arrived.set() if entry.number == last else None)
        for body in bodies:
            answers.put_nowait(Answer(200, "text/xml", body))
        async with asyncio.timeout(10):
            await arrived.wait()
        end()

    return feed


def tap(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Have the transports of sessions as they are made, to feed them as their sockets do."""
    transports: list[Any] = []
    monkeypatch.setattr(addresses, "BoshTiming", partial(BoshTiming, settle=0))

    def tapped_route(*args: Any) -> Route:
        route = route_to(*args)

        async def opener(stream: StreamSide, seconds: float) -> asyncio.Transport:
            transports.append(await route.opener(stream, seconds))
            return transports[-1]

        return replace(route, opener=opener)

    monkeypatch.setattr(connector, "route_to", tapped_route)
    return transports


def tap_answers(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[Answer]:
    """Answer the requests of BOSH by what is put into this queue, or by the server if it is earlier."""
    answers: asyncio.Queue[Answer] = asyncio.Queue()
    post = BoshHttp._post

    async def first(*args: Any) -> Answer:
        if not answers.empty():
            return answers.get_nowait()
        asked = {asyncio.ensure_future(post(*args)), asyncio.ensure_future(answers.get())}
        try:
            done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
        finally:
            for task in asked:
                task.cancel()

    monkeypatch.setattr(BoshHttp, "_post", first)
    return answers
