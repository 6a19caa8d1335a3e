"""The link: what it tells while it lives, how it ends, and that it leaves nothing."""

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


async def test_opens_over_tls_and_says_that_it_is_connected() -> None:
    async with Peer(tls=server_context()) as peer, opened(peer) as (link, recorder):
        assert (link.connected, link.degraded, link.full_jid) == (True, False, JID)
        (event,) = recorder.states
        assert (event.state, event.error) == (LinkState.CONNECTED, None)
        assert FINESSE in event.reason


@pytest.mark.parametrize("finesse", [None, "unavailable"])
async def test_opens_degraded_when_finesse_does_not_show_up(finesse: str | None) -> None:
    async with Peer() as peer:
        peer.finesse = finesse
        async with opened(peer, timing=HASTY) as (link, recorder):
            assert (link.connected, link.degraded) == (True, True)
            assert states(recorder) == [LinkState.DEGRADED]


async def test_an_absent_finesse_need_not_be_waited_for() -> None:
    async with Peer() as peer:
        peer.finesse = "unavailable"
        async with asyncio.timeout(5), opened(peer) as (link, _):  # and not the ten it would wait
            assert link.degraded


async def test_what_comes_before_finesse_has_greeted_is_not_lost() -> None:
    async def early(peer: Peer, element: ET.Element) -> None:
        await peer.send(event_message(NODE, "<Update/>"))
        await answer_presence(peer, element)

    async with Peer() as peer:
        peer.answers["presence"] = early
        async with opened(peer) as (_, recorder):
            assert [event.payload for event in recorder.events] == ["<Update/>"]


async def test_a_link_is_opened_once() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        with pytest.raises(RuntimeError, match="opened once"):
            await link.open()
        assert link.connected


async def test_cancelling_an_open_leaves_nothing() -> None:
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


async def test_a_link_closed_while_it_dials_does_not_open() -> None:
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
        with pytest.raises(NetworkError, match="closed here"):
            await opening
        async with asyncio.timeout(5):
            await peer.gone.wait()
        assert peer.received == []


async def test_a_link_that_ends_in_the_moment_of_the_greeting_does_not_open() -> None:
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


# While it lives


async def test_notifications_come_out_in_order_and_others_do_not_disturb() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        for number in range(20):
            await peer.send(event_message(NODE, f"<Update>{number}</Update>"))
            await peer.send("<message xmlns='jabber:client' from='a@b'><body>hello</body></message>")
            await peer.send(event_message(NODE, "spoofed", sender="5002@fin.example.test/x"))
        await recorder.until(lambda r: len(r.events) == 20)
        assert [event.payload for event in recorder.events] == [f"<Update>{n}</Update>" for n in range(20)]


async def test_finesse_going_and_coming_is_told_once_each() -> None:
    async with Peer() as peer, opened(peer) as (link, recorder):
        for kind in ("available", "unavailable", "unavailable", "available"):
            await peer.send(presence(f"{FINESSE}/app", kind))
        await recorder.until(lambda r: len(r.states) == 3)
        assert states(recorder) == [LinkState.CONNECTED, LinkState.DEGRADED, LinkState.CONNECTED]
        assert link.connected


async def test_siblings_are_seen() -> None:
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


async def test_finesse_may_watch_our_presence_and_nobody_else() -> None:
    async with Peer() as peer, opened(peer):
        await peer.send(presence("5002@fin.example.test", "subscribe"))
        await peer.send(presence(f"{FINESSE}/app", "subscribe"))
        await peer.until_received('type="subscribed"')
        (approval,) = [frame for frame in peer.received if "subscribed" in frame]
        assert f'to="{FINESSE}"' in approval


async def test_the_servers_pings_are_answered_and_strange_requests_refused() -> None:
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


