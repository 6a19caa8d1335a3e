"""Login: each step in order, each failure with its step, and the password sent once."""

from __future__ import annotations

import asyncio
import base64
import logging
import re

import pytest

from mcp_finesse.account_guard import AccountGuard
from mcp_finesse.errors import (
    ConfigurationError,
    CredentialsError,
    FinesseError,
    NetworkError,
    NotReadyError,
    ReplacedError,
)
from mcp_finesse.xmpp import NotificationLink
from tests.xmpp.support import (
    BIND,
    DOMAIN,
    FRAMING,
    HASTY,
    JID,
    SASL,
    SESSION,
    STREAMS,
    Answer,
    Peer,
    Recorder,
    answer_open,
    event_message,
    hang_up,
    identity,
    opened,
    presence,
    refuse,
    says,
    silence,
    stream_error,
)

OPEN = f"<open xmlns='{FRAMING}' from='{DOMAIN}' id='s1' version='1.0'/>"


async def failure(peer: Peer, **changes: str) -> FinesseError:
    recorder = Recorder()
    with pytest.raises(FinesseError) as caught:
        async with opened(peer, timing=HASTY, **changes) as (_, recorder):
            pass
    assert recorder.states == []
    return caught.value


async def test_login_steps_are_sent_in_order() -> None:
    async with Peer() as peer:
        peer.after_login = f"<bind xmlns='{BIND}'/><session xmlns='{SESSION}'/><sm xmlns='urn:xmpp:sm:3'/>"
        async with opened(peer) as (link, _):
            assert link.full_jid == JID
            heads = [frame.partition(" ")[0] for frame in peer.received]
            assert heads == ["<open", "<auth", "<open", "<iq", "<iq", "<presence"]
            assert "<resource>mcp-finesse-test-1</resource>" in peer.received[3]
            assert SESSION in peer.received[4]
            assert "<priority>0</priority>" in peer.received[5]


async def test_plain_is_used_whatever_mechanisms_are_offered() -> None:
    async with Peer() as peer:
        peer.mechanisms = ["SCRAM-SHA-1", "PLAIN", "DIGEST-MD5"]
        async with opened(peer, user_id="jane@corp.test"):
            assert 'mechanism="PLAIN"' in peer.received[1]
            assert peer.logins == [(r"jane\40corp.test", "secret")]


async def test_address_bound_by_the_server_is_used() -> None:
    async with Peer() as peer:
        peer.bound = f"5001@{DOMAIN}/another"
        async with opened(peer) as (link, recorder):
            assert link.full_jid == f"5001@{DOMAIN}/another"
            await peer.send(presence(link.full_jid))
            await peer.send(event_message("n", "x"))
            await recorder.until(lambda r: len(r.events) == 1)
            assert link.siblings == frozenset()


