"""Openfire leaves subscriptions behind when a full JID has several on one node."""

from __future__ import annotations

from pathlib import Path

from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from tests.session.support import AGENT, Floor, config_for
from tests.simulator.support_xmpp import DOMAIN, TEAM_NODE, USER_NODE

LEAVING = SimulatorSettings(openfire=OpenfireSettings(unsubscribe_leaves_others=True))
BARE = f"{AGENT}@{DOMAIN}"


def ours(simulator: Simulator, node: str | None = None) -> list[str]:
    rows = simulator.notifications.subscriptions.owned_by(Jid.parse(BARE), node)
    return [row.node for row in rows if "mcp-finesse-" in str(row.jid)]


async def test_unsubscribe_removes_subscriptions_left_by_the_server(tmp_path: Path) -> None:
    async with Simulator(LEAVING) as simulator:
        async with FinesseSession(config_for(simulator, tmp_path)) as session:
            await session.ready(10)
            await session.subscribe("team:310")
            assert session.status.link is not None
            address = session.status.link.address
            table = simulator.notifications.subscriptions
            table.subscribe(Jid.parse(address), TEAM_NODE, address)  # as after a lost response
            await session.unsubscribe("team:310")
            assert ours(simulator, TEAM_NODE) == []
        assert ours(simulator) == []
        bare = [row for row in table.owned_by(Jid.parse(BARE), USER_NODE) if not row.jid.resource]
        assert len(bare) == 1  # Finesse's own subscription stays


async def test_connect_leaves_one_subscription_per_feed(tmp_path: Path) -> None:
    async with Simulator(LEAVING) as simulator, FinesseSession(config_for(simulator, tmp_path)) as session:
        await session.ready(10)
        assert session.status.link is not None
        address = session.status.link.address
        for node in (USER_NODE, USER_NODE, TEAM_NODE, TEAM_NODE):
            simulator.notifications.subscriptions.subscribe(Jid.parse(address), node, address)
        for each in simulator.notifications.sessions:
            each.abort()
        floor = Floor(simulator, session, session.config)
        await floor.until(lambda: session.status.reconnects == 1)
        assert ours(simulator, USER_NODE) == [USER_NODE]
        assert ours(simulator, TEAM_NODE) == []
