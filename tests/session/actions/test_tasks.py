"""Outcomes of media and task actions on a simulated UCCE, including interrupts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mcp_finesse.errors import ApiErrorDetail, InvalidRequestError
from mcp_finesse.session import Mirror, Outcome
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.calls import answer_call, end_call
from mcp_finesse.session.actions.outcome_builder import all_mean_already_in_effect
from mcp_finesse.session.actions.tasks import (
    accept_task,
    change_media_state,
    close_task,
    make_routable,
    sign_in_media,
    sign_out_media,
    transfer_task,
    work_on_task,
)
from mcp_finesse.session.state.media_settings import MediaSettings
from tests.session.support import AGENT, CUSTOMER, Floor, floor

CHAT, MAIL = "5001", "5002"
SETTINGS = MediaSettings(3, "ACCEPT", "CLOSE")


class Work(Floor):
    """A floor whose agent works on media."""

    async def do(self, action: Action, status: str = "confirmed") -> Outcome:
        outcome = await self.session.act(action)
        assert outcome.status == status, outcome
        return outcome

    async def ready_on(self, media_id: str = CHAT, settings: MediaSettings = SETTINGS) -> None:
        await self.do(sign_in_media(AGENT, media_id, settings))
        await self.do(change_media_state(AGENT, media_id, "READY"))

    async def offered(self, media_id: str = CHAT, **variables: str) -> str:
        task = self.simulator.center.customers.send_task(media_id, variables)
        await self.until(lambda: task.id in self.session.mirror.tasks)
        return task.id

    async def active(self, media_id: str = CHAT) -> str:
        await self.ready_on(media_id)
        task_id = await self.offered(media_id)
        await self.do(accept_task(task_id))
        await self.do(work_on_task(task_id, "START"))
        return task_id

    def gaps(self) -> list[str]:
        return [entry.text for entry in self.session.journal if entry.kind == "gap"]


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    async with floor(tmp_path) as made:
        yield Work(made.simulator, made.session, made.config)


async def test_media_sign_in_is_confirmed_with_current_media_state(work: Work) -> None:
    outcome = await work.do(sign_in_media(AGENT, CHAT, MediaSettings(5, "IGNORE", "TRANSFER")))
    assert outcome.media is not None
    assert (outcome.media.state, outcome.media.routable, outcome.media.max_dialog_limit) == (
        "NOT_READY",
        True,
        5,
    )
    assert outcome.media.dialog_logout_action == "TRANSFER"


async def test_omitted_dialog_logout_action_is_left_to_the_finesse_default(work: Work) -> None:
    outcome = await work.do(sign_in_media(AGENT, CHAT, MediaSettings(1, "ACCEPT")))
    assert outcome.media is not None
    assert outcome.media.dialog_logout_action == "CLOSE"
    assert "dialogLogoutAction" not in work.sent()[-1]


async def test_media_sign_in_with_same_settings_is_not_sent(work: Work) -> None:
    await work.ready_on()
    sent = len(work.sent())
    await work.do(sign_in_media(AGENT, CHAT, SETTINGS), "unchanged")
    assert len(work.sent()) == sent


async def test_media_sign_in_with_other_settings_is_confirmed_although_already_signed_in(work: Work) -> None:
    await work.ready_on()
    outcome = await work.do(sign_in_media(AGENT, CHAT, MediaSettings(7, "IGNORE", "TRANSFER")))
    assert outcome.message == (
        "The agent was already signed in. Changed settings: max_dialog_limit 7, "
        "interrupt_action IGNORE, dialog_logout_action TRANSFER."
    )
    assert outcome.media is not None
    assert (outcome.media.max_dialog_limit, outcome.media.interrupt_action) == (7, "IGNORE")
    assert outcome.media.state == "READY"
    assert outcome.differences == ()
    assert [error.data for error in outcome.errors] == ["1"]


def test_error_that_only_contains_the_number_one_does_not_mean_already_signed_in() -> None:
    """An error may name the media or a value as its data, which can also be 1."""
    step = sign_in_media(AGENT, CHAT, SETTINGS).prepare(Mirror(AGENT))
    known = ApiErrorDetail("Generic Error", "E_ARM_STAT_AGENT_ALREADY_LOGGED_IN", "1")
    assert all_mean_already_in_effect([known], step.already_errors)
    assert all_mean_already_in_effect([ApiErrorDetail("Agent already logged into MRD")], step.already_errors)
    assert not all_mean_already_in_effect(
        [ApiErrorDetail("Invalid Input", "maxDialogLimit", "1")], step.already_errors
    )


async def test_media_state_changes_with_and_without_a_reason(work: Work) -> None:
    await work.ready_on()
    reason = (await work.session.codes("NOT_READY"))[0].id
    outcome = await work.do(change_media_state(AGENT, CHAT, "NOT_READY", reason))
    assert outcome.media is not None
    assert outcome.media.reason_code_id == reason
    await work.do(change_media_state(AGENT, CHAT, "READY"))
    await work.do(change_media_state(AGENT, CHAT, "READY"), "unchanged")
    reason = (await work.session.codes("LOGOUT"))[0].id
    outcome = await work.do(sign_out_media(AGENT, CHAT, reason))
    assert outcome.media is not None
    assert outcome.media.state == "LOGOUT"
    await work.do(sign_out_media(AGENT, CHAT, reason), "unchanged")


async def test_media_state_change_requires_media_sign_in(work: Work) -> None:
    with pytest.raises(InvalidRequestError, match=r"not signed in to media 5001\. Nothing was sent"):
        await work.session.act(change_media_state(AGENT, CHAT, "READY"))
    with pytest.raises(InvalidRequestError, match="not signed in"):
        await work.session.act(make_routable(AGENT, CHAT, False))
    assert work.sent() == []


async def test_not_routable_is_confirmed_while_ready(work: Work) -> None:
    await work.ready_on()
    outcome = await work.do(make_routable(AGENT, CHAT, False))
    assert outcome.media is not None
    assert (outcome.media.state, outcome.media.routable) == ("READY", False)
    await work.do(make_routable(AGENT, CHAT, False), "unchanged")
    outcome = await work.do(change_media_state(AGENT, CHAT, "READY"), "unchanged")
    assert "The agent is not routable" in outcome.message
    await work.do(make_routable(AGENT, CHAT, True))


async def test_not_routable_with_offered_task_takes_effect_after_the_task_starts(work: Work) -> None:
    await work.ready_on()
    task_id = await work.offered()
    outcome = await work.do(make_routable(AGENT, CHAT, False), "unknown")
    assert "the agent is still routable" in outcome.message
    assert "when no task is in state OFFERED or ACCEPTED" in outcome.message
    await work.do(accept_task(task_id))
    await work.do(work_on_task(task_id, "START"))
    await work.until(lambda: work.session.mirror.media[CHAT].routable is False)


async def test_already_not_routable_is_unchanged_although_finesse_rejects_it(work: Work) -> None:
    await work.ready_on()
    work.simulator.faults.lose_next_event(1, f"/finesse/api/User/{AGENT}/Media")
    work.simulator.center.colleague(AGENT).change_media(CHAT, routable="false")
    outcome = await work.do(make_routable(AGENT, CHAT, False), "unchanged")
    assert outcome.message == "Already in that state. Finesse rejected the request for that reason."
    assert outcome.media is not None
    assert outcome.media.routable is False


@pytest.mark.parametrize(
    ("media_id", "meaning", "code"),
    [
        ("5003", "The media routing domain is not configured.", "3"),
        ("4711", "The media routing domain is not configured.", "3"),
    ],
)
async def test_media_routing_error_is_explained_in_a_sentence(
    work: Work, media_id: str, meaning: str, code: str
) -> None:
    outcome = await work.do(sign_in_media(AGENT, media_id, SETTINGS), "failed")
    assert outcome.message.startswith(f"Finesse rejected LOGIN: {meaning} (")
    assert outcome.advice == "Check the id of the media routing domain."
    assert [error.data for error in outcome.errors] == [code]


async def test_voice_media_is_rejected(work: Work) -> None:
    with pytest.raises(InvalidRequestError, match="voice"):
        await work.session.act(sign_in_media(AGENT, "1", SETTINGS))


async def test_task_is_accepted_started_paused_resumed_wrapped_up_and_closed(work: Work) -> None:
    await work.ready_on()
    task_id = await work.offered(callVariable1="7731")
    assert work.session.mirror.dialogs == {}
    for action, state, media_state in (
        ("ACCEPT", "ACCEPTED", "ACTIVE"),
        ("START", "ACTIVE", "ACTIVE"),
        ("PAUSE", "PAUSED", "PAUSED"),
        ("RESUME", "ACTIVE", "ACTIVE"),
        ("WRAP_UP", "WRAPPING_UP", "WORK_READY"),
    ):
        made = accept_task(task_id) if action == "ACCEPT" else work_on_task(task_id, action)
        outcome = await work.do(made)
        assert outcome.dialog is not None
        assert outcome.dialog.state == state
        await work.until(lambda wanted=media_state: work.session.mirror.media[CHAT].state == wanted)
    outcome = await work.do(close_task(task_id))
    assert (outcome.dialog, outcome.dialog_id) == (None, task_id)
    assert work.session.mirror.tasks == {}
    await work.until(lambda: work.session.mirror.media[CHAT].state == "READY")


async def test_error_for_disallowed_task_action_lists_allowed_actions(work: Work) -> None:
    await work.ready_on()
    task_id = await work.offered()
    sent = len(work.sent())
    with pytest.raises(
        InvalidRequestError, match=r"state OFFERED.*Allowed now: ACCEPT\. PAUSE requires: an ACTIVE task"
    ):
        await work.session.act(work_on_task(task_id, "PAUSE"))
    with pytest.raises(InvalidRequestError, match=f"no task 1_2_3.*Current tasks: {task_id}"):
        await work.session.act(accept_task("1_2_3"))
    assert len(work.sent()) == sent


async def test_transferred_task_is_removed_and_unreported(work: Work) -> None:
    task_id = await work.active()
    outcome = await work.do(transfer_task(task_id, "chat.sales"), "unreported")
    assert "The agent no longer has the task. Finesse does not report the cause." in outcome.message
    assert work.session.mirror.tasks == {}


async def test_failed_transfer_leaves_the_task_with_the_agent(work: Work) -> None:
    task_id = await work.active()
    outcome = await work.do(transfer_task(task_id, "nowhere"), "failed")
    assert "Script selector not found" in outcome.message
    assert outcome.dialog is not None
    assert list(work.session.mirror.tasks) == [task_id]


async def test_accept_of_withdrawn_task_is_failed(work: Work) -> None:
    await work.ready_on()
    task_id = await work.offered()
    task = work.simulator.center.tasks.task(task_id)
    assert task is not None
    work.simulator.faults.delay_events(0.05)
    work.simulator.center.tasks.withdraw(task)
    outcome = await work.do(accept_task(task_id), "failed")
    assert "task" in outcome.message.lower() or "dialog" in outcome.message.lower()


async def test_call_interrupts_a_task_and_disallows_its_actions(work: Work) -> None:
    task_id = await work.active(MAIL)
    await work.ready()
    call_id = work.simulator.center.customers.call("8800", CUSTOMER, {})
    await work.until(lambda: call_id in work.session.mirror.dialogs)
    await work.do(answer_call(call_id))
    await work.until(lambda: work.session.mirror.media[MAIL].state == "INTERRUPTED")
    assert work.session.mirror.tasks[task_id].state == "ACTIVE"
    with pytest.raises(InvalidRequestError, match=r"state INTERRUPTED.*Allowed now: nothing"):
        await work.session.act(work_on_task(task_id, "PAUSE"))
    await work.do(end_call(call_id))
    await work.until(lambda: work.session.mirror.media[MAIL].state == "ACTIVE")
    await work.do(work_on_task(task_id, "PAUSE"))
    assert work.gaps() == []


async def test_lost_task_event_is_replaced_by_a_read_and_recorded_as_gap(work: Work) -> None:
    await work.ready_on()
    task_id = await work.offered()
    work.simulator.faults.lose_next_event(1, f"/finesse/api/User/{AGENT}/Dialogs/Media")
    outcome = await work.do(accept_task(task_id))
    assert (
        outcome.message == "The offer was accepted. Confirmed by reading the state; no notification arrived."
    )
    await work.until(work.gaps)
