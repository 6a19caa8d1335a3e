"""Test the whole service with independent clients: login, routing beside the desktop, faults, shutdown."""

from __future__ import annotations

import asyncio
import base64

import pytest

from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support_xmpp import (
    DIALOGS_NODE,
    DOMAIN,
    LIMIT,
    NS,
    TEAM_NODE,
    USER_NODE,
    RawClient,
    running,
    tag,
)

LATEST = SimulatorSettings(bare_jid_routing="latest")


async def payload(client: RawClient) -> str:
    """Return the payload of the next stanza, which must be an event."""
    message = await client.receive()
    text = message.findtext("event:event/event:items/event:item/ps:notification", None, NS)
    assert text is not None, message.tag
    return text


async def both_available(desktop: RawClient, ours: RawClient) -> None:
    """Read the presence that two sessions of one user have exchanged."""
    assert (await ours.receive()).get("from") == desktop.jid
    assert (await desktop.receive()).get("from") == ours.jid


# Login


async def test_login_asks_the_contact_center_once() -> None:
    async with running() as node, node.client(resource="desktop") as client:
        assert client.jid == f"1001@{DOMAIN}/desktop"
        assert node.center.logins == [("1001", "secret")]
        assert [session.user_id for session in node.service.sessions] == ["1001"]


async def test_wrong_password_is_not_authorized() -> None:
    async with running() as node, node.raw() as client:
        await client.open()
        failure = await client.authenticate("1001", "wrong")
        assert (failure.tag, failure[0].tag) == (tag("sasl:failure"), tag("sasl:not-authorized"))
        assert node.center.logins == [("1001", "wrong")]


async def test_locked_account_is_disabled() -> None:
    async with running() as node, node.raw() as client:
        node.center.locked.add("1001")
        await client.open()
        failure = await client.authenticate("1001")
        assert failure[0].tag == tag("sasl:account-disabled")


async def test_id_with_special_characters_is_escaped_once() -> None:
    async with running() as node, node.client(r"Jane\40corp.test", "r") as client:
        assert client.jid == rf"jane\40corp.test@{DOMAIN}/r"
        assert node.center.logins == [("Jane@corp.test", "secret")]


async def test_login_by_challenge_and_response_succeeds() -> None:
    async with running() as node, node.raw() as client:
        await client.open()
        challenge = await client.authenticate("1001", message="")
        assert challenge.tag == tag("sasl:challenge")
        answer = base64.b64encode(b"\0001001\0secret").decode()
        await client.send(f"<response xmlns='{NS['sasl']}'>{answer}</response>")
        assert (await client.receive()).tag == tag("sasl:success")


# Requests


@pytest.mark.parametrize("to", [None, DOMAIN, DOMAIN.upper(), f"1001@{DOMAIN}"])
async def test_ping_to_the_server_is_answered(to: str | None) -> None:
    async with running() as node, node.client() as client:
        reply = await client.iq("get", "<ping xmlns='urn:xmpp:ping'/>", to)
        assert (reply.get("type"), reply.get("from"), len(reply)) == ("result", to, 0)


@pytest.mark.parametrize("to", [f"1001@{DOMAIN}/desktop", f"1002@{DOMAIN}", "elsewhere.sim"])
async def test_request_to_another_address_is_rejected(to: str) -> None:
    async with running() as node, node.client() as client:
        reply = await client.iq("get", "<ping xmlns='urn:xmpp:ping'/>", to)
        assert (reply.get("type"), reply.get("from")) == ("error", to)
        assert reply[-1][0].tag == tag("stanzas:service-unavailable")


async def test_unknown_request_is_rejected() -> None:
    async with running() as node, node.client() as client:
        reply = await client.iq("set", "<enable xmlns='urn:xmpp:carbons:2'/>")
        assert reply[-1][0].tag == tag("stanzas:service-unavailable")


# Routing


async def test_automatic_feed_reaches_every_session_of_the_agent() -> None:
    async with (
        running() as node,
        node.client(resource="desktop", available=True) as desktop,
        node.client(available=True) as ours,
        node.client("1002", available=True) as other,
    ):
        await both_available(desktop, ours)
        node.publish(USER_NODE, "hold")
        assert await payload(desktop) == await payload(ours) == "hold"
        await other.assert_nothing_received()


async def test_latest_routing_delivers_only_to_the_latest_session() -> None:
    async with running(LATEST) as node, node.client(resource="desktop", available=True) as desktop:
        node.publish(USER_NODE, "before")
        assert await payload(desktop) == "before"
        async with node.client(available=True) as ours:
            await both_available(desktop, ours)
            node.publish(USER_NODE, "during")
            assert await payload(ours) == "during"
            await desktop.assert_nothing_received()  # the ping makes the desktop the latest
            node.publish(USER_NODE, "again")
            assert await payload(desktop) == "again"
            await ours.assert_nothing_received()
            await desktop.send_presence("<priority>1</priority>")
            await ours.receive()
            await ours.assert_nothing_received()
            node.publish(USER_NODE, "by priority")
            assert await payload(desktop) == "by priority"


