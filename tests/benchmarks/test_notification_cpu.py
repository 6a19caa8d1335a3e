"""What a notification costs in CPU, from the bytes of the socket to the journal and the mirror."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from websockets.frames import Frame, Opcode

from mcp_finesse.session import FinesseSession, connector
from mcp_finesse.session.routes import route_to
from mcp_finesse.simulator import Simulator
from mcp_finesse.xmpp import Route
from mcp_finesse.xmpp.route import StreamSide
from tests.benchmarks.bare_slixmpp import bare_client
from tests.benchmarks.support import RUNS, Figure, judge
from tests.session.support import config_for

pytestmark = pytest.mark.benchmark

NODE = "/finesse/api/User/1001/Dialogs"
BURST, BURSTS = 100, 10
FIRST = datetime(2027, 1, 1, tzinfo=UTC)


async def test_a_notification_costs_little_more_than_slixmpp_needs_to_raise_its_own_event(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The payload is parsed and typed, the journal and the mirror have it.

    Ours: frames as they come out of TLS, into the transport of a connected session, until all listeners that a
    session has of its own have been told. The floor: the same stanzas, already out of their frames, into a bare
    client whose handler of ``pubsub_publish`` only counts. They take turns in short bursts.
    """
    figure = Figure("CPU per notification", limit=1.25, unit="us")
    transports = tap(monkeypatch)
    raised = count()
    async with Simulator() as simulator, FinesseSession(config_for(simulator, tmp_path)) as session:
        await session.ready(10)
        async with bare_client(simulator, "1002") as bare:
            bare.add_event_handler("pubsub_publish", lambda _: next(raised))
            before = session.journal.cursor
            news = stanzas()

            async def run() -> tuple[float, float]:
                ours = floor = 0.0
                for _ in range(BURSTS):
                    burst = list(islice(news, BURST))
                    floor += spent(bare.data_received, burst)
                    ours += spent(transports[0].data_received, [framed(stanza) for stanza in burst])
                    await asyncio.sleep(0)  # what else the loop has to do is nobody's cost
                return ours, floor

            await judge(figure, run)

    page, total = session.journal.read(before, limit=1000), next(raised)
    assert len(page.entries) + page.left_out == total == BURST * BURSTS * (RUNS + 1)
    assert all(entry.kind == "dialog" and entry.payload.dialog.participants for entry in page.entries)
    newest = session.mirror.dialogs["33100421"].participants[1]
    assert newest.state_change_time == FIRST + timedelta(milliseconds=total)


def tap(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Have the transports of sessions as they are made, to feed them as their sockets do."""
    transports: list[Any] = []

    def tapped_route(*args: Any) -> Route:
        route = route_to(*args)

        async def opener(stream: StreamSide, seconds: float) -> asyncio.Transport:
            transports.append(await route.opener(stream, seconds))
            return transports[-1]

        return replace(route, opener=opener)

    monkeypatch.setattr(connector, "route_to", tapped_route)
    return transports


def spent(feed: Callable[[bytes], None], pieces: list[bytes]) -> float:
    """Microseconds of CPU for these pieces, one after another, divided by all of a run."""
    start = time.process_time()
    for piece in pieces:
        feed(piece)
    return (time.process_time() - start) * 1e6 / (BURST * BURSTS)


def framed(stanza: bytes) -> bytes:
    """The text frame of a server, which is not masked."""
    return Frame(Opcode.TEXT, stanza).serialize(mask=False)


def stanzas() -> Iterator[bytes]:
    """Events of one call, each newer than the last: the agent holds and retrieves it, 1 ms apart."""
    for number in count(1):
        changed = FIRST + timedelta(milliseconds=number)
        yield stanza(number, changed.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def stanza(number: int, changed: str) -> bytes:
    """An event as Openfire sends it, with a payload of 2 KB as Finesse writes it: everything in it, always."""
    state, action = ("HELD", "RETRIEVE") if number % 2 else ("ACTIVE", "HOLD")
    variables = "".join(
        f"<CallVariable><name>callVariable{i}</name><value>value {i}</value></CallVariable>"
        for i in range(1, 9)
    )
    payload = (
        "<Update><data><dialog><associatedDialogUri></associatedDialogUri><fromAddress>3125550142</fromAddress>"
        "<id>33100421</id><mediaProperties><mediaId>1</mediaId><DNIS>8800</DNIS><callType>ACD_IN</callType>"
        "<dialedNumber>8800</dialedNumber><outboundClassification></outboundClassification>"
        "<queueNumber>77</queueNumber><queueName>North.Sales</queueName><callKeyCallId>217</callKeyCallId>"
        "<callKeySequenceNum>1</callKeySequenceNum><callKeyPrefix>152018</callKeyPrefix>"
        f"<callvariables>{variables}</callvariables></mediaProperties><mediaType>Voice</mediaType><participants>"
        "<Participant><actions></actions><mediaAddress>3125550142</mediaAddress>"
        "<mediaAddressType></mediaAddressType><startTime>2026-11-22T12:45:02.486Z</startTime>"
        "<state>ACTIVE</state><stateCause></stateCause><stateChangeTime>2026-11-22T12:45:02.490Z"
        "</stateChangeTime></Participant><Participant><actions>"
        f"<action>{action}</action><action>DROP</action><action>UPDATE_CALL_DATA</action></actions>"
        "<mediaAddress>4501</mediaAddress><mediaAddressType>AGENT_DEVICE</mediaAddressType>"
        f"<startTime>2026-11-22T12:45:02.486Z</startTime><state>{state}</state><stateCause></stateCause>"
        f"<stateChangeTime>{changed}</stateChangeTime></Participant></participants><state>ACTIVE</state>"
        "<toAddress>8800</toAddress><uri>/finesse/api/Dialog/33100421</uri></dialog></data><event>PUT</event>"
        f"<requestId>a551c791-5011-4594-aa83-{number:012}</requestId>"
        "<source>/finesse/api/Dialog/33100421</source></Update>"
    )
    return (
        '<message xmlns="jabber:client" from="pubsub.finesse.sim" to="1001@finesse.sim" id="kQ3xR7bW">'
        f'<event xmlns="http://jabber.org/protocol/pubsub#event"><items node="{NODE}">'
        f'<item id="6c1f7a0e-3d52-4f6b-9a57-{number:012}">'
        f'<notification xmlns="http://jabber.org/protocol/pubsub">{escape(payload)}</notification>'
        "</item></items></event></message>"
    ).encode()
