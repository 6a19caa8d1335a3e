"""What a read shows that no event had told: late events are waited for, lost ones are written down."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import RefusedError
from mcp_finesse.session import actions
from mcp_finesse.simulator.publishing.publication import Publication
from tests.session.support import AGENT, TIMING, Floor, floor

OWN_NODE = f"/finesse/api/User/{AGENT}"


def gaps(finesse: Floor) -> list[str]:
    return [entry.text for entry in finesse.session.journal if entry.kind == "gap"]


async def test_an_event_that_a_read_back_makes_up_for_is_a_gap_all_the_same(finesse: Floor) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.lose_next_event(1, OWN_NODE)
    outcome = await finesse.session.act(actions.change_state(AGENT, "READY"))
    assert outcome.status == "confirmed"
    await finesse.until(lambda: gaps(finesse))
    (entry,) = [entry for entry in finesse.session.journal if entry.kind == "gap"]
    assert "no notification had reported" in entry.text
    assert entry.gap is not None
    assert entry.gap.since is not None
    assert finesse.session.status.gaps == 1


async def test_an_event_that_comes_after_the_read_is_none(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=replace(TIMING, event=0.5)) as finesse:
        await finesse.sign_in()
        finesse.simulator.faults.delay_events(0.2)
        finesse.simulator.center.colleague(AGENT).change_state("READY")
        await finesse.session.refresh_user()
        assert finesse.session.mirror.user is not None
        assert finesse.session.mirror.user.state == "READY"
        await finesse.until(lambda: list(finesse.session.journal)[-1].feed == "user")
        await asyncio.sleep(0.5)  # longer than an event is waited for
        assert gaps(finesse) == []


async def test_what_reads_like_the_newest_notification_is_news_after_a_read_that_told_another_state(
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


async def test_a_read_that_fails_leaves_no_request_behind(finesse: Floor) -> None:
    finesse.simulator.faults.no_answer(1, "GET", f"/User/{AGENT}/Dialogs")
    finesse.simulator.faults.http_status(400, "", n=2, method="GET", path=f"/User/{AGENT}")  # media as well
    before = asyncio.all_tasks()
    with pytest.raises(RefusedError):
        await finesse.session._reader.resync("", None)
    assert not {task for task in asyncio.all_tasks() - before if "get_" in repr(task.get_coro())}


async def test_what_was_set_aside_is_forgotten_when_the_session_ends(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=replace(TIMING, event=0.2)) as finesse:
        await finesse.sign_in()
        finesse.simulator.faults.lose_next_event(1, OWN_NODE)
        finesse.simulator.center.colleague(AGENT).change_state("READY")
        await finesse.session.refresh_user()
        await finesse.session.close()
        await asyncio.sleep(0.3)  # longer than an event is waited for
        assert gaps(finesse) == []
