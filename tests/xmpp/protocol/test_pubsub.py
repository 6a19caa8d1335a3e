"""XEP-0060: requests, responses, and the advice given for each error."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from mcp_finesse.errors import NetworkError, NotFoundError, RefusedError
from mcp_finesse.xmpp.protocol.iq_tracker import StanzaError
from mcp_finesse.xmpp.protocol.pubsub import PubSub, Subscription
from tests.xmpp.support import BARE, JID, PUBSUB_NS, local

NODE = "/finesse/api/Team/310/Users"


class Service:
    """A service that answers each request with the next line of a script and records the requests."""

    def __init__(self, *script: str | Exception) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self._script = iter(script)
        self.client = PubSub(self._answer)

    async def _answer(self, kind: str, payload: ET.Element) -> ET.Element:
        assert payload.tag == f"{{{PUBSUB_NS}}}pubsub"
        self.asked.append((kind, local(payload[0]), payload[0].attrib))
        answer = next(self._script)
        if isinstance(answer, Exception):
            raise answer
        body = f"<pubsub xmlns='{PUBSUB_NS}'>{answer}</pubsub>" if answer else ""
        return ET.fromstring(f"<iq xmlns='jabber:client' type='result' id='1'>{body}</iq>")


def rows(*subids: str, jid: str = JID, node: str = NODE) -> str:
    each = (
        f"<subscription node='{node}' jid='{jid}' subscription='subscribed' subid='{subid}'/>"
        for subid in subids
    )
    return f"<subscriptions>{''.join(each)}</subscriptions>"


async def test_subscription_is_requested_and_returned_with_its_id() -> None:
    service = Service(f"<subscription node='{NODE}' jid='{JID}' subscription='subscribed' subid='s1'/>")
    assert await service.client.subscribe(NODE, JID) == Subscription(NODE, JID, "s1", "subscribed")
    assert service.asked == [("set", "subscribe", {"node": NODE, "jid": JID})]


@pytest.mark.parametrize(
    ("answer", "row"),
    [
        ("", Subscription(NODE, JID, None, "subscribed")),
        (f"<subscription jid='{JID}'/>", Subscription(NODE, JID, None, "subscribed")),
        ("<subscription subid='' subscription='pending'/>", Subscription(NODE, JID, None, "pending")),
    ],
)
async def test_values_omitted_by_the_server_default_to_the_requested_ones(
    answer: str, row: Subscription
) -> None:
    assert await Service(answer).client.subscribe(NODE, JID) == row


async def test_list_contains_every_subscription_with_node_and_jid() -> None:
    listed = rows("s1").replace(
        "</subscriptions>", "<subscription node='' jid='x'/><subscription node='n'/></subscriptions>"
    )
    service = Service(listed, "", "<subscriptions/>")
    assert await service.client.subscriptions() == [Subscription(NODE, JID, "s1")]
    assert await service.client.subscriptions() == []
    assert await service.client.subscriptions() == []
    assert service.asked[0] == ("get", "subscriptions", {})


async def test_unsubscribe_names_the_subid_if_there_is_one() -> None:
    service = Service("", "", "", "")
    await service.client.unsubscribe(Subscription(NODE, JID, "s1"))
    await service.client.unsubscribe(Subscription(NODE, JID))
    assert [attributes for _, kind, attributes in service.asked if kind == "unsubscribe"] == [
        {"node": NODE, "jid": JID, "subid": "s1"},
        {"node": NODE, "jid": JID},
    ]


@pytest.mark.parametrize(
    "refusal", [StanzaError("unexpected-request", "not-subscribed"), StanzaError("item-not-found")]
)
async def test_missing_subscription_counts_as_unsubscribed(refusal: StanzaError) -> None:
    service = Service(refusal, "")
    await service.client.unsubscribe(Subscription(NODE, JID, "s1"))
    assert [kind for _, kind, _ in service.asked] == ["unsubscribe", "subscriptions"]


@pytest.mark.parametrize(
    "refusal", [StanzaError("bad-request", "subid-required"), StanzaError("not-acceptable", "invalid-subid")]
)
async def test_server_requiring_another_subid_is_asked_for_its_list(refusal: StanzaError) -> None:
    listed = rows("s1", "s2") + rows("s3", jid=BARE) + rows("s4", node="/other")
    listed = listed.replace("</subscriptions><subscriptions>", "")
    service = Service(refusal, listed, "", StanzaError("unexpected-request", "not-subscribed"), "")
    await service.client.unsubscribe(Subscription(NODE.lower(), JID))
    assert [attributes.get("subid") for _, kind, attributes in service.asked if kind == "unsubscribe"] == [
        None,
        "s1",
        "s2",
    ]


async def test_server_requiring_a_subid_and_listing_none_has_nothing_to_remove() -> None:
    service = Service(StanzaError("bad-request", "subid-required"), rows("s3", jid=BARE))
    await service.client.unsubscribe(Subscription(NODE, JID))
    assert len(service.asked) == 2


async def test_subscription_still_listed_is_removed_by_bare_jid_and_subid() -> None:
    service = Service("", rows("s1"), "", "")
    await service.client.unsubscribe(Subscription(NODE, JID, "s1"))
    assert service.asked[2] == ("set", "unsubscribe", {"node": NODE, "jid": BARE, "subid": "s1"})
    assert len(service.asked) == 4


@pytest.mark.parametrize("subid", ["s1", None])
async def test_subscription_that_stays_listed_is_reported(subid: str | None) -> None:
    listed = rows("s1") if subid else rows("s1").replace(" subid='s1'", "")
    service = Service("", listed, *(["", listed] if subid else [listed]))
    with pytest.raises(RefusedError, match=f"still lists the subscription to {NODE}"):
        await service.client.unsubscribe(Subscription(NODE, JID, subid))


async def test_bare_jid_is_never_used_without_a_subid() -> None:
    """Finesse's automatic subscription has the bare JID."""
    listed = rows("s1").replace(" subid='s1'", "")
    service = Service("", listed, listed)
    with pytest.raises(RefusedError):
        await service.client.unsubscribe(Subscription(NODE, JID))
    assert BARE not in [attributes.get("jid") for _, _, attributes in service.asked]


