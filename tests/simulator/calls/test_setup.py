"""Call setup: dialing, destinations, queues, customers. Events in the order of the guide (p.127)."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.calls.setup import ANSWER_SECONDS, STEP_SECONDS
from tests.simulator.support import Stage


def test_outgoing_call_is_notified_step_by_step() -> None:
    stage = Stage()
    stage.sign_in("1001", "1002")
    stage.center.colleague("1001").make_call("4502")
    stage.settle()
    assert stage.summaries() == ["POST INITIATING: 4501 INITIATING"]
    stage.time.advance(STEP_SECONDS)
    assert stage.summaries() == ["PUT INITIATED: 4501 INITIATED", "USER TALKING"]
    stage.time.advance(STEP_SECONDS)
    assert stage.summaries() == [
        "POST ALERTING: 4501 INITIATED, 4502 ALERTING",  # to the recipient
        "PUT ALERTING: 4501 INITIATED, 4502 ALERTING",  # to the caller
    ]
    (dialog_id,) = stage.user("1001")["dialogs"]
    stage.act("1002", "ANSWER", dialog_id)
    assert stage.summaries("1001") == ["PUT ACTIVE: 4501 ACTIVE, 4502 ACTIVE"]
    assert stage.dialog(dialog_id)["callType"] == "AGENT_INSIDE"
    assert stage.state("1002") == "TALKING"


def test_making_a_call_while_ready_sets_not_ready_with_50006() -> None:
    stage = Stage()
    stage.sign_in("1001", ready=True)
    stage.center.colleague("1001").make_call("2125550101")
    stage.settle()
    assert stage.summaries() == ["POST INITIATING: 4501 INITIATING", "USER NOT_READY"]
    assert stage.user("1001")["reasonCode"] == 50006
    stage.time.advance(1)
    (dialog_id,) = stage.user("1001")["dialogs"]
    stage.act("1001", "DROP", dialog_id)
    assert stage.user("1001")["state"] == "NOT_READY"
    assert stage.user("1001")["reasonCode"] == 50006


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        ("2125550102", "BUSY"),
        ("4503", ""),  # a device without an agent is a phone that rings
        ("4502", "BUSY"),
        ("4599", "DEVICE_RESOURCE_NOT_AVAILABLE"),
        ("12345", "BAD_DESTINATION"),
        ("3125550199", ""),
        ("8800", ""),
    ],
)
def test_destination_determines_whether_the_call_fails(number: str, cause: str) -> None:
    stage = Stage()
    stage.sign_in("1001", "1002")
    stage.center.customers.call("4502", "+13125550142")
    stage.center.colleague("1001").make_call(number)
    stage.time.advance(STEP_SECONDS * 3)
    (dialog_id,) = stage.user("1001")["dialogs"]
    dialog = stage.dialog(dialog_id)
    assert dialog["participants"]["4501"]["stateCause"] == cause
    assert (dialog["state"] == "FAILED") is bool(cause)


def test_failed_call_can_be_dropped_by_the_agent() -> None:
    stage = Stage()
    stage.sign_in("1001")
    stage.center.colleague("1001").make_call("12345")
    stage.time.advance(1)
    (dialog_id,) = stage.user("1001")["dialogs"]
    assert stage.dialog(dialog_id)["participants"]["4501"]["actions"] == ["DROP"]
    stage.published.clear()
    stage.act("1001", "DROP", dialog_id)
    assert stage.summaries() == [
        "PUT DROPPED: 4501 DROPPED",
        "USER NOT_READY",
        "DELETE DROPPED: 4501 DROPPED",
    ]


def test_number_with_automatic_answer_becomes_active() -> None:
    stage = Stage()
    stage.sign_in("1001")
    stage.center.colleague("1001").make_call("2125550100")
    stage.time.advance(STEP_SECONDS * 2)
    (dialog_id,) = stage.user("1001")["dialogs"]
    assert stage.parties(dialog_id)["2125550100"] == "ALERTING"
    stage.time.advance(ANSWER_SECONDS)
    assert stage.parties(dialog_id) == {"4501": "ACTIVE", "2125550100": "ACTIVE"}
    assert stage.dialog(dialog_id)["callType"] == "OUT"


def test_dropping_before_the_answer_stops_call_setup() -> None:
    stage = Stage()
    stage.sign_in("1001")
    for wait in (0, STEP_SECONDS, STEP_SECONDS * 2):
        stage.center.colleague("1001").make_call("2125550100")
        stage.time.advance(wait)
        (dialog_id,) = stage.user("1001")["dialogs"]
        stage.act("1001", "DROP", dialog_id)
        stage.time.advance(5)
        assert stage.center.truth()["dialogs"] == {}
        assert stage.state("1001") == "NOT_READY"


@pytest.mark.parametrize("state", ["RESERVED", "TALKING", "WORK_READY"])
def test_call_cannot_be_made_while_reserved_talking_or_in_wrap_up(state: str) -> None:
    stage = Stage()
    stage.sign_in("1001", ready=True)
    dialog_id = stage.center.customers.call("8800", "+13125550142")
    if state != "RESERVED":
        stage.act("1001", "ANSWER", dialog_id)
    if state == "WORK_READY":
        stage.center.customers.hang_up(dialog_id)
    assert stage.state("1001") == state
    stage.published.clear()
    stage.center.colleague("1001").make_call("2125550100")
    stage.settle()
    (error,) = stage.received()
    assert error.summary == "ERROR Generic Error 21"
    assert error.node == "/finesse/api/User/1001/Dialogs"
    assert error.source.startswith("/finesse/api/Dialog/")
    assert dialog_id not in error.source


def test_second_call_can_be_made_while_the_first_is_on_hold() -> None:
    stage = Stage()
    first = stage.talking()
    stage.act("1001", "HOLD", first)
    stage.center.colleague("1001").make_call("2125550100")
    stage.time.advance(2)
    second = stage.user("1001")["dialogs"][1]
    assert stage.parties(second)["4501"] == "ACTIVE"
    assert "TRANSFER" in stage.dialog(first)["participants"]["4501"]["actions"]


class TestCustomers:
    def test_incoming_call_is_notified_step_by_step(self) -> None:
        stage = Stage()
        stage.sign_in("1001", ready=True)
        dialog_id = stage.center.customers.call("8800", "+13125550142", {"callVariable1": "gold"})
        assert stage.summaries() == ["POST ALERTING: +13125550142 INITIATED, 4501 ALERTING", "USER RESERVED"]
        stage.act("1001", "ANSWER", dialog_id)
        assert stage.summaries() == ["PUT ACTIVE: +13125550142 ACTIVE, 4501 ACTIVE", "USER TALKING"]
        assert stage.dialog(dialog_id)["callvariables"] == {"callVariable1": "gold"}

    def test_longest_ready_agent_gets_the_call(self) -> None:
        stage = Stage()
        stage.sign_in("1003", ready=True)
        stage.time.advance(10)
        stage.sign_in("1001", "1002", ready=True)
        stage.center.customers.call("8800", "+13125550142")
        assert (stage.state("1003"), stage.state("1001")) == ("RESERVED", "READY")

    def test_queued_call_is_offered_after_the_agents_ready_event(self) -> None:
        stage = Stage()
        stage.sign_in("1001")
        first = stage.center.customers.call("8800", "+13125550142")
        second = stage.center.customers.call("8800", "+13125550143")
        assert stage.summaries() == []
        stage.change("1001", "READY")
        assert stage.summaries() == [
            "USER READY",
            "POST ALERTING: +13125550142 INITIATED, 4501 ALERTING",
            "USER RESERVED",
        ]
        assert stage.user("1001")["dialogs"] == [first]
        assert stage.parties(second) == {"+13125550143": "INITIATED"}

    def test_customer_who_leaves_the_queue_ends_the_call(self) -> None:
        stage = Stage()
        dialog_id = stage.center.customers.call("8800", "+13125550142")
        stage.center.customers.hang_up(dialog_id)
        assert stage.center.truth()["dialogs"] == {}

    def test_customer_who_hangs_up_while_ringing_frees_the_agent(self) -> None:
        stage = Stage()
        stage.sign_in("1001", ready=True)
        dialog_id = stage.center.customers.call("8800", "+13125550142")
        stage.published.clear()
        stage.center.customers.hang_up(dialog_id)
        assert stage.summaries() == [
            "PUT ALERTING: +13125550142 DROPPED, 4501 ALERTING",
            "PUT DROPPED: +13125550142 DROPPED, 4501 DROPPED",
            "USER READY",
            "DELETE DROPPED: +13125550142 DROPPED, 4501 DROPPED",
        ]
        assert stage.state("1001") == "READY"

    def test_customer_can_call_an_agent_directly(self) -> None:
        stage = Stage()
        stage.sign_in("1001")
        dialog_id = stage.center.customers.call("4501", "+13125550142")
        assert (stage.state("1001"), stage.dialog(dialog_id)["callType"]) == ("NOT_READY", "OTHER_IN")
        stage.act("1001", "ANSWER", dialog_id)
        assert stage.state("1001") == "TALKING"

    def test_customer_calling_a_busy_agent_is_rejected(self) -> None:
        stage = Stage()
        stage.talking("1001")
        dialog_id = stage.center.customers.call("4501", "+13125550199")
        assert dialog_id not in stage.center.truth()["dialogs"]
        assert stage.summaries() == []

    def test_called_customer_can_answer(self) -> None:
        stage = Stage()
        stage.sign_in("1001")
        stage.center.colleague("1001").make_call("3125550199")
        stage.time.advance(1)
        (dialog_id,) = stage.user("1001")["dialogs"]
        stage.center.customers.answer(dialog_id)
        assert stage.parties(dialog_id)["3125550199"] == "ACTIVE"

    def test_answer_and_hang_up_require_a_customer_on_the_call(self) -> None:
        stage = Stage()
        stage.sign_in("1001", "1002")
        stage.center.colleague("1001").make_call("4502")
        stage.time.advance(1)
        (dialog_id,) = stage.user("1001")["dialogs"]
        with pytest.raises(LookupError, match="outside"):
            stage.center.customers.answer(dialog_id)
        with pytest.raises(LookupError, match="outside"):
            stage.center.customers.hang_up(dialog_id)


def test_agent_can_call_a_queue_and_reach_another_agent() -> None:
    stage = Stage()
    stage.sign_in("1001")
    stage.center.colleague("1001").make_call("8800")
    stage.time.advance(1)
    (dialog_id,) = stage.user("1001")["dialogs"]
    assert stage.parties(dialog_id) == {"4501": "INITIATED"}
    stage.sign_in("1002", ready=True)
    stage.act("1002", "ANSWER", dialog_id)
    assert stage.parties(dialog_id) == {"4501": "ACTIVE", "4502": "ACTIVE"}


def test_direct_call_on_ccx_does_not_change_the_agent_state() -> None:
    stage = Stage(platform="UCCX")
    stage.sign_in("1001", ready=True)
    direct = stage.center.customers.call("4501", "+13125550142")
    stage.act("1001", "ANSWER", direct)
    assert stage.state("1001") == "READY"
    stage.act("1001", "DROP", direct)
    assert (stage.state("1001"), stage.center.truth()["dialogs"]) == ("READY", {})
