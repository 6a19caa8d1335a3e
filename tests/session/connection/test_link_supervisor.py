"""LinkSupervisor: what it derives from link events and presence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.session import SessionConfig
from mcp_finesse.session.connection.connection_status import ConnectionStatus
from mcp_finesse.session.connection.link_supervisor import LinkSupervisor
from mcp_finesse.session.connection.resync_triggers import ResyncTriggers
from mcp_finesse.session.connection.state_sync import StateSync
from mcp_finesse.session.nodes.failover import Presence
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.status import SessionState
from mcp_finesse.session.timing import Clock
from mcp_finesse.xmpp import LinkEvent, LinkState, NotificationLink

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class Link:
    """The part of a link that the supervisor reads."""

    degraded: bool = False


class Supervised:
    """A supervisor without nodes and state, its triggers, and the states it reported."""

    def __init__(self, folder: Path) -> None:
        clock = Clock(wall=(NOON + timedelta(seconds=60)).timestamp)
        credentials = Credentials("1001", SecretStr("secret"))
        config = SessionConfig("https://finesse.example.com:8445", credentials, folder, clock=clock)
        self.status = ConnectionStatus(clock.now, lambda: self.reported.append(self.status.state))
        self.reported: list[SessionState] = []
        self.triggers = ResyncTriggers(self.status, clock)
        self.supervisor = LinkSupervisor(
            config, cast("Nodes", None), cast("StateSync", None), self.status, self.triggers
        )

    def presence(self, *states: LinkState, start: int = 1) -> None:
        """Report these presence changes, one per second."""
        for second, state in enumerate(states, start):
            at = NOON + timedelta(seconds=second)
            self.supervisor.on_link(LinkEvent(state, "", None, at, at))

    def begin(self, *, degraded: bool = False) -> None:
        self.supervisor.begin(cast("NotificationLink", Link(degraded)))

    @property
    def loss(self) -> tuple[str, datetime | None]:
        with self.triggers.resyncing() as loss:
            return loss.reason, loss.since


@pytest.fixture
async def supervised(tmp_path: Path) -> Supervised:
    return Supervised(tmp_path)


async def test_presence_arriving_during_the_initial_read_requires_resync_since_the_absence(
    supervised: Supervised,
) -> None:
    supervised.presence(LinkState.DEGRADED, LinkState.CONNECTED)
    supervised.begin()
    assert supervised.loss == (
        "Finesse was absent from the Notification Service",
        NOON + timedelta(seconds=1),
    )
    assert supervised.reported == [SessionState.READY]


async def test_presence_leaving_and_returning_during_the_initial_read_requires_resync(
    supervised: Supervised,
) -> None:
    supervised.presence(LinkState.CONNECTED, LinkState.DEGRADED, LinkState.CONNECTED, start=0)
    supervised.begin()
    assert supervised.loss[1] == NOON + timedelta(seconds=1)


async def test_presence_from_the_start_requires_no_resync(supervised: Supervised) -> None:
    supervised.presence(LinkState.CONNECTED)
    supervised.begin()
    assert supervised.loss == ("", None)


async def test_presence_arriving_after_the_start_requires_resync_since_the_link_was_established(
    supervised: Supervised,
) -> None:
    supervised.presence(LinkState.DEGRADED)
    supervised.begin(degraded=True)
    supervised.presence(LinkState.CONNECTED, start=90)
    assert supervised.loss[1] == NOON + timedelta(seconds=1)
    assert supervised.reported == [SessionState.DEGRADED]


async def test_presence_leaving_during_the_initial_read_requests_a_health_check(
    supervised: Supervised,
) -> None:
    supervised.presence(LinkState.CONNECTED, LinkState.DEGRADED)
    supervised.begin(degraded=True)
    assert supervised.triggers.health_check == "Finesse has left its Notification Service"
    assert supervised.supervisor._presence is Presence.LEFT
