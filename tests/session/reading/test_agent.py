"""Changes found by reads: late events are awaited, lost ones are recorded as gaps."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import RefusedError
from mcp_finesse.session.actions.agent import change_state
from mcp_finesse.simulator.publishing.publication import Publication
from tests.session.support import AGENT, TIMING, Floor, floor

OWN_NODE = f"/finesse/api/User/{AGENT}"


def gaps(finesse: Floor) -> list[str]:
    return [entry.text for entry in finesse.session.journal if entry.kind == "gap"]


async def test_lost_event_replaced_by_a_read_is_recorded_as_gap(finesse: Floor) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.lose_next_event(1, OWN_NODE)
    outcome = await finesse.session.act(change_state(AGENT, "READY"))
    assert outcome.status == "confirmed"
    await finesse.until(lambda: gaps(finesse))
    (entry,) = [entry for entry in finesse.session.journal if entry.kind == "gap"]
    assert "no notification had reported" in entry.text
    assert entry.gap is not None
    assert entry.gap.since is not None
    assert finesse.session.status.gaps == 1


async def test_event_arriving_after_the_read_is_not_a_gap(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=replace(TIMING, event=0.5)) as finesse:
        await finesse.sign_in()
        finesse.simulator.faults.delay_events(0.2)
        finesse.simulator.center.colleague(AGENT).change_state("READY")
        await finesse.session.refresh_user()
        assert finesse.session.mirror.user is not None
        assert finesse.session.mirror.user.state == "READY"
        await finesse.until(lambda: list(finesse.session.journal)[-1].feed == "user")
        await asyncio.sleep(0.5)  # longer than the wait for an event
        assert gaps(finesse) == []


async def test_repeated_notification_is_applied_after_a_read_of_another_state(
    finesse: Floor,
) -> None:
    await finesse.sign_in()
    user = finesse.session.mirror.user
    assert user is not None
    signed_out = (
        f"<Update><data><user><loginId>{AGENT}</loginId><state>LOGOUT</state><stateChangeTime/></user></data>"
        f"<event>PUT</event><requestId/><source>{OWN_NODE}</source></Update>"
    )
    finesse.simulator.notifications.publish(Publication(OWN_NODE, signed_out, AGENT))
    await finesse.until(lambda: finesse.session.status.agent_state == "LOGOUT")
    finesse.session.mirror.forget_times()
    await finesse.session.refresh_user()
    assert finesse.session.status.agent_state == "NOT_READY"
    finesse.simulator.notifications.publish(Publication(OWN_NODE, signed_out, AGENT))
    await finesse.until(lambda: finesse.session.status.agent_state == "LOGOUT")


async def test_failed_read_leaves_no_pending_request(finesse: Floor) -> None:
    finesse.simulator.faults.no_answer(1, "GET", f"/User/{AGENT}/Dialogs")
    finesse.simulator.faults.http_status(400, "", n=2, method="GET", path=f"/User/{AGENT}")  # media as well
    before = asyncio.all_tasks()
    with pytest.raises(RefusedError):
        await finesse.session._reader.resync("", None)
    assert not {task for task in asyncio.all_tasks() - before if "get_" in repr(task.get_coro())}


async def test_pending_gap_is_discarded_when_the_session_closes(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=replace(TIMING, event=0.2)) as finesse:
        await finesse.sign_in()
        finesse.simulator.faults.lose_next_event(1, OWN_NODE)
        finesse.simulator.center.colleague(AGENT).change_state("READY")
        await finesse.session.refresh_user()
        await finesse.session.close()
        await asyncio.sleep(0.3)  # longer than the wait for an event
        assert gaps(finesse) == []
