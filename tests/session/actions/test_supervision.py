"""Outcomes of supervisors' actions, against the simulator on real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import FinesseError, InvalidRequestError
from mcp_finesse.session.actions.agent import change_state, sign_in
from mcp_finesse.session.actions.calls import end_call
from mcp_finesse.session.actions.supervision import (
    barge_call,
    change_agent_state,
    drop_participant,
    monitor_call,
    sign_out_agent,
    start_recording,
)
from tests.session.support import CUSTOMER, TIMING
from tests.session.support_supervision import (
    ADA,
    ADAS,
    BEN,
    OWN,
    SUPERVISOR,
    TEAM,
    TEAM_NODE,
    Office,
    office,
)

DIALOGS = f"/finesse/api/User/{SUPERVISOR}/Dialogs"
BEN_READY = change_agent_state(BEN, TEAM, "READY")


@pytest.fixture
async def finesse(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as made:
        yield made


# -- agent states


async def test_agent_change_is_confirmed_by_team_feed_which_is_unsubscribed_afterwards(
    finesse: Office,
) -> None:
    finesse.colleague(BEN)
    outcome = await finesse.do(BEN_READY)
    assert outcome.user is not None
    assert (outcome.user.id, outcome.user.state) == (BEN, "READY")
    assert outcome.seconds < TIMING.event, "told, not read back"
    assert [feed.slug for feed in finesse.session.feeds() if feed.slug.startswith("team:3")] == []
    assert finesse.session.mirror.user is not None
    assert finesse.session.mirror.user.id == SUPERVISOR


async def test_team_feed_subscribed_by_the_user_stays_subscribed(finesse: Office) -> None:
    await finesse.session.subscribe(f"team:{TEAM}")
    finesse.colleague(BEN)
    await finesse.do(BEN_READY)
    assert [feed.subscribed for feed in finesse.session.feeds() if feed.slug == f"team:{TEAM}"] == [True]


async def test_agent_already_in_requested_state_is_unchanged_and_not_sent(finesse: Office) -> None:
    finesse.colleague(BEN, "READY")
    await finesse.do(BEN_READY, "unchanged")
    await finesse.do(sign_out_agent("1003", TEAM), "unchanged")
    assert finesse.sent() == []


@pytest.mark.parametrize(("platform", "code"), [("UCCE", 999), ("UCCX", 33)])
async def test_not_ready_set_by_supervisor_has_the_system_reason_code(
    tmp_path: Path, platform: str, code: int
) -> None:
    async with office(tmp_path, platform=platform) as finesse:
        finesse.colleague(BEN, "READY")
        outcome = await finesse.do(change_agent_state(BEN, TEAM, "NOT_READY"))
        assert outcome.user is not None
        assert outcome.user.reason_code is not None
        assert outcome.user.reason_code.code == code


async def test_agent_is_signed_out_or_signed_out_after_the_call(finesse: Office) -> None:
    await finesse.ada_talks()
    outcome = await finesse.do(sign_out_agent(ADA, TEAM))
    assert "LOGOUT is pending and takes effect when the call ends" in outcome.message
    finesse.colleague(BEN)
    outcome = await finesse.do(sign_out_agent(BEN, TEAM))
    assert outcome.user is not None
    assert outcome.user.state == finesse.agent_state(BEN) == "LOGOUT"


async def test_ready_during_call_is_pending_on_ucce(finesse: Office) -> None:
    await finesse.ada_talks()
    outcome = await finesse.do(change_agent_state(ADA, TEAM, "READY"))
    assert "is pending" in outcome.message


async def test_ready_during_call_is_rejected_on_uccx_before_it_is_sent(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, platform="UCCX") as finesse:
        await finesse.ada_talks()
        sent = len(finesse.sent())
        with pytest.raises(InvalidRequestError, match="UCCX cannot make an agent READY during a call"):
            await finesse.session.act(change_agent_state(ADA, TEAM, "READY"))
        assert len(finesse.sent()) == sent


async def test_state_a_supervisor_cannot_request_is_rejected_with_advice(finesse: Office) -> None:
    await finesse.ada_talks()
    sent = len(finesse.sent())
    with pytest.raises(
        InvalidRequestError, match="cannot change an agent from 'TALKING' to NOT_READY"
    ) as caught:
        await finesse.session.act(change_agent_state(ADA, TEAM, "NOT_READY"))
    assert caught.value.advice == "Wait until the agent is READY, WORK or WORK_READY."
    with pytest.raises(InvalidRequestError, match="'WORK' cannot be requested"):
        await finesse.session.act(change_agent_state(ADA, TEAM, "WORK"))
    with pytest.raises(InvalidRequestError, match="Team 310 does not contain agent 2001 now"):
        await finesse.session.act(change_agent_state("2001", TEAM, "READY"))
    assert len(finesse.sent()) == sent


async def test_supervisor_action_of_an_agent_is_not_sent(tmp_path: Path) -> None:
    async with office(tmp_path, user=ADA) as finesse:
        with pytest.raises(InvalidRequestError, match="requires the role supervisor; this user has agent"):
            await finesse.session.act(BEN_READY)
        assert finesse.sent() == []


async def test_change_rejected_by_finesse_is_failed_with_its_error(finesse: Office) -> None:
    finesse.colleague(BEN)
    body = (
        "<ApiErrors><ApiError><ErrorType>Invalid Supervisor</ErrorType><ErrorMessage>Not yours</ErrorMessage>"
        "<ErrorData>1002</ErrorData></ApiError></ApiErrors>"
    )
    finesse.simulator.faults.http_status(401, body, method="PUT")
    outcome = await finesse.do(BEN_READY, "failed")
    assert [(error.type, error.data) for error in outcome.errors] == [("Invalid Supervisor", "1002")]
    assert outcome.user is not None
    assert outcome.user.state == "NOT_READY"


async def test_team_is_read_back_when_the_event_is_lost(finesse: Office) -> None:
    finesse.colleague(BEN)
    finesse.simulator.faults.lose_next_event(5, TEAM_NODE)
    outcome = await finesse.do(BEN_READY)
    assert "Confirmed by reading the state" in outcome.message
    assert finesse.agent_state(BEN) == "READY"


async def test_team_is_read_back_when_the_feed_cannot_be_subscribed(
    finesse: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: str) -> None:
        raise FinesseError("not allowed")

    monkeypatch.setattr(finesse.session._subscriptions, "subscribe", refuse)
    finesse.colleague(BEN)
    outcome = await finesse.do(BEN_READY)
    assert "Confirmed by reading the state" in outcome.message


async def test_change_without_effect_is_unknown_with_agent_read_back(tmp_path: Path) -> None:
    async with office(tmp_path, timing=replace(TIMING, confirmation=0.5)) as finesse:
        finesse.colleague(BEN)
        finesse.simulator.faults.http_status(202, method="PUT")
        outcome = await finesse.do(BEN_READY, "unknown")
        assert outcome.user is not None
        assert outcome.user.state == finesse.agent_state(BEN) == "NOT_READY"


async def test_team_feed_event_does_not_change_the_sessions_own_user(finesse: Office) -> None:
    """The team's summary of a supervisor who is also a member has no roles and no teams."""
    await finesse.session.subscribe(f"team:{TEAM}")
    await finesse.session.team_reader.team(TEAM)
    await finesse.do(sign_in(SUPERVISOR, OWN))
    await finesse.do(change_state(SUPERVISOR, "READY"))
    await finesse.until(
        lambda: (
            (member := finesse.session.mirror.teams[TEAM].member(SUPERVISOR)) is not None
            and member.state == "READY"
        )
    )
    assert finesse.session.mirror.user is not None
    assert finesse.session.mirror.user.is_supervisor


