"""Test presence.

``finesse`` is visible, the sessions of a user see each other, and the contact center sees the user.
"""

from __future__ import annotations

import pytest

from tests.simulator.support_xmpp import DOMAIN, NS, RawClient, running, tag

FINESSE = f"finesse@{DOMAIN}/finesse"


async def presence_of(client: RawClient) -> tuple[str, str]:
    """Return sender and type of the next stanza, which must be a presence for this client."""
    stanza = await client.receive()
    assert (stanza.tag, stanza.get("to")) == (tag("c:presence"), client.jid)
    return stanza.get("from", ""), stanza.get("type", "available")


async def test_presence_is_answered_once_with_that_of_finesse() -> None:
    async with running() as node, node.client() as client:
        await client.assert_nothing_received()
        await client.send_presence("<priority>0</priority>")
        assert await presence_of(client) == (FINESSE, "available")
        await client.send_presence("<priority>1</priority>")  # no second answer
        await client.assert_nothing_received()


async def test_presence_of_finesse_can_be_suppressed() -> None:
    async with running() as node, node.client() as client:
        node.faults.no_finesse_presence = True
        await client.send_presence()
        await client.assert_nothing_received()
        node.service.set_finesse_presence(False)
        await client.assert_nothing_received()


async def test_finesse_becomes_unavailable_and_available() -> None:
    async with running() as node, node.client(available=True) as client, node.client("1002") as unavailable:
        node.service.set_finesse_presence(False)
        assert await presence_of(client) == (FINESSE, "unavailable")
        await unavailable.send_presence()
        await unavailable.assert_nothing_received()
        node.service.set_finesse_presence(True)
        assert await presence_of(client) == (FINESSE, "available")
        assert await presence_of(unavailable) == (FINESSE, "available")


async def test_client_without_presence_is_not_informed() -> None:
    async with running() as node, node.client() as client:
        node.service.set_finesse_presence(False)
        await client.assert_nothing_received()


async def test_sessions_of_one_user_see_each_other_come_change_and_go() -> None:
    async with running() as node, node.client(resource="desktop", available=True) as desktop:
        async with node.client(available=True) as ours:
            assert await presence_of(ours) == (desktop.jid, "available")
            assert await presence_of(desktop) == (ours.jid, "available")
            await desktop.send_presence("<show>dnd</show><priority>1</priority>")
            change = await ours.receive()
            assert (change.get("from"), change.findtext("c:show", "", NS)) == (desktop.jid, "dnd")
            await ours.send(
                "<presence xmlns='jabber:client' type='unavailable'><status>bye</status></presence>"
            )
            last = await desktop.receive()
            assert (last.get("type"), last.findtext("c:status", "", NS)) == ("unavailable", "bye")
            await ours.assert_nothing_received()
        await desktop.assert_nothing_received()


async def test_ended_session_becomes_unavailable_for_the_others() -> None:
    async with running() as node, node.client(resource="desktop", available=True) as desktop:
        async with node.client(available=True) as ours:
            gone = ours.jid
            assert await presence_of(desktop) == (gone, "available")
        assert await presence_of(desktop) == (gone, "unavailable")


async def test_other_users_see_no_presence() -> None:
    async with running() as node, node.client("1002", available=True) as other:
        async with node.client("1001", available=True):
            pass
        await other.assert_nothing_received()


async def test_contact_center_is_informed_of_the_first_and_the_last_session() -> None:
    async with running() as node:
        async with node.client(resource="desktop", available=True) as desktop:
            async with node.client(available=True) as ours:
                await presence_of(ours)
                assert node.center.presences == [("1001", True)]
            assert (await presence_of(desktop))[1] == "available"
            assert (await presence_of(desktop))[1] == "unavailable"
            assert node.center.presences == [("1001", True)]
        await node.center.wait_for_presence("1001", available=False)
        assert node.center.presences == [("1001", True), ("1001", False)]


async def test_unavailable_presence_counts_as_gone_and_is_reported_once() -> None:
    async with running() as node:
        async with node.client(available=True) as client:
            await client.send("<presence xmlns='jabber:client' type='unavailable'/>")
            await client.assert_nothing_received()
            assert node.center.presences == [("1001", True), ("1001", False)]
            await client.send("<presence xmlns='jabber:client' type='unavailable'/>")
            await client.assert_nothing_received()
        assert node.center.presences == [("1001", True), ("1001", False)]


@pytest.mark.parametrize(
    "attributes",
    [
        f"to='finesse@{DOMAIN}'",
        "type='subscribe'",
        "type='probe'",
        "to='1002@finesse.sim' type='unavailable'",
    ],
)
async def test_directed_presence_and_subscriptions_are_ignored(attributes: str) -> None:
    async with running() as node, node.client() as client:
        await client.send(f"<presence xmlns='jabber:client' {attributes}/>")
        await client.assert_nothing_received()
        assert node.center.presences == []


@pytest.mark.parametrize(("text", "priority"), [("-1", -1), ("127", 127), ("128", 0), ("high", 0), ("", 0)])
async def test_invalid_priority_counts_as_0(text: str, priority: int) -> None:
    async with running() as node, node.client() as client:
        await client.send_presence(f"<priority>{text}</priority>")
        await presence_of(client)
        assert [session.priority for session in node.service.sessions] == [priority]
