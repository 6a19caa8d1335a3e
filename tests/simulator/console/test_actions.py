"""Each action of the console has the effect of the simulator's method, and fails with a plain sentence."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mcp_finesse.simulator import SimulatorPair, SimulatorSettings
from mcp_finesse.simulator.console import Console
from mcp_finesse.simulator.console.actions import MAX_CALLS, MAX_COUNT, ActionError
from tests.simulator.console.support import Page, console_page
from tests.simulator.support_rest import until

MARKUP = "<script>alert(1)</script>&\"'"


async def ready(page: Page, agent: str) -> None:
    agents = page.simulator.center.state.agents
    await page.act("agent/sign-in", agent=agent)
    await until(lambda: agents[agent].state == "NOT_READY")
    await page.act("agent/state", agent=agent, state="READY")
    await until(lambda: agents[agent].state == "READY")


def own_state(page: Page, call: str, agent: str) -> str:
    found = page.simulator.center.state.calls.get(call)
    party = found.party_of(agent) if found else None
    return party.state if party else ""


async def test_call_to_a_queue_is_answered_held_transferred_and_ended() -> None:
    async with console_page() as page:
        await ready(page, "1002")
        variables = {"callVariable1": "A & B Ltd"}
        call = (await page.act("customer/call", to="8800", number="3125550142", variables=variables))["call"]
        assert page.simulator.center.state.calls[call].variables["callVariable1"] == "A & B Ltd"
        for action, state in (("ANSWER", "ACTIVE"), ("HOLD", "HELD"), ("RETRIEVE", "ACTIVE")):
            await page.act("agent/act", agent="1002", call=call, action=action)
            await until(lambda state=state: own_state(page, call, "1002") == state)
        await page.act("customer/press", call=call, digits="12#")
        assert page.simulator.center.state.calls[call].tones == "12#"
        await page.act("agent/act", agent="1002", call=call, action="TRANSFER_SST", to="2125550100")
        await until(lambda: own_state(page, call, "1002") == "")
        await page.act("customer/hang-up", call=call)
        assert call not in page.simulator.center.state.calls


async def test_agent_goes_not_ready_with_a_reason_and_signs_out() -> None:
    async with console_page() as page:
        await ready(page, "1002")
        agent = page.simulator.center.state.agents["1002"]
        await page.act("agent/state", agent="1002", state="NOT_READY", reason="23")
        await until(lambda: agent.reason is not None and agent.reason.label == "Lunch")
        await page.act("agent/state", agent="1002", state="LOGOUT", reason="31")
        await until(lambda: not agent.signed_in)


async def test_agent_calls_an_outside_number_whose_person_answers() -> None:
    async with console_page() as page:
        await page.act("agent/sign-in", agent="1002")
        await page.act("agent/call", agent="1002", to="3125550142")
        calls = page.simulator.center.state.calls
        await until(lambda: any(call.ringing() for call in calls.values()))
        (call,) = calls
        await page.act("customer/answer", call=call)
        assert own_state(page, call, "1002") == "ACTIVE"


async def test_supervisor_monitors_an_agent_and_barges_in() -> None:
    async with console_page() as page:
        await ready(page, "1002")
        await page.act("agent/sign-in", agent="1000")
        call = (await page.act("customer/call", to="8800", number="3125550142"))["call"]
        await page.act("agent/act", agent="1002", call=call, action="ANSWER")
        await until(lambda: own_state(page, call, "1002") == "ACTIVE")
        await page.act("agent/monitor", agent="1000", extension="4502")
        calls = page.simulator.center.state.calls
        await until(lambda: any(each.monitors == call for each in calls.values()))
        (monitor,) = (each.id for each in calls.values() if each.monitors == call)
        await until(lambda: own_state(page, monitor, "1000") == "ACTIVE")
        await page.act("agent/act", agent="1000", call=monitor, action="BARGE_CALL")
        await until(lambda: own_state(page, call, "1000") == "ACTIVE")


async def test_campaign_contact_is_offered_and_accepted() -> None:
    async with console_page() as page:
        await ready(page, "1001")
        contact = (
            await page.act("customer/campaign", campaign="Renewals", agent="1001", number="2125550101")
        )["contact"]
        await page.act("agent/act", agent="1001", call=contact, action="ACCEPT")
        await until(lambda: page.simulator.center.outbound.offers[contact].status == "ACCEPTED")
        await page.act("customer/answer", call=contact)
        assert page.simulator.center.outbound.offers[contact].status == "REACHED"


async def test_chat_is_offered_accepted_and_left() -> None:
    async with console_page() as page:
        board = page.simulator.center.tasks
        await page.act("agent/media", agent="1001", media="5001", state="LOGIN")
        await until(lambda: board.users["1001", "5001"].shown == "NOT_READY")
        await page.act("agent/media", agent="1001", media="5001", state="READY")
        number = (await page.act("customer/task", media="5001", variables={"callVariable1": "Lee"}))["task"]
        await until(lambda: board.tasks[0].agent_id == "1001")
        await page.act("agent/task", agent="1001", task=board.tasks[0].id, action="ACCEPT")
        await until(lambda: board.tasks[0].state == "ACCEPTED")
        await page.act("customer/leave", task=number)
        assert board.tasks == []


@pytest.mark.parametrize(
    ("name", "fields", "status", "error"),
    [
        ("nothing", {}, 404, "no such action"),
        ("customer/call", {"number": "1"}, 400, "The field to is missing."),
        ("customer/call", {"to": "8800"}, 400, "The field number is missing."),
        ("customer/call", {"to": "8800", "number": 5}, 400, "one line"),
        ("customer/call", {"to": "8800", "number": "1\n2"}, 400, "one line"),
        ("customer/call", {"to": "8800", "number": "\ud800"}, 400, "one line"),
        ("customer/call", {"to": "8800", "number": "5" * 211}, 400, "at most 210"),
        ("customer/call", {"to": "8800", "number": "5", "variables": []}, 400, "variables"),
        ("customer/call", {"to": "8800", "number": "5", "variables": {"a": 1}}, 400, "variables"),
        ("customer/call", {"to": "8800", "number": "5", "variables": {"a": "\0"}}, 400, "one line"),
        (
            "customer/call",
            {"to": "8800", "number": "5", "variables": {str(n): "" for n in range(21)}},
            400,
            "20",
        ),
        ("customer/call", {"to": "12", "number": "5"}, 409, "The call to 12 failed"),
        ("customer/hang-up", {"call": "1"}, 409, "does not exist"),
        ("customer/press", {"call": "1", "digits": "x"}, 409, "touch tones"),
        ("customer/campaign", {"campaign": "No", "agent": "1001", "number": "5"}, 409, "no campaign No"),
        ("customer/campaign", {"campaign": "News", "agent": "1001", "number": "5"}, 409, "not READY"),
        ("customer/task", {"media": "1"}, 409, "does not exist"),
        ("customer/leave", {"task": "1"}, 409, "closed"),
        ("agent/sign-in", {"agent": "9"}, 409, "does not exist"),
        ("agent/state", {"agent": "1001", "state": "TALKING"}, 400, "one of READY"),
        (
            "agent/state",
            {"agent": "1001", "state": "LOGOUT"},
            409,
            "Finesse rejected the request: Invalid State",
        ),
        ("agent/act", {"agent": "1001", "call": "1", "action": "ANSWER"}, 409, "Dialog Not Found"),
        ("agent/act", {"agent": "1001", "call": "1", "action": "EXPLODE"}, 400, "one of ANSWER"),
        ("fault/stream", {"agent": "1001", "fault": "drop"}, 409, "no connection"),
        ("fault/node", {"node": "x", "part": "rest", "broken": True}, 400, "one of finesse.sim"),
        ("fault/node", {"node": "finesse.sim", "part": "rest", "broken": 1}, 400, "true or false"),
        ("fault/events", {"kind": "lose", "count": 0}, 400, "from 1 to 100"),
        ("fault/events", {"kind": "lose", "count": True}, 400, "whole number"),
        ("fault/events", {"kind": "lose", "count": 10**30}, 400, "from 1 to 100"),
        ("fault/delays", {"events": -1, "responses": 0, "outcome": 0}, 400, "seconds"),
        ("fault/delays", {"events": 61, "responses": 0, "outcome": 0}, 400, "seconds"),
        ("fault/http-status", {"status": "200"}, 400, "one of 400"),
    ],
    ids=str,
)
async def test_impossible_action_gets_a_plain_sentence(
    name: str, fields: dict[str, Any], status: int, error: str
) -> None:
    async with console_page() as page:
        answer = await page.try_to(name, **fields)
        assert (answer.status_code, error in answer.json()["error"]) == (status, True), answer.text


async def test_not_a_number_is_no_duration() -> None:
    async with console_page() as page:
        headers = page.headers | {"Content-Type": "application/json"}
        body = '{"events": NaN, "responses": Infinity, "outcome": 0}'
        assert (
            await page.http.post("/actions/fault/delays", content=body, headers=headers)
        ).status_code == 400


async def test_number_of_calls_is_limited() -> None:
    async with console_page() as page:
        for _ in range(MAX_CALLS):
            page.simulator.center.customers.call("8800", "3125550142")
        answer = await page.try_to("customer/call", to="8800", number="3125550142")
        assert answer.status_code == 409
        assert len(page.simulator.center.state.calls) == MAX_CALLS


async def test_markup_in_every_field_arrives_as_data() -> None:
    async with console_page() as page:
        variables = {MARKUP: MARKUP}
        call = (await page.act("customer/call", to="8800", number=MARKUP, variables=variables))["call"]
        await page.act("customer/task", media="5001", variables=variables)
        _, data = await anext(page.events())
        shown = data["state"]["calls"][call]
        assert (shown["from"], shown["variables"]) == (MARKUP, variables)
        assert f"Customer {MARKUP} calls 8800" in [entry["title"] for entry in data["wire"]]


# Faults


async def test_faults_of_events_and_requests_are_injected_shown_and_removed() -> None:
    async with console_page() as page:
        faults = page.simulator.faults
        for kind in ("lose", "duplicate", "swap", "malformed"):
            await page.act("fault/events", kind=kind, count=2)
        await page.act("fault/delays", events=1.5, responses=0.2, outcome=3)
        await page.act("fault/request-ids", lost=True)
        await page.act("fault/fail-next", action="HOLD", type="Generic Error", message="CF_X", data="22")
        for status in ("503", "page", "none"):
            await page.act("fault/http-status", status=status)
        _, data = await anext(page.events())
        node = data["state"]["nodes"]["finesse.sim"]
        assert node["waiting_faults"] == [
            *("lose event", "lose event", "duplicate event", "duplicate event"),
            *("swap event", "swap event", "malformed event", "malformed event"),
            *("fail HOLD", "HTTP status 503", "HTTP status 200", "no response"),
        ]
        assert (node["event_delay"], node["response_delay"], node["drop_request_id"]) == (1.5, 0.2, True)
        assert data["state"]["system"]["system"]["outcome_delay"] == 3
        await page.act("fault/clear")
        assert faults.waiting == []
        assert (faults.event_delay, faults.response_delay, faults.drop_request_id) == (0, 0, False)
        assert page.simulator.center.settings.delay == 0


async def test_next_action_fails_with_the_chosen_error() -> None:
    async with console_page() as page:
        await page.act("fault/fail-next", action="LOGIN", type="Generic Error", message="CF_X", data="22")
        request_id = (await page.act("agent/sign-in", agent="1002"))["request_id"]
        journal = page.console.journal
        await until(lambda: any(entry.kind == "rejection" for entry in journal.entries))
        (rejection,) = (entry for entry in journal.entries if entry.kind == "rejection")
        assert (rejection.request_id, rejection.detail) == (request_id, "22 CF_X")
        assert not page.simulator.center.state.agents["1002"].signed_in


@pytest.mark.parametrize("part", ["node", "rest", "notifications", "cti"])
async def test_part_of_a_node_fails_and_works_again(part: str) -> None:
    async with console_page() as page:
        for broken in (True, False):
            await page.act("fault/node", node="finesse.sim", part=part, broken=broken)
            _, data = await anext(page.events())
            node = data["state"]["nodes"]["finesse.sim"]
            assert node["in_service"] is not broken
            assert node["running"] is not (broken and part == "node")


async def test_node_that_is_started_twice_at_once_starts_once() -> None:
    async with console_page() as page:
        await page.act("fault/node", node="finesse.sim", part="node", broken=True)
        starts = [page.act("fault/node", node="finesse.sim", part="node", broken=False) for _ in range(3)]
        await asyncio.gather(*starts)
        assert page.simulator.is_running


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("fault/events", {"kind": "lose"}),
        ("fault/fail-next", {"type": "Generic Error"}),
        ("fault/http-status", {"status": "503"}),
    ],
)
async def test_number_of_waiting_faults_is_limited(action: str, fields: dict[str, str]) -> None:
    async with console_page() as page:
        await page.act("fault/events", kind="swap", count=MAX_COUNT - 1)
        await page.act(action, **fields)
        answer = await page.try_to(action, **fields)
        assert answer.status_code == 409
        assert answer.json()["error"] == "At most 100 faults can wait. Remove some of them first."
        assert len(page.simulator.faults.waiting) == MAX_COUNT


@pytest.mark.parametrize("state", ["lost", "silent"])
async def test_cti_is_lost_on_all_nodes_and_restored(state: str) -> None:
    async with SimulatorPair(SimulatorSettings(tls=False)) as pair, Console([pair.a, pair.b]) as console:
        actions = console._app._actions
        await actions.perform("fault/cti", {"state": state})
        assert pair.center.cti_is_silent is (state == "silent")
        assert pair.a.node.in_service is pair.b.node.in_service is (state == "silent")
        await actions.perform("fault/cti", {"state": "connected"})
        assert not pair.center.cti_is_silent
        assert pair.a.node.in_service
        assert pair.b.node.in_service


async def test_fault_affects_all_nodes_or_the_chosen_one() -> None:
    async with SimulatorPair(SimulatorSettings(tls=False)) as pair, Console([pair.a, pair.b]) as console:
        actions = console._app._actions
        await actions.perform("fault/events", {"kind": "lose"})
        await actions.perform("fault/events", {"kind": "swap", "node": "fin-b.sim"})
        assert pair.a.faults.waiting == ["lose event"]
        assert pair.b.faults.waiting == ["lose event", "swap event"]
        with pytest.raises(ActionError, match=r"one of fin-a\.sim, fin-b\.sim"):
            await actions.perform("fault/events", {"kind": "swap", "node": "fin-c.sim"})
