"""The nodes, and who may subscribe to them."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.simulator.openfire.stanzas import StanzaError
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support import Stage

TEAM = "/finesse/api/Team/310/Users"


@pytest.mark.parametrize(
    ("user_id", "node", "entitled"),
    [
        ("1000", TEAM, True),
        ("2000", TEAM, True),
        ("1001", TEAM, False),
        ("1000", "/finesse/api/Team/320/Users", False),
        ("nobody", TEAM, False),
        ("1001", "/finesse/api/Queue/77", True),
        ("1001", "/finesse/api/Team/310/TeamMessages", True),
    ],
)
def test_team_feed_is_restricted_to_its_supervisors(user_id: str, node: str, entitled: bool) -> None:
    assert Stage().center.feeds.entitled(user_id, node) is entitled


@pytest.mark.parametrize("strict", [False, True])
async def test_restriction_of_team_feeds_is_a_setting(strict: bool) -> None:
    openfire = OpenfireSettings(team_feeds_for_supervisors=strict)
    async with Simulator(SimulatorSettings(openfire=openfire)) as simulator:
        rows = simulator.notifications.subscriptions
        for user_id in ("1000", "1001"):
            jid = Jid.parse(f"{user_id}@finesse.sim/x")
            if strict and user_id == "1001":
                with pytest.raises(StanzaError, match="not-authorized"):
                    rows.subscribe(jid, TEAM, str(jid))
            else:
                assert rows.subscribe(jid, TEAM, str(jid)).node == TEAM
