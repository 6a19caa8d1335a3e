"""A supervisor's day through MCP: team and queues, agent states, monitor, barge, intercept, messages, sign-out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.scenarios.support import REQUEST_IDS, Desk, at_work

SALES = "8800"
CALLER = "3125550142"


async def comes_to_work(desk: Desk) -> None:
    await desk.do("sign_in", extension="4500")


async def looks_at_team_and_queues(desk: Desk) -> None:
    desk.colleague_signs_in("1001", "READY")
    desk.colleague_signs_in("1002")
    team = await desk.get("get_team")
    assert team["teams"] == [{"id": "310", "name": "North"}]
    assert team["states"] == {"NOT_READY": 2, "READY": 1, "LOGOUT": 1}
    assert [agent["id"] for agent in team["agents"]][-1] == "1003", "who is signed out comes last"
    assert {"id": "1001", "name": "Ada Okoro", "state": "READY", "extension": "4501"}.items() <= next(
        agent.items() for agent in team["agents"] if agent["id"] == "1001"
    )
    waiting = await desk.get("get_team", state="not ready", query="ben")
    assert [agent["id"] for agent in waiting["agents"]] == ["1002"]
    assert 0 <= waiting["agents"][0]["seconds"] < 60


@REQUEST_IDS
@pytest.mark.parametrize("era", ["legacy", "auto"])
async def test_supervisor_completes_a_working_day_on_ucce(tmp_path: Path, era: str, request_ids: str) -> None:
    async with at_work(tmp_path, "1000", "supervisor", era=era, request_ids=request_ids) as desk:
        await comes_to_work(desk)
        await looks_at_team_and_queues(desk)
        queues = await desk.get("get_queues", query="sales")
        assert queues["queues"][0] | {"agents_ready": 1, "calls_in_queue": 0} == queues["queues"][0]

        # An agent forgot to become ready; the supervisor helps.
        outcome = await desk.do("change_agent_state", agent="ben", state="READY")
        assert outcome["user"]["state"] == desk.state_of("1002") == "READY"
        await desk.do("change_agent_state", "unchanged", agent="1002", state="READY")
        outcome = await desk.do("change_agent_state", agent="4502", state="NOT_READY")
        assert outcome["user"]["reason"]["code"] == 999
        said = await desk.refused("change_agent_state", agent="o", state="READY")
        assert "matches more than one agent" in said
        assert "Ada Okoro (1001, extension 4501, READY)" in said

        # An agent talks: monitor, barge, intercept.
        call = await desk.colleague_talks("1001", SALES, CALLER)
        seen = await desk.get("get_team", query="Ada", calls=True)
        assert seen["agents"][0]["calls"] == [
            {"id": call, "state": "ACTIVE", "call_type": "ACD_IN", "queue": "North.Sales",
             "since": seen["agents"][0]["calls"][0]["since"],
             "caller_supplied": {"from_address": CALLER}},
        ]  # fmt: skip
        said = await desk.refused("change_agent_state", agent="1001", state="NOT_READY")
        assert "A supervisor cannot change an agent from 'TALKING' to NOT_READY" in said
        said = await desk.refused("start_recording")
        assert "exists on UCCX only" in said
        said = await desk.refused("barge_call")
        assert "The agent has no call" in said
        monitor = await desk.do("monitor_call", agent="Okoro")
        assert monitor["dialog"]["call_type"] == "SUPERVISOR_MONITOR"
        assert monitor["dialog"]["allowed_actions"] == ["DROP", "BARGE_CALL"]
        barged = await desk.do("barge_call")
        assert barged["dialog"]["id"] == call
        assert desk.talking_on(call) == {CALLER, "4501", "4500"}
        taken = await desk.do("intercept_call")
        assert taken["dialog"]["id"] == call
        assert desk.talking_on(call) == {CALLER, "4500"}
        await desk.do("end_call")
        await desk.until(lambda: not desk.talking_on(call))

        # Intercept in one step, and what cannot be done twice.
        desk.simulator.center.colleague("1001").change_state("READY")
        await desk.until(lambda: desk.state_of("1001") == "READY")
        call = await desk.colleague_talks("1001", SALES)
        await desk.do("monitor_call", agent="1001")
        await desk.do("intercept_call")
        assert desk.talking_on(call) == {CALLER, "4500"}
        said = await desk.refused("monitor_call", agent="1001")
        assert "cannot monitor" in said
        await desk.do("end_call")

        await tells_the_team(desk)

        # The end of the day.
        outcome = await desk.do("sign_out_agent", agent="Ben Ito")
        assert outcome["user"]["state"] == desk.state_of("1002") == "LOGOUT"
        await desk.do("sign_out_agent", "unchanged", agent="Ben Ito")
        await desk.do("sign_out", reason="End of shift")


async def tells_the_team(desk: Desk) -> None:
    sent = await desk.do("send_team_message", content="Plan B from noon", minutes=10)
    message_id = sent["team_message"]["id"]
    assert desk.truth["messages"][message_id]["content"] == "Plan B from noon"
    assert desk.truth["messages"][message_id]["duration"] == 600
    listed = await desk.get("get_team_messages")
    assert [item["id"] for item in listed["messages"]] == [message_id]
    assert listed["messages"][0]["caller_supplied"] == {"content": "Plan B from noon"}
    await desk.do("delete_team_message", message_id=message_id)
    assert desk.truth["messages"] == {}
    await desk.do("delete_team_message", "unchanged", message_id=message_id)


@REQUEST_IDS
async def test_supervisor_completes_a_working_day_on_uccx(tmp_path: Path, request_ids: str) -> None:
    async with at_work(tmp_path, "1000", "supervisor", platform="UCCX", request_ids=request_ids) as desk:
        await comes_to_work(desk)
        await looks_at_team_and_queues(desk)
        queues = await desk.get("get_queues")
        assert "UCCX never does" in queues["note"]
        outcome = await desk.do("change_agent_state", agent="1002", state="READY")
        outcome = await desk.do("change_agent_state", agent="1002", state="NOT_READY")
        assert outcome["user"]["reason"]["code"] == 33

        call = await desk.colleague_talks("1001", SALES, CALLER)
        assert "exists on UCCE only" in await desk.refused("intercept_call")
        assert "exists on UCCE only" in await desk.refused("drop_participant", participant="4501")
        await desk.do("monitor_call", agent="Ada")
        recording = await desk.do("start_recording", "unreported")
        assert "never confirms" in recording["message"]
        assert desk.truth["dialogs"][call]["recorded"]
        await desk.do("barge_call")
        assert desk.talking_on(call) == {CALLER, "4501", "4500"}
        await desk.do("end_call")
        assert desk.talking_on(call) == {CALLER, "4501"}
        await tells_the_team(desk)
        await desk.do("sign_out_agent", agent="1002")
        assert desk.state_of("1002") == "LOGOUT"
        await desk.do("sign_out", reason="51")


async def test_team_resource_is_announced_when_an_agent_changes(tmp_path: Path) -> None:
    async with at_work(tmp_path, "1000", "supervisor") as desk:
        uri = "finesse://teams/310"
        await desk.client.read_resource(uri)
        async with desk.client.listen(resource_subscriptions=[uri]) as events, asyncio.timeout(5):
            desk.colleague_signs_in("1002")
            assert (await anext(aiter(events))).uri == uri  # type: ignore[union-attr]
        [content] = (await desk.client.read_resource(uri)).contents
        agents = json.loads(content.text)["agents"]  # type: ignore[union-attr]
        assert {agent["id"]: agent["state"] for agent in agents}["1002"] == "NOT_READY"
