"""Test what Openfire stores while only sessions with a negative priority are available."""

from __future__ import annotations

from tests.simulator.openfire.test_notification_service import payload
from tests.simulator.support_xmpp import DIALOGS_NODE, NS, TEAM_NODE, running, tag


async def test_stored_automatic_events_are_replayed_once_with_a_delay_element() -> None:
    async with running() as node, node.client(resource="a") as client:
        await client.send_presence("<priority>-1</priority>")
        assert (await client.receive()).tag == tag("c:presence")
        node.publish(DIALOGS_NODE, "stored")
        await client.assert_nothing_received()
        await client.send_presence("<priority>0</priority>")
        message = await client.receive()
        assert message.find("delay:delay", NS) is not None
        assert "stored" in "".join(message.itertext())
        node.publish(DIALOGS_NODE, "live")
        assert await payload(client) == "live"
        await client.send_presence("<priority>-1</priority>")
        await client.send_presence("<priority>0</priority>")
        await client.assert_nothing_received()  # replayed once


async def test_nothing_is_stored_for_a_full_jid_or_an_absent_user() -> None:
    async with running() as node:
        async with node.client(resource="a") as client:
            await client.subscribe(TEAM_NODE)
            node.publish(DIALOGS_NODE)  # bound, but not available
        node.publish(DIALOGS_NODE)
        node.publish(TEAM_NODE)
        async with node.client(resource="a") as client:
            await client.send_presence("<priority>0</priority>")
            assert (await client.receive()).tag == tag("c:presence")
            await client.assert_nothing_received()
