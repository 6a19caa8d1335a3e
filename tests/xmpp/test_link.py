"""NotificationLink: what it reports, how it ends, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import itertools
import logging
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from websockets.frames import Frame, Opcode

from mcp_finesse.errors import (
    InvalidRequestError,
    LinkLostError,
    NetworkError,
    NotFoundError,
    ReplacedError,
)
from mcp_finesse.xmpp import LinkEvent, LinkState, LinkTiming, NotificationLink, Subscription
from mcp_finesse.xmpp.transport.base import StreamSide
from tests.xmpp.support import (
    BARE,
    DOMAIN,
    FINESSE,
    HASTY,
    JID,
    PUBSUB,
    Peer,
    Recorder,
    answer_presence,
    event_message,
    identity,
    opened,
    presence,
    refuse,
    server_context,
    silence,
    stream_error,
)

NODE = "/finesse/api/Team/310/Users"


def states(recorder: Recorder) -> list[LinkState]:
    return [event.state for event in recorder.states]


# Open


async def test_link_opens_over_tls_and_reports_connected() -> None:
    async with Peer(tls=server_context()) as peer, opened(peer) as (link, recorder):
        assert (link.connected, link.degraded, link.full_jid) == (True, False, JID)
        (event,) = recorder.states
        assert (event.state, event.error) == (LinkState.CONNECTED, None)
        assert FINESSE in event.reason


@pytest.mark.parametrize("finesse", [None, "unavailable"])
async def test_link_opens_degraded_when_finesse_is_not_present(finesse: str | None) -> None:
    async with Peer() as peer:
        peer.finesse = finesse
        async with opened(peer, timing=HASTY) as (link, recorder):
            assert (link.connected, link.degraded) == (True, True)
            assert states(recorder) == [LinkState.DEGRADED]


async def test_absent_finesse_ends_the_wait_for_presence() -> None:
    async with Peer() as peer:
        peer.finesse = "unavailable"
        async with asyncio.timeout(5), opened(peer) as (link, _):  # well below the timeout of ten seconds
            assert link.degraded


async def test_notification_before_finesse_presence_is_not_lost() -> None:
    async def early(peer: Peer, element: ET.Element) -> None:
        await peer.send(event_message(NODE, "<Update/>"))
        await answer_presence(peer, element)

    async with Peer() as peer:
        peer.answers["presence"] = early
        async with opened(peer) as (_, recorder):
            assert [event.payload for event in recorder.events] == ["<Update/>"]


async def test_link_can_be_opened_only_once() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        with pytest.raises(RuntimeError, match="opened only once"):
            await link.open()
        assert link.connected


async def test_cancelled_open_leaves_nothing_behind() -> None:
    async with Peer() as peer:
        for element in ("open", "auth", "bind", "presence"):
            peer.received.clear()
            answer, peer.answers[element] = peer.answers[element], silence
            recorder = Recorder()
            link = NotificationLink(
                identity(),
                peer.route,
                on_feed=recorder.on_feed,
                on_link=recorder.on_link,
                timing=LinkTiming(close=0.1),
            )
            attempt = asyncio.ensure_future(link.open())
            await peer.until_received(f"<{element}")
            attempt.cancel()
            with pytest.raises(asyncio.CancelledError):
                await attempt
            assert not link.connected
            assert recorder.states == []
            peer.answers[element] = answer


async def test_link_closed_while_dialing_does_not_open() -> None:
    async with Peer() as peer:
        dialling, go_on = asyncio.Event(), asyncio.Event()

        async def slow(stream: StreamSide, seconds: float) -> asyncio.Transport:
            dialling.set()
            await go_on.wait()
            return await peer.route.opener(stream, seconds)

        route = replace(peer.route, opener=slow)
        link = NotificationLink(identity(), route, on_feed=lambda _: None, on_link=lambda _: None)
        opening = asyncio.ensure_future(link.open())
        await dialling.wait()
        await link.close()
        go_on.set()
        with pytest.raises(NetworkError, match="this client closed it"):
            await opening
        async with asyncio.timeout(5):
            await peer.gone.wait()
        assert peer.received == []


async def test_link_that_ends_with_finesse_presence_does_not_open() -> None:
    async def greets_and_ends(peer: Peer, element: ET.Element) -> None:
        frames = (presence(FINESSE), stream_error("reset"))
        peer.socket.transport.write(
            b"".join(Frame(Opcode.TEXT, f.encode()).serialize(mask=False) for f in frames)
        )

    async with Peer() as peer:
        peer.answers["presence"] = greets_and_ends
        with pytest.raises(NetworkError, match="reset") as caught:
            async with opened(peer):
                pass
        assert caught.value.step == "presence"


# While connected


async def test_notifications_arrive_in_order_and_other_messages_are_ignored() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        for number in range(20):
            await peer.send(event_message(NODE, f"<Update>{number}</Update>"))
            await peer.send("<message xmlns='jabber:client' from='a@b'><body>hello</body></message>")
            await peer.send(event_message(NODE, "spoofed", sender="5002@fin.example.test/x"))
        await recorder.until(lambda r: len(r.events) == 20)
        assert [event.payload for event in recorder.events] == [f"<Update>{n}</Update>" for n in range(20)]


async def test_finesse_presence_changes_are_reported_once_each() -> None:
    async with Peer() as peer, opened(peer) as (link, recorder):
        for kind in ("available", "unavailable", "unavailable", "available"):
            await peer.send(presence(f"{FINESSE}/app", kind))
        await recorder.until(lambda r: len(r.states) == 3)
        assert states(recorder) == [LinkState.CONNECTED, LinkState.DEGRADED, LinkState.CONNECTED]
        assert link.connected


async def test_siblings_follow_presence() -> None:
    async with Peer() as peer, opened(peer) as (link, recorder):
        await peer.send(presence(f"{BARE}/desktop"))
        await peer.send(presence(JID))
        await peer.send(event_message(NODE, "1"))
        await recorder.until(lambda r: len(r.events) == 1)
        assert link.siblings == {f"{BARE}/desktop"}
        await peer.send(presence(f"{BARE}/desktop", "unavailable"))
        await peer.send(event_message(NODE, "2"))
        await recorder.until(lambda r: len(r.events) == 2)
        assert link.siblings == frozenset()


async def test_only_finesse_may_subscribe_to_our_presence() -> None:
    async with Peer() as peer, opened(peer):
        await peer.send(presence("5002@fin.example.test", "subscribe"))
        await peer.send(presence(f"{FINESSE}/app", "subscribe"))
        await peer.until_received('type="subscribed"')
        (approval,) = [frame for frame in peer.received if "subscribed" in frame]
        assert f'to="{FINESSE}"' in approval


async def test_server_pings_are_answered_and_unknown_requests_rejected() -> None:
    async with Peer() as peer, opened(peer):
        await peer.send(
            f"<iq xmlns='jabber:client' type='get' id='p1' from='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>"
        )
        await peer.until_received('id="p1"')
        await peer.send(
            f"<iq xmlns='jabber:client' type='get' id='q1' from='{DOMAIN}'><q xmlns='urn:odd'/></iq>"
        )
        await peer.until_received('id="q1"')
        answers = [frame for frame in peer.received if 'id="p1"' in frame or 'id="q1"' in frame]
        assert 'type="result"' in answers[0]
        assert 'type="error"' in answers[1]


async def test_pings_go_to_the_domain_and_an_error_counts_as_response() -> None:
    async with Peer() as peer:
        peer.answers["ping"] = refuse("service-unavailable")
        timing = LinkTiming(ping_interval=0.02, ping_timeout=1, ping_misses=1)
        async with opened(peer, timing=timing) as (link, _):
            await peer.until_received("urn:xmpp:ping", times=5)
            assert link.connected
            (ping,) = {ET.fromstring(f).get("to") for f in peer.received if "urn:xmpp:ping" in f}
            assert ping == DOMAIN


async def test_failing_listener_does_not_end_the_link(caplog: pytest.LogCaptureFixture) -> None:
    def fails(event: LinkEvent) -> None:
        raise RuntimeError("no")

    async with Peer() as peer:
        link = NotificationLink(identity(), peer.route, on_feed=lambda _: None, on_link=fails)
        await link.open()
        assert link.connected
        await link.close()
    assert "could not be handled" in caplog.text


# Subscriptions


async def test_link_subscribes_its_full_jid_lists_and_unsubscribes() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        row = await link.subscribe(NODE)
        assert row == Subscription(NODE, JID, "s1", "subscribed")
        peer.rows.append({"node": NODE, "jid": BARE, "subscription": "subscribed"})
        assert await link.subscriptions() == [row, Subscription(NODE, BARE)]
        await link.unsubscribe(row)
        assert 'subid="s1"' in peer.received[-2]
        assert "<subscriptions" in peer.received[-1]
        assert all(f'to="{PUBSUB}"' in frame for frame in peer.received if "<pubsub" in frame)


async def test_concurrent_requests_get_their_own_responses() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        nodes = [f"/finesse/api/Queue/{number}" for number in range(50)]
        rows = await asyncio.gather(*(link.subscribe(node) for node in nodes))
        assert [row.node for row in rows] == nodes


async def test_missing_node_raises_not_found() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        peer.answers["pubsub"] = refuse("item-not-found")
        with pytest.raises(NotFoundError):
            await link.subscribe(NODE)


async def test_silent_pubsub_service_times_out_and_the_link_stays() -> None:
    async with Peer() as peer, opened(peer, timing=HASTY) as (link, _):
        peer.answers["pubsub"] = silence
        with pytest.raises(NetworkError) as caught:
            await link.subscribe(NODE)
        assert caught.value.step == "subscribe"
        assert link.connected


@pytest.mark.parametrize("jid", [BARE, f"{BARE}/desktop", f"5002@{DOMAIN}/desktop"])
async def test_subscriptions_of_other_clients_cannot_be_removed(jid: str) -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        with pytest.raises(InvalidRequestError, match="belongs to another client"):
            await link.unsubscribe(Subscription(NODE, jid, "s1"))
        assert not any("unsubscribe" in frame for frame in peer.received)
        await link.unsubscribe(Subscription(NODE, f"{BARE}/mcp-finesse-test-2", "s1"))
        assert "mcp-finesse-test-2" in peer.received[-2]


# How the link ends


async def ended(recorder: Recorder, state: LinkState) -> LinkEvent:
    event = await recorder.until_state(state)
    await asyncio.sleep(0.05)  # a second final state would arrive by then
    assert states(recorder) == [LinkState.CONNECTED, state]
    return event


async def test_cut_connection_loses_the_link() -> None:
    async with Peer() as peer, opened(peer) as (link, recorder):
        peer.cut()
        event = await ended(recorder, LinkState.LOST)
        assert isinstance(event.error, LinkLostError)
        assert not link.connected


async def test_stream_error_of_the_server_is_reported() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        await peer.send(stream_error("system-shutdown", "back at nine"))
        event = await ended(recorder, LinkState.LOST)
        assert event.reason == "the server ended the stream: system-shutdown (back at nine)"


async def test_stream_closed_by_the_server_loses_the_link() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        await peer.answers["close"](peer, ET.Element("x"))
        assert (await ended(recorder, LinkState.LOST)).reason == "the server ended the stream"


async def test_unreadable_xml_loses_the_link_immediately() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        await peer.send("<message xmlns='jabber:client'>&undefined;</message>")
        assert "not valid XMPP" in (await ended(recorder, LinkState.LOST)).reason


async def test_conflict_marks_the_link_as_replaced() -> None:
    async with Peer() as peer, opened(peer) as (link, recorder):
        await peer.send(stream_error("conflict"))
        event = await ended(recorder, LinkState.REPLACED)
        assert isinstance(event.error, ReplacedError)
        with pytest.raises(ReplacedError):
            await link.subscribe(NODE)


async def test_policy_violation_loses_the_link() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        await peer.send(stream_error("policy-violation", "too many stanzas"))
        event = await ended(recorder, LinkState.LOST)
        assert isinstance(event.error, LinkLostError)
        assert "too many stanzas" in event.reason


async def test_two_unanswered_pings_lose_the_link() -> None:
    async with Peer() as peer:
        peer.answers["ping"] = silence
        started = asyncio.get_running_loop().time()
        async with opened(peer, timing=HASTY) as (_, recorder):
            event = await ended(recorder, LinkState.LOST)
            assert event.reason == "2 pings in a row received no response"
            assert 0.9 <= asyncio.get_running_loop().time() - started < 5
            assert sum("urn:xmpp:ping" in frame for frame in peer.received) == 2


async def test_other_traffic_keeps_a_link_with_unanswered_pings() -> None:
    async with Peer() as peer:
        peer.answers["ping"] = silence
        timing = LinkTiming(ping_interval=0.1, ping_timeout=0.1)
        async with opened(peer, timing=timing) as (link, recorder):
            for _ in range(20):
                await peer.send(event_message(NODE, "<Update/>"))
                await asyncio.sleep(0.03)
            assert link.connected
            await ended(recorder, LinkState.LOST)


async def test_endless_message_is_detected_by_the_pings() -> None:
    async with Peer() as peer:
        timing = LinkTiming(ping_interval=0.1, ping_timeout=0.1)
        async with opened(peer, timing=timing) as (_, recorder):
            peer.socket.transport.write(b"\x01\x05<mess")  # the first of several frames, and nothing else
            peer.answers["ping"] = silence
            event = await ended(recorder, LinkState.LOST)
            assert event.reason == "2 pings in a row received no response"


async def test_pending_requests_fail_immediately_when_the_link_ends() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        peer.answers["pubsub"] = silence
        waiting = [asyncio.ensure_future(link.subscribe(NODE)) for _ in range(3)]
        await peer.until_received("subscribe", times=3)
        peer.cut()
        async with asyncio.timeout(2):
            results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(result) for result in results] == [LinkLostError] * 3


async def test_requests_on_a_link_that_is_not_open_fail() -> None:
    async with Peer() as peer:
        link = NotificationLink(identity(), peer.route, on_feed=lambda _: None, on_link=lambda _: None)
        with pytest.raises(LinkLostError, match="not open"):
            await link.subscriptions()
        await link.close()
        assert peer.received == []


# Close


async def test_close_sends_the_footer_and_reports_nothing() -> None:
    async with Peer() as peer:
        async with opened(peer) as (link, recorder):
            await link.close()
            await link.close()
            assert not link.connected
        assert peer.received[-1].startswith("<close")
        assert states(recorder) == [LinkState.CONNECTED]
        async with asyncio.timeout(2):
            await peer.gone.wait()
        with pytest.raises(LinkLostError):
            await link.subscribe(NODE)


async def test_close_is_bounded_when_the_server_does_not_respond() -> None:
    async with Peer() as peer:
        peer.answers["close"] = silence
        async with opened(peer, timing=HASTY) as (link, recorder):
            async with asyncio.timeout(2):
                await link.close()
            assert not link.connected
            assert states(recorder) == [LinkState.CONNECTED]
        assert peer.received[-1].startswith("<close")


async def test_cancelled_close_still_ends_the_connection() -> None:
    async with Peer() as peer:
        peer.answers["close"] = silence
        async with opened(peer, timing=LinkTiming(close=5)) as (link, _):
            closing = asyncio.ensure_future(link.close())
            await peer.until_received("<close")
            closing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await closing
            async with asyncio.timeout(2):
                await peer.gone.wait()


async def test_close_fails_pending_requests() -> None:
    async with Peer() as peer, opened(peer) as (link, recorder):
        peer.answers["pubsub"] = silence
        waiting = asyncio.ensure_future(link.subscribe(NODE))
        await peer.until_received("subscribe")
        await link.close()
        with pytest.raises(LinkLostError):
            await waiting
        assert states(recorder) == [LinkState.CONNECTED]


async def test_many_links_in_sequence_leave_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with Peer() as peer:
        for _, end in zip(range(12), itertools.cycle(("close", "cut", "error")), strict=False):
            async with opened(peer) as (link, recorder):
                if end == "cut":
                    peer.cut()
                    await recorder.until_state(LinkState.LOST)
                elif end == "error":
                    await peer.send(stream_error("reset"))
                    await recorder.until_state(LinkState.LOST)
            assert not link.connected
    assert [record.message for record in caplog.records] == []
