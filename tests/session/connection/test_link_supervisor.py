"""LinkSupervisor: its state from link events and presence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from mcp_finesse.errors import FinesseError
from mcp_finesse.session.connection.link_supervisor import LinkSupervisor
from mcp_finesse.session.nodes.failover import Presence
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.status import SessionState
from mcp_finesse.session.timing import Clock, SessionTiming
from mcp_finesse.xmpp import LinkEvent, LinkState, NotificationLink

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Link:
    """The part of a link that the supervisor reads."""

    degraded: bool = False


@pytest.fixture
def told() -> list[SessionState]:
    return []


@pytest.fixture
async def stay(told: list[SessionState]) -> LinkSupervisor:
    def report(state: SessionState, _: str, __: FinesseError | None) -> None:
        told.append(state)

    async def resync(_: str, __: datetime | None) -> None:
        raise AssertionError("not asked for")

    clock = Clock(wall=(NOON + timedelta(seconds=60)).timestamp)
    return LinkSupervisor(
        cast("Nodes", None), SessionTiming(), clock, report=report, resync=resync, on_call=lambda: False
    )


def presence(state: LinkState, second: int) -> LinkEvent:
    at = NOON + timedelta(seconds=second)
    return LinkEvent(state, "", None, at, at)


async def test_presence_arriving_during_the_initial_read_requires_resync_since_the_absence(
    stay: LinkSupervisor, told: list[SessionState]
) -> None:
    stay.on_link(presence(LinkState.DEGRADED, 1))
    stay.on_link(presence(LinkState.CONNECTED, 5))
    stay.begin(cast("NotificationLink", Link()))
    assert stay.unsettled() == (
        "Finesse was absent from the Notification Service",
        NOON + timedelta(seconds=1),
    )
    assert told == [SessionState.READY]


async def test_presence_leaving_and_returning_during_the_initial_read_requires_resync(
    stay: LinkSupervisor,
) -> None:
    for second, state in enumerate([LinkState.CONNECTED, LinkState.DEGRADED, LinkState.CONNECTED]):
        stay.on_link(presence(state, second))
    stay.begin(cast("NotificationLink", Link()))
    assert stay.unsettled()[1] == NOON + timedelta(seconds=1)


async def test_presence_from_the_start_requires_no_resync(stay: LinkSupervisor) -> None:
    stay.on_link(presence(LinkState.CONNECTED, 1))
    stay.begin(cast("NotificationLink", Link()))
    assert stay.unsettled() == ("", None)


async def test_presence_arriving_after_the_start_requires_resync_since_the_link_was_established(
    stay: LinkSupervisor, told: list[SessionState]
) -> None:
    stay.on_link(presence(LinkState.DEGRADED, 1))
    stay.begin(cast("NotificationLink", Link(degraded=True)))
    stay.on_link(presence(LinkState.CONNECTED, 90))
    assert stay.unsettled()[1] == NOON + timedelta(seconds=1)
    assert told == [SessionState.DEGRADED]


async def test_presence_leaving_during_the_initial_read_requests_a_health_check(stay: LinkSupervisor) -> None:
    stay.on_link(presence(LinkState.CONNECTED, 1))
    stay.on_link(presence(LinkState.DEGRADED, 2))
    stay.begin(cast("NotificationLink", Link(degraded=True)))
    assert stay._worries.alarm == "Finesse has left its Notification Service"
    assert stay._facts().presence is Presence.GONE