# -- monitor, barge, drop


async def test_monitoring_creates_a_dialog_of_the_supervisor(finesse: Office) -> None:
    call, monitor = await finesse.monitoring()
    assert monitor != call
    assert finesse.session.mirror.dialogs[monitor].to_address == ADAS
    truth = finesse.simulator.center.truth()["dialogs"][monitor]
    assert (truth["monitors"], truth["participants"][OWN]["state"]) == (call, "ACTIVE")
    await finesse.do(end_call(monitor))
    assert finesse.talking_on(call) == {ADAS, CUSTOMER}


async def test_supervisor_who_is_ready_or_on_a_call_cannot_monitor(finesse: Office) -> None:
    _, monitor = await finesse.monitoring()
    sent = len(finesse.sent("POST"))
    with pytest.raises(InvalidRequestError, match=f"on call {monitor} cannot monitor"):
        await finesse.session.act(monitor_call(SUPERVISOR, ADAS))
    await finesse.do(end_call(monitor))
    await finesse.until(lambda: finesse.session.mirror.user.state == "NOT_READY")  # type: ignore[union-attr]
    await finesse.do(change_state(SUPERVISOR, "READY"))
    with pytest.raises(InvalidRequestError, match="is READY cannot monitor"):
        await finesse.session.act(monitor_call(SUPERVISOR, ADAS))
    assert len(finesse.sent("POST")) == sent


