"""Subscription reconciler: what is kept, removed and added, and what is never removed."""

from __future__ import annotations

from mcp_finesse.xmpp.protocol.pubsub import Subscription
from mcp_finesse.xmpp.protocol.subscription_reconciler import Plan, plan
from tests.xmpp.support import BARE, JID

TEAM = "/finesse/api/Team/310/Users"
QUEUE = "/finesse/api/Queue/77"
DEAD = f"{BARE}/mcp-finesse-test-2"
LIVING = f"{BARE}/mcp-finesse-test-3"
ELSEWHERE = f"{BARE}/mcp-finesse-other-1"


def alive(resource: str) -> bool | None:
    return {"mcp-finesse-test-2": False, "mcp-finesse-test-3": True}.get(resource)


def decide(*rows: Subscription, wanted: tuple[str, ...] = (TEAM,), own: str = JID) -> Plan:
    return plan(rows, wanted, own, alive)


def test_all_wanted_nodes_are_added_in_order_when_nothing_is_subscribed() -> None:
    assert decide(wanted=(TEAM, QUEUE)) == Plan({}, [], [TEAM, QUEUE])


def test_own_subscription_is_kept_and_not_added_again() -> None:
    row = Subscription(TEAM, JID, "s1")
    assert decide(row) == Plan({TEAM: row}, [], [])


def test_nodes_and_jids_are_compared_case_insensitively() -> None:
    row = Subscription(TEAM.lower(), JID.replace("fin.", "FIN."), "s1")
    assert decide(row) == Plan({TEAM: row}, [], [])


def test_own_unwanted_subscription_is_removed() -> None:
    row = Subscription(QUEUE, JID, "s1")
    assert decide(row) == Plan({}, [row], [TEAM])


def test_duplicate_subscription_is_removed_if_it_has_another_subid() -> None:
    rows = [Subscription(TEAM, JID, "s1"), Subscription(TEAM, JID, "s2"), Subscription(TEAM, JID, None)]
    assert decide(*rows) == Plan({TEAM: rows[0]}, [rows[1]], [])


def test_pending_subscription_is_replaced() -> None:
    row = Subscription(TEAM, JID, "s1", "pending")
    assert decide(row) == Plan({}, [row], [TEAM])


def test_subscription_of_a_dead_resource_of_ours_is_removed() -> None:
    row = Subscription(TEAM, DEAD, "s1")
    assert decide(row) == Plan({}, [row], [TEAM])


def test_subscriptions_of_other_clients_are_never_removed() -> None:
    others = (
        BARE,
        f"{BARE}/desktop",
        f"{BARE}/7001",
        LIVING,
        ELSEWHERE,
        f"5002@{JID.partition('@')[2]}",
        "5002@fin.example.test/mcp-finesse-test-2",
    )
    rows = [Subscription(node, jid, "s1") for node in (TEAM, QUEUE) for jid in others]
    assert decide(*rows) == Plan({}, [], [TEAM])


def test_own_subscriptions_are_recognized_with_any_bound_resource() -> None:
    own = f"{BARE}/chosen-by-the-server"
    row = Subscription(TEAM, own)
    assert decide(row, own=own) == Plan({TEAM: row}, [], [])
