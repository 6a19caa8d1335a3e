"""Call requests that Finesse rejects immediately (guide p.80 to 97)."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.simulator.calls.data import CallData
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.requests.calls import DialogRequest
from tests.simulator.support import Stage


def refusal_of(
    stage: Stage, dialog_id: str, request: DialogRequest, acting: str = "1001"
) -> tuple[int, str, str]:
    with pytest.raises(ApiProblem) as caught:
        stage.center.calls.act(stage.center.state.agents[acting], dialog_id, request)
    return caught.value.status, caught.value.details.type, caught.value.details.data


@pytest.mark.parametrize(
    ("request_", "refused"),
    [
        ({"action": ""}, (400, "Parameter Missing", "requestedAction")),
        ({"action": "SING"}, (400, "Invalid Input", "requestedAction")),
        ({"action": "hold"}, (400, "Invalid Input", "requestedAction")),
        ({"action": "START_RECORDING"}, (501, "Not Implemented", "requestedAction")),
        ({"action": "HOLD"}, (400, "Parameter Missing", "targetMediaAddress")),
        ({"action": "HOLD", "target": "4777"}, (400, "Invalid Input", "targetMediaAddress")),
        (
            {"action": "HOLD", "target": "+13125550142"},
            (401, "Invalid Authorization User Specified", "1001"),
        ),
        ({"action": "CONSULT_CALL", "target": "4501"}, (400, "Parameter Missing", "toAddress")),
        ({"action": "TRANSFER_SST", "target": "4501"}, (400, "Parameter Missing", "toAddress")),
        (
            {"action": "TRANSFER_SST", "target": "4501", "to_address": "4501"},
            (400, "Invalid Destination", "4501"),
        ),
        (
            {"action": "CONSULT_CALL", "target": "4501", "to_address": "4501"},
            (400, "Invalid Destination", "4501"),
        ),
        ({"action": "SEND_DTMF", "target": "4501"}, (400, "Parameter Missing", "dtmfString")),
        ({"action": "UPDATE_CALL_DATA"}, (400, "Parameter Missing", "mediaProperties")),
        (
            {"action": "UPDATE_CALL_DATA", "data": CallData(())},
            (400, "Parameter Missing", "mediaProperties"),
        ),
        (
            {"action": "UPDATE_CALL_DATA", "data": CallData((("user.none", "1"),))},
            (400, "Invalid Input", "user.none"),
        ),
        (
            {
                "action": "UPDATE_CALL_DATA",
                "data": CallData((("callVariable1", "1"), ("callVariable1", "2"))),
            },
            (400, "Invalid Input", "callVariable1"),
        ),
    ],
)
def test_invalid_call_request_is_rejected_immediately(
    request_: dict[str, Any], refused: tuple[int, str, str]
) -> None:
    stage = Stage()
    dialog_id = stage.talking()
    assert refusal_of(stage, dialog_id, DialogRequest(**request_)) == refused
    assert stage.received() == []


def test_unknown_dialog_is_not_found() -> None:
    refused = refusal_of(Stage(), "1", DialogRequest("HOLD", "4501"))
    assert refused == (404, "Dialog Not Found", "1")


def test_dialog_of_another_agent_is_rejected() -> None:
    stage = Stage()
    dialog_id = stage.talking()
    stage.sign_in("1002")
    refused = refusal_of(stage, dialog_id, DialogRequest("HOLD", "4502"), acting="1002")
    assert refused == (401, "Invalid Authorization User Specified", "1002")


def test_dtmf_on_a_held_call_is_rejected_immediately() -> None:
    stage = Stage()
    dialog_id = stage.talking()
    stage.act("1001", "HOLD", dialog_id)
    refused = refusal_of(stage, dialog_id, DialogRequest("SEND_DTMF", "4501", parameters={"dtmfString": "1"}))
    assert refused[:2] == (401, "Invalid State")


@pytest.mark.parametrize(
    ("addresses", "refused"),
    [
        (("", "4502"), (400, "Parameter Missing", "fromAddress")),
        (("4501", ""), (400, "Parameter Missing", "toAddress")),
        (("4502", "4501"), (401, "Invalid Authorization User Specified", "4502")),
        (("4501", "4501"), (400, "Invalid Destination", "4501")),
    ],
)
def test_invalid_make_call_is_rejected_immediately(
    addresses: tuple[str, str], refused: tuple[int, str, str]
) -> None:
    stage = Stage()
    stage.sign_in("1001")
    with pytest.raises(ApiProblem) as caught:
        stage.center.calls.make_call(stage.center.state.agents["1001"], "1001", *addresses, [])
    assert (caught.value.status, caught.value.details.type, caught.value.details.data) == refused


class TestVariablesOfANewCall:
    def test_variables_of_a_new_call_are_kept(self) -> None:
        stage = Stage()
        stage.sign_in("1001")
        self._call(stage, [("callVariable3", "gold"), ("user.orderId", "A-17")])
        (dialog_id,) = stage.user("1001")["dialogs"]
        assert stage.dialog(dialog_id)["callvariables"] == {"callVariable3": "gold", "user.orderId": "A-17"}

    def test_overlong_variable_of_a_new_call_fails_later_on_an_unknown_dialog(self) -> None:
        stage = Stage()
        stage.sign_in("1001")
        self._call(stage, [("callVariable3", "x" * 41)])
        assert stage.summaries() == ["ERROR Invalid Input 3"]
        assert stage.state("1001") == "NOT_READY"

    def test_variables_of_a_new_call_are_rejected_on_ccx(self) -> None:
        stage = Stage(platform="UCCX")
        stage.sign_in("1001")
        with pytest.raises(ApiProblem, match="Invalid Input"):
            self._call(stage, [("callVariable3", "gold")])

    @staticmethod
    def _call(stage: Stage, variables: list[tuple[str, str]]) -> None:
        agent = stage.center.state.agents["1001"]
        job = stage.center.calls.make_call(agent, "1001", "4501", "2125550100", variables)
        stage.center.carry_out(job)
        stage.settle()


class TestUpdateCallData:
    def test_update_call_data_notifies_a_change_once(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        colleague = stage.center.colleague("1001")
        for _ in range(2):
            colleague.update_call_data(dialog_id, {"callVariable2": "x"}, "Sale")
            stage.settle()
        assert stage.summaries() == ["PUT ACTIVE: +13125550142 ACTIVE, 4501 ACTIVE"]
        assert stage.dialog(dialog_id)["wrapUpReason"] == "Sale"

    def test_update_call_data_works_during_wrap_up(self) -> None:
        stage = Stage()
        dialog_id = stage.talking()
        stage.center.customers.hang_up(dialog_id)
        stage.published.clear()
        stage.center.colleague("1001").update_call_data(dialog_id, wrap_up_reason="Sale")
        stage.settle()
        assert stage.summaries() == ["PUT DROPPED: +13125550142 DROPPED, 4501 WRAP_UP"]

    def test_update_call_data_fails_on_a_direct_call(self) -> None:
        stage = Stage()
        stage.sign_in("1001")
        dialog_id = stage.center.customers.call("4501", "+13125550142")
        stage.act("1001", "ANSWER", dialog_id)
        stage.published.clear()
        stage.center.colleague("1001").update_call_data(dialog_id, {"callVariable1": "x"})
        stage.settle()
        assert stage.summaries() == ["ERROR Call Variable is protected 8"]
