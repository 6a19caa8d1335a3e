"""Outbound tools: the request sent, and the call it is sent to."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.server import Selection
from tests.server.support import ScriptedSession, call, connected, refusal, signed_in, tell

ALLOWED = (
    "ACCEPT",
    "REJECT",
    "CLOSE",
    "RECLASSIFY",
    "UPDATE_SCHEDULED_CALLBACK",
    "CANCEL_SCHEDULED_CALLBACK",
)


@pytest.fixture
def session() -> ScriptedSession:
    made = signed_in()
    made.have(call("331", actions=ALLOWED), call("332"))
    return made


@pytest.mark.parametrize(
    ("tool", "arguments", "sent"),
    [
        ("answer_preview", {"answer": "accept"}, {"requestedAction": "ACCEPT"}),
        ("answer_preview", {"answer": "REJECT"}, {"requestedAction": "REJECT"}),
        ("answer_preview", {"answer": " Close "}, {"requestedAction": "CLOSE"}),
        (
            "reclassify_call",
            {"classification": "do not call"},
            {"requestedAction": "RECLASSIFY", "name": "outboundClassification", "value": "DO_NOT_CALL"},
        ),
        (
            "schedule_callback",
            {"time": "2050-05-01 14:30"},
            {
                "requestedAction": "UPDATE_SCHEDULED_CALLBACK",
                "name": "callbackTime",
                "value": "2050-05-01T14:30",
            },
        ),
        (
            "schedule_callback",
            {"number": 2125550101},
            {"requestedAction": "UPDATE_SCHEDULED_CALLBACK", "name": "callbackNumber", "value": "2125550101"},
        ),
        ("cancel_callback", {}, {"requestedAction": "CANCEL_SCHEDULED_CALLBACK"}),
    ],
)
async def test_request_is_sent_to_the_only_call_that_allows_it(
    session: ScriptedSession, era: str, tool: str, arguments: dict[str, Any], sent: dict[str, str]
) -> None:
    async with connected(session, era, selection=Selection(["outbound"])) as client:
        await tell(client, tool, **arguments)
        await tell(client, tool, dialog_id="332", **arguments)
    expected = sent | {"targetMediaAddress": "4501"}
    assert session.sent == [("/Dialog/331", expected), ("/Dialog/332", expected)]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("answer_preview", {"answer": "maybe"}, "'ACCEPT', 'REJECT' or 'CLOSE'"),
        ("answer_preview", {}, "answer"),
        ("reclassify_call", {"classification": "dog"}, "'VOICE'"),
        ("schedule_callback", {"time": "noon"}, "is not a date with a time of day. Nothing was sent."),
        ("schedule_callback", {"time": 5}, "is not a date with a time of day. Nothing was sent."),
        ("schedule_callback", {}, "No value to schedule"),
    ],
)
async def test_invalid_argument_is_rejected_before_any_request(
    session: ScriptedSession, tool: str, arguments: dict[str, Any], said: str
) -> None:
    async with connected(session, selection=Selection(["outbound"])) as client:
        assert said in await refusal(client, tool, **arguments)
    assert session.sent == []


@pytest.mark.parametrize(
    ("tool_time", "has_zone"),
    [("2050-05-01T14:30:00Z", True), ("2050-05-01T14:30+02:00", True), ("2050-05-01 14:30:00", False)],
)
async def test_callback_result_states_the_time_zone_rule(
    session: ScriptedSession, tool_time: str, has_zone: bool
) -> None:
    async with connected(session, selection=Selection(["outbound"])) as client:
        told = await tell(client, "schedule_callback", time=tool_time, dialog_id="331")
    assert session.sent[0][1]["value"] == "2050-05-01T14:30"
    assert "2050-05-01T14:30 is the customer's local time; Finesse stores no time zone." in told
    assert ("was ignored" in told) is has_zone


async def test_callback_errors_use_the_argument_names_of_the_tool(session: ScriptedSession) -> None:
    async with connected(session, selection=Selection(["outbound"])) as client:
        past = await refusal(client, "schedule_callback", time="2001-05-01T14:30")
    assert "time 2001-05-01T14:30 is in the past" in past.replace('"', "")
    assert "callback_time" not in past
    assert session.sent == []
