"""Finesse sends two updates of one object in the wrong order."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mcp_finesse.session.actions.call_data import update_call_data
from tests.session.support import AGENT, Floor, floor
from tests.simulator.support_xmpp import DIALOGS_NODE

TRIALS = 40


async def test_newer_of_two_swapped_updates_with_equal_times_wins(tmp_path: Path) -> None:
    """Updates of call variables do not change any timestamp. The read that decides is rate-limited."""
    async with floor(tmp_path) as finesse:
        dialog_id = await finesse.talking()
        colleague = finesse.simulator.center.colleague(AGENT)
        reads = len(finesse.sent("GET"))
        stale = 0
        for number in range(TRIALS):
            finesse.simulator.faults.swap_events(1, DIALOGS_NODE)
            for value in (f"{number} old", f"{number} new"):
                colleague.update_call_data(dialog_id, {"callVariable1": value})
            try:
                await finesse.until(lambda: variable(finesse, dialog_id) == f"{number} new", 2)  # noqa: B023
                await asyncio.sleep(0.01)
                await finesse.until(lambda: variable(finesse, dialog_id) == f"{number} new", 2)  # noqa: B023
            except TimeoutError:
                stale += 1
        assert stale == 0
        assert len(finesse.sent("GET")) - reads <= 6 * TRIALS
        assert not [entry for entry in finesse.session.journal if entry.kind == "gap"]


async def test_single_call_data_update_causes_no_read(tmp_path: Path) -> None:
    async with floor(tmp_path) as finesse:
        dialog_id = await finesse.talking()
        await asyncio.sleep(2 * finesse.config.timing.close_updates)
        reads = len(finesse.sent("GET"))
        outcome = await finesse.session.act(update_call_data(dialog_id, {"callVariable1": "A-17"}))
        assert outcome.status == "confirmed"
        await asyncio.sleep(2 * finesse.config.timing.reread_pause)
        assert len(finesse.sent("GET")) == reads


def variable(finesse: Floor, dialog_id: str) -> str | None:
    data = finesse.session.mirror.dialogs[dialog_id].media_properties
    return data.variable("callVariable1") if data is not None else None
