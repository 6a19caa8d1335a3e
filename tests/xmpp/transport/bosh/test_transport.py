"""A BOSH session request by request: what is sent when, what goes up in which order, and every end."""

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
    """A session whose stream is open, and the request that the server now holds; nothing is left at the end."""
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


async def test_what_came_with_the_session_goes_up_and_a_request_is_left_with_the_server() -> None:
    async with session() as (server, _, ear, held):
        assert ear.said.startswith("<stream:stream xmlns='jabber:client'")
        assert 'from="fin.example.test"' in ear.said
        assert "<mechanism>PLAIN</mechanism>" in ear.said
        assert (held.names, held.body.get("sid")) == ([], "s&1")
        assert await server.nothing_for(0.05)


async def test_stanzas_go_at_once_together_and_with_their_namespace() -> None:
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


async def test_no_more_requests_are_under_way_than_allowed() -> None:
    async with session() as (server, transport, _, held):
        transport.write(b"<presence id='1'/>")
        second = await server.next()
        transport.write(b"<presence id='2'/>")
        assert await server.nothing_for(0.05)
        held.answer()
        third = await server.next()
        assert (third.rid, third.body[0].get("id")) == (held.rid + 2, "2")
        second.answer()
        assert await server.nothing_for(0.05)  # one is held: that is enough


async def test_an_answer_is_followed_by_the_next_empty_request() -> None:
    async with session() as (server, _, ear, held):
        for number in range(5):
            held.answer(payload=MESSAGE.format(number))
            held = await server.next()
            assert held.names == []
        assert ear.said.count("<message") == 5
        assert server.connections == 1  # kept alive


async def test_what_is_said_upon_an_answer_needs_no_empty_request_before_it() -> None:
    async with session(timing=replace(BRISK, settle=0.2)) as (server, transport, ear, held):
        held.answer(payload=MESSAGE.format(1))
        await ear.until_said("<message")
        transport.write(b"<presence/>")
        assert (await server.next(0.15)).names == ["presence"]


async def test_requests_that_overlap_leave_apart() -> None:
    async with session(timing=replace(BRISK, spacing=0.1)) as (server, transport, _, held):
        held.answer()
        await server.next()  # the empty request has just left
        transport.write(b"<presence/>")
        assert await server.nothing_for(0.05)
        assert (await server.next()).names == ["presence"]


async def test_a_session_that_holds_nothing_is_polled_as_often_as_allowed_and_no_oftener() -> None:
    terms = "sid='1' wait='0' hold='0' requests='1' polling='1' inactivity='60'"
    async with session(terms) as (server, transport, _, held):
        held.answer()
        assert await server.nothing_for(0.1)
        transport.write(b"<presence/>")  # need not wait for the next poll
        asked = await server.next(0.5)
        assert asked.names == ["presence"]
        asked.answer()
        assert (await server.next(2)).names == []


async def test_after_the_login_the_new_stream_is_asked_for_alone() -> None:
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


async def test_a_server_that_wants_to_know_is_told_which_answers_have_arrived() -> None:
    async with session() as (server, transport, _, held):
        assert held.body.get("ack") is None  # the one before
        transport.write(b"<presence/>")
        assert (await server.next()).body.get("ack") == str(held.rid - 1)


# What comes back


async def test_answers_that_overtake_each_other_go_up_in_order() -> None:
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
async def test_a_lost_answer_is_asked_for_with_the_same_bytes(lose: Any) -> None:
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


async def test_the_answer_to_a_repeated_request_counts_as_a_possible_loss_before_its_stanzas() -> None:
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
        assert "answer" in ear.losses[0]


async def test_what_was_sent_before_and_has_no_answer_goes_again_with_it() -> None:
    """XEP-0124 17.3: so a server gets what was lost on the way, though its connection seems to stand."""
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


async def test_a_session_that_is_terminated_is_over_though_an_earlier_answer_is_missing() -> None:
    async with session() as (server, transport, ear, _):
        transport.write(b"<presence/>")
        (await server.next()).answer("type='terminate' condition='system-shutdown'")
        async with asyncio.timeout(2):
            assert "it shuts down" in str(await end_of(ear))


async def until_broken(transport: BoshTransport) -> None:
    """Until it has noticed that a connection broke."""
    async with asyncio.timeout(1):
        while transport._order.whole:  # noqa: ASYNC110 - it is known as soon as the loop has looked
            await asyncio.sleep(0)


async def test_nothing_new_is_sent_before_what_has_to_go_again() -> None:
    async with session(timing=replace(BRISK, backoff=0.2)) as (server, transport, _, held):
        held.cut()
        await until_broken(transport)
        transport.write(b"<presence/>")
        assert (await server.next()).raw == held.raw
        assert (await server.next()).names == ["presence"]


async def test_requests_that_broke_together_go_again_in_their_order() -> None:
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


