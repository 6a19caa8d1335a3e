"""Test pubsub on the wire: requests, their results and errors, and the shape of an event."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support_xmpp import (
    DIALOGS_NODE,
    DOMAIN,
    NS,
    PUBSUB_DOMAIN,
    TEAM_NODE,
    USER_NODE,
    RawClient,
    running,
    tag,
)

BARE = f"1001@{DOMAIN}"
UPDATE = "<Update><data><dialog><name>A &amp; B &lt;ok&gt; \u00fc</name></dialog></data></Update>"
SINGLE = OpenfireSettings(multiple_subscriptions=False)


def row(reply: ET.Element) -> ET.Element:
    found = reply.find("ps:pubsub/ps:subscription", NS)
    assert found is not None, ET.tostring(reply)
    return found


def failure(reply: ET.Element) -> tuple[str | None, str | None, list[str]]:
    """Return type and code of an error reply, and its conditions."""
    assert reply.get("type") == "error", ET.tostring(reply)
    error = reply[-1]
    return error.get("type"), error.get("code"), [child.tag.rpartition("}")[2] for child in error]


async def event(client: RawClient) -> tuple[ET.Element, str, str]:
    """Return the next message, its node and its payload."""
    message = await client.receive()
    items = message.find("event:event/event:items", NS)
    assert items is not None, ET.tostring(message)
    return message, items.get("node", ""), items.findtext("event:item/ps:notification", "", NS)


# Requests


async def test_subscribing_returns_the_subscription() -> None:
    async with running() as node, node.client() as client:
        reply = await client.subscribe(TEAM_NODE)
        assert (reply.get("type"), reply.get("from"), reply.get("to")) == (
            "result",
            PUBSUB_DOMAIN,
            client.jid,
        )
        found = row(reply)
        assert found.get("node") == TEAM_NODE
        assert found.get("jid") == client.jid
        assert found.get("subscription") == "subscribed"
        assert len(found.get("subid", "")) == 40
        assert [child.tag for child in found] == [tag("ps:subscribe-options")]


async def test_subids_are_absent_without_multiple_subscriptions() -> None:
    async with running(openfire=SINGLE) as node, node.client() as client:
        assert "subid" not in row(await client.subscribe(TEAM_NODE)).attrib
        assert [found.get("subid") for found in await client.subscriptions()] == [None, None, None]
        node.publish(TEAM_NODE)
        message, _, _ = await event(client)
        assert [child.tag for child in message] == [tag("event:event")]


async def test_list_contains_the_automatic_rows_and_those_of_other_resources() -> None:
    async with running() as node:
        async with node.client(resource="desktop") as desktop:
            await desktop.subscribe(TEAM_NODE)
        async with node.client() as client:
            rows = [(found.get("node"), found.get("jid")) for found in await client.subscriptions()]
            assert rows == [(USER_NODE, BARE), (DIALOGS_NODE, BARE), (TEAM_NODE, f"{BARE}/desktop")]
        async with node.client("1002") as other:
            assert {found.get("jid") for found in await other.subscriptions()} == {f"1002@{DOMAIN}"}


async def test_list_can_be_limited_to_one_node() -> None:
    async with running() as node, node.client() as client:
        reply = await client.pubsub("get", f"<subscriptions node='{USER_NODE}'/>")
        rows = reply.findall("ps:pubsub/ps:subscriptions/ps:subscription", NS)
        assert [found.get("node") for found in rows] == [USER_NODE]


async def test_unsubscribing_with_the_subid_removes_the_row() -> None:
    async with running() as node, node.client() as client:
        found = row(await client.subscribe(TEAM_NODE))
        reply = await client.pubsub(
            "set", f"<unsubscribe node='{TEAM_NODE}' jid='{client.jid}' subid='{found.get('subid')}'/>"
        )
        assert (reply.get("type"), len(reply)) == ("result", 0)
        node.publish(TEAM_NODE)
        await client.assert_nothing_received()


async def test_session_can_remove_a_stale_row_of_another_resource() -> None:
    async with running(SimulatorSettings(subid_mode="address")) as node, node.client() as client:
        await client.subscribe(TEAM_NODE, f"{BARE}/mcp-finesse-gone-1")
        gone = f"<unsubscribe node='{TEAM_NODE}' jid='{BARE}/mcp-finesse-gone-1'/>"
        assert (await client.pubsub("set", gone)).get("type") == "result"
        assert failure(await client.pubsub("set", gone)) == (
            "wait",
            "400",
            ["unexpected-request", "not-subscribed"],
        )


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("set", "<subscribe jid='{jid}'/>", ("modify", "400", ["bad-request", "nodeid-required"])),
        ("set", "<subscribe node='/none' jid='{jid}'/>", ("cancel", "404", ["item-not-found"])),
        (
            "set",
            "<subscribe node='{team}' jid='1002@finesse.sim'/>",
            ("modify", "400", ["bad-request", "invalid-jid"]),
        ),
        (
            "set",
            "<unsubscribe node='{team}' jid='{jid}'/>",
            ("modify", "400", ["bad-request", "subid-required"]),
        ),
        (
            "set",
            "<unsubscribe node='{team}' jid='{jid}' subid='x'/>",
            ("modify", "406", ["not-acceptable", "invalid-subid"]),
        ),
        ("set", "<publish node='{team}'><item/></publish>", ("auth", "403", ["forbidden"])),
        ("set", "<create node='/mine'/>", ("auth", "403", ["forbidden"])),
        ("set", "<retract node='{team}'/>", ("auth", "403", ["forbidden"])),
        ("get", "<items node='{team}'/>", ("cancel", "501", ["feature-not-implemented"])),
        ("get", "<subscribe node='{team}' jid='{jid}'/>", ("modify", "400", ["bad-request"])),
        ("set", "<subscriptions/>", ("modify", "400", ["bad-request"])),
        ("set", "<subscribe xmlns='other' node='{team}' jid='{jid}'/>", ("modify", "400", ["bad-request"])),
        ("set", "", ("modify", "400", ["bad-request"])),
    ],
)
async def test_rejection_names_its_reason_and_echoes_the_request(
    kind: str, content: str, expected: tuple[str, str, list[str]]
) -> None:
    async with running() as node, node.client() as client:
        request = content.format(jid=client.jid, team=TEAM_NODE)
        reply = await client.pubsub(kind, request)
        assert failure(reply) == expected
        assert reply.get("from") == PUBSUB_DOMAIN
        echo = ET.canonicalize(ET.tostring(reply[0]), rewrite_prefixes=True)
        sent = f"<pubsub xmlns='{NS['ps']}'>{request}</pubsub>"
        assert echo == ET.canonicalize(sent, rewrite_prefixes=True)


@pytest.mark.parametrize(
    ("condition", "kind", "code"),
    [("forbidden", "auth", "403"), ("not-allowed", "cancel", "405"), ("not-authorized", "auth", "401")],
)
async def test_closed_node_rejects_with_its_condition(condition: str, kind: str, code: str) -> None:
    async with running() as node, node.client() as client:
        node.service.subscriptions.refusals[TEAM_NODE] = condition
        assert failure(await client.subscribe(TEAM_NODE)) == (kind, code, [condition])


async def test_node_management_and_other_queries_are_rejected() -> None:
    async with running() as node, node.client() as client:
        owner = f"<pubsub xmlns='{NS['ps']}#owner'><delete node='{TEAM_NODE}'/></pubsub>"
        assert failure(await client.iq("set", owner, PUBSUB_DOMAIN)) == ("auth", "403", ["forbidden"])
        version = "<query xmlns='jabber:iq:version'/>"
        assert failure(await client.iq("get", version, PUBSUB_DOMAIN)) == (
            "cancel",
            "503",
            ["service-unavailable"],
        )


@pytest.mark.parametrize("multiple", [True, False])
async def test_disco_info_states_whether_multiple_subscriptions_are_supported(multiple: bool) -> None:
    openfire = OpenfireSettings(multiple_subscriptions=multiple)
    async with running(openfire=openfire) as node, node.client() as client:
        reply = await client.iq("get", f"<query xmlns='{NS['info']}'/>", PUBSUB_DOMAIN)
        features = [feature.get("var") for feature in reply.findall("info:query/info:feature", NS)]
        assert NS["ps"] in features
        assert (f"{NS['ps']}#multi-subscribe" in features) is multiple


# Events


async def test_event_has_the_shape_that_finesse_sends() -> None:
    async with running() as node, node.client() as client:
        subid = row(await client.subscribe(TEAM_NODE)).get("subid")
        node.publish(TEAM_NODE, UPDATE)
        message, name, payload = await event(client)
        assert (name, payload) == (TEAM_NODE, UPDATE)
        assert set(message.attrib) == {"from", "to", "id"}
        assert (message.get("from"), message.get("to")) == (PUBSUB_DOMAIN, client.jid)
        assert len(message.get("id", "")) == 8
        assert [child.tag for child in message] == [tag("event:event"), tag("shim:headers")]
        item = message.find("event:event/event:items/event:item", NS)
        assert item is not None
        assert len(item.get("id", "")) == 36
        headers = message.findall("shim:headers/shim:header", NS)
        assert [(header.get("name"), header.text) for header in headers] == [("SubID", subid)]


async def test_two_rows_of_one_jid_give_one_message_with_both_subids() -> None:
    async with running() as node, node.client() as client:
        subids = [row(await client.subscribe(TEAM_NODE)).get("subid") for _ in range(2)]
        node.publish(TEAM_NODE)
        message, _, _ = await event(client)
        assert [header.text for header in message.findall("shim:headers/shim:header", NS)] == subids
        await client.assert_nothing_received()


async def test_malformed_update_is_sent_as_text() -> None:
    async with running() as node, node.client() as client:
        await client.subscribe(TEAM_NODE)
        node.publish(TEAM_NODE, "<Update><data>]]> & \x01")
        _, _, payload = await event(client)
        assert payload == "<Update><data>]]> & \ufffd"


async def test_events_keep_their_order() -> None:
    async with running() as node, node.client() as client:
        await client.subscribe(TEAM_NODE)
        for number in range(200):
            node.publish(TEAM_NODE, str(number))
        assert [(await event(client))[2] for _ in range(200)] == [str(number) for number in range(200)]


async def test_last_item_can_follow_a_subscribe_and_is_marked_as_delayed() -> None:
    async with (
        running(openfire=OpenfireSettings(last_item_on_subscribe=True)) as node,
        node.client() as client,
    ):
        node.publish(TEAM_NODE, "first")
        node.publish(TEAM_NODE, "last")
        await client.subscribe(TEAM_NODE)
        message, _, payload = await event(client)
        assert payload == "last"
        assert [child.tag for child in message] == [tag("event:event"), tag("delay:delay")]
        stamp = message[1].get("stamp", "")
        assert (len(stamp), stamp[-1]) == (24, "Z")
        await client.subscribe(USER_NODE)
        await client.assert_nothing_received()


async def test_no_item_follows_a_subscribe_by_default() -> None:
    async with running() as node, node.client() as client:
        node.publish(TEAM_NODE)
        await client.subscribe(TEAM_NODE)
        await client.assert_nothing_received()