async def test_pings_go_to_the_domain_and_an_error_is_an_answer() -> None:
    async with Peer() as peer:
        peer.answers["ping"] = refuse("service-unavailable")
        timing = LinkTiming(ping_interval=0.02, ping_timeout=1, ping_misses=1)
        async with opened(peer, timing=timing) as (link, _):
            await peer.until_received("urn:xmpp:ping", times=5)
            assert link.connected
            (ping,) = {ET.fromstring(f).get("to") for f in peer.received if "urn:xmpp:ping" in f}
            assert ping == DOMAIN


async def test_a_listener_that_fails_does_not_cost_the_link(caplog: pytest.LogCaptureFixture) -> None:
    def fails(event: LinkEvent) -> None:
        raise RuntimeError("no")

    async with Peer() as peer:
        link = NotificationLink(identity(), peer.route, on_feed=lambda _: None, on_link=fails)
        await link.open()
        assert link.connected
        await link.close()
    assert "could not be handled" in caplog.text


# Subscriptions


async def test_subscribes_the_full_jid_lists_and_unsubscribes() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        row = await link.subscribe(NODE)
        assert row == Subscription(NODE, JID, "s1", "subscribed")
        peer.rows.append({"node": NODE, "jid": BARE, "subscription": "subscribed"})
        assert await link.subscriptions() == [row, Subscription(NODE, BARE)]
        await link.unsubscribe(row)
        assert 'subid="s1"' in peer.received[-2]
        assert "<subscriptions" in peer.received[-1]
        assert all(f'to="{PUBSUB}"' in frame for frame in peer.received if "<pubsub" in frame)


async def test_many_requests_at_once_each_get_their_own_answer() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        nodes = [f"/finesse/api/Queue/{number}" for number in range(50)]
        rows = await asyncio.gather(*(link.subscribe(node) for node in nodes))
        assert [row.node for row in rows] == nodes


async def test_a_missing_node_is_told() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        peer.answers["pubsub"] = refuse("item-not-found")
        with pytest.raises(NotFoundError):
            await link.subscribe(NODE)


async def test_a_silent_pubsub_service_ends_in_time_and_leaves_the_link() -> None:
    async with Peer() as peer, opened(peer, timing=HASTY) as (link, _):
        peer.answers["pubsub"] = silence
        with pytest.raises(NetworkError) as caught:
            await link.subscribe(NODE)
        assert caught.value.step == "subscribe"
        assert link.connected


@pytest.mark.parametrize("jid", [BARE, f"{BARE}/desktop", f"5002@{DOMAIN}/desktop"])
async def test_rows_of_others_cannot_be_removed(jid: str) -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        with pytest.raises(InvalidRequestError, match="belongs to another client"):
            await link.unsubscribe(Subscription(NODE, jid, "s1"))
        assert not any("unsubscribe" in frame for frame in peer.received)
        await link.unsubscribe(Subscription(NODE, f"{BARE}/mcp-finesse-test-2", "s1"))
        assert "mcp-finesse-test-2" in peer.received[-2]


# How it ends


async def ended(recorder: Recorder, state: LinkState) -> LinkEvent:
    event = await recorder.until_state(state)
    await asyncio.sleep(0.05)  # a second final state would come by then
    assert states(recorder) == [LinkState.CONNECTED, state]
    return event


async def test_a_cut_connection_is_lost() -> None:
    async with Peer() as peer, opened(peer) as (link, recorder):
        peer.cut()
        event = await ended(recorder, LinkState.LOST)
        assert isinstance(event.error, LinkLostError)
        assert not link.connected


async def test_a_server_that_shuts_down_says_so() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        await peer.send(stream_error("system-shutdown", "back at nine"))
        event = await ended(recorder, LinkState.LOST)
        assert event.reason == "the server ended the stream: system-shutdown (back at nine)"


async def test_a_server_that_closes_the_stream_is_lost() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        await peer.answers["close"](peer, ET.Element("x"))
        assert (await ended(recorder, LinkState.LOST)).reason == "the server ended the stream"


async def test_xml_that_cannot_be_read_is_lost_at_once() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        await peer.send("<message xmlns='jabber:client'>&undefined;</message>")
        assert "cannot be read" in (await ended(recorder, LinkState.LOST)).reason


