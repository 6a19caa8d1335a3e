"""Wrap-up and its timer."""

from __future__ import annotations

import pytest

from tests.simulator.support import Stage, world_where

CUSTOMER = "+13125550142"


def wrapping_up() -> tuple[Stage, str]:
    stage = Stage()
    dialog_id = stage.talking()
    stage.center.customers.hang_up(dialog_id)
    return stage, dialog_id


def test_wrap_up_keeps_the_dialog_and_allows_only_call_data() -> None:
    stage, dialog_id = wrapping_up()
    assert stage.summaries() == [
        f"PUT ACTIVE: {CUSTOMER} DROPPED, 4501 ACTIVE",
        f"PUT DROPPED: {CUSTOMER} DROPPED, 4501 WRAP_UP",
        "USER WORK_READY",
    ]
    assert stage.dialog(dialog_id)["participants"]["4501"]["actions"] == ["UPDATE_CALL_DATA"]


def test_wrap_up_ends_with_its_timer() -> None:
    stage, _ = wrapping_up()
    stage.published.clear()
    stage.time.advance(29)
    assert stage.summaries() == []
    stage.time.advance(1)
    assert stage.summaries() == [f"DELETE DROPPED: {CUSTOMER} DROPPED, 4501 DROPPED", "USER READY"]
    assert stage.center.truth()["dialogs"] == {}


@pytest.mark.parametrize(("state", "reason"), [("READY", ""), ("NOT_READY", "23")])
def test_state_change_ends_wrap_up_and_its_timer(state: str, reason: str) -> None:
    stage, _ = wrapping_up()
    stage.change("1001", state, reason)
    stage.published.clear()
    assert stage.user("1001")["dialogs"] == []
    stage.time.advance(60)
    assert (stage.state("1001"), stage.summaries()) == (state, [])


def test_no_call_is_routed_during_wrap_up() -> None:
    stage, _ = wrapping_up()
    waiting = stage.center.customers.call("8800", "+13125550143")
    assert stage.state("1001") == "WORK_READY"
    stage.time.advance(30)
    assert stage.user("1001") == stage.user("1001") | {"state": "RESERVED", "dialogs": [waiting]}


def test_direct_call_answered_during_wrap_up_ends_it() -> None:
    stage, dialog_id = wrapping_up()
    direct = stage.center.customers.call("4501", "+13125550143")
    assert set(stage.user("1001")["dialogs"]) == {dialog_id, direct}
    stage.act("1001", "ANSWER", direct)
    assert stage.user("1001") == stage.user("1001") | {"state": "TALKING", "dialogs": [direct]}


def test_unanswered_call_has_no_wrap_up() -> None:
    stage = Stage(world=world_where("1001", wrap_up_on_outgoing="REQUIRED"))
    stage.sign_in("1001")
    stage.center.colleague("1001").make_call("2125550101")
    stage.time.advance(1)
    (dialog_id,) = stage.user("1001")["dialogs"]
    stage.act("1001", "DROP", dialog_id)
    assert stage.state("1001") == "NOT_READY"


def test_outgoing_call_has_its_own_wrap_up_setting() -> None:
    stage = Stage(world=world_where("1001", wrap_up_on_outgoing="REQUIRED"))
    stage.sign_in("1001")
    stage.center.colleague("1001").make_call("2125550100")
    stage.time.advance(2)
    (dialog_id,) = stage.user("1001")["dialogs"]
    stage.act("1001", "DROP", dialog_id)
    assert stage.state("1001") == "WORK"
    stage.time.advance(30)
    assert stage.state("1001") == "NOT_READY"


def test_consult_call_has_no_wrap_up() -> None:
    stage = Stage(world=world_where("1002", wrap_up_on_incoming="REQUIRED"))
    _, consult = stage.consulting()
    stage.act("1001", "DROP", consult)
    assert stage.state("1002") == "NOT_READY"


def test_only_the_last_call_of_an_agent_has_wrap_up() -> None:
    stage = Stage()
    original, _ = stage.consulting()
    stage.center.customers.hang_up(original)
    assert stage.state("1001") == "TALKING"
    assert original not in stage.user("1001")["dialogs"]