@pytest.mark.parametrize(
    ("refusal", "kind", "advice"),
    [
        (StanzaError("item-not-found"), NotFoundError, "Check the id"),
        (StanzaError("bad-request", "invalid-jid"), RefusedError, "own JID"),
        (StanzaError("bad-request", "nodeid-required"), RefusedError, "name the pubsub node"),
        (StanzaError("forbidden"), RefusedError, "not allowed to subscribe to this feed"),
        (StanzaError("not-allowed", "unsupported"), RefusedError, "disabled"),
        (StanzaError("not-authorized", "presence-subscription-required"), RefusedError, "supervisors"),
        (StanzaError("gone", "", "moved"), RefusedError, "administrator"),
    ],
)
async def test_error_of_a_subscribe_request_gives_advice(
    refusal: StanzaError, kind: type[Exception], advice: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        await Service(refusal).client.subscribe(NODE, JID)
    assert type(caught.value) is kind
    assert f"rejected the request to subscribe to {NODE}" in caught.value.message
    assert str(refusal) in caught.value.message
    assert advice in caught.value.advice


async def test_rejected_list_and_unsubscribe_requests_are_reported() -> None:
    with pytest.raises(RefusedError, match="rejected the request to list"):
        await Service(StanzaError("feature-not-implemented")).client.subscriptions()
    with pytest.raises(RefusedError, match="rejected the request to unsubscribe"):
        await Service(StanzaError("forbidden")).client.unsubscribe(Subscription(NODE, JID))


async def test_request_without_response_may_have_been_executed() -> None:
    with pytest.raises(NetworkError, match="did not respond") as caught:
        await Service(TimeoutError()).client.subscribe(NODE, JID)
    assert (caught.value.step, caught.value.sent) == ("subscribe", True)
