"""Test the rules of one BOSH session without HTTP: answers in a list, timers and clock set by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from mcp_finesse.simulator.openfire.bosh.body import Reply, read_body
from mcp_finesse.simulator.openfire.bosh.session import MAX_WAITING, BoshSession
from mcp_finesse.simulator.openfire.session import Stage, XmppSession
from mcp_finesse.simulator.openfire.stanzas import parse
from mcp_finesse.simulator.openfire_settings import OpenfireSettings, RepeatedRid
from tests.simulator.openfire.test_session import AUTH, BIND, Host, Timer
from tests.simulator.support_bosh import PING, RESTART, wrapped
from tests.simulator.support_xmpp import DOMAIN, tag


class Bosh:
    """A session whose client sends what a test says; the first rid is 100."""

    def __init__(self, repeated_rid: RepeatedRid = "saved", **terms: object) -> None:
        self.now = 0.0
        self.timers: list[Timer] = []
        self.ends = 0
        self.host = Host(OpenfireSettings())
        target: dict[str, object] = {"to": DOMAIN, "wait": 60, "hold": 1, "ver": "1.6", **terms}
        request = read_body(wrapped(rid=100, **target).encode())
        self.session = BoshSession(request, lambda: self.now, self._later, 0.5, self._ended, repeated_rid)
        self.stream = XmppSession(self.host, self.session)
        self.created = self.session.begin(self.stream)

    def _later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        self.timers.append(Timer(seconds, callback))
        return self.timers[-1]

    def _ended(self, session: BoshSession) -> None:
        assert session is self.session
        self.ends += 1

    def request(
        self, rid: int, content: str = "", more: str = "", **attributes: object
    ) -> list[Reply | None]:
        """Send a request; return the list its answers are added to, now or later."""
        answers: list[Reply | None] = []
        text = wrapped(content, rid=rid, sid="s", **attributes).replace("<body", f"<body {more}", 1)
        self.session.take(read_body(text.encode()), answers.append)
        return answers

    def logged_in(self) -> Bosh:
        """Log in and bind; the next rid is 104."""
        assert read(self.request(101, AUTH))[0].tag == tag("sasl:success")
        assert read(self.request(102, more=RESTART))[0].tag == tag("stream:features")
        assert read(self.request(103, BIND % "bosh-1"))[0].tag == tag("c:iq")
        assert self.stream.stage is Stage.BOUND
        return self

    def fire(self) -> None:
        """Let the running timers expire."""
        for timer in [timer for timer in self.timers if not timer.cancelled]:
            timer.cancel()
            timer.callback()


def read(answers: list[Reply | None]) -> Element:
    """Return the only answer."""
    (answer,) = answers
    assert answer is not None
    return parse(answer.body)


def attributes(answers: list[Reply | None]) -> dict[str, str]:
    element = read(answers)
    assert not len(element)
    return element.attrib


TERMINATE = {"type": "terminate"}


def failure(condition: str) -> dict[str, str]:
    return {**TERMINATE, "condition": condition}


# The start


def test_session_response_states_the_negotiated_terms() -> None:
    bosh = Bosh(wait=45, hold=1, ver="1.11")
    reply = parse(bosh.created.body)
    assert reply.attrib == {
        "from": DOMAIN,
        "authid": bosh.session.sid,
        "sid": bosh.session.sid,
        "secure": "true",
        "requests": "2",
        "inactivity": "30",
        "polling": "5",
        "wait": "45",
        "hold": "1",
        "ack": "100",
        "maxpause": "300",
        "ver": "1.11",
    }
    assert [child.tag for child in reply] == [tag("stream:features")]
    assert "xmlns:stream" in bosh.created.body.split(">")[0]


def test_old_client_gets_no_new_attributes() -> None:
    reply = parse(Bosh(ver="1.5").created.body)
    assert not {"hold", "ack", "maxpause", "ver"} & set(reply.keys())


def test_restart_response_contains_only_features() -> None:
    bosh = Bosh()
    bosh.request(101, AUTH)
    (answer,) = bosh.request(102, more=RESTART)
    assert answer is not None
    assert answer.body.startswith('<body xmlns="http://jabber.org/protocol/httpbind" xmlns:stream=')
    assert parse(answer.body).attrib == {}
    assert [child.tag for child in parse(answer.body)] == [tag("stream:features")]


def test_unexpected_restart_is_a_stream_error() -> None:
    bosh = Bosh().logged_in()
    error = read(bosh.request(104, more=RESTART))[0]
    assert (error.tag, error[0].tag) == (tag("stream:error"), tag("streams:unsupported-stanza-type"))
    assert bosh.ends == 1


# Held requests


def test_empty_request_is_held_until_there_is_data() -> None:
    bosh = Bosh().logged_in()
    held = bosh.request(104)
    assert held == []
    bosh.stream.send("<a xmlns='urn:x'/>")
    assert [child.tag for child in read(held)] == ["{urn:x}a"]


def test_data_without_a_held_request_is_sent_together() -> None:
    bosh = Bosh().logged_in()
    for name in "abc":
        bosh.stream.send(f"<{name} xmlns='urn:x'/>")
    assert [child.tag[-1] for child in read(bosh.request(104))] == ["a", "b", "c"]


def test_request_is_held_no_longer_than_the_client_requested() -> None:
    bosh = Bosh(wait=60).logged_in()
    held = bosh.request(104)
    assert [timer.seconds for timer in bosh.timers if not timer.cancelled] == [30]  # time scale 0.5
    bosh.fire()
    assert attributes(held) == {}


def test_second_request_releases_the_first_and_gets_the_answer() -> None:
    bosh = Bosh().logged_in()
    first = bosh.request(104)
    second = bosh.request(105, PING % "p")
    assert attributes(first) == {"ack": "105"}
    assert read(second)[0].tag.endswith("answer")


def test_held_requests_are_limited_by_hold() -> None:
    bosh = Bosh(hold=2).logged_in()
    first, second = bosh.request(104), bosh.request(105)
    assert first == second == []
    bosh.stream.send("<a xmlns='urn:x'/>")
    assert read(first).attrib == {"ack": "105"}
    assert second == []


def test_requests_are_processed_in_the_order_of_their_rid() -> None:
    bosh = Bosh().logged_in()
    later = bosh.request(105, "<presence xmlns='jabber:client' id='2'/>")
    assert bosh.host.presences == []
    earlier = bosh.request(104, "<presence xmlns='jabber:client' id='1'/>")
    assert [stanza.get("id") for stanza in bosh.host.presences] == ["1", "2"]
    assert attributes(earlier) == {"ack": "105"}
    assert later == []


def test_request_after_a_gap_gets_no_data() -> None:
    bosh = Bosh().logged_in()
    beyond = bosh.request(105)
    bosh.stream.send("<a xmlns='urn:x'/>")
    assert beyond == []
    assert [child.tag for child in read(bosh.request(104))] == ["{urn:x}a"]


# Requests sent again


def test_lost_reply_is_sent_again() -> None:
    bosh = Bosh().logged_in()
    bosh.request(104)
    bosh.stream.send("<a xmlns='urn:x'/>")
    assert [child.tag for child in read(bosh.request(104))] == ["{urn:x}a"]
    assert bosh.request(103) != []
    assert bosh.request(102) != []
    assert bosh.ends == 0


def test_repeated_rid_mode_buffer_loses_one_event_and_repeats_another() -> None:
    bosh = Bosh(repeated_rid="buffer").logged_in()
    bosh.request(104)  # the answer to this one is lost
    bosh.stream.send("<a xmlns='urn:x'/>")
    bosh.stream.send("<b xmlns='urn:x'/>")
    assert [child.tag for child in read(bosh.request(104))] == ["{urn:x}b"]
    assert [child.tag for child in read(bosh.request(105))] == ["{urn:x}b"]


def test_only_the_last_replies_are_kept() -> None:
    bosh = Bosh().logged_in()
    assert attributes(bosh.request(100)) == failure("item-not-found")
    assert bosh.ends == 1


def test_repeated_held_request_replaces_the_first_copy() -> None:
    bosh = Bosh().logged_in()
    old = bosh.request(104, "<presence xmlns='jabber:client'/>")
    new = bosh.request(104, "<presence xmlns='jabber:client'/>")
    assert attributes(old) == {}
    assert new == []
    assert len(bosh.host.presences) == 1
    bosh.stream.send("<a xmlns='urn:x'/>")
    assert len(read(new)) == 1


def test_rid_beyond_the_window_ends_the_session() -> None:
    bosh = Bosh().logged_in()
    held = bosh.request(104)
    assert attributes(bosh.request(107)) == failure("item-not-found")
    assert attributes(held) == TERMINATE
    assert bosh.host.ended == [bosh.stream]


def test_old_client_gets_an_http_status_instead_of_a_condition() -> None:
    (answer,) = Bosh(ver="1.5").request(200)
    assert answer == Reply("", 404)


# Too much


def test_too_many_requests_end_the_session() -> None:
    bosh = Bosh(hold=2).logged_in()
    first, second = bosh.request(104), bosh.request(105)
    assert attributes(bosh.request(106)) == failure("policy-violation")
    assert attributes(first) == {**TERMINATE, "ack": "105"}
    assert attributes(second) == {}


@pytest.mark.parametrize("more", [{"type": "terminate"}, {"pause": 60}])
def test_one_more_request_is_allowed_to_terminate_or_pause(more: dict[str, Any]) -> None:
    bosh = Bosh(hold=2).logged_in()
    bosh.request(104), bosh.request(105)
    assert "condition" not in attributes(bosh.request(106, **more))


@pytest.mark.parametrize("terms", [{"hold": 0}, {"wait": 0}])
def test_too_frequent_polling_ends_a_polling_session(terms: dict[str, Any]) -> None:
    bosh = Bosh(**terms)
    first = bosh.request(101)
    bosh.fire()
    assert attributes(first) == {}
    bosh.now = 2.6  # the polling interval is 5 s, the time scale 0.5
    second = bosh.request(102)
    bosh.fire()
    assert attributes(second) == {}
    bosh.now = 5
    assert attributes(bosh.request(103)) == failure("policy-violation")


def test_client_that_fetches_nothing_is_dropped() -> None:
    bosh = Bosh().logged_in()
    for _ in range(MAX_WAITING + 1):
        bosh.stream.send("<a xmlns='urn:x'/>")
    assert bosh.ends == 1
    bosh.stream.send("<late/>")
    bosh.fire()
    assert bosh.host.ended == [bosh.stream]


# The end


def test_terminate_ends_the_session() -> None:
    bosh = Bosh().logged_in()
    held = bosh.request(104)
    stanza = "<presence xmlns='jabber:client' type='unavailable'/>"
    assert attributes(bosh.request(105, stanza, type="terminate")) == TERMINATE
    assert attributes(held) == {**TERMINATE, "ack": "105"}
    assert [stanza.get("type") for stanza in bosh.host.presences] == ["unavailable"]
    assert (bosh.ends, bosh.host.ended) == (1, [bosh.stream])


def test_stream_error_replaces_the_reply_to_terminate() -> None:
    bosh = Bosh().logged_in()
    error = read(bosh.request(104, "<what xmlns='urn:x'/>", type="terminate"))[0]
    assert error.tag == tag("stream:error")


def test_conflict_is_delivered_as_stream_error_and_the_next_request_terminates() -> None:
    bosh = Bosh(hold=2).logged_in()
    first, second = bosh.request(104), bosh.request(105)
    bosh.stream.end("conflict")
    reply = read(first)
    assert (reply.get("type"), reply[0].tag) == (None, tag("stream:error"))
    assert attributes(second) == TERMINATE


def test_stream_error_without_a_held_request_is_lost() -> None:
    bosh = Bosh().logged_in()
    bosh.stream.end("conflict")
    assert (bosh.session.ended, bosh.ends) == (True, 1)
    bosh.session.close_stream()
    assert bosh.ends == 1


def test_abort_cuts_held_requests() -> None:
    bosh = Bosh().logged_in()
    held = bosh.request(104)
    bosh.stream.abort()
    assert held == [None]
    assert bosh.ends == 1


def test_absent_client_loses_its_session() -> None:
    bosh = Bosh().logged_in()
    held = bosh.request(104)
    bosh.now = 100
    bosh.session.check()  # a request is held
    bosh.fire()
    assert attributes(held) == {}
    bosh.now = 115
    bosh.session.check()  # 15 s are 30 s of inactivity with this time scale
    assert bosh.ends == 0
    bosh.now = 115.1
    bosh.session.check()
    assert (bosh.ends, bosh.host.ended) == (1, [bosh.stream])


def test_pause_extends_the_absence_until_the_client_returns() -> None:
    bosh = Bosh().logged_in()
    held = bosh.request(104)
    assert attributes(bosh.request(105, pause=300)) == {}
    assert attributes(held) == {"ack": "105"}
    bosh.now = 149
    bosh.session.check()
    assert bosh.ends == 0
    bosh.request(106)
    bosh.fire()
    bosh.now += 16
    bosh.session.check()
    assert bosh.ends == 1


def test_overlong_pause_ends_the_session() -> None:
    bosh = Bosh().logged_in()
    assert attributes(bosh.request(104, pause=301)) == failure("policy-violation")
    assert bosh.ends == 1
