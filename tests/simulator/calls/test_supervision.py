"""Silent monitor, barge, intercept, dropping participants and recording, with their notifications."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mcp_finesse.simulator.calls.setup import STEP_SECONDS
from mcp_finesse.simulator.world.properties import Properties
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support import Stage, world_where

CUSTOMER = "+13125550142"
QUICK = world_where("1001", wrap_up_on_incoming="NOT_ALLOWED")


def monitoring(stage: Stage) -> tuple[str, str]:
    """Let supervisor 1000 monitor agent 1001, who talks to a customer. Return both dialog ids."""
    dialog_id = stage.talking()
    stage.sign_in("1000")
    stage.center.colleague("1000").monitor("4501")
    stage.time.advance(1)
    (monitor,) = stage.user("1000")["dialogs"]
    stage.published.clear()
    return dialog_id, monitor


def barged(stage: Stage) -> str:
    dialog_id, monitor = monitoring(stage)
    stage.center.colleague("1000").barge(monitor)
    stage.time.advance(1)
    stage.published.clear()
    return dialog_id


def users_and_summaries(stage: Stage) -> list[tuple[str | None, str]]:
    return [(each.user_id, each.summary) for each in stage.received()]


class TestSilentMonitor:
    def test_silent_monitor_is_a_dialog_notified_like_an_outgoing_call(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.sign_in("1000")
        stage.center.colleague("1000").monitor("4501")
        stage.settle()
        assert users_and_summaries(stage) == [("1000", "POST INITIATING: 4500 INITIATING")]
        stage.time.advance(STEP_SECONDS)
        assert users_and_summaries(stage) == [
            ("1000", "PUT INITIATED: 4500 INITIATED"),
            ("1000", "USER TALKING"),
        ]
        stage.time.advance(STEP_SECONDS)
        assert users_and_summaries(stage) == [
            ("1001", "POST ALERTING: 4500 INITIATED, 4501 ALERTING"),
            ("1000", "PUT ALERTING: 4500 INITIATED, 4501 ALERTING"),
        ]
        stage.time.advance(STEP_SECONDS)
        assert users_and_summaries(stage) == [
            ("1000", "PUT ACTIVE: 4500 ACTIVE, 4501 ACTIVE"),
            ("1001", "PUT ACTIVE: 4500 ACTIVE, 4501 ACTIVE"),
        ]
        (monitor,) = stage.user("1000")["dialogs"]
        dialog = stage.dialog(monitor)
        assert dialog == dialog | {
            "callType": "SUPERVISOR_MONITOR",
            "fromAddress": "4500",
            "toAddress": "4501",
            "monitors": dialog_id,
        }

    def test_monitored_agent_has_no_actions_on_the_monitor_dialog(self) -> None:
        stage = Stage()
        dialog_id, monitor = monitoring(stage)
        assert set(stage.user("1001")["dialogs"]) == {dialog_id, monitor}
        assert stage.dialog(monitor)["participants"]["4501"]["actions"] == []
        assert stage.dialog(monitor)["participants"]["4500"]["actions"] == ["DROP", "BARGE_CALL"]
        stage.act("1001", "HOLD", dialog_id)
        assert stage.state("1001") == "HOLD"
        assert "TRANSFER" not in stage.dialog(dialog_id)["participants"]["4501"]["actions"]
        stage.act("1001", "DROP", monitor)
        assert stage.summaries("1001")[-1] == "ERROR Generic Error 27"

    def test_monitoring_ends_when_the_supervisor_drops(self) -> None:
        stage = Stage()
        dialog_id, monitor = monitoring(stage)
        stage.act("1000", "DROP", monitor)
        assert stage.summaries("1000") == [
            "PUT ACTIVE: 4500 DROPPED, 4501 ACTIVE",
            "USER NOT_READY",
            "PUT DROPPED: 4500 DROPPED, 4501 DROPPED",
            "DELETE DROPPED: 4500 DROPPED, 4501 DROPPED",
        ]
        assert stage.parties(dialog_id) == {CUSTOMER: "ACTIVE", "4501": "ACTIVE"}
        assert stage.state("1001") == "TALKING"

    @pytest.mark.parametrize("how", ["hangs up", "hands over", "wraps up"])
    def test_monitoring_ends_when_the_agent_leaves_the_call(self, how: str) -> None:
        stage = Stage(world=None if how == "wraps up" else QUICK)
        dialog_id, monitor = monitoring(stage)
        if how == "hands over":
            stage.act("1001", "TRANSFER_SST", dialog_id, to_address="2125550100")
        else:
            stage.act("1001", "DROP", dialog_id)
        stage.time.advance(0)
        assert monitor not in stage.center.truth()["dialogs"]
        assert stage.user("1000") == stage.user("1000") | {"state": "NOT_READY", "dialogs": []}
        assert "DELETE DROPPED: 4500 DROPPED, 4501 DROPPED" in stage.summaries("1000")

    @pytest.mark.parametrize("wait", [0, STEP_SECONDS, STEP_SECONDS * 2])
    def test_dropping_during_setup_stops_monitoring(self, wait: float) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.sign_in("1000")
        stage.center.colleague("1000").monitor("4501")
        stage.time.advance(wait)
        stage.act("1000", "DROP", stage.user("1000")["dialogs"][0])
        stage.time.advance(5)
        assert list(stage.center.truth()["dialogs"]) == [dialog_id]
        assert stage.state("1000") == "NOT_READY"

    @pytest.mark.parametrize(
        ("situation", "error"),
        [
            ("READY", "Invalid State 265"),
            ("WORK_READY", "Invalid State 265"),
            ("NOT_READY", "13145 0"),
            ("HOLD", "13145 0"),
            ("dialling", "13145 0"),
            ("supervisor READY", "Generic Error 21"),
        ],
    )
    def test_agent_without_an_active_call_cannot_be_monitored(self, situation: str, error: str) -> None:
        stage = Stage()
        self._arrange(stage, situation)
        stage.sign_in("1000", ready=situation == "supervisor READY")
        stage.center.colleague("1000").monitor("4501")
        stage.settle()
        (received,) = stage.received("1000")
        assert (received.summary, received.node) == (f"ERROR {error}", "/finesse/api/User/1000/Dialogs")

    @staticmethod
    def _arrange(stage: Stage, situation: str) -> None:
        if situation in ("READY", "NOT_READY", "dialling"):
            stage.sign_in("1001", ready=situation == "READY")
            if situation == "dialling":
                stage.center.colleague("1001").make_call("2125550101")
                stage.time.advance(1)
            return
        dialog_id = stage.talking()
        if situation == "HOLD":
            stage.act("1001", "HOLD", dialog_id)
        elif situation == "WORK_READY":
            stage.center.customers.hang_up(dialog_id)

    def test_monitoring_supervisor_cannot_be_monitored(self) -> None:
        stage = Stage(world=world_where("2000", team_id="310"))
        monitoring(stage)
        stage.sign_in("2000")
        stage.center.state.agents["1000"].record = replace(
            stage.center.state.agents["1000"].record, team_id="310"
        )
        stage.center.colleague("2000").monitor("4500")
        stage.settle()
        assert stage.summaries("2000") == ["ERROR 13145 0"]


class TestBarge:
    def test_barge_is_a_consult_call_followed_by_a_conference(self) -> None:
        stage = Stage()
        dialog_id, monitor = monitoring(stage)
        stage.center.colleague("1000").barge(monitor)
        stage.settle()
        assert users_and_summaries(stage) == [("1000", "POST INITIATING: 4500 INITIATING")]
        barge = stage.user("1000")["dialogs"][1]
        assert stage.dialog(barge)["callType"] == "BARGE_IN_CONSULT"
        stage.time.advance(STEP_SECONDS)
        assert users_and_summaries(stage) == [("1000", "PUT INITIATED: 4500 INITIATED")]
        stage.time.advance(STEP_SECONDS)
        together = f"{CUSTOMER} ACTIVE, 4501 ACTIVE, 4500 ACTIVE"
        assert users_and_summaries(stage) == [
            ("1000", "DELETE DROPPED: 4500 DROPPED, 4501 DROPPED"),
            ("1000", "DELETE DROPPED: 4500 DROPPED"),
            ("1001", "DELETE DROPPED: 4500 DROPPED, 4501 DROPPED"),
            ("1000", f"POST ACTIVE: {together}"),
            ("1001", f"PUT ACTIVE: {together}"),
        ]
        dialog = stage.dialog(dialog_id)
        assert dialog == dialog | {"callType": "CONFERENCE", "secondaryId": barge}
        assert "PARTICIPANT_DROP" in dialog["participants"]["4500"]["actions"]
        assert "PARTICIPANT_DROP" not in dialog["participants"]["4501"]["actions"]
        assert stage.center.state.calls[dialog_id].controller == "4501"

    def test_barge_ends_when_the_supervisor_drops(self) -> None:
        stage = Stage()
        dialog_id = barged(stage)
        stage.act("1000", "DROP", dialog_id)
        assert stage.parties(dialog_id) == {CUSTOMER: "ACTIVE", "4501": "ACTIVE"}
        assert stage.user("1000") == stage.user("1000") | {"state": "NOT_READY", "dialogs": []}

    def test_intercept_is_a_barge_followed_by_dropping_the_agent(self) -> None:
        stage = Stage(world=QUICK)
        dialog_id = barged(stage)
        stage.center.colleague("1000").act_on("PARTICIPANT_DROP", dialog_id, "4501")
        stage.settle()
        assert stage.parties(dialog_id) == {CUSTOMER: "ACTIVE", "4500": "ACTIVE"}
        assert stage.summaries("1001") == [
            f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 DROPPED, 4500 ACTIVE",
            "USER READY",
            f"DELETE DROPPED: {CUSTOMER} ACTIVE, 4501 DROPPED, 4500 ACTIVE",
        ]
        assert stage.state("1000") == "TALKING"

    @pytest.mark.parametrize("meanwhile", ["hold", "gone", "leg ended"])
    def test_barge_fails_when_the_call_changes_during_setup(self, meanwhile: str) -> None:
        stage = Stage(world=QUICK)
        dialog_id, monitor = monitoring(stage)
        stage.center.colleague("1000").barge(monitor)
        stage.settle()
        barge = stage.user("1000")["dialogs"][1]
        if meanwhile == "hold":
            stage.act("1001", "HOLD", dialog_id)
        elif meanwhile == "gone":
            stage.act("1001", "DROP", dialog_id)
        else:
            stage.act("1000", "DROP", barge)
        stage.time.advance(1)
        if meanwhile == "leg ended":
            assert barge not in stage.center.truth()["dialogs"]
            assert stage.parties(monitor) == {"4500": "ACTIVE", "4501": "ACTIVE"}
        else:
            own = stage.dialog(barge)["participants"]["4500"]
            assert (own["state"], own["stateCause"]) == ("FAILED", "OTHER")

    def test_second_barge_during_the_first_is_rejected(self) -> None:
        stage = Stage()
        dialog_id, monitor = monitoring(stage)
        for _ in range(2):
            stage.center.colleague("1000").barge(monitor)
            stage.settle()
        assert stage.summaries("1000")[-1] == "ERROR Generic Error 21"
        stage.time.advance(1)
        assert stage.parties(dialog_id) == {CUSTOMER: "ACTIVE", "4501": "ACTIVE", "4500": "ACTIVE"}

    def test_barge_stops_when_the_supervisor_stops_monitoring(self) -> None:
        stage = Stage()
        dialog_id, monitor = monitoring(stage)
        stage.center.colleague("1000").barge(monitor)
        stage.settle()
        stage.act("1000", "DROP", monitor)
        stage.time.advance(1)
        assert "4500" not in stage.parties(dialog_id)

    def test_barge_fails_when_the_call_is_held_before_it_is_executed(self) -> None:
        stage = Stage()
        dialog_id, monitor = monitoring(stage)
        stage.center.colleague("1001").act("HOLD", dialog_id)
        stage.center.colleague("1000").barge(monitor)
        stage.settle()
        assert stage.summaries("1000")[-1] == "ERROR Invalid Destination 0"


class TestDropParticipant:
    def test_drop_fails_when_the_participant_has_just_left(self) -> None:
        stage = Stage()
        dialog_id = barged(stage)
        stage.center.colleague("1001").act("DROP", dialog_id)
        stage.center.colleague("1000").act_on("PARTICIPANT_DROP", dialog_id, "4501")
        stage.settle()
        assert stage.summaries("1000")[-1] == "ERROR Generic Error 27"

    def test_participant_can_be_dropped_only_from_a_conference(self) -> None:
        stage = Stage()
        stage.sign_in("1000", "1001")
        stage.center.colleague("1000").make_call("4501")
        stage.time.advance(1)
        (dialog_id,) = stage.user("1000")["dialogs"]
        stage.act("1001", "ANSWER", dialog_id)
        stage.published.clear()
        stage.center.colleague("1000").act_on("PARTICIPANT_DROP", dialog_id, "4501")
        stage.settle()
        assert stage.summaries() == ["ERROR Generic Error 22"]

    @pytest.mark.parametrize(
        ("setting", "controller", "other"),
        [
            ("supervisor_only", False, False),
            ("conference_controller_and_supervisor", True, False),
            ("all", True, True),
        ],
    )
    def test_property_determines_who_may_drop_participants(
        self, setting: Any, controller: bool, other: bool
    ) -> None:
        stage = Stage(world=replace(default_world(), properties=Properties(drop_participant_for=setting)))
        original, _ = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        actions = {
            address: party["actions"] for address, party in stage.dialog(original)["participants"].items()
        }
        assert ("PARTICIPANT_DROP" in actions["4501"], "PARTICIPANT_DROP" in actions["4502"]) == (
            controller,
            other,
        )


class TestCcx:
    def test_monitoring_supervisor_on_ccx_stays_not_ready_and_may_record(self) -> None:
        stage = Stage(platform="UCCX")
        dialog_id, monitor = monitoring(stage)
        assert stage.state("1000") == "NOT_READY"
        assert stage.dialog(monitor)["participants"]["4500"]["actions"] == [
            "DROP",
            "BARGE_CALL",
            "START_RECORDING",
        ]
        stage.center.colleague("1000").act_on("START_RECORDING", monitor, "4501")
        stage.settle()
        assert stage.dialog(dialog_id)["recorded"]
        assert stage.received() == []

    def test_agent_on_a_direct_call_on_ccx_can_be_monitored(self) -> None:
        stage = Stage(platform="UCCX")
        stage.sign_in("1000", "1001")
        dialog_id = stage.center.customers.call("4501", CUSTOMER)
        stage.act("1001", "ANSWER", dialog_id)
        stage.center.colleague("1000").monitor("4501")
        stage.time.advance(1)
        assert stage.state("1001") == "NOT_READY"
        assert len(stage.user("1000")["dialogs"]) == 1

    @pytest.mark.parametrize("ready", [True, False])
    def test_agent_without_a_call_on_ccx_cannot_be_monitored(self, ready: bool) -> None:
        stage = Stage(platform="UCCX")
        stage.sign_in("1001", ready=ready)
        stage.sign_in("1000")
        stage.center.colleague("1000").monitor("4501")
        stage.settle()
        assert stage.summaries() == ["ERROR 88049 0"]

    def test_agent_on_ccx_can_record_own_call_after_answering(self) -> None:
        stage = Stage(platform="UCCX")
        stage.sign_in("1001", ready=True)
        dialog_id = stage.center.customers.call("8800", CUSTOMER)
        stage.published.clear()
        ada = stage.center.colleague("1001")
        ada.act_on("START_RECORDING", dialog_id, "4501")
        stage.settle()
        assert stage.summaries() == ["ERROR Generic Error 22"]
        stage.act("1001", "ANSWER", dialog_id)
        ada.act_on("START_RECORDING", dialog_id, "4501")
        stage.settle()
        assert stage.dialog(dialog_id)["recorded"]
