"""Supervisor requests that Finesse rejects immediately."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.requests.calls import DialogRequest
from mcp_finesse.simulator.world.properties import Properties
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.calls.test_supervision import barged, monitoring
from tests.simulator.support import Stage

Refused = tuple[int, str, str]


def refusal(run: Callable[[], object]) -> Refused:
    with pytest.raises(ApiProblem) as caught:
        run()
    return caught.value.status, caught.value.details.type, caught.value.details.data


def monitor(stage: Stage, acting: str, user: str, from_address: str, to_address: str) -> Refused:
    agent = stage.center.state.agents[acting]
    return refusal(lambda: stage.center.supervision.silent_monitor(agent, user, from_address, to_address))


def barge(stage: Stage, to_address: str, uri: str) -> Refused:
    dana = stage.center.state.agents["1000"]
    return refusal(lambda: stage.center.supervision.barge(dana, "1000", "4500", to_address, uri))


def act(stage: Stage, acting: str, action: str, dialog_id: str, target: str) -> Refused:
    agent = stage.center.state.agents[acting]
    return refusal(lambda: stage.center.calls.act(agent, dialog_id, DialogRequest(action, target)))


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        (("1000", "1001", "4500", "4501"), (401, "Invalid Authorization User Specified", "1001")),
        (("1001", "1001", "4501", "4502"), (401, "Authorization Failure", "1001")),
        (("1000", "1000", "", "4501"), (400, "Parameter Missing", "fromAddress")),
        (("1000", "1000", "4500", ""), (400, "Parameter Missing", "toAddress")),
        (("1000", "1000", "4501", "4502"), (401, "Invalid Authorization User Specified", "4501")),
        (("1000", "1000", "4500", "4500"), (400, "Invalid Destination", "4500")),
        (("1000", "1000", "4500", "4777"), (400, "Invalid Input", "toAddress")),
        (("1000", "1000", "4500", "4503"), (400, "Invalid Input", "toAddress")),  # signed out
        (("1000", "1000", "4500", "4521"), (401, "Invalid Authorization User Specified", "2001")),
    ],
)
def test_invalid_monitoring_request_is_rejected(who: tuple[str, str, str, str], refused: Refused) -> None:
    stage = Stage()
    stage.sign_in("1000", "1001", "1002", "2001")
    assert monitor(stage, *who) == refused


def test_monitoring_during_a_call_is_rejected() -> None:
    stage = Stage()
    monitoring(stage)
    assert monitor(stage, "1000", "1000", "4500", "4501") == (400, "Invalid State", "state")


class TestBarge:
    @pytest.mark.parametrize(
        ("to_address", "uri", "refused"),
        [
            ("4501", "", (400, "Parameter Missing", "associatedDialogUri")),
            ("4501", "/finesse/api/Dialog/1", (400, "Invalid Input", "associatedDialogUri")),
            ("4501", "{call}", (400, "Invalid Input", "associatedDialogUri")),  # not the monitoring dialog
            ("4502", "{monitor}", (400, "Invalid Input", "associatedDialogUri")),
            ("4777", "{monitor}", (400, "Invalid Input", "toAddress")),
        ],
    )
    def test_barge_requires_the_monitoring_dialog_of_the_agent(
        self, to_address: str, uri: str, refused: Refused
    ) -> None:
        stage = Stage()
        dialog_id, monitor_id = monitoring(stage)
        stage.sign_in("1002")
        uris = {"call": f"/finesse/api/Dialog/{dialog_id}", "monitor": f"/finesse/api/Dialog/{monitor_id}"}
        assert barge(stage, to_address, uri.format(**uris)) == refused

    def test_barge_before_monitoring_is_active_is_rejected(self) -> None:
        stage = Stage()
        stage.talking()
        stage.sign_in("1000")
        stage.center.colleague("1000").monitor("4501")
        stage.settle()
        uri = f"/finesse/api/Dialog/{stage.user('1000')['dialogs'][0]}"
        assert barge(stage, "4501", uri) == (400, "Invalid State", "associatedDialogUri")

    def test_barge_on_a_held_call_is_rejected(self) -> None:
        stage = Stage()
        dialog_id, monitor_id = monitoring(stage)
        stage.act("1001", "HOLD", dialog_id)
        assert barge(stage, "4501", f"/finesse/api/Dialog/{monitor_id}")[:2] == (400, "Invalid Destination")

    def test_barge_on_an_agent_with_another_call_is_rejected(self) -> None:
        stage = Stage()
        dialog_id, monitor_id = monitoring(stage)
        stage.act("1001", "HOLD", dialog_id)
        stage.center.colleague("1001").make_call("2125550100")
        stage.time.advance(2)
        stage.act("1001", "RETRIEVE", dialog_id)
        assert barge(stage, "4501", f"/finesse/api/Dialog/{monitor_id}")[:2] == (400, "20999")

    def test_barge_on_an_agent_who_does_not_control_the_conference_is_rejected(self) -> None:
        stage = Stage()
        original, _ = stage.consulting()
        stage.act("1001", "CONFERENCE", original)
        stage.sign_in("1000")
        stage.center.colleague("1000").monitor("4502")
        stage.time.advance(1)
        (monitor_id,) = stage.user("1000")["dialogs"]
        assert barge(stage, "4502", f"/finesse/api/Dialog/{monitor_id}")[:2] == (400, "20999")

    def test_barge_into_a_full_conference_is_rejected(self) -> None:
        stage = Stage(world=replace(default_world(), conference_limit=2))
        _, monitor_id = monitoring(stage)
        assert barge(stage, "4501", f"/finesse/api/Dialog/{monitor_id}")[:2] == (400, "20700")

    def test_barge_into_an_ended_call_is_rejected(self) -> None:
        stage = Stage()
        dialog_id, monitor_id = monitoring(stage)
        del stage.center.state.calls[dialog_id]
        assert barge(stage, "4501", f"/finesse/api/Dialog/{monitor_id}")[:2] == (400, "20999")


class TestDropParticipant:
    @pytest.mark.parametrize(
        ("acting", "target", "refused"),
        [
            ("1000", "", (400, "Parameter Missing", "targetMediaAddress")),
            ("1000", "4502", (400, "Invalid Destination", "4502")),  # not on the call
            ("1000", "4500", (400, "Invalid Destination", "4500")),  # oneself
            ("1000", "+13125550142", (400, "Invalid Destination", "+13125550142")),  # not an agent
            ("1001", "4500", (401, "Authorization Failure", "1001")),
        ],
    )
    def test_invalid_participant_drop_is_rejected(self, acting: str, target: str, refused: Refused) -> None:
        stage = Stage()
        dialog_id = barged(stage)
        assert act(stage, acting, "PARTICIPANT_DROP", dialog_id, target) == refused

    def test_property_all_allows_dropping_devices_without_an_agent(self) -> None:
        stage = Stage(world=replace(default_world(), properties=Properties(drop_participant_for="all")))
        original = stage.talking()
        stage.act("1001", "CONSULT_CALL", original, to_address="4503")
        stage.time.advance(1)
        consult = stage.user("1001")["dialogs"][1]
        stage.center.customers.answer(consult)
        stage.act("1001", "CONFERENCE", original)
        stage.center.colleague("1001").act_on("PARTICIPANT_DROP", original, "4503")
        stage.settle()
        assert "4503" not in stage.parties(original)

    def test_participant_drop_does_not_exist_on_ccx(self) -> None:
        stage = Stage(platform="UCCX")
        dialog_id = stage.talking()
        assert act(stage, "1001", "PARTICIPANT_DROP", dialog_id, "4502")[:2] == (501, "Not Implemented")


class TestRecording:
    def test_recording_does_not_exist_on_cce(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        assert act(stage, "1001", "START_RECORDING", dialog_id, "4501")[:2] == (501, "Not Implemented")

    @pytest.mark.parametrize(
        ("target", "refused"),
        [
            ("", (400, "Parameter Missing", "targetMediaAddress")),
            ("4777", (400, "Invalid Input", "targetMediaAddress")),
            ("+13125550142", (400, "Invalid Input", "targetMediaAddress")),
        ],
    )
    def test_recording_target_must_be_an_agent_on_the_call(self, target: str, refused: Refused) -> None:
        stage = Stage(platform="UCCX")
        dialog_id = stage.talking()
        assert act(stage, "1001", "START_RECORDING", dialog_id, target) == refused

    def test_recording_on_a_held_call_is_rejected(self) -> None:
        stage = Stage(platform="UCCX")
        dialog_id, monitor_id = monitoring(stage)
        stage.act("1001", "HOLD", dialog_id)
        for acting, dialog in (("1001", dialog_id), ("1000", monitor_id)):
            assert act(stage, acting, "START_RECORDING", dialog, "4501") == (401, "Invalid State", "HELD")