@pytest.mark.parametrize("settings", [SimulatorSettings(), LATEST])
async def test_own_full_jid_subscription_receives_everything_in_either_routing(
    settings: SimulatorSettings,
) -> None:
    async with (
        running(settings) as node,
        node.client(available=True) as ours,
        node.client(resource="desktop", available=True) as desktop,
    ):
        await both_available(ours, desktop)
        await ours.subscribe(USER_NODE)
        await desktop.assert_nothing_received()  # makes the desktop the latest
        node.publish(USER_NODE, "hold")
        received = [await payload(ours)]
        if settings is not LATEST:
            received.append(await payload(ours))  # the duplicate from the bare-JID subscription
        assert set(received) == {"hold"}
        await ours.assert_nothing_received()
        assert await payload(desktop) == "hold"
        await desktop.assert_nothing_received()


@pytest.mark.parametrize("settings", [SimulatorSettings(), LATEST])
async def test_session_without_presence_or_with_negative_priority_gets_no_automatic_feed(
    settings: SimulatorSettings,
) -> None:
    async with (
        running(settings) as node,
        node.client(resource="a") as silent,
        node.client(resource="b") as negative,
    ):
        await negative.send_presence("<priority>-1</priority>")
        assert (await negative.receive()).tag == tag("c:presence")
        node.publish(DIALOGS_NODE)
        await silent.assert_nothing_received()
        await negative.assert_nothing_received()


async def test_full_jid_subscription_needs_no_presence_and_outlives_its_session() -> None:
    async with running() as node:
        async with node.client() as client:
            await client.subscribe(TEAM_NODE)
            node.publish(TEAM_NODE, "while here")
            assert await payload(client) == "while here"
        async with node.client(resource="another") as other:
            node.publish(TEAM_NODE, "while away")
            await other.assert_nothing_received()
        async with node.client() as client:
            await client.assert_nothing_received()  # nothing was stored for it
            node.publish(TEAM_NODE, "back again")
            assert await payload(client) == "back again"


async def test_automatic_subscriptions_are_created_only_at_the_first_login() -> None:
    async with running(SimulatorSettings(subid_mode="owner")) as node:
        async with node.client() as client:
            gone = f"<unsubscribe node='{USER_NODE}' jid='1001@{DOMAIN}'/>"
            assert (await client.pubsub("set", gone)).get("type") == "result"
        async with node.client() as client:
            assert [row.get("node") for row in await client.subscriptions()] == [DIALOGS_NODE]


# Faults and ends


async def test_silent_server_sends_nothing_and_keeps_the_connection() -> None:
    async with running() as node, node.client(available=True) as client:
        node.faults.silent = True
        await client.send("<iq xmlns='jabber:client' type='get' id='lost'><ping xmlns='urn:xmpp:ping'/></iq>")
        async with node.client("1002"):  # the ping has been read by now; others can still log in
            pass
        node.publish(USER_NODE, "lost")
        node.faults.silent = False
        node.publish(USER_NODE, "heard")
        assert await payload(client) == "heard"


async def test_killed_links_end_without_a_close_and_their_sessions_are_removed_immediately() -> None:
    async with running() as node, node.client(available=True) as client, node.raw() as newcomer:
        node.service.kill_links()
        assert node.service.sessions == []
        assert node.center.presences == [("1001", True), ("1001", False)]
        assert await client.closed() == await newcomer.closed() == 1011
        async with node.client(available=True) as again:
            node.publish(USER_NODE, "back")
            assert await payload(again) == "back"


async def test_links_can_be_closed_cleanly() -> None:
    async with running() as node, node.client() as client:
        node.service.kill_links(abrupt=False)
        assert (await client.receive())[0].tag == tag("streams:system-shutdown")
        assert (await client.receive()).tag == tag("framing:close")
        assert await client.closed() == 1000


async def test_idle_client_is_pinged_and_stays_when_it_answers() -> None:
    async with running(openfire=OpenfireSettings(ping_idle_after=0.02)) as node, node.client() as client:
        for _ in range(3):
            ping = await client.receive()
            assert (ping.get("type"), ping.get("from")) == ("get", DOMAIN)
            await client.send(
                f"<iq xmlns='jabber:client' type='result' id='{ping.get('id')}' to='{DOMAIN}'/>"
            )


async def test_closing_the_service_ends_every_connection_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    async with running() as node, node.client(available=True) as client, node.raw() as newcomer:
        async with asyncio.timeout(LIMIT):
            await node.service.aclose()
            await node.service.aclose()
        assert await client.closed() == await newcomer.closed() == 1000
        assert node.service.sessions == []
    async with asyncio.timeout(LIMIT):
        await asyncio.gather(*(asyncio.all_tasks() - before - {asyncio.current_task()}))
    assert asyncio.all_tasks() == before


async def test_closing_does_not_wait_for_a_hanging_connection() -> None:
    async with running(openfire=OpenfireSettings(close_timeout=0.01)) as node:
        hung = asyncio.Event()

        async def receive() -> dict[str, object]:
            return {"type": "websocket.connect"}

        async def send(_: object) -> None:
            hung.set()
            await asyncio.Event().wait()

        connection = asyncio.create_task(
            node.service.websocket_app({"subprotocols": ["xmpp"]}, receive, send)
        )
        async with asyncio.timeout(LIMIT):
            await hung.wait()
            await node.service.aclose()
            with pytest.raises(asyncio.CancelledError):
                await connection
