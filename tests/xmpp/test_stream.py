"""Stream: one session, one end, and requests that do not outlive it."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.errors import LinkLostError
from mcp_finesse.xmpp import websocket_route
from mcp_finesse.xmpp.negotiation import Ending, lost
from mcp_finesse.xmpp.protocol.iq_tracker import StanzaError
from mcp_finesse.xmpp.stream import TransportClient
from tests.xmpp.support import DOMAIN, JID, PUBSUB, STANZAS, event_message, identity

ROOT = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
PING = ET.Element("{urn:xmpp:ping}ping")


class Wire(asyncio.Transport):
    """A transport that records writes and reports its loss on abort."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self.client: TransportClient | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data).decode())

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        pass

    def abort(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            asyncio.get_running_loop().call_soon(client.connection_lost, None)


class Stream:
    """A stream attached to a wire, and what it reported."""

    def __init__(self) -> None:
        self.taken: list[ET.Element] = []
        self.endings: list[Ending] = []
        self.wire = Wire()
        route = websocket_route("wss://fin.test/ws")
        password = identity().password
        self.client = TransportClient(JID, password, route, take=self._take, on_end=self.endings.append)
        self.wire.client = self.client

    def _take(self, element: ET.Element) -> bool:
        self.taken.append(element)
        return element.tag == "{jabber:client}message"

    def attach(self) -> None:
        self.client.attach(self.wire)
        self.client.data_received(ROOT)

    async def answered(self, answer: str) -> ET.Element:
        """Send a request, answer it and return the response."""
        asking = asyncio.ensure_future(self.client.request("get", PUBSUB, PING, 5))
        await asyncio.sleep(0)
        sent = ET.fromstring(self.wire.written[-1])
        self.client.data_received(answer.format(id=sent.get("id")))
        return await asking


async def test_header_is_sent_and_the_end_is_reported_once() -> None:
    stream = Stream()
    stream.attach()
    assert stream.wire.written == [websocket_route("wss://x/ws").header(DOMAIN)]
    stream.client.end(lost("first"))
    stream.client.end(lost("second"))
    await stream.client.aclose(1)
    assert [ending.reason for ending in stream.endings] == ["first"]
    assert not stream.client.is_connected()


async def test_transport_lost_before_attach_is_not_awaited() -> None:
    stream = Stream()
    stream.client.connection_lost(OSError(104, "Connection reset by peer"))
    stream.client.attach(stream.wire)
    assert stream.wire.written == []
    with pytest.raises(ConnectionError, match="Connection reset by peer"):
        await stream.client.until(stream.client.offered)
    await stream.client.aclose(1)


async def test_stanza_taken_by_the_link_is_not_passed_to_slixmpp() -> None:
    stream = Stream()
    stream.attach()
    seen: list[object] = []
    stream.client.add_event_handler("message", seen.append)
    before = stream.client.heard
    stream.client.data_received(event_message("n", "x").replace("<event", "<body>b</body><event"))
    assert len(stream.taken) == 1
    assert seen == []
    assert stream.client.heard == before + 1
    await stream.client.aclose(0.01)


async def test_request_returns_its_response_or_raises_its_error() -> None:
    stream = Stream()
    stream.attach()
    answer = await stream.answered(f"<iq type='result' id='{{id}}' from='{PUBSUB}'><x/></iq>")
    assert answer[0].tag == "{jabber:client}x"
    condition = f"<error type='cancel'><forbidden xmlns='{STANZAS}'/></error>"
    with pytest.raises(StanzaError, match="forbidden"):
        await stream.answered(f"<iq type='error' id='{{id}}' from='{PUBSUB}'>{condition}</iq>")
    await stream.client.aclose(0.01)


async def test_request_ends_with_its_timeout_or_the_link() -> None:
    stream = Stream()
    stream.attach()
    with pytest.raises(TimeoutError):
        await stream.client.request("get", PUBSUB, PING, 0.01)
    asking = asyncio.ensure_future(stream.client.request("get", PUBSUB, PING, 5))
    await asyncio.sleep(0)
    stream.client.end(lost("the cable is gone"))
    with pytest.raises(LinkLostError, match="the cable is gone"):
        await asking
    sent = len(stream.wire.written)
    with pytest.raises(LinkLostError, match="the cable is gone"):
        await stream.client.request("get", PUBSUB, PING, 5)
    assert len(stream.wire.written) == sent
    assert len(stream.client._requests) == 0
    await stream.client.aclose(1)


async def test_stream_that_never_started_can_be_closed() -> None:
    stream = Stream()
    await stream.client.aclose(1)
    assert [ending.reason for ending in stream.endings] == ["this client closed it"]


async def test_flood_of_requests_is_answered_at_a_limited_rate() -> None:
    stream = Stream()
    stream.attach()
    handled = asyncio.Event()
    iq = "<iq xmlns='jabber:client' type='{}' id='{}' from='fin.example.test'><q xmlns='urn:x'/></iq>"
    stream.client.data_received("".join(iq.format("result", number) for number in range(500)))
    stream.client.data_received("".join(iq.format("get", number) for number in range(2000)))
    stream.client._input.then(handled.set)
    await handled.wait()
    answers = [each for each in stream.wire.written if 'type="error"' in each or "type='error'" in each]
    assert len(answers) <= 100
    assert len(stream.client.waiting_queue._queue) + len(answers) <= 150  # type: ignore[attr-defined]
    stream.client.data_received("<message xmlns='jabber:client' id='after'/>")
    assert stream.taken[-1].get("id") == "after"
    stream.client.end(lost("over"))


async def test_data_received_before_the_loss_is_handled_first() -> None:
    stream = Stream()
    stream.attach()
    many = "".join(
        f"<message xmlns='jabber:client' id='{number}'>{'x' * 500}</message>" for number in range(5000)
    )
    stream.client.data_received(many)
    stream.client.connection_lost(None)
    async with asyncio.timeout(10):
        await stream.client.ended
    assert len([each for each in stream.taken if each.tag == "{jabber:client}message"]) == 5000
