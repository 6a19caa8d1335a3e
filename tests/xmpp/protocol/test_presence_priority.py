"""The choice of our presence priority, and when it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from mcp_finesse.xmpp.protocol.presence_priority import PresencePriority, PriorityControl, decide_priority

DESKTOP = "1001@fin.example.test/desktop"
SIBLING = "1001@fin.example.test/mcp-finesse-laptop-2"


@pytest.mark.parametrize(
    ("siblings", "confirmed", "refused", "priority", "says"),
    [
        ({}, True, "", 0, "no other client"),
        ({}, False, "", 0, "no other client"),
        ({DESKTOP: 0}, True, "", -1, f"{DESKTOP} receives the automatic feeds instead"),
        ({DESKTOP: 127}, True, "", -1, f"{DESKTOP} receives the automatic feeds instead"),
        ({DESKTOP: -1}, True, "", 0, "no other client"),
        ({DESKTOP: 0}, False, "", 0, "not confirmed yet"),
        ({DESKTOP: 0}, False, "user: forbidden", 0, "rejected (user: forbidden)"),
        ({SIBLING: 0}, True, "", 0, "no other client"),
        ({SIBLING: 0, DESKTOP: 0}, True, "", -1, f"{DESKTOP} receives the automatic feeds instead"),
        ({SIBLING: 0, DESKTOP: -5}, True, "", 0, "no other client"),
        ({f"a@b/{n}": 0 for n in range(9)}, True, "", -1, "and 6 more"),
    ],
)
def test_priority_follows_from_siblings_and_subscriptions(
    siblings: Mapping[str, int], confirmed: bool, refused: str, priority: int, says: str
) -> None:
    decision = decide_priority("auto", siblings, confirmed=confirmed, refused=refused)
    assert decision.priority == priority
    assert says in decision.reason


@pytest.mark.parametrize(("setting", "priority"), [("0", 0), ("-1", -1)])
@pytest.mark.parametrize("siblings", [{}, {DESKTOP: 0}])
def test_configured_priority_overrides_the_automatic_one(
    setting: PresencePriority, priority: int, siblings: Mapping[str, int]
) -> None:
    decision = decide_priority(setting, siblings, confirmed=True)
    assert decision.priority == priority
    assert "FINESSE_PRESENCE_PRIORITY" in decision.reason


class Sent:
    """A priority control that records what it sends, and a way to wait for more."""

    def __init__(self, quiet: float, setting: PresencePriority = "auto") -> None:
        self.priorities: list[int] = []
        self.more = asyncio.Event()
        self.control = PriorityControl(setting, self.priorities.append, lambda _: self.more.set(), quiet)
        self.control.begin()
        self.control.subscriptions_confirmed(True)


async def test_first_priority_is_0_and_drops_to_minus_1_when_another_client_appears() -> None:
    sent = Sent(quiet=60)
    assert sent.priorities == [0]
    sent.control.presence_changed({DESKTOP: 0})
    assert sent.priorities == [0, -1]


async def test_priority_returns_to_0_after_the_quiet_time() -> None:
    sent = Sent(quiet=0.02)
    sent.control.presence_changed({DESKTOP: 0})
    sent.more.clear()
    sent.control.presence_changed({})
    assert sent.priorities == [0, -1]
    await asyncio.wait_for(sent.more.wait(), 5)
    assert sent.priorities == [0, -1, 0]


async def test_client_returning_during_the_quiet_time_changes_nothing() -> None:
    sent = Sent(quiet=0.02)
    sent.control.presence_changed({DESKTOP: 0})
    sent.control.presence_changed({})
    sent.control.presence_changed({DESKTOP: 0})
    await asyncio.sleep(0.06)
    assert sent.priorities == [0, -1]


async def test_each_presence_change_restarts_the_quiet_time() -> None:
    sent, loop = Sent(quiet=0.1), asyncio.get_running_loop()
    sent.control.presence_changed({DESKTOP: 0, SIBLING: 0})
    sent.more.clear()
    sent.control.presence_changed({SIBLING: 0})
    await asyncio.sleep(0.05)
    last = loop.time()
    sent.control.presence_changed({})
    await asyncio.wait_for(sent.more.wait(), 5)
    assert loop.time() - last >= 0.09


async def test_nothing_is_sent_after_the_link_has_ended() -> None:
    sent = Sent(quiet=0.01)
    sent.control.presence_changed({DESKTOP: 0})
    sent.control.presence_changed({})
    sent.control.close()
    await asyncio.sleep(0.03)
    sent.control.presence_changed({DESKTOP: 0})
    assert sent.priorities == [0, -1]


async def test_rejected_subscriptions_keep_priority_0() -> None:
    sent = Sent(quiet=60)
    sent.control.subscriptions_confirmed(False, "user: forbidden")
    sent.control.presence_changed({DESKTOP: 0})
    assert sent.priorities == [0]
    assert "forbidden" in sent.control.current.reason