async def test_a_conflict_replaces_us_for_good() -> None:
    async with Peer() as peer, opened(peer) as (link, recorder):
        await peer.send(stream_error("conflict"))
        event = await ended(recorder, LinkState.REPLACED)
        assert isinstance(event.error, ReplacedError)
        with pytest.raises(ReplacedError):
            await link.subscribe(NODE)


async def test_a_violated_policy_loses_the_link() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        await peer.send(stream_error("policy-violation", "too many stanzas"))
        event = await ended(recorder, LinkState.LOST)
        assert isinstance(event.error, LinkLostError)
        assert "too many stanzas" in event.reason


async def test_two_pings_without_answer_lose_the_link() -> None:
    async with Peer() as peer:
        peer.answers["ping"] = silence
        started = asyncio.get_running_loop().time()
        async with opened(peer, timing=HASTY) as (_, recorder):
            event = await ended(recorder, LinkState.LOST)
            assert event.reason == "2 pings in a row were not answered"
            assert 0.9 <= asyncio.get_running_loop().time() - started < 5
            assert sum("urn:xmpp:ping" in frame for frame in peer.received) == 2


async def test_any_traffic_keeps_a_link_whose_pings_go_unanswered() -> None:
    async with Peer() as peer:
        peer.answers["ping"] = silence
        timing = LinkTiming(ping_interval=0.1, ping_timeout=0.1)
        async with opened(peer, timing=timing) as (link, recorder):
            for _ in range(20):
                await peer.send(event_message(NODE, "<Update/>"))
                await asyncio.sleep(0.03)
            assert link.connected
            await ended(recorder, LinkState.LOST)


async def test_a_message_that_never_ends_is_found_by_the_pings() -> None:
    async with Peer() as peer:
        timing = LinkTiming(ping_interval=0.1, ping_timeout=0.1)
        async with opened(peer, timing=timing) as (_, recorder):
            peer.socket.transport.write(b"\x01\x05<mess")  # the first of several frames, and no more
            peer.answers["ping"] = silence
            await ended(recorder, LinkState.LOST)


async def test_requests_under_way_fail_at_once_when_the_link_ends() -> None:
    async with Peer() as peer, opened(peer) as (link, _):
        peer.answers["pubsub"] = silence
        waiting = [asyncio.ensure_future(link.subscribe(NODE)) for _ in range(3)]
        await peer.until_received("subscribe", times=3)
        peer.cut()
        async with asyncio.timeout(2):
            results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(result) for result in results] == [LinkLostError] * 3


async def test_nothing_can_be_asked_of_a_link_that_is_not_open() -> None:
    async with Peer() as peer:
        link = NotificationLink(identity(), peer.route, on_feed=lambda _: None, on_link=lambda _: None)
        with pytest.raises(LinkLostError, match="not open"):
            await link.subscriptions()
        await link.close()
        assert peer.received == []


# Close


async def test_closing_is_polite_and_silent() -> None:
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


async def test_closing_is_bounded_by_a_server_that_does_not_answer() -> None:
    async with Peer() as peer:
        peer.answers["close"] = silence
        async with opened(peer, timing=HASTY) as (link, _):
            async with asyncio.timeout(2):
                await link.close()


async def test_closing_can_be_cancelled_and_still_ends() -> None:
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


async def test_closing_after_a_loss_is_harmless_and_fails_what_waits() -> None:
    async with Peer() as peer, opened(peer) as (link, recorder):
        peer.answers["pubsub"] = silence
        waiting = asyncio.ensure_future(link.subscribe(NODE))
        await peer.until_received("subscribe")
        await link.close()
        with pytest.raises(LinkLostError):
            await waiting
        assert states(recorder) == [LinkState.CONNECTED]


async def test_many_links_one_after_the_other_leave_nothing(caplog: pytest.LogCaptureFixture) -> None:
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
