"""Call control by agents and the notifications it causes, in the order of the guide (p.127 to 131)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support import Stage, world_where

CUSTOMER = "+13125550142"


def test_hold_and_retrieve_notify_dialog_and_user() -> None:
    stage = Stage()
    dialog_id = stage.talking()
    stage.act("1001", "HOLD", dialog_id)
    assert stage.summaries() == [f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 HELD", "USER HOLD"]
    stage.act("1001", "RETRIEVE", dialog_id)
    assert stage.summaries() == [f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 ACTIVE", "USER TALKING"]


def test_call_dropped_by_the_caller_drops_the_agent_and_is_deleted() -> None:
    stage = Stage(world=world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
    dialog_id = stage.talking()
    stage.center.customers.hang_up(dialog_id)
    assert stage.summaries() == [
        f"PUT ACTIVE: {CUSTOMER} DROPPED, 4501 ACTIVE",
        f"PUT DROPPED: {CUSTOMER} DROPPED, 4501 DROPPED",
        "USER READY",
        f"DELETE DROPPED: {CUSTOMER} DROPPED, 4501 DROPPED",
    ]


def test_call_dropped_by_the_agent_drops_the_caller_and_is_deleted() -> None:
    stage = Stage(world=world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
    dialog_id = stage.talking()
    stage.act("1001", "DROP", dialog_id)
    assert stage.summaries() == [
        f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 DROPPED",
        "USER READY",
        f"PUT DROPPED: {CUSTOMER} DROPPED, 4501 DROPPED",
        f"DELETE DROPPED: {CUSTOMER} DROPPED, 4501 DROPPED",
    ]


@pytest.mark.parametrize(
    ("situation", "action", "data"),
    [
        ("active", "ANSWER", "28"),
        ("active", "RETRIEVE", "25"),
        ("active", "TRANSFER", "29"),
        ("active", "CONFERENCE", "29"),
        ("held", "HOLD", "24"),
        ("held", "TRANSFER", "29"),
        ("held", "CONFERENCE", "29"),
        ("held", "CONSULT_CALL", "24"),
        ("held", "TRANSFER_SST", "24"),
        ("ringing", "HOLD", "24"),
        ("ringing", "DROP", "27"),
        ("ringing", "SEND_DTMF", "24"),
        ("ringing", "CONSULT_CALL", "24"),
        ("ringing", "TRANSFER_SST", "24"),
        ("ringing", "UPDATE_CALL_DATA", "22"),
        ("wrap-up", "HOLD", "24"),
    ],
)
def test_action_that_is_not_allowed_is_a_generic_error(situation: str, action: str, data: str) -> None:
    stage = Stage()
    if situation == "ringing":
        stage.sign_in("1001", ready=True)
        dialog_id = stage.center.customers.call("8800", CUSTOMER)
    else:
        dialog_id = stage.talking()
    if situation == "held":
        stage.act("1001", "HOLD", dialog_id)
    if situation == "wrap-up":
        stage.center.customers.hang_up(dialog_id)
    before = stage.center.truth()
    stage.published.clear()
    if action == "UPDATE_CALL_DATA":
        stage.center.colleague("1001").update_call_data(dialog_id, wrap_up_reason="Sale")
        stage.settle()
    else:
        stage.act("1001", action, dialog_id, to_address="4502", digits="1")
    (error,) = stage.received()
    assert error.summary == f"ERROR Generic Error {data}"
    assert (error.event, error.node) == ("PUT", "/finesse/api/User/1001/Dialogs")
    assert error.source == f"/finesse/api/Dialog/{dialog_id}"
    assert stage.center.truth() == before


def test_request_for_a_call_that_ended_meanwhile_fails() -> None:
    stage = Stage(delay=1.0, world=world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
    stage.center.colleague("1001").sign_in()
    stage.time.advance(1)
    dialog_id = stage.center.customers.call("4501", CUSTOMER)
    stage.published.clear()
    stage.center.colleague("1001").act("ANSWER", dialog_id)
    stage.center.customers.hang_up(dialog_id)
    stage.published.clear()
    stage.time.advance(1)
    assert stage.summaries() == ["ERROR Generic Error 28"]


class TestConsult:
    def test_consult_call_is_notified_step_by_step(self) -> None:
        stage = Stage()
        original = stage.talking()
        stage.sign_in("1002")
        stage.act("1001", "CONSULT_CALL", original, to_address="4502")
        assert stage.summaries() == [
            f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 HELD",
            "USER HOLD",
            "POST INITIATING: 4501 INITIATING",
        ]
        stage.time.advance(1)
        assert stage.summaries() == [
            "PUT INITIATED: 4501 INITIATED",
            "USER TALKING",
            "POST ALERTING: 4501 INITIATED, 4502 ALERTING",
            "PUT ALERTING: 4501 INITIATED, 4502 ALERTING",
        ]
        consult = stage.user("1002")["dialogs"][0]
        stage.act("1002", "ANSWER", consult)
        assert stage.summaries("1001") == [
            f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 HELD",  # TRANSFER and CONFERENCE are allowed now
            "PUT ACTIVE: 4501 ACTIVE, 4502 ACTIVE",
        ]
        assert stage.dialog(consult)["callType"] == "CONSULT"

    def test_transfer_and_conference_are_allowed_on_the_held_call_only(self) -> None:
        stage = Stage()
        original, consult = stage.consulting()
        assert {"TRANSFER", "CONFERENCE"} <= set(stage.dialog(original)["participants"]["4501"]["actions"])
        assert "TRANSFER" not in stage.dialog(consult)["participants"]["4501"]["actions"]
        for action in ("TRANSFER", "CONFERENCE"):
            stage.act("1001", action, consult)
        assert stage.summaries() == ["ERROR Generic Error 29"] * 2

    def test_transfer_before_the_colleague_has_answered_fails(self) -> None:
        stage = Stage()
        original = stage.talking()
        stage.sign_in("1002")
        stage.act("1001", "CONSULT_CALL", original, to_address="4502")
        stage.time.advance(1)
        stage.published.clear()
        stage.act("1001", "TRANSFER", original)
        assert stage.summaries() == ["ERROR Generic Error 29"]

    def test_consult_call_dropped_by_the_colleague_leaves_the_original_on_hold(self) -> None:
        stage = Stage()
        original, _ = stage.consulting()
        stage.act("1002", "DROP", stage.user("1002")["dialogs"][0])
        assert stage.user("1001") == stage.user("1001") | {"state": "HOLD", "dialogs": [original]}

    def test_addresses_of_both_calls_are_kept(self) -> None:
        stage = Stage()
        original, consult = stage.consulting()
        first, second = stage.dialog(original), stage.dialog(consult)
        assert (first["fromAddress"], first["toAddress"]) == (CUSTOMER, "8800")
        assert (second["fromAddress"], second["toAddress"]) == ("4501", "4502")
        assert stage.center.state.calls[consult].associated_dialog_uri == f"/finesse/api/Dialog/{original}"

    def test_consult_call_dropped_by_the_agent_leaves_the_original_on_hold(self) -> None:
        stage = Stage()
        original, consult = stage.consulting()
        stage.act("1001", "DROP", consult)
        assert stage.user("1001") == stage.user("1001") | {"state": "HOLD", "dialogs": [original]}
        assert "TRANSFER" not in stage.dialog(original)["participants"]["4501"]["actions"]
        assert stage.user("1002")["dialogs"] == []

    def test_retrieving_the_original_holds_the_consult_call(self) -> None:
        stage = Stage()
        original, consult = stage.consulting()
        stage.act("1001", "RETRIEVE", original)
        assert stage.parties(original)["4501"] == "ACTIVE"
        assert stage.parties(consult)["4501"] == "HELD"
        assert stage.state("1001") == "TALKING"

    def test_original_cannot_be_retrieved_while_the_consult_call_is_dialing(self) -> None:
        stage = Stage()
        original = stage.talking()
        stage.sign_in("1002")
        stage.act("1001", "CONSULT_CALL", original, to_address="4502")
        stage.time.advance(1)
        stage.published.clear()
        stage.act("1001", "RETRIEVE", original)
        assert stage.summaries() == ["ERROR Generic Error 21"]

    def test_failed_consult_call_leaves_the_original_on_hold(self) -> None:
        stage = Stage()
        original = stage.talking()
        stage.act("1001", "CONSULT_CALL", original, to_address="12345")
        stage.time.advance(1)
        consult = stage.user("1001")["dialogs"][1]
        assert stage.dialog(consult)["state"] == "FAILED"
        assert stage.state("1001") == "HOLD"
        stage.act("1001", "DROP", consult)
        stage.act("1001", "RETRIEVE", original)
        assert stage.state("1001") == "TALKING"


class TestTransfer:
    def test_transfer_deletes_both_calls_of_the_agent_and_posts_one_to_the_colleague(self) -> None:
        stage = Stage(world=world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
        original, consult = stage.consulting()
        stage.act("1001", "TRANSFER", original)
        received = stage.received()
        assert [(each.user_id, each.summary) for each in received] == [
            ("1001", f"DELETE DROPPED: {CUSTOMER} ACTIVE, 4501 DROPPED"),
            ("1001", "DELETE DROPPED: 4501 DROPPED, 4502 DROPPED"),
            ("1002", "DELETE DROPPED: 4501 DROPPED, 4502 DROPPED"),
            ("1002", f"POST ACTIVE: {CUSTOMER} ACTIVE, 4502 ACTIVE"),
            ("1001", "USER READY"),
        ]
        dialog = stage.dialog(original)
        assert dialog == dialog | {"callType": "TRANSFER", "secondaryId": consult, "toAddress": "8800"}
        assert stage.state("1002") == "TALKING"

    def test_transferred_call_stays_on_the_agents_list_during_wrap_up(self) -> None:
        stage = Stage()
        original, _ = stage.consulting()
        stage.act("1001", "TRANSFER", original)
        assert stage.parties(original) == {CUSTOMER: "ACTIVE", "4501": "WRAP_UP", "4502": "ACTIVE"}
        assert stage.user("1001") == stage.user("1001") | {"state": "WORK_READY", "dialogs": [original]}
        stage.center.colleague("1001").update_call_data(original, wrap_up_reason="Sale")
        stage.change("1001", "READY")
        assert stage.user("1001")["dialogs"] == []
        assert stage.parties(original) == {CUSTOMER: "ACTIVE", "4502": "ACTIVE"}

    def test_calling_agent_is_notified_of_the_new_participants(self) -> None:
        stage = Stage()
        stage.sign_in("1001", "1002", "1003")
        stage.center.colleague("1003").make_call("4501")
        stage.time.advance(1)
        (original,) = stage.user("1001")["dialogs"]
        stage.act("1001", "ANSWER", original)
        stage.act("1001", "CONSULT_CALL", original, to_address="4502")
        stage.time.advance(1)
        (consult,) = stage.user("1002")["dialogs"]
        stage.act("1002", "ANSWER", consult)
        stage.published.clear()
        stage.act("1001", "TRANSFER", original)
        assert "PUT ACTIVE: 4503 ACTIVE, 4501 WRAP_UP, 4502 ACTIVE" in stage.summaries("1003")

    def test_consult_call_survives_a_transfer_if_the_original_was_retrieved(self) -> None:
        stage = Stage()
        original, consult = stage.consulting()
        stage.act("1001", "RETRIEVE", original)
        stage.act("1001", "TRANSFER", consult)
        dialog = stage.dialog(consult)
        assert (dialog["secondaryId"], dialog["fromAddress"]) == (original, "4501")
        assert dialog["callvariables"] == {"callVariable1": "A & B <Ltd>"}
        assert stage.parties(consult) | {"4501": ""} == {"4501": "", "4502": "ACTIVE", CUSTOMER: "ACTIVE"}


class TestConference:
    def test_conference_puts_everybody_on_the_original_call(self) -> None:
        stage = Stage()
        original, consult = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        together = f"{CUSTOMER} ACTIVE, 4501 ACTIVE, 4502 ACTIVE"
        assert [(each.user_id, each.summary) for each in stage.received()] == [
            ("1001", "DELETE DROPPED: 4501 DROPPED, 4502 DROPPED"),
            ("1002", "DELETE DROPPED: 4501 DROPPED, 4502 DROPPED"),
            ("1002", f"POST ACTIVE: {together}"),
            ("1001", f"PUT ACTIVE: {together}"),
        ]
        dialog = stage.dialog(original)
        assert dialog == dialog | {"callType": "CONFERENCE", "secondaryId": consult}

    def test_participant_who_leaves_a_conference_is_dropped_and_the_others_continue(self) -> None:
        stage = Stage()
        original, _ = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        stage.published.clear()
        stage.act("1002", "DROP", original)
        assert stage.summaries("1002") == [
            f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 ACTIVE, 4502 DROPPED",
            "USER NOT_READY",
            f"DELETE DROPPED: {CUSTOMER} ACTIVE, 4501 ACTIVE, 4502 DROPPED",
        ]
        assert stage.parties(original) == {CUSTOMER: "ACTIVE", "4501": "ACTIVE"}

    @pytest.mark.parametrize(
        ("platform", "error"), [("UCCE", "Generic Error 20999"), ("UCCX", "Invalid State 22")]
    )
    @pytest.mark.parametrize("retrieved", [False, True])
    def test_only_the_controller_can_add_to_a_conference(
        self, platform: str, error: str, retrieved: bool
    ) -> None:
        stage = Stage(platform=platform)
        original, _ = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        self._consult(stage, "1002", original)
        held = original
        if retrieved:
            stage.act("1002", "RETRIEVE", original)
            held = next(each for each in stage.user("1002")["dialogs"] if each != original)
        stage.published.clear()
        stage.act("1002", "CONFERENCE", held)
        assert stage.summaries() == [f"ERROR {error}"]

    def test_any_agent_can_add_to_a_conference_after_the_controller_has_left(self) -> None:
        stage = Stage()
        original, _ = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        stage.act("1001", "DROP", original)  # and wraps up
        self._consult(stage, "1002", original)
        stage.act("1002", "CONFERENCE", original)
        assert stage.parties(original)["2125550100"] == "ACTIVE"
        assert stage.center.state.calls[original].controller == "4502"

    def test_conference_continues_with_two_remaining_parties(self) -> None:
        stage = Stage(world=world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
        original, _ = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        stage.act("1001", "DROP", original)
        assert stage.parties(original) == {CUSTOMER: "ACTIVE", "4502": "ACTIVE"}
        stage.center.customers.hang_up(original)
        assert stage.center.truth()["dialogs"] == {}

    def test_conference_member_can_hold_while_the_others_continue(self) -> None:
        stage = Stage()
        original, _ = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        stage.act("1002", "HOLD", original)
        assert stage.dialog(original)["state"] == "ACTIVE"
        assert (stage.state("1001"), stage.state("1002")) == ("TALKING", "HOLD")

    def test_controller_can_add_a_third_agent_to_a_conference(self) -> None:
        stage = Stage()
        original, _ = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        self._consult(stage, "1001", original)
        stage.act("1001", "CONFERENCE", original)
        assert set(stage.parties(original)) == {CUSTOMER, "4501", "4502", "2125550100"}

    def test_conference_size_is_limited(self) -> None:
        stage = Stage(world=replace(default_world(), conference_limit=3))
        original, _ = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        self._consult(stage, "1001", original)
        stage.published.clear()
        stage.act("1001", "CONFERENCE", original)
        assert stage.summaries() == ["ERROR Call Operation Failure 38"]

    @staticmethod
    def _consult(stage: Stage, user_id: str, original: str) -> None:
        """Let this agent consult the front desk, which answers automatically."""
        stage.act(user_id, "CONSULT_CALL", original, to_address="2125550100")
        stage.time.advance(2)


class TestSingleStepTransfer:
    def test_single_step_transfer_continues_the_call_without_the_agent(self) -> None:
        stage = Stage(world=world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
        dialog_id = stage.talking()
        stage.sign_in("1002", ready=True)
        stage.act("1001", "TRANSFER_SST", dialog_id, to_address="4502")
        assert [(each.user_id, each.summary) for each in stage.received()] == [
            ("1001", f"DELETE DROPPED: {CUSTOMER} ACTIVE, 4501 DROPPED"),
            ("1002", f"POST ALERTING: {CUSTOMER} ACTIVE, 4502 ALERTING"),
            ("1001", "USER READY"),
            ("1002", "USER RESERVED"),
        ]
        stage.act("1002", "ANSWER", dialog_id)
        assert stage.dialog(dialog_id)["callType"] == "TRANSFER"
        assert stage.parties(dialog_id) == {CUSTOMER: "ACTIVE", "4502": "ACTIVE"}

    def test_call_can_be_transferred_back_into_a_queue(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.act("1001", "TRANSFER_SST", dialog_id, to_address="8800")
        stage.sign_in("1002", ready=True)
        assert stage.user("1002")["dialogs"] == [dialog_id]

    def test_call_can_be_transferred_back_to_an_agent_in_wrap_up(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.sign_in("1002")
        stage.act("1001", "TRANSFER_SST", dialog_id, to_address="4502")
        stage.act("1002", "ANSWER", dialog_id)
        stage.act("1002", "TRANSFER_SST", dialog_id, to_address="4501")
        stage.act("1001", "ANSWER", dialog_id)
        assert stage.parties(dialog_id) == {CUSTOMER: "ACTIVE", "4501": "ACTIVE"}
        assert stage.state("1001") == "TALKING"

    @pytest.mark.parametrize("number", ["12345", "4599", "2125550102"])
    def test_transfer_to_an_unreachable_number_changes_nothing(self, number: str) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.act("1001", "TRANSFER_SST", dialog_id, to_address=number)
        assert stage.summaries() == ["ERROR Generic Error 14"]
        assert stage.parties(dialog_id) == {CUSTOMER: "ACTIVE", "4501": "ACTIVE"}


class TestDtmf:
    def test_dtmf_causes_no_notification(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.act("1001", "SEND_DTMF", dialog_id, digits="12#*AD")
        assert stage.received() == []

    def test_dtmf_letters_beyond_d_are_out_of_range(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.act("1001", "SEND_DTMF", dialog_id, digits="12x")
        assert stage.summaries() == ["ERROR Generic Error 3"]


def test_retrieving_one_call_holds_the_other_on_the_same_device() -> None:
    stage = Stage()
    original = stage.talking()
    stage.act("1001", "HOLD", original)
    stage.center.colleague("1001").make_call("2125550100")
    stage.time.advance(2)
    second = stage.user("1001")["dialogs"][1]
    stage.act("1001", "RETRIEVE", original)
    assert (stage.parties(original)["4501"], stage.parties(second)["4501"]) == ("ACTIVE", "HELD")
