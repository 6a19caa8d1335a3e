"""Every outcome agrees with the simulator: state, media, task, preview and message actions times faults.

``confirmed`` and ``unchanged`` are reported only when the result is in effect, ``failed`` only when it is
not, and nothing is sent twice. An ordinary success is reported as such with any notification fault or a
lost response.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.agent import change_state, sign_in, sign_out
from mcp_finesse.session.actions.outbound import answer_preview
from mcp_finesse.session.actions.supervision import change_agent_state, sign_out_agent
from mcp_finesse.session.actions.tasks import (
    accept_task,
    change_media_state,
    close_task,
    sign_in_media,
    sign_out_media,
    transfer_task,
    work_on_task,
)
from mcp_finesse.session.actions.team_messages import delete_team_message, send_team_message
from mcp_finesse.session.state.media_settings import MediaSettings
from mcp_finesse.simulator.errors import ApiProblem
from tests.session.actions.test_outbound import CLEO, RINGS, previewed
from tests.session.actions.test_tasks import CHAT, SETTINGS, Work
from tests.session.support import AGENT, EXTENSION, TIMING
from tests.session.support_supervision import ADA, SUPERVISOR, TEAM, Office, office

QUICK = replace(
    TIMING, action=2.5, read=0.4, event=0.1, confirmation=0.5, error_window=0.15, unreported_wait=0.1
)
LUNCH, SIGN_OUT = 23, 31


@dataclass(frozen=True)
class Case:
    """One action.

    Attributes:
        user: the user of the session.
        prepare: brings the agent into the required state and returns the action.
        truth: whether its result is in effect in the simulator.
        other: another client does the same.
        undo: another client undoes it, or the other party leaves.
        success: the status of an ordinary success.
        lost: the status of a success whose response was lost.
    """

    user: str
    prepare: Callable[[Office], Awaitable[Action]]
    truth: Callable[[Office, Action], bool]
    other: Callable[[Office, Action], object] | None = None
    undo: Callable[[Office, Action], object] | None = None
    success: str = "confirmed"
    lost: str = "confirmed"
    method: str = "PUT"


def state_of(finesse: Office, user: str) -> str:
    return finesse.agent_state(user)


def puppet(finesse: Office, user: str = AGENT) -> Any:
    return finesse.simulator.center.colleague(user)


async def signed_in(finesse: Office) -> None:
    await finesse.do(sign_in(AGENT, EXTENSION))


def work(finesse: Office) -> Work:
    return Work(finesse.simulator, finesse.session, finesse.config)


async def signing_in(_: Office) -> Action:
    return sign_in(AGENT, EXTENSION)


async def becoming_ready(finesse: Office) -> Action:
    await signed_in(finesse)
    return change_state(AGENT, "READY")


async def going_to_lunch(finesse: Office) -> Action:
    await signed_in(finesse)
    await finesse.do(change_state(AGENT, "READY"))
    return change_state(AGENT, "NOT_READY", LUNCH)


async def signing_out(finesse: Office) -> Action:
    await signed_in(finesse)
    return sign_out(AGENT, SIGN_OUT)


async def signing_in_to_media(finesse: Office) -> Action:
    await signed_in(finesse)
    return sign_in_media(AGENT, CHAT, SETTINGS)


async def changing_media_settings(finesse: Office) -> Action:
    await work(finesse).ready_on()
    return sign_in_media(AGENT, CHAT, MediaSettings(7, "IGNORE"))


async def becoming_ready_on_media(finesse: Office) -> Action:
    await finesse.do(sign_in_media(AGENT, CHAT, SETTINGS))
    return change_media_state(AGENT, CHAT, "READY")


async def signing_out_of_media(finesse: Office) -> Action:
    await finesse.do(sign_in_media(AGENT, CHAT, SETTINGS))
    return sign_out_media(AGENT, CHAT, SIGN_OUT)


async def accepting_task(finesse: Office) -> Action:
    await work(finesse).ready_on()
    return accept_task(await work(finesse).offered())


async def pausing_task(finesse: Office) -> Action:
    return work_on_task(await work(finesse).active(), "PAUSE")


async def closing_task(finesse: Office) -> Action:
    return close_task(await work(finesse).active())


async def transferring_task(finesse: Office) -> Action:
    return transfer_task(await work(finesse).active(), "chat.sales")


async def accepting_preview(finesse: Office) -> Action:
    return answer_preview(await previewed(finesse, number=RINGS), "ACCEPT")


async def rejecting_preview(finesse: Office) -> Action:
    return answer_preview(await previewed(finesse), "REJECT")


async def ada_is_there(finesse: Office) -> None:
    finesse.colleague(ADA)
    await finesse.until_true(lambda: state_of(finesse, ADA) == "NOT_READY")


async def changing_agent(finesse: Office) -> Action:
    await ada_is_there(finesse)
    return change_agent_state(ADA, TEAM, "READY")


async def signing_agent_out(finesse: Office) -> Action:
    await ada_is_there(finesse)
    return sign_out_agent(ADA, TEAM)


async def sending_message(_: Office) -> Action:
    return send_team_message("Plan B", [TEAM], 600)


async def deleting_message(finesse: Office) -> Action:
    sent = await finesse.do(send_team_message("Plan B", [TEAM], 600))
    assert sent.team_message is not None
    return delete_team_message(sent.team_message.id, [TEAM])


def messages(finesse: Office) -> Any:
    return finesse.simulator.center.truth()["messages"]


def media(finesse: Office) -> Any:
    return finesse.simulator.center.tasks.users[AGENT, CHAT]


def task_state(finesse: Office, action: Action) -> str:
    task = finesse.simulator.center.tasks.task(action.target)
    return task.state if task is not None and task.id == action.target and task.agent_id == AGENT else "gone"


def disposition(finesse: Office, action: Action) -> str:
    return str(finesse.simulator.center.tasks.dispositions.get(action.target, ""))


def move_task(finesse: Office, action: Action) -> None:
    board = finesse.simulator.center.tasks
    task = board.task(action.target)
    if task is not None:
        board._resubmit(task)
        board.changed("")


def withdraw_task(finesse: Office, action: Action) -> None:
    board = finesse.simulator.center.tasks
    if (task := board.task(action.target)) is not None:
        board.withdraw(task)


def withdraw_preview(finesse: Office, action: Action) -> None:
    outbound = finesse.simulator.center.outbound
    outbound._time_out(outbound.offers[action.target])


def record(finesse: Office, action: Action) -> str:
    return str(finesse.simulator.center.truth()["records"][action.target]["status"])


CASES = {
    "sign in": Case(
        AGENT,
        signing_in,
        lambda f, _: state_of(f, AGENT) != "LOGOUT",
        lambda f, _: puppet(f).sign_in(),
        lambda f, _: puppet(f).change_state("LOGOUT", str(SIGN_OUT)),
    ),
    "ready": Case(
        AGENT,
        becoming_ready,
        lambda f, _: state_of(f, AGENT) == "READY",
        lambda f, _: puppet(f).change_state("READY"),
        lambda f, _: puppet(f).change_state("NOT_READY", str(LUNCH)),
    ),
    "not ready with a reason": Case(
        AGENT,
        going_to_lunch,
        lambda f, _: f.simulator.center.state.agents[AGENT].reason_id == str(LUNCH),
        lambda f, _: puppet(f).change_state("NOT_READY", str(LUNCH)),
        lambda f, _: puppet(f).change_state("READY"),
    ),
    "sign out": Case(
        AGENT,
        signing_out,
        lambda f, _: state_of(f, AGENT) == "LOGOUT",
        lambda f, _: puppet(f).change_state("LOGOUT", str(SIGN_OUT)),
        lambda f, _: puppet(f).sign_in(),
    ),
    "media sign in": Case(
        AGENT, signing_in_to_media, lambda f, _: media(f).base != "LOGOUT" and media(f).max_dialog_limit == 3
    ),
    "media settings": Case(
        AGENT,
        changing_media_settings,
        lambda f, _: (media(f).max_dialog_limit, media(f).interrupt_action) == (7, "IGNORE"),
    ),
    "media ready": Case(
        AGENT,
        becoming_ready_on_media,
        lambda f, _: media(f).base == "READY",
        lambda f, _: puppet(f).change_media(CHAT, state="READY"),
        lambda f, _: puppet(f).change_media(CHAT, state="LOGOUT", reason_code_id=str(SIGN_OUT)),
    ),
    "media sign out": Case(
        AGENT,
        signing_out_of_media,
        lambda f, _: media(f).base == "LOGOUT",
        lambda f, _: puppet(f).change_media(CHAT, state="LOGOUT", reason_code_id=str(SIGN_OUT)),
        lambda f, _: puppet(f).sign_in_to_media(CHAT, 3, "ACCEPT", "CLOSE"),
    ),
    "accept a task": Case(
        AGENT,
        accepting_task,
        lambda f, a: task_state(f, a) == "ACCEPTED",
        lambda f, a: puppet(f).act_on_task("ACCEPT", a.target),
        withdraw_task,
    ),
    "pause a task": Case(
        AGENT,
        pausing_task,
        lambda f, a: task_state(f, a) == "PAUSED",
        lambda f, a: puppet(f).act_on_task("PAUSE", a.target),
        withdraw_task,
    ),
    "close a task": Case(
        AGENT, closing_task, lambda f, a: bool(disposition(f, a)), withdraw_task, move_task, lost="confirmed"
    ),
    "transfer a task": Case(
        AGENT,
        transferring_task,
        lambda f, a: task_state(f, a) == "gone" and not disposition(f, a),
        move_task,
        withdraw_task,
        success="unreported",
        lost="unknown",
    ),
    "accept a preview": Case(
        CLEO, accepting_preview, lambda f, a: record(f, a) in ("ACCEPTED", "REACHED"), None, withdraw_preview
    ),
    "reject a preview": Case(
        CLEO,
        rejecting_preview,
        lambda f, a: record(f, a) == "REJECTED",
        None,
        withdraw_preview,
        success="unreported",
        lost="unknown",
    ),
    "make an agent ready": Case(
        SUPERVISOR,
        changing_agent,
        lambda f, _: state_of(f, ADA) == "READY",
        lambda f, _: puppet(f, ADA).change_state("READY"),
        lambda f, _: puppet(f, ADA).change_state("NOT_READY", str(LUNCH)),
    ),
    "sign an agent out": Case(
        SUPERVISOR,
        signing_agent_out,
        lambda f, _: state_of(f, ADA) == "LOGOUT",
        lambda f, _: puppet(f, ADA).change_state("LOGOUT", str(SIGN_OUT)),
    ),
    "send a message": Case(
        SUPERVISOR,
        sending_message,
        lambda f, _: bool(messages(f)),
        method="POST",
    ),
    "delete a message": Case(
        SUPERVISOR,
        deleting_message,
        lambda f, _: not messages(f),
        method="DELETE",
    ),
}
# Notification faults that do not change the status of an ordinary success.
NOTIFICATIONS: dict[str, Callable[[Office], object]] = {
    "no fault": lambda f: None,
    "events lost": lambda f: f.simulator.faults.lose_next_event(8),
    "events late": lambda f: f.simulator.faults.delay_events(0.05),
    "intermediate event": lambda f: f.simulator.faults.intermediate_event(),
    "events twice": lambda f: f.simulator.faults.duplicate_events(4),
    "events out of order": lambda f: f.simulator.faults.swap_events(8),
}
# Responses that do not show what was done: status, body.
ANSWERS = {"500": (500, ""), "408": (408, ""), "502": (502, "<html>bad gateway</html>")}


@asynccontextmanager
async def stage(case: Case, folder: Path, **settings: Any) -> AsyncIterator[tuple[Office, Action, int]]:
    async with office(folder, user=case.user, timing=QUICK, **settings) as finesse:
        if case.user == SUPERVISOR:
            await finesse.do(sign_in(SUPERVISOR, "4500"))
        action = await case.prepare(finesse)
        yield finesse, action, len(finesse.sent(case.method))


def assert_true(status: str, truth: bool) -> None:
    """Assert that ``confirmed``, ``unchanged`` and ``failed`` are true."""
    if status in ("confirmed", "unchanged"):
        assert truth
    if status == "failed":
        assert not truth


@pytest.mark.parametrize("request_ids", ["all", "sparse"])
@pytest.mark.parametrize("fault", NOTIFICATIONS)
@pytest.mark.parametrize("name", CASES)
async def test_success_is_reported_despite_notification_faults(
    name: str, fault: str, request_ids: str, tmp_path: Path
) -> None:
    case = CASES[name]
    async with stage(case, tmp_path, request_ids=request_ids) as (finesse, action, sent):
        NOTIFICATIONS[fault](finesse)
        outcome = await finesse.session.act(action)
        assert_true(outcome.status, case.truth(finesse, action))
        closed_unseen = name == "close a task" and fault == "events lost"
        assert outcome.status == ("unknown" if closed_unseen else case.success), outcome
        assert len(finesse.sent(case.method)) == sent + 1


# Every response with all request ids. With sparse ids, one lost and one ordinary response, which take
# different paths.
LOST = [*((answer, "all") for answer in (*ANSWERS, "none", "202")), ("500", "sparse"), ("202", "sparse")]


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize(("answer", "request_ids"), LOST)
@pytest.mark.parametrize("name", CASES)
async def test_outcome_is_true_after_lost_or_empty_response(
    name: str, answer: str, request_ids: str, done: bool, tmp_path: Path
) -> None:
    case = CASES[name]
    if answer == "none" and not done:
        pytest.skip("the simulator carries out what it does not respond")
    async with stage(case, tmp_path, request_ids=request_ids) as (finesse, action, sent):
        if answer == "none":
            finesse.simulator.faults.no_answer(method=case.method)
        else:
            status, body = ANSWERS.get(answer, (202, ""))
            finesse.simulator.faults.http_status(status, body, method=case.method, carry_out=done)
        outcome = await finesse.session.act(action)
        assert_true(outcome.status, case.truth(finesse, action))
        success = case.success if answer == "202" else case.lost
        if answer != "none":  # the simulator acts after the client's timeout, perhaps too late to be seen
            assert outcome.status == (success if done else "unknown"), outcome
        assert len(finesse.sent(case.method)) == sent + 1


@pytest.mark.parametrize("request_ids", ["all", "sparse"])
@pytest.mark.parametrize("heard", ["with id", "without id", "lost"])
@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].method == "PUT"])
async def test_rejected_action_is_failed_when_the_error_arrives_and_never_confirmed(
    name: str, heard: str, request_ids: str, tmp_path: Path
) -> None:
    case = CASES[name]
    async with stage(case, tmp_path, request_ids=request_ids) as (finesse, action, sent):
        finesse.simulator.faults.fail_next(with_request_id=heard == "with id")
        if heard == "lost":
            finesse.simulator.faults.lose_next_event(2)  # an intermediate event may precede the error
        outcome = await finesse.session.act(action)
        assert_true(outcome.status, case.truth(finesse, action))
        # An error about another agent is published on that agent's feed only.
        unheard = heard == "lost" or case.user == SUPERVISOR
        assert outcome.status == ("unknown" if unheard else "failed"), outcome
        assert len(finesse.sent(case.method)) == sent + 1


@pytest.mark.parametrize("who", ["other", "undo"])
@pytest.mark.parametrize("refused", [True, False])
@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].other or CASES[name].undo])
async def test_action_of_another_client_is_not_claimed(
    name: str, refused: bool, who: str, tmp_path: Path
) -> None:
    case = CASES[name]
    act = case.other if who == "other" else case.undo
    if act is None:
        pytest.skip("nobody else can do that")
    async with stage(case, tmp_path) as (finesse, action, sent):
        faults = finesse.simulator.faults
        if refused:
            faults.delay_events(0.05)  # the error arrives after the other client's action
            faults.fail_next()
        elif who == "other":
            faults.http_status(202, method=case.method)
        acting = asyncio.create_task(finesse.session.act(action))
        await finesse.until_true(lambda: len(finesse.sent(case.method)) > sent)
        if refused or who == "other":
            await finesse.until_true(lambda: not faults._failures)
            with suppress(ApiProblem):  # there may be nothing to undo
                act(finesse, action)
            outcome = await acting
            assert_true(outcome.status, case.truth(finesse, action))
            if who == "undo":
                assert outcome.status in ("failed", "unknown", "unreported"), outcome
        else:
            await finesse.until_true(lambda: case.truth(finesse, action))
            act(finesse, action)
            outcome = await acting
            assert outcome.status in (case.success, "unknown"), outcome
        assert len(finesse.sent(case.method)) == sent + 1


@pytest.mark.parametrize("name", ["ready", "not ready with a reason", "close a task"])
async def test_rejected_request_is_unchanged_when_another_client_won(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    async with stage(case, tmp_path) as (finesse, action, sent):
        finesse.simulator.faults.delay_events(0.05)
        finesse.simulator.faults.fail_next(str(action.name))
        assert case.other is not None
        acting = asyncio.create_task(finesse.session.act(action))
        await finesse.until_true(lambda: len(finesse.sent(case.method)) > sent)
        await finesse.until_true(lambda: not finesse.simulator.faults._failures)
        case.other(finesse, action)
        outcome = await acting
        assert outcome.status == "unchanged", outcome
        assert (
            "Now in that state, but not because of this request, which Finesse rejected." in outcome.message
        )
