"""Test the life of one stream without a connection: the endpoint is a list, timers are run by hand."""

from __future__ import annotations

import base64
from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.session import Stage, XmppSession
from mcp_finesse.simulator.openfire.stanzas import StanzaError, parse
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from mcp_finesse.simulator.publishing.publication import AuthResult
from tests.simulator.support_xmpp import DOMAIN, NS, tag

LOGIN = base64.b64encode(b"\0001001\0secret").decode()
AUTH = f"<auth xmlns='{NS['sasl']}' mechanism='PLAIN'>{LOGIN}</auth>"
BIND = f"<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='{NS['bind']}'>%s</bind></iq>"
PING = "<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>"


class ListEndpoint:
    """Records what a session sends; stream headers, ends and aborts as words."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def open_stream(self, stream_id: str) -> None:
        self.sent.append(f"open {stream_id}")

    def send(self, element: str) -> None:
        self.sent.append(element)

    def close_stream(self) -> None:
        self.sent.append("close")

    def abort(self) -> None:
        self.sent.append("abort")

    def take(self) -> list[str]:
        sent, self.sent = self.sent, []
        return sent

    def last(self) -> Element:
        return parse(self.sent[-1])


class Timer:
    def __init__(self, seconds: float, callback: Callable[[], None]) -> None:
        self.seconds = seconds
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Host:
    """A server that accepts 1001 and records its calls."""

    domain = DOMAIN

    def __init__(self, openfire: OpenfireSettings) -> None:
        self.openfire = openfire
        self.silent = False
        self.timers: list[Timer] = []
        self.ticks = 0
        self.bound: list[Jid] = []
        self.presences: list[Element] = []
        self.requests: list[Element] = []
        self.ended: list[XmppSession] = []
        self.conflict = False

    def later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        self.timers.append(Timer(seconds, callback))
        return self.timers[-1]

    @property
    def timer(self) -> Timer:
        """Return the only running timer."""
        (timer,) = [timer for timer in self.timers if not timer.cancelled]
        return timer

    def tick(self) -> int:
        self.ticks += 1
        return self.ticks

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        return AuthResult.OK if (user_id, password) == ("1001", "secret") else AuthResult.WRONG

    def bind(self, session: XmppSession, jid: Jid) -> None:
        if self.conflict:
            raise StanzaError("conflict")
        self.bound.append(jid)

    def presence(self, session: XmppSession, stanza: Element) -> None:
        self.presences.append(stanza)

    def answer(self, session: XmppSession, request: Element) -> None:
        self.requests.append(request)
        session.send("<answer/>")

    def gone(self, session: XmppSession) -> None:
        self.ended.append(session)


class Stream:
    """A session, its host and its endpoint."""

    def __init__(self, openfire: OpenfireSettings | None = None) -> None:
        self.host = Host(openfire or OpenfireSettings())
        self.endpoint = ListEndpoint()
        self.session = XmppSession(self.host, self.endpoint)

    def receive(self, xml: str) -> None:
        self.session.receive(parse(xml))

    def authenticated(self) -> Stream:
        self.session.open(DOMAIN)
        self.receive(AUTH)
        self.session.open(DOMAIN)
        return self

    def bound(self) -> Stream:
        self.authenticated().receive(BIND % "<resource>desktop</resource>")
        assert self.session.stage is Stage.BOUND
        self.endpoint.take()
        return self

    def ended_with(self, condition: str) -> bool:
        """Whether stream error and close were sent last, and the host was informed once."""
        error = parse(self.endpoint.sent[-2])
        return (
            (error.tag, error[0].tag) == (tag("stream:error"), tag(f"streams:{condition}"))
            and self.endpoint.sent[-1] == "close"
            and self.host.ended == [self.session]
            and self.session.stage is Stage.ENDED
        )


def names(element: Element) -> list[str]:
    return [child.tag.rpartition("}")[2] for child in element]


# Opening and login


def test_first_features_offer_only_plain() -> None:
    stream = Stream()
    stream.session.open(DOMAIN.upper())
    features = parse(stream.endpoint.sent[1])
    assert features.tag == tag("stream:features")
    assert [[mechanism.text for mechanism in feature] for feature in features] == [["PLAIN"]]


def test_stream_after_success_has_the_same_id_and_offers_bind() -> None:
    stream = Stream()
    stream.session.open(DOMAIN)
    first = stream.endpoint.take()
    stream.receive(AUTH)
    assert parse(stream.endpoint.take()[0]).tag == tag("sasl:success")
    stream.session.open(DOMAIN)
    header, features = stream.endpoint.take()
    assert header == first[0]
    assert names(parse(features)) == ["bind", "session"]
    assert stream.session.user_id == "1001"


@pytest.mark.parametrize("to", [None, "", "elsewhere.sim", f"pubsub.{DOMAIN}"])
def test_another_domain_is_an_unknown_host(to: str | None) -> None:
    stream = Stream()
    stream.session.open(to)
    assert stream.endpoint.sent[0].startswith("open ")
    assert stream.ended_with("host-unknown")


def test_stanza_before_the_stream_header_gets_the_header_and_an_error() -> None:
    stream = Stream()
    stream.receive(PING)
    assert stream.endpoint.sent[0].startswith("open ")
    assert stream.ended_with("unsupported-stanza-type")


@pytest.mark.parametrize(
    "xml", [PING, "<presence xmlns='jabber:client'/>", "<message xmlns='jabber:client'/>"]
)
def test_stanza_before_login_ends_the_stream(xml: str) -> None:
    stream = Stream()
    stream.session.open(DOMAIN)
    stream.receive(xml)
    assert stream.ended_with("not-authorized")


def test_stanza_before_the_restart_ends_the_stream() -> None:
    stream = Stream()
    stream.session.open(DOMAIN)
    stream.receive(AUTH)
    stream.receive(PING)
    assert stream.ended_with("unsupported-stanza-type")


def test_stream_cannot_be_opened_twice() -> None:
    stream = Stream()
    stream.session.open(DOMAIN)
    stream.session.open(DOMAIN)
    assert stream.ended_with("unsupported-stanza-type")


def test_three_failed_logins_end_the_stream() -> None:
    stream = Stream()
    stream.session.open(DOMAIN)
    for _ in range(2):
        stream.receive(f"<abort xmlns='{NS['sasl']}'/>")
        assert names(stream.endpoint.last()) == ["aborted"]
    stream.receive(f"<abort xmlns='{NS['sasl']}'/>")
    assert stream.ended_with("policy-violation")


def test_login_timeout_ends_the_stream() -> None:
    stream = Stream(OpenfireSettings(login_timeout=7))
    assert stream.host.timer.seconds == 7
    stream.host.timer.callback()
    assert stream.ended_with("connection-timeout")
    assert stream.host.timers[0].cancelled


# Bind


def test_requested_resource_is_bound() -> None:
    stream = Stream().authenticated()
    stream.receive(BIND % "<resource> desktop </resource>")
    assert stream.endpoint.last().findtext("bind:bind/bind:jid", "", NS) == f"1001@{DOMAIN}/desktop"
    assert stream.host.bound == [stream.session.jid]
    assert all(timer.cancelled for timer in stream.host.timers)


def test_missing_resource_is_generated() -> None:
    stream = Stream().authenticated()
    stream.receive(BIND % "")
    assert len(stream.session.jid.resource) == 10


def test_invalid_resource_is_rejected_and_another_can_be_bound() -> None:
    stream = Stream().authenticated()
    stream.receive(BIND % f"<resource>{'x' * 1024}</resource>")
    assert names(stream.endpoint.last()) == ["bind", "error"]
    stream.receive(BIND % "<resource>x</resource>")
    assert stream.session.stage is Stage.BOUND


def test_conflict_can_reject_the_bind() -> None:
    stream = Stream().authenticated()
    stream.host.conflict = True
    stream.receive(BIND % "<resource>desktop</resource>")
    assert names(stream.endpoint.last()[1]) == ["conflict"]
    assert stream.session.stage is Stage.BINDING


def test_second_bind_is_rejected() -> None:
    stream = Stream().bound()
    stream.receive(BIND % "<resource>second</resource>")
    assert names(stream.endpoint.last()[1]) == ["not-allowed"]
    assert stream.session.jid.resource == "desktop"


def test_request_before_the_bind_is_rejected_and_presence_ends_the_stream() -> None:
    stream = Stream().authenticated()
    stream.receive(PING)
    assert names(stream.endpoint.last()[1]) == ["not-authorized"]
    stream.receive("<presence xmlns='jabber:client'/>")
    assert stream.ended_with("not-authorized")


# Stanzas


def test_requests_and_presence_are_passed_to_the_server() -> None:
    stream = Stream().bound()
    stream.receive(PING)
    stream.receive("<presence xmlns='jabber:client'/>")
    assert stream.endpoint.sent == ["<answer/>"]
    assert (len(stream.host.requests), len(stream.host.presences)) == (1, 1)


@pytest.mark.parametrize(
    "xml",
    [
        "<iq xmlns='jabber:client' type='result' id='1'/>",
        "<iq xmlns='jabber:client' type='error' id='1'><a xmlns='x'/></iq>",
        "<message xmlns='jabber:client' to='1002@finesse.sim'><body>hi</body></message>",
    ],
)
def test_results_and_messages_of_clients_are_ignored(xml: str) -> None:
    stream = Stream().bound()
    stream.receive(xml)
    assert stream.endpoint.sent == []
    assert stream.host.requests == []


@pytest.mark.parametrize(
    "xml",
    [
        "<iq xmlns='jabber:client' type='get' id='1'/>",
        "<iq xmlns='jabber:client' type='get' id='1'><a xmlns='x'/><b xmlns='x'/></iq>",
        "<iq xmlns='jabber:client' type='other' id='1'><a xmlns='x'/></iq>",
        "<iq xmlns='jabber:client' id='1'><a xmlns='x'/></iq>",
    ],
)
def test_invalid_request_is_a_bad_request(xml: str) -> None:
    stream = Stream().bound()
    stream.receive(xml)
    error = stream.endpoint.last()
    assert (error.get("type"), error.get("to")) == ("error", f"1001@{DOMAIN}/desktop")
    assert names(error[-1]) == ["bad-request"]
    assert stream.host.requests == []


@pytest.mark.parametrize(
    ("xml", "condition"),
    [
        ("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", "invalid-namespace"),
        ("<presence xmlns='jabber:server'/>", "invalid-namespace"),
        ("<r xmlns='urn:xmpp:sm:3'/>", "unsupported-stanza-type"),
        (AUTH, "unsupported-stanza-type"),
    ],
)
def test_element_that_is_no_stanza_ends_the_stream(xml: str, condition: str) -> None:
    stream = Stream().bound()
    stream.receive(xml)
    assert stream.ended_with(condition)


def test_each_element_counts_as_activity() -> None:
    stream = Stream().bound()
    before = stream.session.activity
    stream.receive(PING)
    assert stream.session.activity == before + 1


# Silence and end


def test_silent_server_sends_nothing_to_bound_sessions() -> None:
    stream = Stream()
    stream.host.silent = True
    stream.bound()
    stream.receive(PING)
    assert stream.endpoint.sent == []
    stream.host.silent = False
    stream.receive(PING)
    assert stream.endpoint.sent == ["<answer/>"]


def test_ended_session_sends_nothing_and_ends_once() -> None:
    stream = Stream().bound()
    stream.session.end()
    stream.session.end("conflict")
    stream.session.send("<late/>")
    stream.session.connection_lost()
    assert stream.endpoint.sent == ["close"]
    assert stream.host.ended == [stream.session]


def test_aborted_session_is_removed_immediately() -> None:
    stream = Stream().bound()
    stream.session.abort()
    assert stream.endpoint.sent == ["abort"]
    assert stream.host.ended == [stream.session]


def test_idle_client_is_pinged_and_then_dropped() -> None:
    stream = Stream(OpenfireSettings(ping_idle_after=180)).bound()
    assert stream.host.timer.seconds == 180
    stream.host.timer.callback()
    ping = stream.endpoint.last()
    assert (ping.get("type"), ping.get("from"), names(ping)) == ("get", DOMAIN, ["ping"])
    stream.host.timer.callback()
    assert stream.ended_with("connection-timeout")


def test_any_stanza_of_the_client_ends_its_idle_time() -> None:
    stream = Stream(OpenfireSettings(ping_idle_after=180)).bound()
    stream.host.timer.callback()
    stream.receive("<iq xmlns='jabber:client' type='result' id='1'/>")
    stream.host.timer.callback()
    assert names(stream.endpoint.last()) == ["ping"]
    assert stream.session.stage is Stage.BOUND
