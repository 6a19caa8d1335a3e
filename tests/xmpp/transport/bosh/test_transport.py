"""A BOSH session request by request: what is sent when, delivery order, and every end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from mcp_finesse.errors import CredentialsError
from mcp_finesse.xmpp.transport.bosh import http
from mcp_finesse.xmpp.transport.bosh.body import FOOTER, Terminated, header
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming
from mcp_finesse.xmpp.transport.bosh.transport import BoshTransport
from tests.xmpp.bosh_server import BRISK, GRANTED, XBOSH, Asked, BoshServer, granted
from tests.xmpp.support import DOMAIN, HASTY, SASL, Ear, opened_by

HEADER = header(DOMAIN).encode()
MESSAGE = "<message xmlns='jabber:client' id='{}'/>"


@asynccontextmanager
async def session(
    terms: str = GRANTED, timing: BoshTiming = BRISK
) -> AsyncIterator[tuple[BoshServer, asyncio.Transport, Ear, Asked]]:
    """Yield a session with an open stream and the request held by the server. Check that nothing is left."""
    async with BoshServer() as server:
        ear = Ear()
        ear.stream_header = HEADER.decode()
        dialling = asyncio.ensure_future(server.route(timing).opener(ear, 5))
        await granted(server, terms)
        transport = await dialling
        transport.write(HEADER)
        held = await server.next()
        try:
            yield server, transport, ear, held
        finally:
            transport.abort()
            async with asyncio.timeout(5):
                await ear.lost
            await server.until_left_alone()


async def end_of(ear: Ear) -> BaseException | None:
    async with asyncio.timeout(5):
        return await ear.lost


# What is sent


async def test_session_payload_is_delivered_and_one_request_is_held() -> None:
    async with session() as (server, _, ear, held):
        assert ear.said.startswith("<stream:stream xmlns='jabber:client'")
        assert 'from="fin.example.test"' in ear.said
        assert "<mechanism>PLAIN</mechanism>" in ear.said
        assert (held.names, held.body.get("sid")) == ([], "s&1")
        assert await server.nothing_for(0.05)


async def test_stanzas_are_sent_together_with_their_namespace() -> None:
    async with session() as (server, transport, _, held):
        transport.write(b"<presence/>")
        transport.write(b" ")  # slixmpp's keep-alive
        transport.write(b"<iq type='get' id='1'/>")
        asked = await server.next()
        assert asked.rid == held.rid + 1
        assert [child.tag for child in asked.body] == ["{jabber:client}presence", "{jabber:client}iq"]


async def test_whitespace_alone_is_not_sent() -> None:
    async with session() as (server, transport, _, _):
        transport.write(b" ")
        assert await server.nothing_for(0.05)


async def test_no_more_requests_are_in_flight_than_allowed() -> None:
    async with session() as (server, transport, _, held):
        transport.write(b"<presence id='1'/>")
        second = await server.next()
        transport.write(b"<presence id='2'/>")
        assert await server.nothing_for(0.05)
        held.answer()
        third = await server.next()
        assert (third.rid, third.body[0].get("id")) == (held.rid + 2, "2")
        second.answer()
        assert await server.nothing_for(0.05)  # one held request is enough


async def test_response_is_followed_by_an_empty_request() -> None:
    async with session() as (server, _, ear, held):
        for number in range(5):
            held.answer(payload=MESSAGE.format(number))
            held = await server.next()
            assert held.names == []
        assert ear.said.count("<message") == 5
        assert server.connections == 1  # kept alive


async def test_stanza_written_after_a_response_replaces_the_empty_request() -> None:
    async with session(timing=replace(BRISK, settle=0.2)) as (server, transport, ear, held):
        held.answer(payload=MESSAGE.format(1))
        await ear.until_said("<message")
        transport.write(b"<presence/>")
        assert (await server.next(0.15)).names == ["presence"]


async def test_overlapping_requests_are_spaced() -> None:
    async with session(timing=replace(BRISK, spacing=0.1)) as (server, transport, _, held):
        held.answer()
        await server.next()  # the empty request was just sent
        transport.write(b"<presence/>")
        assert await server.nothing_for(0.05)
        assert (await server.next()).names == ["presence"]


async def test_session_that_holds_no_request_polls_at_the_allowed_rate() -> None:
    terms = "sid='1' wait='0' hold='0' requests='1' polling='1' inactivity='60'"
    async with session(terms) as (server, transport, _, held):
        held.answer()
        assert await server.nothing_for(0.1)
        transport.write(b"<presence/>")  # sent without waiting for the next poll
        asked = await server.next(0.5)
        assert asked.names == ["presence"]
        asked.answer()
        assert (await server.next(2)).names == []


async def test_stream_restart_after_login_is_sent_alone() -> None:
    async with session() as (server, transport, ear, held):
        held.answer(payload=f"<success xmlns='{SASL}'/>")
        await ear.until_said("<success")
        transport.write(HEADER)
        transport.write(b"<iq type='set' id='bind'/>")
        asked = await server.next()
        assert (asked.body.get(f"{XBOSH}restart"), asked.body.get("to")) == ("true", DOMAIN)
        assert asked.names == []
        after = await server.next()
        assert after.names == ["iq"]
        asked.answer(payload="<stream:features/>")
        await ear.until_said("<stream:features/>")
        assert ear.said.count("<stream:stream") == 2


async def test_ack_reports_which_responses_have_arrived() -> None:
    async with session() as (server, transport, _, held):
        assert held.body.get("ack") is None  # the preceding response
        transport.write(b"<presence/>")
        assert (await server.next()).body.get("ack") == str(held.rid - 1)


# Responses


async def test_responses_arriving_out_of_order_are_delivered_in_order() -> None:
    async with session() as (server, transport, ear, held):
        transport.write(b"<presence/>")
        asked = await server.next()
        asked.answer(payload=MESSAGE.format("second"))
        assert await server.nothing_for(0.05)
        assert "<message" not in ear.said
        held.answer(payload=MESSAGE.format("first"))
        assert (await server.next()).rid == asked.rid + 1
        assert ear.said.index("first") < ear.said.index("second")


async def lose_by_cutting(asked: Asked) -> None:
    asked.cut()


async def lose_by_a_gateway(asked: Asked) -> None:
    asked.answer_http("<html/>", 502, "text/html")


async def lose_by_a_page(asked: Asked) -> None:
    asked.answer_http("<html><body>busy</body></html>", kind="text/html")


async def lose_half_of_it(asked: Asked) -> None:
    asked.answer_http("<body xmlns='http://jabber.org/protocol/httpbind'><message")


LOSSES = [lose_by_cutting, lose_by_a_gateway, lose_by_a_page, lose_half_of_it]


@pytest.mark.parametrize("lose", LOSSES)
async def test_lost_response_is_requested_again_with_the_same_bytes(lose: Any) -> None:
    async with session() as (server, transport, ear, held):
        transport.write(b"<presence/>")
        asked = await server.next()
        await lose(asked)
        again = await server.next()
        assert again.raw == asked.raw
        again.answer(payload=MESSAGE.format(2))
        held.answer(payload=MESSAGE.format(1))
        await ear.until_said("id='2'")
        assert ear.said.count("<message") == 2
        assert (await server.next()).rid == asked.rid + 1


async def test_response_to_a_repeated_request_is_reported_as_possible_loss() -> None:
    async with session() as (server, transport, ear, held):
        transport.write(b"<presence/>")
        asked = await server.next()
        asked.cut()
        again = await server.next()
        held.answer(payload=MESSAGE.format(1))
        await ear.until_said("id='1'")
        assert ear.losses == []
        again.answer(payload=MESSAGE.format(2))
        await ear.until_said("id='2'")
        assert len(ear.losses) == 1
        assert "response" in ear.losses[0]


async def test_earlier_unanswered_requests_are_sent_again_with_the_lost_one() -> None:
    """XEP-0124 17.3: the server gets what was lost on a connection that still seems open."""
    async with session() as (server, transport, ear, held):
        transport.write(b"<presence/>")
        asked = await server.next()
        asked.answer("type='error'")
        again = [await server.next(), await server.next()]
        assert [one.raw for one in again] == [held.raw, asked.raw]
        for number, one in enumerate(again):
            one.answer(payload=MESSAGE.format(number))
        await ear.until_said("id='1'")
        assert ear.said.index("id='0'") < ear.said.index("id='1'")
        assert (await server.next()).rid == asked.rid + 1


async def test_terminated_session_ends_although_an_earlier_response_is_missing() -> None:
    async with session() as (server, transport, ear, _):
        transport.write(b"<presence/>")
        (await server.next()).answer("type='terminate' condition='system-shutdown'")
        async with asyncio.timeout(2):
            assert "the server is shutting down" in str(await end_of(ear))


async def until_broken(transport: BoshTransport) -> None:
    """Wait until the transport has noticed a broken connection."""
    async with asyncio.timeout(1):
        while transport._order.whole:  # noqa: ASYNC110 - noticed as soon as the loop has run
            await asyncio.sleep(0)


async def test_new_request_waits_until_the_broken_one_was_sent_again() -> None:
    async with session(timing=replace(BRISK, backoff=0.2)) as (server, transport, _, held):
        held.cut()
        await until_broken(transport)
        transport.write(b"<presence/>")
        assert (await server.next()).raw == held.raw
        assert (await server.next()).names == ["presence"]


async def test_requests_broken_together_are_sent_again_in_order() -> None:
    async with session(timing=replace(BRISK, backoff=0.3)) as (server, transport, ear, held):
        transport.write(b"<presence/>")
        asked = await server.next()
        asked.cut()
        await until_broken(transport)  # so that its pause ends first
        held.cut()
        again = [await server.next(), await server.next()]
        assert [one.raw for one in again] == [held.raw, asked.raw]
        for number, one in enumerate(again):
            one.answer(payload=MESSAGE.format(number))
        await ear.until_said("id='1'")


async def test_repeatedly_lost_response_ends_the_session() -> None:
    async with session() as (server, transport, ear, held):
        for _ in range(3):
            held.cut()
            again = await server.next()
            assert again.raw == held.raw
            held = again
        held.answer_http("", 503, "text/plain")
        assert str(await end_of(ear)) == "the server responded with HTTP 503 with text/plain"
        assert transport.is_closing()
        assert await server.nothing_for(0.05)


async def test_late_response_counts_as_lost() -> None:
    terms = "sid='1' wait='0' hold='1' requests='2' inactivity='30'"
    async with session(terms, replace(BRISK, margin=0.05, tries=2)) as (server, _, ear, held):
        assert (await server.next()).raw == held.raw
        assert str(await end_of(ear)) == "no response in time"


async def test_endless_response_ends_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    async with session() as (_, _, ear, held):
        monkeypatch.setattr(http, "MAX_ANSWER", 1000)
        held.answer(payload="x" * 2000)
        assert str(await end_of(ear)) == "an incomplete response"


# How the session ends


@pytest.mark.parametrize(
    ("status", "attributes", "condition"),
    [
        (404, "", "item-not-found"),
        (403, "", "policy-violation"),
        (400, "", "bad-request"),
        (200, "type='terminate' condition='item-not-found'", "item-not-found"),
        (200, "type='terminate' condition='system-shutdown'", "system-shutdown"),
        (200, "type='terminate' condition='policy-violation'", "policy-violation"),
        (200, "type='terminate' condition='remote-stream-error'", "remote-stream-error"),
    ],
)
async def test_session_ended_by_the_server_reports_the_condition(
    status: int, attributes: str, condition: str
) -> None:
    async with session() as (server, _, ear, held):
        if status == 200:
            held.answer(attributes)
        else:
            held.answer_http("", status)
        ended = await end_of(ear)
        assert isinstance(ended, Terminated)
        assert ended.condition == condition
        assert await server.nothing_for(0.05)  # the session is gone, so no terminate is sent


async def test_payload_of_the_last_response_is_delivered_before_the_end() -> None:
    async with session() as (_, _, ear, held):
        held.answer(
            "type='terminate' condition='remote-stream-error'", "<stream:error><reset/></stream:error>"
        )
        await end_of(ear)
        assert ear.said.endswith("<stream:error><reset/></stream:error>")


async def test_termination_without_condition_ends_the_stream() -> None:
    async with session() as (_, _, ear, held):
        held.answer("type='terminate'")
        await end_of(ear)
        assert ear.said.endswith("</stream:stream>")


async def test_conflict_condition_becomes_a_stream_error() -> None:
    async with session() as (_, _, ear, held):
        held.answer("type='terminate' condition='conflict'")
        await end_of(ear)
        assert "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>" in ear.said


async def test_close_sends_pending_stanzas_and_waits_for_the_response() -> None:
    async with session() as (server, transport, ear, held):
        transport.write(b"<presence type='unavailable'/>")
        transport.write(FOOTER.encode())
        assert transport.is_closing()
        transport.write(b"<presence/>")
        goodbye = await server.next()
        assert (goodbye.body.get("type"), goodbye.names) == ("terminate", ["presence"])
        assert goodbye.rid == held.rid + 1
        assert not ear.lost.done()
        goodbye.answer("type='terminate'")
        assert await end_of(ear) is None


async def test_response_to_the_held_request_may_complete_the_close() -> None:
    async with session() as (server, transport, ear, held):
        transport.write(FOOTER.encode())
        await server.next()
        held.answer("type='terminate' condition='other-request'")
        assert await end_of(ear) is None


async def test_close_may_exceed_the_request_limit_and_accepts_any_response() -> None:
    async with session() as (server, transport, ear, _):
        transport.write(b"<presence/>")
        await server.next()
        transport.write(FOOTER.encode())
        goodbye = await server.next()
        goodbye.answer_http("", 404)
        assert await end_of(ear) is None


async def test_aborted_session_is_terminated_on_the_server() -> None:
    async with session() as (server, transport, ear, _):
        transport.close()  # slixmpp calls one right after the other
        transport.abort()
        assert (await server.next()).body.get("type") == "terminate"
        assert await end_of(ear) is None  # although the server does not respond
        transport.close()
        transport.abort()


async def test_nothing_is_delivered_after_the_end() -> None:
    async with session() as (_, transport, ear, held):
        held.answer(payload=MESSAGE.format(1))
        transport.abort()
        assert await end_of(ear) is None
        assert "<message" not in ear.said


async def test_abort_before_the_stream_was_opened_delivers_nothing() -> None:
    async with BoshServer() as server:
        ear = Ear()
        ear.stream_header = HEADER.decode()
        dialling = asyncio.ensure_future(server.route().opener(ear, 5))
        await granted(server)
        transport = await dialling
        transport.write(HEADER)
        transport.abort()
        assert await end_of(ear) is None
        assert ear.data == []


async def test_failing_stream_ends_the_session_and_is_reported() -> None:
    loop = asyncio.get_running_loop()
    reported: list[dict[str, Any]] = []
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: reported.append(context))
    try:
        async with session() as (_, _, ear, held):
            ear.data_received = lambda _: 1 / 0  # type: ignore[assignment, method-assign]
            held.answer(payload=MESSAGE.format(1))
            assert isinstance(await end_of(ear), ZeroDivisionError)
    finally:
        loop.set_exception_handler(before)
    assert isinstance(reported[0]["exception"], ZeroDivisionError)


async def test_cancelled_request_ends_the_session() -> None:
    async with session() as (_, _, ear, _):
        for task in asyncio.all_tasks():
            if "BoshTransport._exchange" in repr(task):
                task.cancel()
        assert str(await end_of(ear)) == "a request was cancelled"


async def test_any_failure_of_a_request_ends_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("broken")

    async with session() as (_, transport, ear, _):
        monkeypatch.setattr(http.BoshHttp, "deliver", broken)
        transport.write(b"<presence/>")
        assert str(await end_of(ear)) == "broken"


# Below a link


async def test_rejected_login_is_sent_once_and_ends_the_session() -> None:
    async with BoshServer() as server:

        async def open_it() -> None:
            with pytest.raises(CredentialsError):
                async with opened_by(server.route(), timing=HASTY):
                    pass

        opening = asyncio.ensure_future(open_it())
        await granted(server)
        asked = await server.next()
        if not asked.names:
            held, asked = asked, await server.next()
            held.answer()
        assert asked.names == ["auth"]
        asked.answer(payload=f"<failure xmlns='{SASL}'><not-authorized/></failure>")
        while (asked := await server.next()).body.get("type") != "terminate":
            assert asked.names == []
            asked.answer()
        asked.answer("type='terminate'")
        await opening
        await server.until_left_alone()


async def test_server_that_holds_no_request_is_asked_less_and_less_often() -> None:
    async with session() as (server, _, _, held):
        asked = 0
        asking = held
        loop = asyncio.get_running_loop()
        end = loop.time() + 1.0
        while loop.time() < end:
            asking.answer()
            asked += 1
            asking = await server.next()
        assert asked < 15
        asking.answer(payload=MESSAGE.format("1"))  # a payload restores the pace
        await server.next(0.5)