@pytest.mark.parametrize("offered", [["PLAIN"], ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"]])
async def test_wrong_password_is_sent_once(offered: list[str]) -> None:
    async with Peer() as peer:
        peer.mechanisms = offered
        error = await failure(peer, password="other")
        assert isinstance(error, CredentialsError)
        assert "5001" in str(error)
        assert "other" not in str(error)
        assert len(peer.logins) == 1


async def test_password_that_was_replaced_during_the_wait_is_not_sent() -> None:
    guard, current = AccountGuard("1001"), [True]
    async with Peer() as peer:
        link = NotificationLink(
            identity(),
            peer.route,
            on_feed=lambda _: None,
            on_link=lambda _: None,
            guard=guard,
            may_send_password=lambda: current[0],
        )
        async with guard.attempt(identity().password, decisive=True) as other:
            opening = asyncio.create_task(link.open())
            await asyncio.sleep(0.1)
            current[0] = False
            other.accepted()
        with pytest.raises(NotReadyError, match="Nothing was sent"):
            await opening
        assert not any("<auth" in frame for frame in peer.received)


async def test_repeated_features_do_not_send_the_password_twice() -> None:
    features = f"<mechanisms xmlns='{SASL}'><mechanism>PLAIN</mechanism></mechanisms>"

    async def twice(peer: Peer, element: object) -> None:
        if not peer.logins:
            await peer.send(OPEN)
            for _ in range(2):
                await peer.send(f"<stream:features xmlns:stream='{STREAMS}'>{features}</stream:features>")
        else:
            await answer_open(peer, element)  # type: ignore[arg-type]

    async with Peer() as peer:
        peer.answers["open"] = twice
        async with opened(peer):
            assert len(peer.logins) == 1


@pytest.mark.parametrize(
    ("element", "answer", "step", "says_so"),
    [
        ("open", silence, "stream", "no response within 0.5 s"),
        ("open", hang_up, "stream", "reset|lost|closed"),
        ("open", says(OPEN), "stream", "no response"),
        ("open", says("<open"), "stream", "not well-formed"),
        ("open", says(stream_error("host-unknown", "who?")), "stream", r"host-unknown .who\?."),
        (
            "open",
            says(f"<close xmlns='{FRAMING}' see-other-uri='wss://b.test/ws'/>"),
            "stream",
            "redirects to wss://b.test/ws",
        ),
        ("auth", silence, "sasl", "no response"),
        ("auth", hang_up, "sasl", "reset|lost|closed"),
        (
            "auth",
            says(f"<failure xmlns='{SASL}'><temporary-auth-failure/></failure>"),
            "sasl",
            "could not check",
        ),
        ("bind", silence, "bind", "no response"),
        ("bind", hang_up, "bind", "reset|lost|closed"),
        (
            "bind",
            refuse("resource-constraint"),
            "bind",
            "the server rejected the resource .resource-constraint",
        ),
        ("session", refuse("forbidden"), "bind", "forbidden"),
        ("presence", hang_up, "presence", "reset|lost|closed"),
    ],
)
async def test_login_failure_names_its_step(element: str, answer: Answer, step: str, says_so: str) -> None:
    async with Peer() as peer:
        peer.after_login += f"<session xmlns='{SESSION}'/>"
        peer.answers[element] = answer
        error = await failure(peer)
    assert isinstance(error, NetworkError)
    assert error.step == step
    assert error.advice
    assert re.search(says_so, error.message), error.message


@pytest.mark.parametrize("jid", ["", "<jid/>", "<jid>5001@fin.example.test</jid>", "<jid>@@/</jid>"])
async def test_bind_without_full_jid_fails(jid: str) -> None:
    async def answer(peer: Peer, element: object) -> None:
        await peer.send(
            f"<iq xmlns='jabber:client' type='result' id='{element.get('id')}'>"  # type: ignore[attr-defined]
            f"<bind xmlns='{BIND}'>{jid}</bind></iq>"
        )

    async with Peer() as peer:
        peer.answers["bind"] = answer
        error = await failure(peer)
    assert isinstance(error, NetworkError)
    assert error.step == "bind"


@pytest.mark.parametrize("answer", [refuse("conflict"), says(stream_error("conflict"))])
async def test_conflict_at_login_is_not_retried(answer: Answer) -> None:
    async with Peer() as peer:
        peer.answers["bind"] = answer
        assert isinstance(await failure(peer), ReplacedError)


async def test_policy_violation_at_login_is_a_network_error() -> None:
    async with Peer() as peer:
        peer.answers["bind"] = says(stream_error("policy-violation", "no bots"))
        error = await failure(peer)
    assert isinstance(error, NetworkError)
    assert error.step == "bind"
    assert "no bots" in str(error)


async def test_server_without_plain_gets_no_password() -> None:
    async with Peer() as peer:
        peer.mechanisms = ["SCRAM-SHA-1"]
        error = await failure(peer)
        assert isinstance(error, NetworkError)
        assert error.step == "sasl"
        assert "SCRAM-SHA-1" in str(error)
        assert peer.logins == []
        assert len(peer.received) <= 2


@pytest.mark.parametrize(
    "changes",
    [{"resource": ""}, {"resource": "Desktop"}, {"user_id": ""}, {"domain": ""}, {"domain": "not a domain"}],
)
async def test_invalid_identity_is_rejected_before_any_request(changes: dict[str, str]) -> None:
    async with Peer() as peer:
        recorder = Recorder()
        with pytest.raises(ConfigurationError):
            NotificationLink(
                identity(**changes), peer.route, on_feed=recorder.on_feed, on_link=recorder.on_link
            )
        assert peer.received == []


async def test_password_is_not_logged_at_any_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "Not-2-be-seen"
    coded = base64.b64encode(f"\0005001\0{secret}".encode()).decode()
    async with Peer(password=secret) as peer:
        async with opened(peer, password=secret) as (link, _):
            assert secret not in repr(link) + repr(identity(password=secret))
        peer.answers["open"] = hang_up
        await failure(peer, password=secret)
        peer.password = "else"
        peer.answers["open"] = answer_open
        await failure(peer, password=secret)
        assert len(peer.logins) == 2
    logged = "".join(r.getMessage() for r in caplog.records if not r.name.startswith("websockets.server"))
    assert logged
    assert secret not in logged
    assert coded not in logged
