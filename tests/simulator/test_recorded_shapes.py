"""Test the events with ``request_ids="sparse"``, as recorded from a real system.

Few events carry a request id, and calls end with a single event.
"""

from __future__ import annotations

from mcp_finesse.simulator.requests.calls import DialogRequest
from mcp_finesse.simulator.world.world import World
from tests.simulator.support import Notification, Stage, world_where

CUSTOMER = "+13125550142"


def stage(world: World | None = None) -> Stage:
    return Stage(world=world, request_ids="sparse")


def transferred(made: Stage, dialog_id: str) -> list[Notification]:
    """Return the events of agent 1001 and 1002 when a request with an id transfers the call to 1002."""
    made.sign_in("1002")
    agent = made.center.state.agents["1001"]
    job = made.center.calls.act(agent, dialog_id, DialogRequest("TRANSFER_SST", "4501", "4502"))
    made.center.carry_out(job, "r-1")
    made.settle()
    made.settle()
    return [each for each in made.received() if each.user_id in ("1001", "1002")]


def test_blind_transfer_without_wrap_up_ends_with_every_participant_dropped() -> None:
    made = stage(world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
    received = transferred(made, made.talking())
    own = [
        (each.summary, each.request_id) for each in received if each.user_id == "1001" and each.kind != "user"
    ]
    assert own == [
        (f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 ACTIVE", "r-1"),
        (f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 HELD", ""),
        (f"DELETE DROPPED: {CUSTOMER} DROPPED, 4501 DROPPED", ""),
    ]
    theirs = [each.summary for each in received if each.user_id == "1002" and each.event == "POST"]
    assert theirs == [f"POST ALERTING: {CUSTOMER} ACTIVE, 4501 DROPPED, 4502 ALERTING"]


def test_blind_transfer_with_wrap_up_leaves_the_caller_active() -> None:
    made = stage()
    received = transferred(made, made.talking())
    summaries = [each.summary for each in received if each.user_id == "1001" and each.kind != "user"]
    assert f"PUT ACTIVE: {CUSTOMER} ACTIVE, 4501 WRAP_UP" in summaries
    assert not any("DELETE" in summary for summary in summaries)


def test_hang_up_drops_caller_and_agent_in_one_event_without_request_id() -> None:
    made = stage(world_where("1001", wrap_up_on_incoming="NOT_ALLOWED"))
    made.center.customers.hang_up(made.talking())
    assert [each.summary for each in made.received("1001") if each.kind != "user"] == [
        f"DELETE DROPPED: {CUSTOMER} DROPPED, 4501 DROPPED"
    ]


def test_hold_carries_no_request_id_and_its_error_does() -> None:
    made = stage()
    dialog_id, agent = made.talking(), made.center.state.agents["1001"]
    for expected in ([""], ["r-2"]):
        made.published.clear()
        if expected == ["r-2"]:
            made.faults.fail_next("RETRIEVE")
        action = "RETRIEVE" if expected == ["r-2"] else "HOLD"
        job = made.center.calls.act(agent, dialog_id, DialogRequest(action, "4501"))
        made.center.carry_out(job, "r-2")
        made.settle()
        assert [each.request_id for each in made.received("1001") if each.kind != "user"] == expected