@pytest.mark.parametrize(("platform", "code"), [("UCCE", "13145"), ("UCCX", "88049")])
async def test_monitoring_an_agent_without_a_call_is_failed_with_the_platform_error(
    tmp_path: Path, platform: str, code: str
) -> None:
    async with office(tmp_path, platform=platform) as finesse:
        await finesse.do(sign_in(SUPERVISOR, OWN))
        finesse.colleague(ADA)
        outcome = await finesse.do(monitor_call(SUPERVISOR, ADAS), "failed")
        assert outcome.errors[0].type == code
        assert outcome.advice


async def test_monitoring_is_confirmed_by_a_read_when_its_events_are_lost(finesse: Office) -> None:
    await finesse.ada_talks()
    finesse.simulator.faults.lose_next_event(6, DIALOGS)
    outcome = await finesse.do(monitor_call(SUPERVISOR, ADAS))
    assert "Confirmed by reading the state" in outcome.message


async def test_monitoring_without_event_or_effect_is_unknown(tmp_path: Path) -> None:
    async with office(tmp_path, timing=replace(TIMING, confirmation=0.5)) as finesse:
        await finesse.ada_talks()
        finesse.simulator.faults.http_status(202, method="POST")
        await finesse.do(monitor_call(SUPERVISOR, ADAS), "unknown")


async def test_barge_puts_the_supervisor_on_the_agents_call(finesse: Office) -> None:
    call, monitor = await finesse.monitoring()
    outcome = await finesse.do(barge_call(SUPERVISOR, monitor))
    assert outcome.dialog_id == call
    assert finesse.talking_on(call) == {ADAS, CUSTOMER, OWN}
    assert list(finesse.session.mirror.dialogs) == [call]


async def test_error_for_disallowed_barge_lists_allowed_actions(finesse: Office) -> None:
    call = await finesse.barged()
    with pytest.raises(InvalidRequestError, match="BARGE_CALL is not allowed on call") as caught:
        await finesse.session.act(barge_call(SUPERVISOR, call))
    assert "Allowed now: HOLD" in caught.value.advice


async def test_finesse_rejects_barge_into_held_call(finesse: Office) -> None:
    call, monitor = await finesse.monitoring()
    finesse.simulator.center.colleague(ADA).act("HOLD", call)
    await finesse.until_true(lambda: ADAS not in finesse.talking_on(call))
    outcome = await finesse.do(barge_call(SUPERVISOR, monitor), "failed")
    assert outcome.errors[0].type == "Invalid Destination"


@pytest.mark.parametrize("with_request_id", [True, False])
async def test_barge_rejected_by_later_event_is_failed_with_or_without_request_id(
    finesse: Office, with_request_id: bool
) -> None:
    _, monitor = await finesse.monitoring()
    finesse.simulator.faults.fail_next(
        "BARGE_CALL", "Generic Error", "CF_GENERIC_UNSPECIFIED", "20999", with_request_id
    )
    outcome = await finesse.do(barge_call(SUPERVISOR, monitor), "failed")
    assert outcome.errors[0].data == "20999"
    assert outcome.dialog_id == monitor


