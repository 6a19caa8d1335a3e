"""What is kept, removed and added: the recipe as a table, and above all what is never touched."""

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


def test_with_nothing_there_everything_is_added_in_order() -> None:
    assert decide(wanted=(TEAM, QUEUE)) == Plan({}, [], [TEAM, QUEUE])


def test_a_row_of_ours_is_kept_and_not_made_again() -> None:
    row = Subscription(TEAM, JID, "s1")
    assert decide(row) == Plan({TEAM: row}, [], [])


def test_nodes_and_jids_are_compared_without_regard_to_case() -> None:
    row = Subscription(TEAM.lower(), JID.replace("fin.", "FIN."), "s1")
    assert decide(row) == Plan({TEAM: row}, [], [])


def test_a_row_of_ours_that_nobody_wants_is_removed() -> None:
    row = Subscription(QUEUE, JID, "s1")
    assert decide(row) == Plan({}, [row], [TEAM])


def test_a_second_row_goes_if_it_can_be_told_from_the_first() -> None:
    rows = [Subscription(TEAM, JID, "s1"), Subscription(TEAM, JID, "s2"), Subscription(TEAM, JID, None)]
    assert decide(*rows) == Plan({TEAM: rows[0]}, [rows[1]], [])


def test_a_row_that_does_not_work_is_made_anew() -> None:
    row = Subscription(TEAM, JID, "s1", "pending")
    assert decide(row) == Plan({}, [row], [TEAM])


def test_rows_of_our_dead_are_removed() -> None:
    row = Subscription(TEAM, DEAD, "s1")
    assert decide(row) == Plan({}, [row], [TEAM])


def test_nothing_else_is_ever_removed() -> None:
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


def test_own_rows_are_known_whatever_the_resource_looks_like() -> None:
    own = f"{BARE}/chosen-by-the-server"
    row = Subscription(TEAM, own)
    assert decide(row, own=own) == Plan({TEAM: row}, [], [])
