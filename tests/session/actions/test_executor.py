"""Action outcomes: each is true even when events are lost, late or misleading."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mcp_finesse.errors import (
    ApiErrorDetail,
    CredentialsError,
    FinesseError,
    InvalidRequestError,
    NetworkError,
    NotReadyError,
    OutOfServiceError,
    PayloadError,
    ReadOnlyError,
    RefusedError,
)
from mcp_finesse.model import Update, User
from mcp_finesse.rest.transmission import open_transmission
from mcp_finesse.session import Clock, Outcome, SessionTiming
from mcp_finesse.session.actions.action import Action, PreparedRequest
from mcp_finesse.session.actions.agent import StateReached, change_state, sign_in, sign_out
from mcp_finesse.session.actions.call_data import update_call_data, wrap_up_call
from mcp_finesse.session.actions.calls import (
    answer_call,
    consult_call,
    end_call,
    hold_call,
    make_call,
    retrieve_call,
    send_dtmf,
)
from mcp_finesse.session.actions.executor import ActionExecutor
from mcp_finesse.session.actions.transfer import conference_call, transfer_call
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.state.mirror import Change, Mirror
from tests.mirrored import set_user
from tests.session.support import (
    AGENT,
    COLLEAGUE,
    COLLEAGUE_EXTENSION,
    CUSTOMER,
    EXTENSION,
    TIMING,
    Floor,
    assert_truthful,
    floor,
)

DIALOGS = f"/finesse/api/User/{AGENT}/Dialogs"
USER = f"/finesse/api/User/{AGENT}"
TURNED_AWAY = (
    "<ApiErrors><ApiError><ErrorType>Service Unavailable</ErrorType>"
    "<ErrorMessage>SERVER_OUT_OF_SERVICE</ErrorMessage><ErrorData></ErrorData></ApiError></ApiErrors>"
)

# -- a whole call


async def test_sign_in_is_confirmed_with_current_agent_state(finesse: Floor) -> None:
    outcome = await finesse.session.act(sign_in(AGENT, EXTENSION))
    assert outcome.status == "confirmed"
    assert outcome.user is not None
    assert (outcome.user.state, outcome.user.extension) == ("NOT_READY", EXTENSION)


async def test_sign_in_of_signed_in_agent_is_unchanged_and_not_sent(finesse: Floor) -> None:
    await finesse.sign_in()
    sent = len(finesse.sent())
    outcome = await finesse.session.act(sign_in(AGENT, EXTENSION))
    assert outcome.status == "unchanged"
    assert len(finesse.sent()) == sent


async def test_call_is_answered_held_retrieved_and_ended(finesse: Floor) -> None:
    call = await finesse.ringing()
    steps = [
        (answer_call(call), "ACTIVE"),
        (hold_call(call), "HELD"),
        (retrieve_call(call), "ACTIVE"),
        (end_call(call), "WRAP_UP"),
    ]
    for action, state in steps:
        outcome = await finesse.session.act(action)
        assert (action.name, outcome.status) == (action.name, "confirmed")
        assert finesse.own_state(call) == state


async def test_hold_is_confirmed_on_uccx_where_the_agent_state_stays_talking(tmp_path: Path) -> None:
    async with floor(tmp_path, platform="UCCX") as finesse:
        call = await finesse.talking()
        outcome = await finesse.session.act(hold_call(call))
        assert outcome.status == "confirmed"
        assert finesse.session.mirror.user is not None
        assert finesse.session.mirror.user.state == "TALKING"
        refused = await finesse.session.act(change_state(AGENT, "READY"))
        assert refused.status == "failed"
        assert refused.errors[0].data == "265"


async def test_wrap_up_sets_the_reason_and_agent_can_become_ready(finesse: Floor) -> None:
    call = await finesse.talking()
    await finesse.session.act(end_call(call))
    outcome = await finesse.session.act(wrap_up_call(call, "Sale"))
    assert outcome.message == "The wrap-up reason was stored."
    assert outcome.status == "confirmed"
    assert outcome.dialog is not None
    assert outcome.dialog.media_properties is not None
    assert outcome.dialog.media_properties.wrap_up_reason == "Sale"
    ready = await finesse.session.act(change_state(AGENT, "READY"))
    assert ready.status == "confirmed"
    await finesse.until(lambda: not finesse.session.mirror.dialogs)


async def test_consult_creates_second_call_and_holds_the_first(finesse: Floor) -> None:
    finesse.colleague_ready()
    call = await finesse.talking()
    outcome = await finesse.session.act(consult_call(call, COLLEAGUE_EXTENSION))
    assert outcome.status == "confirmed"
    assert outcome.dialog is not None
    assert outcome.dialog.id != call
    assert outcome.dialog.to_address == COLLEAGUE_EXTENSION
    assert finesse.own_state(call) == "HELD"


async def consulting(finesse: Floor) -> tuple[str, str]:
    finesse.colleague_ready()
    call = await finesse.talking()
    outcome = await finesse.session.act(consult_call(call, COLLEAGUE_EXTENSION))
    assert outcome.dialog is not None
    consult = outcome.dialog.id
    await finesse.until(lambda: finesse.session.mirror.dialogs[consult].state == "ALERTING")
    finesse.simulator.center.colleague(COLLEAGUE).act("ANSWER", consult)
    await finesse.until(lambda: finesse.session.mirror.dialogs[consult].state == "ACTIVE")
    return call, consult


@pytest.mark.parametrize("named", ["the held call", "the consult call"])
async def test_transfer_is_sent_to_held_call_whichever_call_is_named(finesse: Floor, named: str) -> None:
    call, consult = await consulting(finesse)
    outcome = await finesse.session.act(transfer_call(call if named == "the held call" else consult))
    assert outcome.status == "confirmed"
    assert finesse.own_state(call) in ("gone", "WRAP_UP")
    assert finesse.own_state(consult) == "gone"
    paths = [r.path for r in finesse.simulator.requests if b">TRANSFER<" in r.body]
    assert paths == [f"/finesse/api/Dialog/{call}"]


async def test_conference_leaves_one_call_with_all_three_parties(finesse: Floor) -> None:
    call, _ = await consulting(finesse)
    outcome = await finesse.session.act(conference_call(call))
    assert outcome.status == "confirmed"
    assert outcome.dialog is not None
    addresses = {p.media_address for p in outcome.dialog.participants}
    assert addresses == {EXTENSION, COLLEAGUE_EXTENSION, CUSTOMER}


async def test_blind_transfer_removes_the_agent_from_the_call(finesse: Floor) -> None:
    finesse.colleague_ready()
    call = await finesse.talking()
    outcome = await finesse.session.act(transfer_call(call, COLLEAGUE_EXTENSION))
    assert outcome.status == "confirmed"
    assert finesse.own_state(call) in ("gone", "WRAP_UP")


async def test_make_call_is_confirmed_with_the_new_call(finesse: Floor) -> None:
    await finesse.sign_in()
    outcome = await finesse.session.act(make_call(AGENT, "2125550101", {"callVariable1": "x"}))
    assert outcome.status == "confirmed"
    assert outcome.dialog is not None
    assert outcome.dialog.to_address == "2125550101"


async def test_call_to_busy_number_is_failed_with_its_cause(finesse: Floor) -> None:
    await finesse.sign_in()
    outcome = await finesse.session.act(make_call(AGENT, "2125550102"))
    assert outcome.status == "failed"
    assert "BUSY" in outcome.message


async def test_dtmf_is_unreported(finesse: Floor) -> None:
    call = await finesse.talking()
    outcome = await finesse.session.act(send_dtmf(call, "12#"))
    assert outcome.status == "unreported"


async def test_call_variables_are_confirmed_and_truncated_value_is_reported(finesse: Floor) -> None:
    call = await finesse.talking()
    asked = {"callVariable1": "7731", "user.orderId": "A-17 and much more than twenty bytes"}
    outcome = await finesse.session.act(update_call_data(call, asked))
    assert outcome.status == "confirmed"
    (difference,) = outcome.differences
    assert difference.field == "user.orderId"
    assert difference.asked.startswith(difference.got)


async def test_state_requested_during_call_is_confirmed_as_pending(finesse: Floor) -> None:
    await finesse.talking()
    outcome = await finesse.session.act(change_state(AGENT, "NOT_READY", 23))
    assert outcome.status == "confirmed"
    assert "pending" in outcome.message


# -- rejected requests


async def test_request_rejected_by_later_event_is_failed_with_finesse_error(finesse: Floor) -> None:
    await finesse.ready()
    outcome = await finesse.session.act(sign_out(AGENT, 31))
    assert outcome.status == "failed"
    assert outcome.errors[0].type == "Invalid State"
    assert outcome.advice


async def test_request_rejected_by_http_response_is_failed_with_finesse_error(finesse: Floor) -> None:
    await finesse.ready()
    outcome = await finesse.session.act(change_state(AGENT, "NOT_READY"))
    assert outcome.status == "failed"
    assert "reasonCodeId" in outcome.message


async def test_unknown_dialog_is_rejected_after_a_read_and_not_sent(finesse: Floor) -> None:
    call = await finesse.talking()
    sent = len(finesse.sent())
    with pytest.raises(InvalidRequestError, match=r"no call 999.*Current calls: " + call):
        await finesse.session.act(hold_call("999"))
    assert len(finesse.sent()) == sent


async def test_error_for_disallowed_action_lists_allowed_actions(finesse: Floor) -> None:
    call = await finesse.ringing()
    with pytest.raises(InvalidRequestError, match=r"HOLD is not allowed.*Allowed now: ANSWER"):
        await finesse.session.act(hold_call(call))


async def test_make_call_requires_signed_in_agent(finesse: Floor) -> None:
    with pytest.raises(InvalidRequestError, match="not signed in"):
        await finesse.session.act(make_call(AGENT, "2125550100"))


async def test_consult_transfer_requires_two_calls(finesse: Floor) -> None:
    call = await finesse.talking()
    with pytest.raises(InvalidRequestError, match="not part of such a pair"):
        await finesse.session.act(transfer_call(call))


# -- events that are lost, late or misleading


async def test_lost_event_is_replaced_by_a_read(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.lose_next_event(4, DIALOGS)
    finesse.simulator.faults.lose_next_event(4, USER)
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "confirmed"
    assert "Confirmed by reading the state" in outcome.message
    assert_truthful(finesse, outcome, call, "HELD")


async def test_late_event_confirms_the_action(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.delay_events(0.1)
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "confirmed"
    assert_truthful(finesse, outcome, call, "HELD")


async def test_event_that_arrives_before_the_202_is_not_missed(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.event_before_answer = True
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "confirmed"


async def test_intermediate_event_with_our_request_id_does_not_confirm(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.intermediate_event()
    finesse.simulator.faults.fail_next("HOLD", with_request_id=False)
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "failed"
    assert finesse.own_state(call) == "ACTIVE"


async def test_error_without_request_id_is_attributed_to_the_only_outstanding_action(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.fail_next("HOLD", "Invalid State", "CF_INVALID_OBJECT_STATE", "22", False)
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "failed"
    assert outcome.errors[0].data == "22"
    assert_truthful(finesse, outcome, call, "HELD")


async def test_make_call_with_error_without_request_id_is_failed(finesse: Floor) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.fail_next("MAKE_CALL", "Call Operation Failure", "CF_RESOURCE_BUSY", "33", False)
    outcome = await finesse.session.act(make_call(AGENT, "2125550101"))
    assert outcome.status == "failed"


async def test_two_identical_errors_fail_both_requests(finesse: Floor) -> None:
    call = await finesse.talking()
    for _ in range(2):
        finesse.simulator.faults.fail_next("HOLD", with_request_id=False)
        outcome = await finesse.session.act(hold_call(call))
        assert outcome.status == "failed"


async def test_no_event_and_no_change_is_unknown_with_state_read_back(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(202)
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "unknown"
    assert outcome.dialog is not None
    assert "Check the state before you repeat the action." in outcome.advice
    assert finesse.own_state(call) == "ACTIVE"


async def test_outcome_is_true_when_gateway_loses_the_response(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(502, "<html>bad gateway</html>", method="PUT", carry_out=True)
    outcome = await finesse.session.act(hold_call(call))
    assert_truthful(finesse, outcome, call, "HELD")
    assert len([body for body in finesse.sent() if "HOLD" in body]) == 1


async def test_call_with_unknown_outcome_is_not_placed_twice(finesse: Floor) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.http_status(202)
    first = await finesse.session.act(make_call(AGENT, "2125550101"))
    assert first.status == "unknown"
    with pytest.raises(InvalidRequestError, match="may still be placed"):
        await finesse.session.act(make_call(AGENT, "2125550101"))
    assert len(finesse.sent("POST")) == 1


async def test_request_rejected_as_out_of_service_is_sent_again_when_finesse_is_back(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(503, TURNED_AWAY, method="PUT")
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "confirmed"
    assert finesse.own_state(call) == "HELD"


# -- concurrent actions and cancelled callers


async def test_two_actions_on_one_call_run_one_after_the_other(finesse: Floor) -> None:
    call = await finesse.talking()
    first, second = await asyncio.gather(
        finesse.session.act(hold_call(call)), finesse.session.act(hold_call(call))
    )
    assert sorted([first.status, second.status]) == ["confirmed", "unchanged"]
    assert len([body for body in finesse.sent() if "HOLD" in body]) == 1


async def test_action_that_cannot_get_the_lock_in_time_is_not_sent(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=replace(TIMING, action=1.0, confirmation=0.9, read=0.1)) as finesse:
        call = await finesse.talking()
        finesse.simulator.faults.http_status(202)
        first = asyncio.create_task(finesse.session.act(hold_call(call)))
        await finesse.until_sent("HOLD")
        with pytest.raises(NotReadyError, match="was not sent"):
            await finesse.session.act(retrieve_call(call))
        assert (await first).status == "unknown"
        assert not any("RETRIEVE" in body for body in finesse.sent())


async def test_cancelled_caller_does_not_release_the_device_before_the_action_ends(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.delay_events(0.15)
    leaving = asyncio.create_task(finesse.session.act(hold_call(call)))
    await finesse.until_sent("HOLD")
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    outcome = await finesse.session.act(retrieve_call(call))
    assert outcome.status == "confirmed"
    assert [b for b in finesse.sent() if "HOLD" in b or "RETRIEVE" in b][-1].count("RETRIEVE") == 1


async def test_caller_cancelled_while_queued_sends_nothing(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.delay_events(0.15)
    first = asyncio.create_task(finesse.session.act(hold_call(call)))
    await finesse.until_sent("HOLD")
    queued = asyncio.create_task(finesse.session.act(retrieve_call(call)))
    await asyncio.sleep(0)
    queued.cancel()
    with pytest.raises(asyncio.CancelledError):
        await queued
    assert (await first).status == "confirmed"
    assert not any("RETRIEVE" in body for body in finesse.sent())


async def test_close_ends_running_actions(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(202)
    waiting = asyncio.create_task(finesse.session.act(hold_call(call)))
    await finesse.until_sent("HOLD")
    await finesse.session.close()
    with pytest.raises((asyncio.CancelledError, NotReadyError)):
        await waiting


async def test_request_rejected_as_out_of_service_until_the_time_limit_is_failed(tmp_path: Path) -> None:
    async with floor(
        tmp_path, timing=replace(TIMING, action=0.6, rejected_before_execution=0.1, read=0.1)
    ) as finesse:
        call = await finesse.talking()
        finesse.simulator.faults.http_status(503, TURNED_AWAY, n=50, method="PUT")
        outcome = await finesse.session.act(hold_call(call))
        assert outcome.status == "failed"
        assert finesse.own_state(call) == "ACTIVE"


async def test_request_rejected_by_proxy_is_not_sent_again(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(503, "busy", method="PUT", carry_out=True)
    outcome = await finesse.session.act(hold_call(call))
    assert_truthful(finesse, outcome, call, "HELD")
    assert len([body for body in finesse.sent() if "HOLD" in body]) == 1


async def test_retried_request_is_not_sent_when_another_client_did_it_meanwhile(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(503, TURNED_AWAY, method="PUT")
    holding = asyncio.create_task(finesse.session.act(hold_call(call)))
    await finesse.until_sent("HOLD")
    finesse.simulator.center.colleague(AGENT).act("HOLD", call)
    outcome = await holding
    assert outcome.status == "confirmed"
    assert len([body for body in finesse.sent() if "HOLD" in body]) == 1


async def test_outcome_is_confirmed_when_no_response_arrives(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=replace(TIMING, action=1.5)) as finesse:
        call = await finesse.talking()
        finesse.simulator.faults.event_before_answer = True
        finesse.simulator.faults.no_answer(method="PUT")
        outcome = await finesse.session.act(hold_call(call))
        assert outcome.status == "confirmed"
        assert outcome.seconds < 3


async def test_dtmf_without_response_is_unknown_and_rejected_dtmf_is_failed(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(502, "<html>", method="PUT")
    outcome = await finesse.session.act(send_dtmf(call, "1"))
    assert outcome.status == "unknown"
    finesse.simulator.faults.fail_next("SEND_DTMF")
    outcome = await finesse.session.act(send_dtmf(call, "1"))
    assert outcome.status == "failed"


async def test_dtmf_with_error_without_request_id_is_unknown(finesse: Floor) -> None:
    # The error may belong to another client's request, and no state shows the tones.
    call = await finesse.talking()
    finesse.simulator.faults.fail_next("SEND_DTMF", with_request_id=False)
    outcome = await finesse.session.act(send_dtmf(call, "1"))
    assert outcome.status == "unknown"
    assert "may belong to this request or to another client's" in outcome.message


async def test_error_without_request_id_of_another_client_does_not_fail_the_action(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.delay_events(0.1)
    holding = asyncio.create_task(finesse.session.act(hold_call(call)))
    await finesse.until_sent("HOLD")
    desktop = finesse.simulator.center.colleague(AGENT)
    finesse.simulator.faults.fail_next("SEND_DTMF", with_request_id=False)
    desktop.act("RETRIEVE", call)
    desktop.act("HOLD", call)
    outcome = await holding
    assert_truthful(finesse, outcome, call, "HELD")


async def test_call_variables_ignored_by_finesse_are_unknown_with_missing_values(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(202, method="PUT")
    outcome = await finesse.session.act(update_call_data(call, {"callVariable1": "x"}))
    assert outcome.status == "unknown"
    assert [(d.field, d.asked, d.got) for d in outcome.differences] == [("callVariable1", "x", "")]


async def test_message_says_that_the_state_could_not_be_read_back(finesse: Floor) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(202, method="PUT")
    finesse.simulator.faults.http_status(500, "", n=200, method="GET", path="/Dialogs")
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "unknown"
    assert "could not be read back" in outcome.message


async def test_stale_mirror_does_not_make_hold_unchanged(finesse: Floor) -> None:
    """The mirror shows HELD but the call is ACTIVE, so a second hold must be sent."""
    call = await finesse.talking()
    assert (await finesse.session.act(hold_call(call))).status == "confirmed"
    finesse.simulator.faults.lose_next_event(4, DIALOGS)
    finesse.simulator.center.colleague(AGENT).act("RETRIEVE", call)
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "confirmed"
    assert finesse.own_state(call) == "HELD"


async def test_rejected_repeat_names_the_call_that_was_placed(finesse: Floor) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.lose_next_event(8, DIALOGS)
    finesse.simulator.faults.http_status(502, "<html>", method="POST", carry_out=True)
    finesse.simulator.faults.http_status(500, "", n=30, method="GET", path="/Dialogs")
    first = await finesse.session.act(make_call(AGENT, "2125550101"))
    assert first.status == "unknown"
    finesse.simulator.faults.clear()
    with pytest.raises(InvalidRequestError, match="was placed: call"):
        await finesse.session.act(make_call(AGENT, "2125550101"))


async def test_call_with_unknown_outcome_may_be_repeated_after_the_guard_expires(tmp_path: Path) -> None:
    async with floor(tmp_path, timing=replace(TIMING, repeat_call=0.0)) as finesse:
        await finesse.sign_in()
        finesse.simulator.faults.http_status(202, method="POST")
        first = await finesse.session.act(make_call(AGENT, "2125550101"))
        assert first.status == "unknown"
        second = await finesse.session.act(make_call(AGENT, "2125550101"))
        assert second.status == "confirmed"


# -- how a request may end


class Sending:
    """An executor without Finesse: requests end, and the state changes, as scripted."""

    def __init__(
        self, *ends: Exception | Callable[[], Awaitable[object]] | None, changes: bool = False
    ) -> None:
        self.mirror = Mirror(AGENT)
        self.ends = list(ends)
        self.changes = changes
        self.sent = 0
        self.trouble: list[FinesseError] = []
        nodes = cast("Nodes", SimpleNamespace(rest=None))
        timing = SessionTiming().scaled(0.01)
        self.executor = ActionExecutor(nodes, self.mirror, timing, Clock(), self.reread, self.trouble.append)

    async def reread(self, what: str) -> None:
        if self.changes:
            set_user(self.mirror, User(state="READY"))

    async def send(self, *_: object) -> None:
        self.sent += 1
        end = self.ends.pop(0)
        if callable(end):
            await end()
        elif end is not None:
            raise end

    async def act(self) -> Outcome:
        return await self.executor.perform(
            Action("READY", "user", lambda _: PreparedRequest(StateReached("READY"), self.send))
        )


@pytest.mark.parametrize(
    "error",
    [
        NetworkError("no way", step="tcp", sent=False),
        CredentialsError("no"),
        ReadOnlyError("no"),
        InvalidRequestError("no"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_request_that_never_reached_finesse_raises_its_error(error: FinesseError) -> None:
    sending = Sending(error)
    with pytest.raises(type(error)):
        await sending.act()
    assert sending.sent == 1


@pytest.mark.parametrize(
    "error",
    [
        NetworkError("broken", step="http", sent=True),
        PayloadError("HTML"),
        OutOfServiceError("proxy", rejected_before_execution=False),
        *(RefusedError("empty", status=status) for status in (408, 409, 500, 501, 507)),
    ],
    ids=lambda error: f"{type(error).__name__} {getattr(error, 'status', '')}",
)
@pytest.mark.parametrize("happened", [True, False])
async def test_request_that_may_have_been_executed_is_checked_and_never_sent_again(
    error: FinesseError, happened: bool
) -> None:
    sending = Sending(error, changes=happened)
    outcome = await sending.act()
    assert outcome.status == ("confirmed" if happened else "unknown")
    assert sending.sent == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 429])
async def test_http_status_that_precedes_execution_is_failed(status: int) -> None:
    outcome = await Sending(RefusedError("no", status=status), changes=True).act()
    assert outcome.status == "failed"


async def test_server_error_with_finesse_error_body_is_failed() -> None:
    details = (ApiErrorDetail("Internal Server Error", "RUNTIME_EXCEPTION"),)
    outcome = await Sending(RefusedError("no", status=500, details=details), changes=True).act()
    assert outcome.status == "failed"


@pytest.mark.parametrize("status", [408, 500])
@pytest.mark.parametrize("body", ["", "<html>Error</html>"])
async def test_server_error_after_execution_is_confirmed_by_state_and_sent_once(
    finesse: Floor, status: int, body: str
) -> None:
    call = await finesse.talking()
    finesse.simulator.faults.http_status(status, body, method="PUT", carry_out=True)
    outcome = await finesse.session.act(hold_call(call))
    assert outcome.status == "confirmed"
    assert len([body for body in finesse.sent() if "HOLD" in body]) == 1


@pytest.mark.parametrize("status", [408, 500])
async def test_call_with_server_error_is_unknown_and_its_repeat_is_rejected(
    finesse: Floor, status: int
) -> None:
    await finesse.sign_in()
    finesse.simulator.faults.http_status(status, "", method="POST")
    outcome = await finesse.session.act(make_call(AGENT, "2125550101"))
    assert outcome.status == "unknown"
    assert f"HTTP {status}" in outcome.message
    with pytest.raises(InvalidRequestError, match="may still be placed"):
        await finesse.session.act(make_call(AGENT, "2125550101"))


async def test_action_without_time_left_says_that_it_was_not_sent(tmp_path: Path) -> None:
    # As with FINESSE_ACTION_TIMEOUT=10: the second action gets the lock when its time to send is over.
    timing = replace(TIMING, action=1.0, read=0.4, event=0.3, confirmation=0.5)
    async with floor(tmp_path, timing=timing) as finesse:
        await finesse.session.act(sign_in(AGENT, EXTENSION))
        finesse.simulator.faults.http_status(202, method="PUT")
        first = asyncio.create_task(finesse.session.act(change_state(AGENT, "READY")))
        await finesse.until_sent("READY")
        with pytest.raises(NotReadyError, match="was not sent"):
            await finesse.session.act(change_state(AGENT, "NOT_READY", 23))
        await first
        assert not any("23" in body for body in finesse.sent())


async def test_action_that_waits_for_a_connection_says_that_it_was_not_sent() -> None:
    sending = Sending(asyncio.Event().wait)
    with pytest.raises(NotReadyError, match="READY was not sent"):
        await sending.act()


@pytest.mark.parametrize("started", [True, False])
async def test_closed_session_says_whether_the_action_was_sent(started: bool) -> None:
    async def hang() -> None:
        transmission = open_transmission()
        assert transmission is not None
        if started:
            transmission.start()
        await asyncio.Event().wait()

    sending = Sending(hang)
    acting = asyncio.create_task(sending.act())
    while not sending.sent:  # noqa: ASYNC110 - two turns of the loop
        await asyncio.sleep(0)
    await sending.executor.aclose()
    with pytest.raises(NotReadyError, match="may have been executed" if started else "Nothing was sent"):
        await acting


async def test_only_requests_rejected_as_out_of_service_are_sent_again() -> None:
    sending = Sending(OutOfServiceError("later"), OutOfServiceError("later"), None, changes=False)
    sending.mirror.listen(lambda _: None)
    outcome = await sending.act()
    assert sending.sent == 3
    assert len(sending.trouble) == 2
    assert outcome.status == "unknown"


async def test_error_without_request_id_is_ignored_when_the_object_shows_the_change() -> None:
    sending = Sending(None, changes=True)
    acting = asyncio.create_task(sending.act())
    while not sending.sent:  # noqa: ASYNC110 - two turns of the loop
        await asyncio.sleep(0)
    details = (ApiErrorDetail("Invalid State"),)
    sending.executor.record_errors(Update(source=f"/finesse/api/User/{AGENT}", errors=details))
    assert (await acting).status == "confirmed"


@pytest.mark.parametrize("comes", [True, False], ids=["in effect", "not in effect"])
async def test_rejected_request_is_unchanged_when_another_client_has_the_state_in_effect_soon_after(
    comes: bool,
) -> None:
    sent: list[str] = []

    async def send(_: object, request_id: str) -> None:
        sent.append(request_id)
        details = (ApiErrorDetail("Generic Error", "1", "CF_GENERIC_STATE_INCOMPATIBILITY"),)
        sending.executor.record_errors(Update(source=USER, errors=details, request_id=request_id))
        if comes:
            asyncio.get_running_loop().call_later(0.005, ready)

    def ready() -> None:
        set_user(sending.mirror, User(state="READY"))
        sending.executor._on_state_change(Change("user"))

    sending = Sending()
    action = Action("READY", "user", lambda _: PreparedRequest(StateReached("READY"), send))
    outcome = await sending.executor.perform(action)
    assert outcome.status == ("unchanged" if comes else "failed")
    assert len(sent) == 1
    assert outcome.errors


async def test_call_that_stays_dialed_is_confirmed_after_a_while(tmp_path: Path) -> None:
    async with floor(tmp_path, time_scale=20) as finesse:
        await finesse.sign_in()
        outcome = await finesse.session.act(make_call(AGENT, "2125550101"))
        assert outcome.status == "confirmed"
        assert "not reported that the called phone is ringing" in outcome.message


# -- call data


async def test_prefix_present_before_the_update_is_not_reported_as_truncated(finesse: Floor) -> None:
    call = await finesse.talking(callVariable1="A-17")
    outcome = await finesse.session.act(update_call_data(call, {"callVariable1": "A-17-9"}))
    assert (outcome.status, outcome.differences) == ("confirmed", ())
    assert len([body for body in finesse.sent() if "UPDATE_CALL_DATA" in body]) == 1


async def test_value_that_may_predate_the_update_is_unknown_with_the_difference(finesse: Floor) -> None:
    call = await finesse.talking()
    whole = "A-17 and much more than twenty bytes"
    await finesse.session.act(update_call_data(call, {"user.orderId": whole}))
    outcome = await finesse.session.act(update_call_data(call, {"user.orderId": whole + "!"}))
    assert outcome.status == "unknown"
    assert "may be those from before" in outcome.message
    assert [each.got for each in outcome.differences] == [whole[:20]]


async def test_array_elements_are_written_one_by_one(finesse: Floor) -> None:
    call = await finesse.talking()
    asked = {"user.tags[0]": "vip", "user.tags[3]": "longer than twelve bytes", "user.note": "Grüße"}
    outcome = await finesse.session.act(update_call_data(call, asked))
    assert [(each.field, each.got) for each in outcome.differences] == [("user.tags[3]", "longer than ")]
    assert finesse.simulator.center.truth()["dialogs"][call]["callvariables"]["user.tags[0]"] == "vip"


@pytest.mark.parametrize("name", ["user.tags", "user.tags[4]", "user.note[0]"])
async def test_malformed_array_name_rejects_all_variables(finesse: Floor, name: str) -> None:
    call = await finesse.talking()
    asked = {"callVariable1": "7731", name: "x"}
    outcome = await finesse.session.act(update_call_data(call, asked))
    assert outcome.status == "failed"
    assert finesse.simulator.center.truth()["dialogs"][call]["callvariables"].get("callVariable1", "") == ""


async def test_new_call_carries_its_variables_and_truncated_one_is_reported(finesse: Floor) -> None:
    await finesse.sign_in()
    asked = {"callVariable1": "x", "user.orderId": "A-17 and much more than twenty bytes"}
    outcome = await finesse.session.act(make_call(AGENT, "2125550101", asked))
    assert outcome.status == "confirmed"
    assert [(each.field, each.got) for each in outcome.differences] == [
        ("user.orderId", "A-17 and much more t")
    ]


async def test_uccx_accepts_several_wrap_up_reasons_and_rejects_variables_of_new_call(tmp_path: Path) -> None:
    async with floor(tmp_path, platform="UCCX") as finesse:
        call = await finesse.talking()
        outcome = await finesse.session.act(wrap_up_call(call, "Sale", "Billing"))
        assert outcome.status == "confirmed"
        assert finesse.simulator.center.truth()["dialogs"][call]["wrapUpItems"] == ["Sale", "Billing"]
        fewer = await finesse.session.act(wrap_up_call(call, "Sale", "Other"))
        assert fewer.status == "confirmed"
        with pytest.raises(InvalidRequestError, match="UCCX does not accept call variables with a new call"):
            await finesse.session.act(make_call(AGENT, "2125550101", {"callVariable1": "x"}))


async def test_uccx_rejects_state_change_during_call(tmp_path: Path) -> None:
    async with floor(tmp_path, platform="UCCX") as finesse:
        await finesse.talking()
        outcome = await finesse.session.act(change_state(AGENT, "READY"))
        assert outcome.status == "failed", outcome


async def test_ucce_accepts_only_one_wrap_up_reason(finesse: Floor) -> None:
    call = await finesse.talking()
    with pytest.raises(InvalidRequestError, match="UCCE accepts only one wrap-up reason"):
        await finesse.session.act(wrap_up_call(call, "Sale", "Billing"))
