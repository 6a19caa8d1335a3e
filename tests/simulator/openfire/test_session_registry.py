"""Test the three policies of Openfire when two sessions request one address."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.session import XmppSession
from mcp_finesse.simulator.openfire.session_registry import SessionRegistry
from mcp_finesse.simulator.openfire.stanzas import StanzaError
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from tests.simulator.openfire.test_session import Host, ListEndpoint
from tests.simulator.support_xmpp import running, tag

DESKTOP = Jid.parse("1001@finesse.sim/desktop")
OURS = Jid.parse("1001@finesse.sim/mcp-finesse-pc-1")


def bound(registry: SessionRegistry, jid: Jid) -> tuple[XmppSession, ListEndpoint]:
    endpoint = ListEndpoint()
    session = XmppSession(Host(OpenfireSettings()), endpoint)
    registry.bind(session, jid)
    session.jid = jid
    return session, endpoint


def test_sessions_of_a_user_are_found_by_any_of_its_addresses() -> None:
    registry = SessionRegistry(0)
    ours, _ = bound(registry, OURS)
    desktop, _ = bound(registry, DESKTOP)
    bound(registry, Jid.parse("1002@finesse.sim/desktop"))
    assert registry.of_user(DESKTOP.bare) == registry.of_user(OURS) == [ours, desktop]
    assert len(list(registry)) == 3


def test_only_the_removed_session_is_forgotten() -> None:
    registry = SessionRegistry(0)
    ours, _ = bound(registry, OURS)
    desktop, _ = bound(registry, DESKTOP)
    registry.remove(ours)
    registry.remove(ours)
    assert list(registry) == [desktop]
    registry.remove(desktop)
    assert list(registry) == []


def test_limit_0_ends_the_old_session_and_keeps_the_new_one() -> None:
    registry = SessionRegistry(0)
    old, endpoint = bound(registry, DESKTOP)
    new, _ = bound(registry, DESKTOP)
    assert "conflict" in endpoint.sent[-2]
    assert endpoint.sent[-1] == "close"
    registry.remove(old)
    assert list(registry) == [new]


def test_limit_minus_1_rejects_the_new_session() -> None:
    registry = SessionRegistry(-1)
    old, endpoint = bound(registry, DESKTOP)
    for _ in range(3):
        with pytest.raises(StanzaError, match="conflict"):
            bound(registry, DESKTOP)
    assert list(registry) == [old]
    assert endpoint.sent == []


def test_limit_n_rejects_the_new_session_n_times() -> None:
    registry = SessionRegistry(2)
    bound(registry, DESKTOP)
    for _ in range(2):
        with pytest.raises(StanzaError, match="conflict"):
            bound(registry, DESKTOP)
    new, _ = bound(registry, DESKTOP)
    assert list(registry) == [new]


async def test_conflicting_old_client_gets_a_stream_error_and_is_closed() -> None:
    async with (
        running() as node,
        node.client(resource="desktop") as old,
        node.client(resource="desktop") as new,
    ):
        error = await old.receive()
        assert (error.tag, error[0].tag) == (tag("stream:error"), tag("streams:conflict"))
        assert (await old.receive()).tag == tag("framing:close")
        assert await old.closed() == 1000
        await new.assert_nothing_received()
        assert [str(session.jid) for session in node.service.sessions] == [new.jid]


async def test_rejected_bind_is_an_error_and_the_stream_continues() -> None:
    async with (
        running(openfire=OpenfireSettings(conflict_limit=-1)) as node,
        node.client(resource="desktop") as old,
        node.raw() as new,
    ):
        await new.open()
        await new.authenticate("1001")
        await new.open()
        refused = await new.bind("desktop")
        assert refused.get("type") == "error"
        assert refused[-1][0].tag == tag("stanzas:conflict")
        assert (await new.bind("mcp-finesse-test-2")).get("type") == "result"
        await old.assert_nothing_received()
