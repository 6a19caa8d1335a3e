"""Test the injected faults, and that they end."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.faults import SWAP_SECONDS, Faults
from mcp_finesse.simulator.requests.calls import DialogRequest
from tests.simulator.support import Stage, world_where

DIALOGS = "/finesse/api/User/1001/Dialogs"


def hold(stage: Stage, dialog_id: str, request_id: str = "id-1") -> None:
    agent = stage.center.state.agents["1001"]
    job = stage.center.calls.act(agent, dialog_id, DialogRequest("HOLD", "4501"))
    stage.center.carry_out(job, request_id)
    stage.settle()


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def dialog_id(stage: Stage) -> str:
    return stage.talking()


def test_next_event_is_lost(stage: Stage, dialog_id: str) -> None:
    stage.faults.lose_next_event()
    hold(stage, dialog_id)
    assert stage.summaries() == ["USER HOLD"]
    stage.act("1001", "RETRIEVE", dialog_id)
    assert len(stage.received()) == 2
    assert stage.state("1001") == "TALKING"


def test_two_events_are_swapped(stage: Stage, dialog_id: str) -> None:
    stage.faults.swap_events(1, DIALOGS)
    agent = stage.center.state.agents["1001"]
    for action in ("HOLD", "RETRIEVE"):
        stage.center.carry_out(
            stage.center.calls.act(agent, dialog_id, DialogRequest(action, "4501")), action
        )
        stage.settle()
    summaries = [summary for summary in stage.summaries() if not summary.startswith("USER")]
    assert [summary.rpartition(" ")[2] for summary in summaries] == ["ACTIVE", "HELD"]


def test_delayed_events_are_swapped_too(stage: Stage, dialog_id: str) -> None:
    stage.faults.delay_events(2.0)
    stage.faults.swap_events(1, DIALOGS)
    for action in ("HOLD", "RETRIEVE"):
        stage.act("1001", action, dialog_id)
    stage.time.advance(1)
    assert stage.summaries() == []
    stage.time.advance(2)
    summaries = [summary for summary in stage.summaries() if not summary.startswith("USER")]
    assert [summary.rpartition(" ")[2] for summary in summaries] == ["ACTIVE", "HELD"]


def test_event_without_a_successor_arrives_after_the_swap_time_and_the_delay(
    stage: Stage, dialog_id: str
) -> None:
    stage.faults.delay_events(2.0)
    stage.faults.swap_events(1, DIALOGS)
    hold(stage, dialog_id)
    stage.time.advance(2)
    assert stage.summaries() == ["USER HOLD"]
    stage.time.advance(SWAP_SECONDS)
    assert len(stage.summaries()) == 1


def test_next_event_of_one_node_is_lost(stage: Stage, dialog_id: str) -> None:
    stage.faults.lose_next_event(node="/finesse/api/User/1001")
    hold(stage, dialog_id)
    assert [each.kind for each in stage.received()] == ["dialog"]


def test_team_summaries_do_not_use_up_a_fault(stage: Stage) -> None:
    stage.faults.lose_next_event(n=2)
    stage.sign_in("1001")
    stage.sign_in("1002")
    stage.change("1001", "READY")
    assert stage.summaries() == ["USER READY"]


def test_events_are_duplicated(stage: Stage, dialog_id: str) -> None:
    stage.faults.duplicate_events(node=DIALOGS)
    hold(stage, dialog_id)
    assert stage.summaries(user_id="1001") == ["PUT ACTIVE: +13125550142 ACTIVE, 4501 HELD"] * 2 + [
        "USER HOLD"
    ]


def test_events_are_truncated(stage: Stage, dialog_id: str) -> None:
    stage.faults.malformed_event()
    hold(stage, dialog_id)
    assert stage.published[0].xml.startswith("<Update>")
    assert not stage.published[0].xml.endswith("</Update>")


def test_delayed_events_stay_in_order(stage: Stage, dialog_id: str) -> None:
    stage.faults.delay_events(2.0)
    hold(stage, dialog_id)
    stage.faults.delay_events(0.0)
    stage.act("1001", "RETRIEVE", dialog_id)
    stage.time.advance(2)
    assert [summary.split()[-1] for summary in stage.summaries()] == ["HELD", "HOLD", "ACTIVE", "TALKING"]


def test_events_lose_their_request_id(stage: Stage, dialog_id: str) -> None:
    stage.faults.drop_request_id = True
    hold(stage, dialog_id)
    assert {each.request_id for each in stage.received()} == {""}


def test_action_fails_with_its_request_id(stage: Stage, dialog_id: str) -> None:
    stage.faults.fail_next("HOLD", "Call Operation Failure", "CF_RESOURCE_OUT_OF_SERVICE", "34")
    before = stage.center.truth()
    hold(stage, dialog_id)
    (error,) = stage.received()
    assert (error.summary, error.request_id) == ("ERROR Call Operation Failure 34", "id-1")
    assert stage.center.truth() == before


def test_action_fails_without_its_request_id(stage: Stage, dialog_id: str) -> None:
    stage.faults.fail_next(with_request_id=False)
    hold(stage, dialog_id)
    (error,) = stage.received()
    assert (error.summary, error.request_id) == ("ERROR Generic Error 0", "")


def test_only_the_named_action_fails(stage: Stage, dialog_id: str) -> None:
    stage.faults.fail_next("DROP")
    hold(stage, dialog_id)
    assert stage.state("1001") == "HOLD"


def test_intermediate_event_of_a_dialog_carries_the_request_id_and_shows_no_change(
    stage: Stage, dialog_id: str
) -> None:
    stage.faults.intermediate_event()
    hold(stage, dialog_id)
    received = [each for each in stage.received() if each.kind == "dialog"]
    assert [(each.summary.split()[-1], each.request_id) for each in received] == [
        ("ACTIVE", "id-1"),
        ("HELD", ""),
    ]


def test_dialog_that_has_ended_gets_no_intermediate_event() -> None:
    stage = Stage(world=world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
    dialog_id = stage.talking()
    stage.faults.intermediate_event()
    stage.center.colleague("1001").act("HOLD", dialog_id)
    stage.center.customers.hang_up(dialog_id)
    stage.published.clear()
    stage.settle()
    assert stage.summaries() == ["ERROR Generic Error 24"]


def test_intermediate_event_of_a_user_carries_the_request_id_and_shows_no_change(stage: Stage) -> None:
    stage.sign_in("1001")
    stage.faults.intermediate_event()
    agent = stage.center.state.agents["1001"]
    stage.center.carry_out(stage.center.users.change_state(agent, "1001", "READY"), "id-1")
    stage.settle()
    assert [(each.summary, each.request_id) for each in stage.received()] == [
        ("USER NOT_READY", "id-1"),
        ("USER READY", ""),
    ]


def test_out_of_service_ends_with_in_service(stage: Stage) -> None:
    stage.faults.out_of_service("CTI is down")
    assert not stage.center.in_service
    stage.faults.in_service()
    assert stage.center.in_service


def test_kill_links_calls_the_registered_callback() -> None:
    faults, cut = Faults(), []
    faults.kill_links()
    faults.on_kill_links = lambda: cut.append("cut")
    faults.kill_links()
    assert cut == ["cut"]


def test_faulty_answers_are_selected_by_method_and_path() -> None:
    faults = Faults()
    faults.http_status(500, method="PUT", path="/Dialog/")
    faults.html_answer()
    assert faults.take_forced_response("GET", "/finesse/api/Dialog/1").content_type == "text/html"  # type: ignore[union-attr]
    assert faults.take_forced_response("GET", "/finesse/api/Dialog/1") is None
    assert faults.take_forced_response("PUT", "/finesse/api/Dialog/1").status == 500  # type: ignore[union-attr]
    assert faults.take_forced_response("PUT", "/finesse/api/Dialog/1") is None


def test_clear_ends_every_fault(stage: Stage, dialog_id: str) -> None:
    faults = stage.faults
    faults.silent = faults.drop_request_id = faults.event_before_answer = faults.no_finesse_presence = True
    faults.lose_next_event(5)
    faults.fail_next()
    faults.intermediate_event(5)
    faults.http_status(500)
    faults.delay_events(5)
    faults.clear()
    assert (faults.silent, faults.no_finesse_presence, faults.event_before_answer) == (False, False, False)
    assert faults.take_forced_response("GET", "/") is None
    hold(stage, dialog_id)
    assert [each.request_id for each in stage.received()] == ["id-1", ""]
