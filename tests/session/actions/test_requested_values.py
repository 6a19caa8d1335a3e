"""``unchanged`` and ``confirmed`` require every requested value to be in effect."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.session.actions.agent import change_state, sign_in_mobile
from mcp_finesse.session.actions.tasks import close_task, make_routable, sign_in_media, transfer_task
from mcp_finesse.session.state.media_settings import MediaSettings
from tests.session.actions.test_sign_ins import CUSTOMER, LINE, MOBILE, session_of
from tests.session.actions.test_tasks import CHAT, SETTINGS, Work
from tests.session.support import AGENT, TIMING, Floor, floor

LUNCH, MEETING = 23, 24
SHORT = replace(TIMING, confirmation=0.4, error_window=0.1)


def pending(finesse: Floor) -> Any:
    return finesse.simulator.center.state.agents[AGENT].pending


# -- the reason of a pending state


async def test_other_reason_of_pending_state_is_sent_on_ucce(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=SHORT) as finesse:
        await finesse.talking()
        first = await finesse.session.act(change_state(AGENT, "NOT_READY", LUNCH))
        assert first.status == "confirmed"
        second = await finesse.session.act(change_state(AGENT, "NOT_READY", MEETING))
        assert second.status == "unreported", second
        assert "does not report the reason of the pending state" in second.message
        assert pending(finesse).reason_id == str(MEETING)


async def test_other_reason_of_pending_state_is_rejected_on_uccx(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=SHORT, platform="UCCX") as finesse:
        await finesse.talking()
        first = await finesse.session.act(change_state(AGENT, "NOT_READY", LUNCH))
        assert first.status == "confirmed"
        second = await finesse.session.act(change_state(AGENT, "NOT_READY", MEETING))
        assert second.status == "failed", second
        assert second.errors[0].data == "265"
        assert pending(finesse).reason_id == str(LUNCH)


async def test_same_reason_of_pending_state_is_unchanged_and_not_sent(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=SHORT) as finesse:
        await finesse.talking()
        await finesse.session.act(change_state(AGENT, "NOT_READY", LUNCH))
        sent = len(finesse.sent())
        again = await finesse.session.act(change_state(AGENT, "NOT_READY", LUNCH))
        assert again.status == "unchanged", again
        assert len(finesse.sent()) == sent


async def test_pending_reason_is_unknown_after_another_client_changed_the_pending_state(
    tmp_path: Path,
) -> None:
    async with floor(tmp_path, timing=SHORT) as finesse:
        await finesse.talking()
        await finesse.session.act(change_state(AGENT, "NOT_READY", LUNCH))
        desktop = finesse.simulator.center.colleague(AGENT)
        desktop.change_state("READY")
        await finesse.until(lambda: finesse.session.mirror.user.pending_state == "READY")  # type: ignore[union-attr]
        desktop.change_state("NOT_READY", str(MEETING))
        await finesse.until(lambda: finesse.session.mirror.user.pending_state == "NOT_READY")  # type: ignore[union-attr]
        sent = len(finesse.sent())
        again = await finesse.session.act(change_state(AGENT, "NOT_READY", LUNCH))
        assert again.status != "unchanged", again
        assert len(finesse.sent()) == sent + 1
        assert pending(finesse).reason_id == str(LUNCH)


async def test_ready_while_reserved_is_failed(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=SHORT) as finesse:
        await finesse.ringing()
        await finesse.until(lambda: finesse.session.mirror.user.state == "RESERVED")  # type: ignore[union-attr]
        outcome = await finesse.session.act(change_state(AGENT, "READY"))
        assert outcome.status == "failed", outcome


# -- settings of a sign-in


@pytest.mark.parametrize("done", [True, False])
async def test_new_settings_of_signed_in_media_are_confirmed_only_when_shown(
    tmp_path: Path, done: bool
) -> None:
    async with floor(tmp_path, timing=SHORT) as made:
        work = Work(made.simulator, made.session, made.config)
        await work.ready_on()
        work.simulator.faults.http_status(202, method="PUT", carry_out=done)
        outcome = await work.session.act(sign_in_media(AGENT, CHAT, MediaSettings(7, "IGNORE")))
        assert outcome.status == ("confirmed" if done else "unknown"), outcome
        if not done:
            assert {(each.field, each.asked, each.got) for each in outcome.differences} == {
                ("max_dialog_limit", "7", "3"),
                ("interrupt_action", "IGNORE", "ACCEPT"),
            }


async def test_mobile_sign_in_with_other_settings_is_unknown_when_nothing_changed(
    tmp_path: Path,
) -> None:
    async with session_of(MOBILE, tmp_path) as finesse:
        first = await finesse.session.act(sign_in_mobile(MOBILE, LINE, "CALL_BY_CALL", CUSTOMER))
        assert first.status == "confirmed"
        finesse.simulator.faults.http_status(202, method="PUT")
        other = sign_in_mobile(MOBILE, LINE, "CALL_BY_CALL", "2125550199")
        outcome = await finesse.session.act(other)
        assert outcome.status == "unknown", outcome
        assert [(each.field, each.got) for each in outcome.differences] == [("dial_number", CUSTOMER)]


# -- tasks and previews that are gone


async def test_close_of_a_task_that_was_transferred_is_unknown(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=SHORT) as made:
        work = Work(made.simulator, made.session, made.config)
        task_id = await work.active()
        work.simulator.faults.http_status(202, method="PUT")
        closing = asyncio.create_task(work.session.act(close_task(task_id)))
        await work.until_sent("CLOSE")
        board = work.simulator.center.tasks
        task = board.task(task_id)
        assert task is not None
        board._resubmit(task)
        board.changed("")
        outcome = await closing
        assert outcome.status == "unknown", outcome
        assert "no notification showed that it was closed" in outcome.message


async def test_close_of_a_task_whose_customer_left_is_confirmed(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=SHORT) as made:
        work = Work(made.simulator, made.session, made.config)
        task_id = await work.active()
        work.simulator.faults.http_status(202, method="PUT")
        closing = asyncio.create_task(work.session.act(close_task(task_id)))
        await work.until_sent("CLOSE")
        task = work.simulator.center.tasks.task(task_id)
        assert task is not None
        work.simulator.center.tasks.withdraw(task)
        assert (await closing).status == "confirmed"


@pytest.mark.parametrize("accepted", [True, False])
async def test_task_gone_after_transfer_is_unreported_only_when_accepted(
    tmp_path: Path, accepted: bool
) -> None:
    async with floor(tmp_path, timing=SHORT) as made:
        work = Work(made.simulator, made.session, made.config)
        task_id = await work.active()
        work.simulator.faults.http_status(202 if accepted else 500, method="PUT")
        transferring = asyncio.create_task(work.session.act(transfer_task(task_id, "chat.sales")))
        await work.until_sent("TRANSFER")
        task = work.simulator.center.tasks.task(task_id)
        assert task is not None
        work.simulator.center.tasks.withdraw(task)
        assert (await transferring).status == ("unreported" if accepted else "unknown")


async def test_not_routable_with_offered_task_is_unknown(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=SHORT) as made:
        work = Work(made.simulator, made.session, made.config)
        await work.ready_on(settings=SETTINGS)
        await work.offered()
        outcome = await work.session.act(make_routable(AGENT, CHAT, False))
        assert outcome.status == "unknown"
        assert work.session.mirror.media[CHAT].routable is True