async def test_an_answer_that_is_lost_again_and_again_is_given_up() -> None:
    async with session() as (server, transport, ear, held):
        for _ in range(3):
            held.cut()
            again = await server.next()
            assert again.raw == held.raw
            held = again
        held.answer_http("", 503, "text/plain")
        assert str(await end_of(ear)) == "it answered HTTP 503 with text/plain"
        assert transport.is_closing()
        assert await server.nothing_for(0.05)


async def test_an_answer_that_is_too_late_is_a_lost_one() -> None:
    terms = "sid='1' wait='0' hold='1' requests='2' inactivity='30'"
    async with session(terms, replace(BRISK, margin=0.05, tries=2)) as (server, _, ear, held):
        assert (await server.next()).raw == held.raw
        assert str(await end_of(ear)) == "no answer in time"


async def test_an_answer_without_end_ends_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    async with session() as (_, _, ear, held):
        monkeypatch.setattr(http, "MAX_ANSWER", 1000)
        held.answer(payload="x" * 2000)
        assert str(await end_of(ear)) == "an answer without end"


# How it ends


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
async def test_a_server_that_ends_the_session_says_why(status: int, attributes: str, condition: str) -> None:
    async with session() as (server, _, ear, held):
        if status == 200:
            held.answer(attributes)
        else:
            held.answer_http("", status)
        ended = await end_of(ear)
        assert isinstance(ended, Terminated)
        assert ended.condition == condition
        assert await server.nothing_for(0.05)  # nobody is there to say goodbye to


async def test_what_comes_with_the_end_goes_up_before_it() -> None:
    async with session() as (_, _, ear, held):
        held.answer(
            "type='terminate' condition='remote-stream-error'", "<stream:error><reset/></stream:error>"
        )
        await end_of(ear)
        assert ear.said.endswith("<stream:error><reset/></stream:error>")


async def test_an_end_without_a_reason_is_that_of_the_stream() -> None:
    async with session() as (_, _, ear, held):
        held.answer("type='terminate'")
        await end_of(ear)
        assert ear.said.endswith("</stream:stream>")


async def test_a_conflict_that_is_said_by_boshs_attribute_alone_becomes_the_stream_error() -> None:
    async with session() as (_, _, ear, held):
        held.answer("type='terminate' condition='conflict'")
        await end_of(ear)
        assert "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>" in ear.said


async def test_our_end_takes_along_what_was_written_and_waits_for_the_answer() -> None:
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


async def test_the_answer_to_a_held_request_may_end_our_end_as_ejabberd_s_does() -> None:
    async with session() as (server, transport, ear, held):
        transport.write(FOOTER.encode())
        await server.next()
        held.answer("type='terminate' condition='other-request'")
        assert await end_of(ear) is None


async def test_our_end_may_exceed_the_number_of_requests_and_needs_no_answer_that_makes_sense() -> None:
    async with session() as (server, transport, ear, _):
        transport.write(b"<presence/>")
        await server.next()
        transport.write(FOOTER.encode())
        goodbye = await server.next()
        goodbye.answer_http("", 404)
        assert await end_of(ear) is None


async def test_a_session_that_is_given_up_is_ended_at_the_server_too() -> None:
    async with session() as (server, transport, ear, _):
        transport.close()  # slixmpp does one right after the other
        transport.abort()
        assert (await server.next()).body.get("type") == "terminate"
        assert await end_of(ear) is None  # though the server does not answer
        transport.close()
        transport.abort()


async def test_nothing_goes_up_after_the_end() -> None:
    async with session() as (_, transport, ear, held):
        held.answer(payload=MESSAGE.format(1))
        transport.abort()
        assert await end_of(ear) is None
        assert "<message" not in ear.said


async def test_an_end_before_the_stream_was_opened_leaves_nothing_to_be_said() -> None:
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


async def test_a_stream_that_fails_ends_the_session_and_is_reported() -> None:
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


async def test_a_request_that_is_cancelled_from_outside_ends_the_session() -> None:
    async with session() as (_, _, ear, _):
        for task in asyncio.all_tasks():
            if "BoshTransport._exchange" in repr(task):
                task.cancel()
        assert str(await end_of(ear)) == "a request was cancelled"


async def test_a_failure_of_any_kind_below_ends_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("broken")

    async with session() as (_, transport, ear, _):
        monkeypatch.setattr(http.BoshHttp, "deliver", broken)
        transport.write(b"<presence/>")
        assert str(await end_of(ear)) == "broken"


# Below a link


async def test_a_refused_login_is_one_attempt_and_ends_the_session_at_the_server() -> None:
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


async def test_a_server_that_holds_no_request_is_asked_ever_less_often() -> None:
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
        asking.answer(payload=MESSAGE.format("1"))  # something to say: the pace is as before
        await server.next(0.5)
