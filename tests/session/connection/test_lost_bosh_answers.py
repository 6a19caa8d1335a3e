"""A BOSH response of the Notification Service is lost during a burst of notifications."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mcp_finesse.session import FinesseSession
from mcp_finesse.simulator import Simulator, SimulatorSettings
from mcp_finesse.simulator.openfire_settings import OpenfireSettings, RepeatedRid
from tests.relay import Relay
from tests.session.connection.test_beside_desktop import record
from tests.session.support import AGENT, LINK_TIMING, Floor, config_for

BURST = 30


@pytest.mark.parametrize("repeated_rid", ["saved", "buffer"])
@pytest.mark.parametrize("lost_at", [0, 7, BURST - 1])
async def test_burst_with_one_lost_response_ends_with_complete_journal_or_gap(
    repeated_rid: RepeatedRid, lost_at: int, tmp_path: Path
) -> None:
    settings = SimulatorSettings(openfire=OpenfireSettings(repeated_rid=repeated_rid))
    async with Simulator(settings) as simulator, Relay("127.0.0.1", port_of(simulator)) as relay:
        config = config_for(
            simulator,
            tmp_path,
            xmpp_transport="bosh",
            notification_urls=(f"https://localhost:{relay.port}/http-bind/",),
            link_timing=LINK_TIMING,
        )
        async with FinesseSession(config) as session:
            await session.ready(10)
            floor = Floor(simulator, session, config)
            dialog_id = await floor.talking()
            published = record(simulator)
            lost = asyncio.Event()
            for number in range(BURST):
                if number == lost_at:
                    lost = relay.lose_next_answer()
                simulator.center.colleague(AGENT).act("HOLD" if number % 2 == 0 else "RETRIEVE", dialog_id)
                await asyncio.sleep(0)
            async with asyncio.timeout(5):
                await lost.wait()
            expected = [publication.xml for publication in published]
            assert len(expected) >= BURST

            def complete() -> bool:
                journalled = {entry.raw for entry in session.journal}
                return all(xml in journalled for xml in expected)

            await floor.until(lambda: any(entry.kind == "gap" for entry in session.journal), 10)
            await floor.until(floor.mirrors_the_truth)
            if repeated_rid == "saved":
                await floor.until(complete)
            (gap,) = [entry for entry in session.journal if entry.kind == "gap"]
            assert "a response of the Notification Service was lost" in gap.text
            assert session.status.reconnects == 0


def port_of(simulator: Simulator) -> int:
    return int(simulator.url.rpartition(":")[2])
