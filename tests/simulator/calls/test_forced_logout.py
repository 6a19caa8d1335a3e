"""Presence: an agent whose XMPP connection is lost is forced out after 60 s."""

from __future__ import annotations

from tests.simulator.support import Stage


def test_agent_becomes_not_ready_60_seconds_after_the_connection_is_lost() -> None:
    stage = Stage()
    stage.sign_in("1001", ready=True)
    stage.node.presence("1001", False)
    stage.time.advance(59)
    assert stage.state("1001") == "READY"
    stage.time.advance(1)
    assert stage.user("1001") == stage.user("1001") | {"state": "NOT_READY", "reasonCode": 255}
    assert stage.summaries() == ["USER NOT_READY"]


def test_reconnecting_in_time_stops_the_timer() -> None:
    stage = Stage()
    stage.sign_in("1001", ready=True)
    stage.node.presence("1001", False)
    stage.time.advance(59)
    stage.node.presence("1001", True)
    stage.time.advance(120)
    assert stage.state("1001") == "READY"


def test_second_loss_restarts_the_timer() -> None:
    stage = Stage()
    stage.sign_in("1001", ready=True)
    stage.node.presence("1001", False)
    stage.time.advance(30)
    stage.node.presence("1001", True)
    stage.node.presence("1001", False)
    stage.time.advance(59)
    assert stage.state("1001") == "READY"


def test_agent_on_a_call_is_forced_out_when_the_call_ends() -> None:
    stage = Stage()
    dialog_id = stage.talking()
    stage.node.presence("1001", False)
    stage.time.advance(60)
    assert stage.user("1001") == stage.user("1001") | {"state": "TALKING", "pendingState": ""}
    stage.node.presence("1001", True)
    stage.center.customers.hang_up(dialog_id)
    assert stage.user("1001") == stage.user("1001") | {"state": "NOT_READY", "reasonCode": 255, "dialogs": []}


def test_agent_on_ccx_is_signed_out() -> None:
    stage = Stage(platform="UCCX")
    stage.sign_in("1001", ready=True)
    stage.node.presence("1001", False)
    stage.time.advance(60)
    assert stage.user("1001") == stage.user("1001") | {"state": "LOGOUT", "extension": ""}


def test_sign_out_on_ccx_is_pending_until_the_call_ends() -> None:
    stage = Stage(platform="UCCX")
    dialog_id = stage.talking()
    stage.node.presence("1001", False)
    stage.time.advance(60)
    assert stage.user("1001") == stage.user("1001") | {"state": "TALKING", "pendingState": "LOGOUT"}
    told = [received for received in stage.received("1001") if received.kind == "user"][-1]
    assert told.data.findtext("pendingState") == "LOGOUT"
    stage.center.customers.hang_up(dialog_id)
    assert stage.user("1001") == stage.user("1001") | {"state": "LOGOUT", "pendingState": ""}


def test_signed_out_or_unknown_user_is_not_changed() -> None:
    stage = Stage()
    stage.node.presence("1001", False)
    stage.node.presence("somebody", False)
    stage.time.advance(60)
    assert stage.state("1001") == "LOGOUT"
    assert stage.summaries() == []