async def test_dropped_agent_leaves_caller_with_supervisor(finesse: Office) -> None:
    call = await finesse.barged()
    outcome = await finesse.do(drop_participant(call, ADAS))
    assert outcome.dialog_id == call
    assert finesse.talking_on(call) == {CUSTOMER, OWN}
    await finesse.do(drop_participant(call, ADAS), "unchanged")


@pytest.mark.parametrize(
    ("address", "said"),
    [(OWN, "is the agent's own extension"), ("4599", "'4599' is not on call")],
)
async def test_participant_who_is_absent_or_oneself_cannot_be_dropped(
    finesse: Office, address: str, said: str
) -> None:
    call = await finesse.barged()
    sent = len(finesse.sent())
    with pytest.raises(InvalidRequestError, match=said):
        await finesse.session.act(drop_participant(call, address))
    assert len(finesse.sent()) == sent


async def test_finesse_rejects_dropping_a_customer_by_default(finesse: Office) -> None:
    call = await finesse.barged()
    outcome = await finesse.do(drop_participant(call, CUSTOMER), "failed")
    assert outcome.errors[0].type == "Invalid Destination"
    assert CUSTOMER in finesse.talking_on(call)


async def test_drop_is_confirmed_by_a_read_when_its_event_is_lost(finesse: Office) -> None:
    call = await finesse.barged()
    finesse.simulator.faults.lose_next_event(4, DIALOGS)
    outcome = await finesse.do(drop_participant(call, ADAS))
    assert "Confirmed by reading the state" in outcome.message


# -- actions of one platform only


async def test_uccx_rejects_drop_and_reports_recording_as_unreported(tmp_path: Path) -> None:
    async with office(tmp_path, platform="UCCX") as finesse:
        call, monitor = await finesse.monitoring()
        outcome = await finesse.do(start_recording(monitor), "unreported")
        assert outcome.dialog_id == monitor
        assert finesse.simulator.center.truth()["dialogs"][call]["recorded"]
        assert f"<targetMediaAddress>{ADAS}</targetMediaAddress>" in finesse.sent()[-1]
        await finesse.do(barge_call(SUPERVISOR, monitor))
        sent = len(finesse.sent())
        with pytest.raises(InvalidRequestError, match="PARTICIPANT_DROP does not exist on UCCX"):
            await finesse.session.act(drop_participant(call, ADAS))
        assert len(finesse.sent()) == sent
        await finesse.do(start_recording(call), "unreported")
        assert f"<targetMediaAddress>{OWN}</targetMediaAddress>" in finesse.sent()[-1]


async def test_recording_rejected_by_finesse_is_failed(tmp_path: Path) -> None:
    async with office(tmp_path, platform="UCCX") as finesse:
        _, monitor = await finesse.monitoring()
        finesse.simulator.faults.fail_next("START_RECORDING")
        await finesse.do(start_recording(monitor), "failed")


async def test_ucce_rejects_recording_before_it_is_sent(finesse: Office) -> None:
    _, monitor = await finesse.monitoring()
    with pytest.raises(InvalidRequestError, match="START_RECORDING does not exist on UCCE, only on UCCX"):
        await finesse.session.act(start_recording(monitor))


async def test_direct_call_on_uccx_can_be_monitored_while_the_agent_is_not_ready(tmp_path: Path) -> None:
    async with office(tmp_path, platform="UCCX") as finesse:
        await finesse.do(sign_in(SUPERVISOR, OWN))
        finesse.colleague(ADA)
        await finesse.until_true(lambda: finesse.agent_state(ADA) == "NOT_READY")
        call = finesse.simulator.center.customers.call(ADAS, CUSTOMER)
        await finesse.until_true(
            lambda: ADAS in finesse.simulator.center.truth()["dialogs"][call]["participants"]
        )
        finesse.simulator.center.colleague(ADA).act("ANSWER", call)
        await finesse.until_true(lambda: ADAS in finesse.talking_on(call))
        assert finesse.agent_state(ADA) == "NOT_READY"
        await finesse.do(monitor_call(SUPERVISOR, ADAS))
