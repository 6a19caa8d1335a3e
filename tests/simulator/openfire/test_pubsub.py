"""Test subscriptions and routing by the rules of Openfire, in each subid mode."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.pubsub import Recipient, SubscriptionTable, receivers
from mcp_finesse.simulator.openfire.stanzas import StanzaError
from mcp_finesse.simulator.settings import SubidMode

NODE = "/finesse/api/Team/310/Users"
OTHER_NODE = "/finesse/api/User/1001"
DESKTOP = Jid.parse("1001@finesse.sim/desktop")
OURS = Jid.parse("1001@finesse.sim/mcp-finesse-pc-1")
BARE = OURS.bare
STRANGER = Jid.parse("1002@finesse.sim/desktop")


def table(*, multiple: bool = True, subid_mode: SubidMode = "always") -> SubscriptionTable:
    return SubscriptionTable({NODE, OTHER_NODE}.__contains__, multiple=multiple, subid_mode=subid_mode)


def error(caught: pytest.ExceptionInfo[StanzaError]) -> tuple[str, str]:
    return caught.value.condition, caught.value.detail


# Subscribing


def test_subscription_has_a_subid_of_40_characters() -> None:
    row = table().subscribe(OURS, NODE, str(OURS))
    assert (row.node, row.jid) == (NODE, OURS)
    assert row.subid is not None
    assert len(row.subid) == 40


def test_repeated_subscription_adds_a_row_and_still_one_message() -> None:
    rows = table()
    first, second = rows.subscribe(OURS, NODE, str(OURS)), rows.subscribe(OURS, NODE, str(OURS))
    assert first.subid != second.subid
    assert rows.recipients(NODE) == [Recipient(OURS, (first.subid or "", second.subid or ""))]


def test_subscription_without_multiple_has_no_subid_and_is_not_repeated() -> None:
    rows = table(multiple=False)
    first = rows.subscribe(OURS, NODE, str(OURS))
    assert first.subid is None
    assert rows.subscribe(OURS, NODE, str(OURS)) is first
    assert rows.owned_by(OURS) == [first]
    assert rows.recipients(NODE) == [Recipient(OURS, ())]


def test_bare_and_full_jid_of_one_user_get_a_message_each() -> None:
    rows = table()
    rows.subscribe(OURS, NODE, str(OURS))
    rows.subscribe(OURS, NODE, str(BARE).upper())
    assert [recipient.jid for recipient in rows.recipients(NODE)] == [OURS, BARE]


def test_session_may_subscribe_another_resource_of_its_user() -> None:
    assert table().subscribe(OURS, NODE, str(DESKTOP)).jid == DESKTOP


@pytest.mark.parametrize(
    ("node", "jid", "expected"),
    [
        (None, str(OURS), ("bad-request", "nodeid-required")),
        ("", str(OURS), ("bad-request", "nodeid-required")),
        ("/finesse/api/Team/999/Users", str(OURS), ("item-not-found", "")),
        (NODE, str(STRANGER), ("bad-request", "invalid-jid")),
        (NODE, "1001@elsewhere.sim/r", ("bad-request", "invalid-jid")),
        (NODE, None, ("bad-request", "invalid-jid")),
        (NODE, "@", ("bad-request", "invalid-jid")),
    ],
)
def test_invalid_subscribe_is_rejected(node: str | None, jid: str | None, expected: tuple[str, str]) -> None:
    with pytest.raises(StanzaError) as caught:
        table().subscribe(OURS, node, jid)
    assert error(caught) == expected


@pytest.mark.parametrize("condition", ["forbidden", "not-allowed", "not-authorized"])
def test_closed_node_rejects_subscriptions(condition: str) -> None:
    rows = table()
    rows.refusals[NODE] = condition
    with pytest.raises(StanzaError) as caught:
        rows.subscribe(OURS, NODE, str(OURS))
    assert error(caught) == (condition, "")
    assert rows.owned_by(OURS) == []


# Automatic rows and listing


def test_automatic_rows_are_created_once_for_the_bare_jid() -> None:
    rows = table()
    rows.subscribe_automatically(OURS, [NODE, OTHER_NODE])
    first = rows.owned_by(OURS)
    assert [(row.node, row.jid) for row in first] == [(NODE, BARE), (OTHER_NODE, BARE)]
    rows.subscribe_automatically(DESKTOP, [NODE, OTHER_NODE])
    assert rows.owned_by(DESKTOP) == first


def test_list_contains_all_resources_of_the_owner_and_no_other_user() -> None:
    rows = table()
    rows.subscribe(OURS, NODE, str(OURS))
    rows.subscribe(DESKTOP, OTHER_NODE, str(DESKTOP))
    rows.subscribe(STRANGER, NODE, str(STRANGER))
    assert [(row.node, row.jid) for row in rows.owned_by(BARE)] == [(NODE, OURS), (OTHER_NODE, DESKTOP)]
    assert [row.jid for row in rows.owned_by(OURS, OTHER_NODE)] == [DESKTOP]
    assert rows.owned_by(OURS, "/finesse/api/Team/999/Users") == []


# Unsubscribing


@pytest.mark.parametrize("subid_mode", ["owner", "always", "address"])
def test_unsubscribing_with_the_subid_always_works(subid_mode: SubidMode) -> None:
    rows = table(subid_mode=subid_mode)
    first, second = rows.subscribe(OURS, NODE, str(OURS)), rows.subscribe(OURS, NODE, str(OURS))
    rows.unsubscribe(OURS, NODE, str(OURS), second.subid)
    assert rows.owned_by(OURS) == [first]
    rows.unsubscribe(OURS, NODE, None, first.subid)
    assert rows.recipients(NODE) == []


@pytest.mark.parametrize(
    ("subid_mode", "rows_of", "needed"),
    [
        ("always", [OURS], True),
        ("owner", [OURS], False),
        ("owner", [OURS, BARE], True),
        ("address", [OURS, BARE], False),
        ("address", [OURS, OURS], True),
    ],
)
def test_subid_mode_decides_whether_unsubscribing_requires_the_subid(
    subid_mode: SubidMode, rows_of: list[Jid], needed: bool
) -> None:
    rows = table(subid_mode=subid_mode)
    for jid in rows_of:
        rows.subscribe(OURS, NODE, str(jid))
    if needed:
        with pytest.raises(StanzaError) as caught:
            rows.unsubscribe(OURS, NODE, str(OURS), None)
        assert error(caught) == ("bad-request", "subid-required")
    else:
        rows.unsubscribe(OURS, NODE, str(OURS), None)
    assert len(rows.owned_by(OURS)) == len(rows_of) - (not needed)


def test_subid_is_ignored_without_multiple_subscriptions() -> None:
    rows = table(multiple=False)
    rows.subscribe(OURS, NODE, str(OURS))
    rows.unsubscribe(OURS, NODE, str(OURS), "anything")
    assert rows.owned_by(OURS) == []


@pytest.mark.parametrize(
    ("node", "jid", "subid", "expected"),
    [
        (None, str(OURS), None, ("bad-request", "nodeid-required")),
        ("/finesse/api/Team/999/Users", str(OURS), None, ("item-not-found", "")),
        (NODE, None, None, ("bad-request", "jid-required")),
        (NODE, str(OURS), None, ("unexpected-request", "not-subscribed")),
        (OTHER_NODE, str(OURS), "x" * 40, ("not-acceptable", "invalid-subid")),
        (NODE, str(STRANGER), None, ("forbidden", "")),
    ],
)
def test_invalid_unsubscribe_is_rejected(
    node: str | None, jid: str | None, subid: str | None, expected: tuple[str, str]
) -> None:
    rows = table(subid_mode="address")
    rows.subscribe(STRANGER, NODE, str(STRANGER))
    with pytest.raises(StanzaError) as caught:
        rows.unsubscribe(OURS, node, jid, subid)
    assert error(caught) == expected
    assert len(rows.recipients(NODE)) == 1


# Routing


@dataclass
class Session:
    jid: Jid
    priority: int | None
    activity: int = 0


def test_full_jid_reaches_exactly_its_session_even_without_presence() -> None:
    ours, desktop = Session(OURS, None), Session(DESKTOP, 5)
    assert receivers(OURS, [ours, desktop], "all") == [ours]
    assert receivers(OURS, [desktop], "all") == []


def test_bare_jid_reaches_every_available_session_or_the_highest_priority() -> None:
    ours, desktop = Session(OURS, 0), Session(DESKTOP, 1)
    stranger = Session(STRANGER, 9)
    assert receivers(BARE, [ours, desktop, stranger], "all") == [ours, desktop]
    assert receivers(BARE, [ours, desktop, stranger], "latest") == [desktop]


def test_latest_active_session_wins_among_equal_priorities() -> None:
    ours, desktop = Session(OURS, 0, activity=7), Session(DESKTOP, 0, activity=3)
    assert receivers(BARE, [ours, desktop], "latest") == [ours]
    desktop.activity = 8
    assert receivers(BARE, [ours, desktop], "latest") == [desktop]


@pytest.mark.parametrize("routing", ["all", "latest"])
def test_bare_jid_reaches_no_session_without_presence_or_with_negative_priority(routing: str) -> None:
    sessions = [Session(OURS, None), Session(DESKTOP, -1)]
    assert receivers(BARE, sessions, "all" if routing == "all" else "latest") == []
