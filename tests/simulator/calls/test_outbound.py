"""Campaigns: reservations, the customer's call, its call data, and the notifications."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mcp_finesse.simulator.calls.outbound import REMEMBERED_OFFERS, RING_SECONDS
from mcp_finesse.simulator.calls.setup import ANSWER_SECONDS, STEP_SECONDS
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.requests.calls import DialogRequest
from mcp_finesse.simulator.world.campaigns import Campaign, status, status_after
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support import Stage

ANSWERS, RINGS, BUSY, WRONG = "2125550100", "2125550101", "2125550102", "12"


def offered(stage: Stage, campaign: str = "Renewals", number: str = ANSWERS, **more: Any) -> str:
    """Offer a record to agent 1001 and return the id of the reservation."""
    stage.sign_in("1001", ready=True)
    return stage.center.customers.offer_record(campaign, "1001", number, **more)


def customer_call(stage: Stage, campaign: str = "Welcome") -> str:
    """Connect agent 1001 to a customer of the campaign and return the call."""
    stage.act("1001", "ACCEPT", offered(stage, campaign))
    stage.time.advance(2)
    (dialog_id,) = stage.user("1001")["dialogs"]
    stage.published.clear()
    return dialog_id


def request(stage: Stage, action: str, dialog_id: str, **parameters: str) -> None:
    agent = stage.center.state.agents["1001"]
    asked = DialogRequest(action, agent.extension, parameters=parameters)
    stage.center.carry_out(stage.center.calls.act(agent, dialog_id, asked), "id-1")
    stage.settle()


def record(stage: Stage, dialog_id: str) -> str:
    return str(stage.center.truth()["records"][dialog_id]["status"])


class TestPreview:
    def test_offered_record_reserves_the_agent(self) -> None:
        stage = Stage()
        dialog_id = offered(stage, account="A-1", name="M. Sørensen")
        assert stage.summaries() == ["POST ALERTING: 4501 ALERTING", "USER RESERVED_OUTBOUND_PREVIEW"]
        dialog = stage.dialog(dialog_id)
        assert dialog == dialog | {
            "callType": "OUTBOUND_PREVIEW",
            "fromAddress": "6001",
            "toAddress": "4501",
            "callvariables": {
                "BACampaign": "Renewals",
                "BAAccountNumber": "A-1",
                "BAResponse": "",
                "BAStatus": "PREVIEW_OUTBOUND_RESERVATION",
                "BADialedListID": "5001",
                "BATimeZone": "0",
                "BABuddyName": "M. Sørensen",
            },
        }
        assert dialog["participants"]["4501"]["actions"] == ["ACCEPT", "CLOSE", "REJECT"]

    def test_accepted_record_is_followed_by_the_customers_call(self) -> None:
        stage = Stage()
        dialog_id = offered(stage)
        stage.published.clear()
        stage.act("1001", "ACCEPT", dialog_id)
        assert stage.summaries() == ["PUT ACCEPTED: 4501 ACCEPTED"]
        assert stage.dialog(dialog_id)["participants"]["4501"]["actions"] == []
        stage.time.advance(ANSWER_SECONDS)
        assert stage.summaries() == [
            "DELETE DROPPED: 4501 DROPPED",
            f"POST ACTIVE: 4501 ACTIVE, {ANSWERS} ACTIVE",
            "USER TALKING",
        ]
        (call_id,) = stage.user("1001")["dialogs"]
        call = stage.dialog(call_id)
        assert call == call | {"callType": "OUTBOUND", "fromAddress": "4501", "toAddress": ANSWERS}
        assert call["callvariables"]["BAStatus"] == "PREVIEW_OUTBOUND"
        assert record(stage, dialog_id) == "REACHED"
        stage.act("1001", "DROP", call_id)
        assert stage.state("1001") == "READY"

    def test_customer_can_be_answered_manually_after_accept(self) -> None:
        stage = Stage()
        dialog_id = offered(stage, number=RINGS)
        with pytest.raises(LookupError, match="no outside number is ringing"):
            stage.center.customers.answer(dialog_id)
        stage.act("1001", "ACCEPT", dialog_id)
        stage.center.customers.answer(dialog_id)
        assert stage.state("1001") == "TALKING"

    @pytest.mark.parametrize(
        ("number", "seconds", "status_"),
        [
            (BUSY, STEP_SECONDS, "BUSY"),
            (WRONG, STEP_SECONDS, "BAD_DESTINATION"),
            (RINGS, RING_SECONDS, "NO_ANSWER"),
        ],
    )
    def test_unreached_customer_ends_the_record_with_its_status(
        self, number: str, seconds: float, status_: str
    ) -> None:
        stage = Stage()
        dialog_id = offered(stage, number=number)
        stage.act("1001", "ACCEPT", dialog_id)
        stage.published.clear()
        stage.time.advance(seconds)
        assert stage.summaries() == ["DELETE DROPPED: 4501 DROPPED", "USER READY"]
        assert record(stage, dialog_id) == status_

    @pytest.mark.parametrize(("action", "status_"), [("REJECT", "REJECTED"), ("CLOSE", "CLOSED")])
    def test_declined_record_returns_the_agent_to_ready(self, action: str, status_: str) -> None:
        stage = Stage()
        dialog_id = offered(stage)
        stage.published.clear()
        stage.act("1001", action, dialog_id)
        assert stage.summaries() == ["DELETE DROPPED: 4501 DROPPED", "USER READY"]
        assert record(stage, dialog_id) == status_

    def test_record_not_answered_in_time_expires(self) -> None:
        stage = Stage()
        dialog_id = offered(stage)
        stage.time.advance(60)
        assert (stage.state("1001"), record(stage, dialog_id)) == ("READY", "TIMED_OUT")

    @pytest.mark.parametrize("accepted", [True, False])
    def test_record_is_withdrawn_when_the_agent_is_signed_out(self, accepted: bool) -> None:
        stage = Stage()
        stage.sign_in("1000")
        dialog_id = offered(stage, "Welcome")
        if accepted:
            stage.act("1001", "ACCEPT", dialog_id)
        stage.center.colleague("1000").change_state_of("1001", "LOGOUT")
        stage.settle()
        assert stage.user("1001") == stage.user("1001") | {"state": "LOGOUT", "dialogs": []}
        assert record(stage, dialog_id) == "WITHDRAWN"
        stage.time.advance(60)
        assert stage.state("1001") == "LOGOUT"

    @pytest.mark.parametrize(
        "action", ["ANSWER", "HOLD", "RETRIEVE", "CONSULT_CALL", "TRANSFER_SST", "DROP", "RECLASSIFY"]
    )
    def test_other_actions_on_a_reservation_are_rejected(self, action: str) -> None:
        stage = Stage()
        dialog_id = offered(stage)
        stage.published.clear()
        agent = stage.center.state.agents["1001"]
        asked = DialogRequest(action, "4501", "4502", {"outboundClassification": "FAX"})
        stage.center.carry_out(stage.center.calls.act(agent, dialog_id, asked))
        stage.settle()
        (received,) = stage.received()
        assert received.data.findtext("apiError/errorType") == "Generic Error"

    def test_reservation_can_be_answered_only_once(self) -> None:
        stage = Stage()
        dialog_id = offered(stage, number=RINGS)
        stage.act("1001", "ACCEPT", dialog_id)
        stage.published.clear()
        stage.act("1001", "CLOSE", dialog_id)
        assert stage.summaries() == ["ERROR Generic Error 22"]

    def test_ordinary_call_cannot_be_accepted_as_reservation(self) -> None:
        stage = Stage()
        stage.act("1001", "ACCEPT", stage.talking())
        assert stage.summaries() == ["ERROR Generic Error 22"]


class TestWishes:
    """State changes requested by an agent during a reservation."""

    def test_state_requested_during_a_reservation_is_pending_without_an_event(self) -> None:
        stage = Stage()
        dialog_id = offered(stage)
        stage.published.clear()
        stage.change("1001", "NOT_READY", "23")
        assert stage.user("1001")["pendingState"] == "NOT_READY"
        assert stage.summaries() == []
        stage.act("1001", "REJECT", dialog_id)
        assert stage.user("1001") == stage.user("1001") | {"state": "NOT_READY", "reasonCode": 41}

    def test_pending_state_takes_effect_after_the_customers_call(self) -> None:
        stage = Stage()
        dialog_id = offered(stage)
        stage.change("1001", "NOT_READY", "23")
        stage.act("1001", "ACCEPT", dialog_id)
        stage.time.advance(2)
        assert stage.user("1001")["pendingState"] == "NOT_READY"
        stage.act("1001", "DROP", stage.user("1001")["dialogs"][0])
        assert stage.state("1001") == "NOT_READY"

    @pytest.mark.parametrize(
        ("campaign", "error"), [("Welcome", "Invalid State 265"), ("Survey", "Internal Server Error 0")]
    )
    def test_state_change_during_a_reservation_is_rejected_on_ccx(self, campaign: str, error: str) -> None:
        stage = Stage(platform="UCCX")
        stage.sign_in("1003", ready=True)
        stage.center.customers.offer_record(campaign, "1003", RINGS)
        stage.published.clear()
        stage.change("1003", "NOT_READY", "23")
        assert stage.summaries() == [f"ERROR {error}"]


class TestDirectPreview:
    def test_direct_preview_dials_from_the_agents_phone(self) -> None:
        stage = Stage()
        dialog_id = offered(stage, "Welcome", RINGS)
        assert stage.dialog(dialog_id)["callType"] == "OUTBOUND_DIRECT_PREVIEW"
        stage.act("1001", "ACCEPT", dialog_id)
        stage.published.clear()
        stage.time.advance(STEP_SECONDS)
        assert stage.summaries() == ["DELETE DROPPED: 4501 DROPPED", "POST INITIATING: 4501 INITIATING"]
        stage.time.advance(STEP_SECONDS * 2)
        assert stage.summaries() == [
            "PUT INITIATED: 4501 INITIATED",
            "USER TALKING",
            f"PUT ALERTING: 4501 INITIATED, {RINGS} ALERTING",
        ]
        (call_id,) = stage.user("1001")["dialogs"]
        stage.center.customers.answer(call_id)
        assert stage.parties(call_id) == {"4501": "ACTIVE", RINGS: "ACTIVE"}
        assert stage.dialog(call_id)["callvariables"]["BAStatus"] == "DIRECT_PREVIEW_OUTBOUND"

    def test_direct_preview_record_is_reached_when_the_customer_answers(self) -> None:
        stage = Stage()
        dialog_id = offered(stage, "Welcome", RINGS)
        stage.act("1001", "ACCEPT", dialog_id)
        stage.time.advance(STEP_SECONDS * 3)
        assert record(stage, dialog_id) == "ACCEPTED"
        (call_id,) = stage.user("1001")["dialogs"]
        stage.center.customers.answer(call_id)
        assert record(stage, dialog_id) == "REACHED"
        stage.act("1001", "DROP", call_id)
        assert record(stage, dialog_id) == "REACHED"

    @pytest.mark.parametrize(("number", "status_"), [(BUSY, "BUSY"), (WRONG, "BAD_DESTINATION")])
    def test_direct_preview_record_of_a_failed_call_has_the_cause_as_status(
        self, number: str, status_: str
    ) -> None:
        stage = Stage()
        dialog_id = offered(stage, "Welcome", number)
        stage.act("1001", "ACCEPT", dialog_id)
        stage.time.advance(STEP_SECONDS * 3)
        assert record(stage, dialog_id) == status_
        stage.act("1001", "DROP", stage.user("1001")["dialogs"][0])
        assert record(stage, dialog_id) == status_

    @pytest.mark.parametrize("seconds", [STEP_SECONDS, STEP_SECONDS * 3])
    @pytest.mark.parametrize("pending", ["", "NOT_READY"])
    def test_direct_preview_call_dropped_before_the_answer_ends_the_record(
        self, seconds: float, pending: str
    ) -> None:
        stage = Stage()
        dialog_id = offered(stage, "Welcome", RINGS)
        stage.act("1001", "ACCEPT", dialog_id)
        stage.time.advance(seconds)
        if pending:
            stage.change("1001", pending, "23")
        stage.act("1001", "DROP", stage.user("1001")["dialogs"][0])
        assert stage.state("1001") == (pending or "READY")
        assert record(stage, dialog_id) == "NO_ANSWER"

    def test_direct_preview_call_can_be_reclassified_repeatedly(self) -> None:
        stage = Stage()
        dialog_id = customer_call(stage)
        for answer in ("ANS_MACHINE", "VOICE"):
            request(stage, "RECLASSIFY", dialog_id, outboundClassification=answer)
            (received,) = stage.received()
            assert (received.event, received.request_id) == ("PUT", "id-1")
            assert stage.dialog(dialog_id)["callvariables"]["BAResponse"] == answer

    def test_other_calls_cannot_be_reclassified(self) -> None:
        stage = Stage()
        dialog_id = customer_call(stage, "Renewals")
        request(stage, "RECLASSIFY", dialog_id, outboundClassification="FAX")
        assert stage.summaries() == ["ERROR Generic Error 22"]


class TestCallback:
    def test_callback_is_scheduled_changed_and_cancelled(self) -> None:
        stage = Stage()
        dialog_id = customer_call(stage, "Renewals")
        assert "CANCEL_SCHEDULED_CALLBACK" not in stage.dialog(dialog_id)["participants"]["4501"]["actions"]
        request(stage, "UPDATE_SCHEDULED_CALLBACK", dialog_id, callbackTime="2030-05-01T14:30")
        request(stage, "UPDATE_SCHEDULED_CALLBACK", dialog_id, callbackNumber="2125550101")
        assert [
            [child.text for child in received.data.find("scheduledCallbackInfo")]
            for received in stage.received()
        ] == [["2030-05-01T14:30"], ["2030-05-01T14:30", "2125550101"]]
        request(stage, "CANCEL_SCHEDULED_CALLBACK", dialog_id)
        (received,) = stage.received()
        assert received.data.find("scheduledCallbackInfo") is None
        request(stage, "CANCEL_SCHEDULED_CALLBACK", dialog_id)
        assert stage.summaries() == ["ERROR Generic Error 22"]

    def test_ordinary_call_cannot_have_a_callback(self) -> None:
        stage = Stage()
        request(stage, "UPDATE_SCHEDULED_CALLBACK", stage.talking(), callbackNumber="2125550101")
        assert stage.summaries() == ["ERROR Generic Error 22"]

    def test_offered_callback_has_its_own_call_type(self) -> None:
        stage = Stage()
        assert stage.dialog(offered(stage, callback=True))["callType"] == "OUTBOUND_CALLBACK_PREVIEW"

    def test_callback_is_kept_when_calls_are_merged(self) -> None:
        stage = Stage()
        dialog_id = customer_call(stage, "Renewals")
        request(stage, "UPDATE_SCHEDULED_CALLBACK", dialog_id, callbackNumber="2125550101")
        stage.sign_in("1002")
        stage.act("1001", "CONSULT_CALL", dialog_id, to_address="4502")
        stage.time.advance(1)
        consult = stage.user("1002")["dialogs"][0]
        stage.act("1002", "ANSWER", consult)
        stage.act("1001", "RETRIEVE", dialog_id)
        stage.act("1001", "CONFERENCE", consult)
        assert stage.dialog(consult)["callback"] == {"callbackNumber": "2125550101"}


@pytest.mark.parametrize(
    ("action", "parameters", "refused"),
    [
        ("RECLASSIFY", {}, ("Parameter Missing", "outboundClassification")),
        ("RECLASSIFY", {"outboundClassification": "MAYBE"}, ("Invalid Input", "outboundClassification")),
        ("UPDATE_SCHEDULED_CALLBACK", {}, ("Parameter Missing", "callbackTime")),
        ("UPDATE_SCHEDULED_CALLBACK", {"callbackTime": "tomorrow"}, ("Invalid Input", "callbackTime")),
        (
            "UPDATE_SCHEDULED_CALLBACK",
            {"callbackTime": "2030-05-01T14:30:00Z"},
            ("Invalid Input", "callbackTime"),
        ),
        ("UPDATE_SCHEDULED_CALLBACK", {"callbackTime": "2030-5-1T14:30"}, ("Invalid Input", "callbackTime")),
    ],
)
def test_invalid_outbound_request_is_rejected_immediately(
    action: str, parameters: dict[str, str], refused: tuple[str, str]
) -> None:
    stage = Stage()
    dialog_id = customer_call(stage)
    with pytest.raises(ApiProblem) as caught:
        request(stage, action, dialog_id, **parameters)
    assert (caught.value.status, caught.value.details.type, caught.value.details.data) == (400, *refused)


@pytest.mark.parametrize("action", ["ACCEPT", "CANCEL_SCHEDULED_CALLBACK"])
def test_outbound_action_requires_the_agents_extension(action: str) -> None:
    stage = Stage()
    dialog_id = customer_call(stage)
    with pytest.raises(ApiProblem, match="Parameter Missing"):
        stage.center.calls.act(stage.center.state.agents["1001"], dialog_id, DialogRequest(action))


class TestDialledFirst:
    """Progressive and predictive campaigns."""

    @pytest.mark.parametrize(
        ("campaign", "status_"), [("Survey", "PROGRESSIVE_OUTBOUND"), ("News", "BLENDED_PREDICTIVE_OUTBOUND")]
    )
    def test_agent_is_reserved_and_connected_when_the_customer_answers(
        self, campaign: str, status_: str
    ) -> None:
        stage = Stage()
        stage.sign_in("1003", ready=True)
        dialog_id = stage.center.customers.offer_record(campaign, "1003", ANSWERS)
        assert stage.summaries() == ["USER RESERVED_OUTBOUND"]
        stage.time.advance(ANSWER_SECONDS)
        assert stage.summaries() == [f"POST ACTIVE: 4503 ACTIVE, {ANSWERS} ACTIVE", "USER TALKING"]
        assert stage.user("1003")["dialogs"] == [dialog_id]
        assert stage.dialog(dialog_id)["callvariables"]["BAStatus"] == status_

    def test_agent_who_leaves_the_reservation_gets_no_call(self) -> None:
        stage = Stage()
        stage.sign_in("1003", ready=True)
        dialog_id = stage.center.customers.offer_record("Survey", "1003", ANSWERS)
        stage.change("1003", "NOT_READY", "23")
        stage.time.advance(60)
        assert (stage.state("1003"), record(stage, dialog_id)) == ("NOT_READY", "WITHDRAWN")

    def test_unanswered_customer_returns_the_agent_to_ready(self) -> None:
        stage = Stage()
        stage.sign_in("1003", ready=True)
        dialog_id = stage.center.customers.offer_record("Survey", "1003", RINGS)
        stage.time.advance(RING_SECONDS)
        assert (stage.state("1003"), record(stage, dialog_id)) == ("READY", "NO_ANSWER")

    @pytest.mark.parametrize(
        ("platform", "word"), [("UCCE", "PROGRESSIVE_OUTBOUND"), ("UCCX", "TRANSFERRED")]
    )
    def test_transfer_changes_the_outbound_status_on_ccx_only(self, platform: str, word: str) -> None:
        stage = Stage(platform=platform)
        stage.sign_in("1003", "1002", ready=True)
        dialog_id = stage.center.customers.offer_record("Survey", "1003", ANSWERS)
        stage.time.advance(ANSWER_SECONDS)
        stage.act("1003", "TRANSFER_SST", dialog_id, to_address="4502")
        assert stage.dialog(dialog_id)["callvariables"]["BAStatus"] == word


class TestCcx:
    def test_direct_preview_on_ccx_has_call_type_preview_and_the_customer_number(self) -> None:
        stage = Stage(platform="UCCX")
        dialog = stage.dialog(offered(stage, "Welcome"))
        assert (dialog["callType"], dialog["callvariables"]["BACustomerNumber"]) == (
            "OUTBOUND_PREVIEW",
            ANSWERS,
        )

    def test_plain_preview_campaign_does_not_exist_on_ccx(self) -> None:
        with pytest.raises(LookupError, match="UCCX"):
            offered(Stage(platform="UCCX"))


@pytest.mark.parametrize(
    ("campaign", "agent"), [("Nothing", "1001"), ("Survey", "1001"), ("Renewals", "1002")]
)
def test_record_cannot_be_offered_to_an_unassigned_or_unready_agent(campaign: str, agent: str) -> None:
    stage = Stage()
    stage.sign_in("1001", ready=True)
    with pytest.raises(LookupError):
        stage.center.customers.offer_record(campaign, agent, ANSWERS)


@pytest.mark.parametrize(
    ("mode", "platform", "reservation", "word"),
    [
        ("PREVIEW", "UCCE", True, "PREVIEW_OUTBOUND_RESERVATION"),
        ("DIRECT_PREVIEW", "UCCE", False, "DIRECT_PREVIEW_OUTBOUND"),
        ("DIRECT_PREVIEW", "UCCX", True, "DIRECT_PREVIEW_OUTBOUND_RESERVATION"),
        ("DIRECT_PREVIEW", "UCCX", False, "OUTBOUND"),
    ],
)
def test_outbound_status_depends_on_mode_platform_and_reservation(
    mode: Any, platform: str, reservation: bool, word: str
) -> None:
    assert status(Campaign("C", mode, (), "1"), reservation, platform) == word


@pytest.mark.parametrize(
    ("mode", "call_type", "platform", "word"),
    [
        ("PREDICTIVE", "CONFERENCE", "UCCX", "CONFERENCED"),
        ("PREDICTIVE", "OUTBOUND", "UCCX", ""),
        ("DIRECT_PREVIEW", "TRANSFER", "UCCX", ""),
        ("PROGRESSIVE", "TRANSFER", "UCCE", ""),
    ],
)
def test_outbound_status_after_transfer_depends_on_mode_and_platform(
    mode: str, call_type: str, platform: str, word: str
) -> None:
    assert status_after(mode, call_type, platform) == word


def test_ready_agent_on_a_direct_call_on_ccx_gets_no_record() -> None:
    stage = Stage(platform="UCCX")
    stage.sign_in("1003", ready=True)
    direct = stage.center.customers.call("4503", "+13125550142")
    stage.act("1003", "ANSWER", direct)
    assert stage.state("1003") == "READY"
    with pytest.raises(LookupError):
        stage.center.customers.offer_record("Survey", "1003", ANSWERS)


def test_direct_call_is_held_when_the_dialer_connects() -> None:
    stage = Stage(platform="UCCX")
    stage.sign_in("1003", ready=True)
    dialog_id = stage.center.customers.offer_record("Survey", "1003", RINGS)
    direct = stage.center.customers.call("4503", "+13125550142")
    stage.act("1003", "ANSWER", direct)
    stage.center.customers.answer(dialog_id)
    assert (stage.parties(direct)["4503"], stage.parties(dialog_id)["4503"]) == ("HELD", "ACTIVE")


def test_number_of_remembered_finished_records_is_bounded() -> None:
    world = default_world()
    patient = [replace(each, preview_seconds=3600.0) for each in world.campaigns]
    stage = Stage(world=replace(world, campaigns=tuple(patient)))
    stage.sign_in("1001", "1003", ready=True)
    open_record = stage.center.customers.offer_record("Renewals", "1001", RINGS)
    for _ in range(REMEMBERED_OFFERS + 10):
        dialog_id = stage.center.customers.offer_record("Survey", "1003", WRONG)
        stage.time.advance(1)
    kept = stage.center.truth()["records"]
    assert REMEMBERED_OFFERS < len(kept) <= REMEMBERED_OFFERS + 2
    assert kept[open_record]["status"] == "OFFERED"
    assert kept[dialog_id]["status"] == "BAD_DESTINATION"
