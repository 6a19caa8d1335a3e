"""Another client acts on the same object while Finesse rejects our request or loses its response."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from mcp_finesse.errors import ApiErrorDetail, NetworkError, OutOfServiceError, RefusedError
from mcp_finesse.model import Dialog, Update, User
from mcp_finesse.rest.transmission import open_transmission
from mcp_finesse.session import Outcome, SessionTiming
from mcp_finesse.session.actions.action import Action, PreparedRequest
from mcp_finesse.session.actions.agent import StateReached, change_state
from mcp_finesse.session.actions.calls import ParticipantReached
from mcp_finesse.session.actions.completion import Completion
from mcp_finesse.session.actions.evidence import History, Weak
from mcp_finesse.session.actions.tasks import TaskLeft
from mcp_finesse.session.state.mirror import Change
from tests.mirrored import set_user
from tests.session.actions.test_executor import USER, Sending
from tests.session.matrix.bench import Bench, bench
from tests.session.matrix.rows import talking
from tests.session.state.test_tasks import task, told_list
from tests.session.support import AGENT

LUNCH, MEETING = 23, 24
ACCEPTED = 202
REJECTED = (ApiErrorDetail("Generic Error", "1", "CF_GENERIC_STATE_INCOMPATIBILITY"),)
LEFT = Weak(TaskLeft("7"), (), "the agent no longer has the task", unreported=True)


async def rejected(
    completion: Completion, *, change: Callable[[Sending], object] = lambda _: None
) -> Outcome:
    """Return the outcome of a request that Finesse rejects by id while another client changes something."""
    sending = Sending()

    async def send(_: object, request_id: str) -> None:
        sending.executor.record_errors(Update(source=USER, errors=REJECTED, request_id=request_id))
        asyncio.get_running_loop().call_soon(change, sending)

    return await sending.executor.perform(
        Action("READY", "user", lambda _: PreparedRequest(completion, send))
    )


def seen(sending: Sending, user: User) -> None:
    set_user(sending.mirror, user)
    sending.executor._on_state_change(Change("user"))


# -- Finesse rejects our request


async def test_rejection_of_an_action_on_a_call_that_has_ended_is_failed_without_waiting() -> None:
    outcome = await rejected(ParticipantReached("7", frozenset({"HELD"})))
    assert outcome.status == "failed"
    assert outcome.seconds < SessionTiming().scaled(0.01).unreported_wait


async def test_rejected_transfer_of_a_task_that_another_client_took_is_unknown() -> None:
    sending = Sending()
    sending.mirror.apply(told_list("POST", task("7")), "user")

    async def send(_: object, request_id: str) -> None:
        sending.executor.record_errors(Update(source=USER, errors=REJECTED, request_id=request_id))
        sending.mirror.apply(told_list("DELETE", task("7", seconds=1)), "user")

    outcome = await sending.executor.perform(Action("TRANSFER", "7", lambda _: PreparedRequest(LEFT, send)))
    assert outcome.status == "unknown"
    assert "Finesse reported an error (Generic Error" in outcome.message
    assert "the agent no longer has the task" in outcome.message


async def test_rejection_that_leaves_a_weak_state_as_it_was_is_failed() -> None:
    busy = User(state="TALKING", pending_state="NOT_READY")
    completion = StateReached("NOT_READY", MEETING, before=busy)
    sending = Sending()
    set_user(sending.mirror, busy)

    async def send(_: object, request_id: str) -> None:
        sending.executor.record_errors(Update(source=USER, errors=REJECTED, request_id=request_id))
        sending.executor.record_update(
            Update(dialog=Dialog(id="7", state="ACTIVE"))
        )  # an update without evidence

    outcome = await sending.executor.perform(
        Action("NOT_READY", "user", lambda _: PreparedRequest(completion, send))
    )
    assert outcome.status == "failed"


def test_notification_without_id_is_no_evidence_for_a_request_without_id() -> None:
    history = History("")
    history.add_update(Update(dialog=Dialog(id="7", state="ACTIVE")), 0.0)
    assert not StateReached("NOT_READY", MEETING).evidence(history).supported


async def test_state_that_another_client_sets_after_the_error_is_not_called_its_reason() -> None:
    outcome = await rejected(StateReached("READY"), change=lambda made: seen(made, User(state="READY")))
    assert outcome.status == "unchanged"
    assert outcome.message == "Now in that state, but not because of this request, which Finesse rejected."


@pytest.mark.parametrize("in_effect", [True, False])
async def test_request_rejected_at_once_is_unchanged_when_another_client_was_faster(in_effect: bool) -> None:
    sending = Sending(RefusedError("no", status=400, details=REJECTED), changes=in_effect)
    outcome = await sending.act()
    assert outcome.status == ("unchanged" if in_effect else "failed")
    assert outcome.errors
    assert sending.sent == 1


async def test_waiting_for_another_client_after_an_error_ends_with_the_time_limit() -> None:
    timing = replace(SessionTiming().scaled(0.01), action=0.3, read=0.05, event=0.01, unreported_wait=9.0)
    sending = Sending()
    sending.executor._timing = timing

    async def send(_: object, request_id: str) -> None:
        sending.executor.record_errors(Update(source=USER, errors=REJECTED, request_id=request_id))

    acting = sending.executor.perform(
        Action("READY", "user", lambda _: PreparedRequest(StateReached("READY"), send))
    )
    outcome = await asyncio.wait_for(acting, 2.0)
    assert outcome.status == "failed"


# -- the reason of a pending state, which Finesse does not report


async def _busy(made: Bench) -> None:
    await talking(made)
    await made.known()


@pytest.mark.parametrize("status", [ACCEPTED, 500], ids=["rejected", "answer lost"])
async def test_pending_reason_set_by_another_client_is_not_attributed_to_ours(status: int) -> None:
    async with bench("all") as made:
        await _busy(made)
        made.faults.http_status(status, "", method="PUT")
        action = change_state(AGENT, "NOT_READY", MEETING)
        acting = asyncio.create_task(made.executor.perform(action))
        await made.until(made.writes)
        if status == ACCEPTED:
            request_id = made.executor._watches[0].request_id
            made.executor.record_errors(Update(source=USER, errors=REJECTED, request_id=request_id))
        made.desktop.change_state("NOT_READY", str(LUNCH))
        outcome = await acting
        assert outcome.status == "unknown"
        assert outcome.user is not None
        assert outcome.user.pending_state == "NOT_READY"


# -- the caller is cancelled


async def test_request_rejected_as_out_of_service_is_not_sent_again_for_cancelled_caller() -> None:
    rejected_before_execution = asyncio.Event()

    async def send() -> None:
        transmission = open_transmission()
        assert transmission is not None
        transmission.start()
        rejected_before_execution.set()
        raise OutOfServiceError("later")

    sending = Sending(send, None)
    acting = asyncio.create_task(sending.act())
    await rejected_before_execution.wait()
    await asyncio.sleep(0)
    acting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await acting
    await asyncio.gather(*sending.executor._tasks, return_exceptions=True)
    assert sending.sent == 1


async def test_request_with_lost_response_is_followed_to_its_outcome_for_cancelled_caller() -> None:
    lost = asyncio.Event()

    async def send() -> None:
        transmission = open_transmission()
        assert transmission is not None
        transmission.start()
        lost.set()
        raise NetworkError("broken", step="http", sent=True)

    sending = Sending(send, changes=True)
    acting = asyncio.create_task(sending.act())
    await lost.wait()
    acting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await acting
    (task,) = sending.executor._tasks
    assert (await task).status == "confirmed"
