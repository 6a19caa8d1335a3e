"""Call tools: finding the call, the request sent, and explained errors."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.errors import InvalidRequestError, NetworkError
from mcp_finesse.session import ErrorInfo, Outcome, OutcomeStatus
from tests.server.support import call, confirmed, connected, data, refusal, signed_in, tell

RINGING = call("331", "ALERTING", "ALERTING", ("ANSWER",))
TALKING = call(
    "332",
    "ACTIVE",
    "ACTIVE",
    ("HOLD", "DROP", "UPDATE_CALL_DATA", "CONSULT_CALL", "SEND_DTMF", "TRANSFER_SST"),
)
HELD = call("333", "ACTIVE", "HELD", ("RETRIEVE", "DROP", "UPDATE_CALL_DATA", "TRANSFER", "CONFERENCE"))
WRAPPING = call("334", "ACTIVE", "WRAP_UP", ("UPDATE_CALL_DATA",))


@pytest.mark.parametrize(
    ("tool", "arguments", "path", "sent"),
    [
        ("answer_call", {}, "/Dialog/331", {"requestedAction": "ANSWER", "targetMediaAddress": "4501"}),
        ("hold_call", {}, "/Dialog/332", {"requestedAction": "HOLD"}),
        ("retrieve_call", {}, "/Dialog/333", {"requestedAction": "RETRIEVE"}),
        ("end_call", {"dialog_id": 333}, "/Dialog/333", {"requestedAction": "DROP"}),
        (
            "consult_call",
            {"to_address": 4502},
            "/Dialog/332",
            {"requestedAction": "CONSULT_CALL", "toAddress": "4502"},
        ),
        (
            "transfer_call",
            {"to_address": "+49 30 1"},
            "/Dialog/332",
            {"requestedAction": "TRANSFER_SST", "toAddress": "+49 30 1"},
        ),
        ("transfer_call", {}, "/Dialog/333", {"requestedAction": "TRANSFER"}),
        ("conference_call", {}, "/Dialog/333", {"requestedAction": "CONFERENCE"}),
        ("send_dtmf", {"digits": 123}, "/Dialog/332", {"requestedAction": "SEND_DTMF", "value": "123"}),
        ("send_dtmf", {"digits": "*9a#"}, "/Dialog/332", {"value": "*9A#"}),
    ],
)
async def test_only_call_that_allows_the_action_is_used_without_an_id(
    tool: str, arguments: dict[str, Any], path: str, sent: dict[str, str], era: str
) -> None:
    session = signed_in()
    session.have(RINGING, TALKING, HELD)
    async with connected(session, era) as client:
        assert (await data(client, tool, **arguments))["status"] == "confirmed"
    [(to, body)] = session.sent
    assert to == path
    assert sent.items() <= body.items()
    assert session.read_dialogs == 0


async def test_make_call_sends_number_and_variables(era: str) -> None:
    session = signed_in()
    session.outcomes.append(confirmed("MAKE_CALL", dialog=call("340", "INITIATED", "INITIATED", ("DROP",))))
    async with connected(session, era) as client:
        told = await tell(client, "make_call", to_address=4777, call_variables={"callVariable3": 7})
    assert told.startswith("confirmed: Confirmed MAKE_CALL.\ncall 340: INITIATED")
    [(path, body)] = session.sent
    assert path == "/User/1001/Dialogs"
    assert (body["toAddress"], body["name"], body["value"]) == ("4777", "callVariable3", "7")


async def test_several_matching_calls_are_listed_and_nothing_is_sent(era: str) -> None:
    session = signed_in()
    session.have(TALKING, HELD)
    async with connected(session, era) as client:
        said = await refusal(client, "end_call")
    assert "2 calls allow DROP now. Nothing was sent.\ncall 332: ACTIVE, you ACTIVE" in said
    assert "\ncall 333: ACTIVE, you HELD" in said
    assert said.endswith("Give the dialog_id of one of these calls.")
    assert session.sent == []


async def test_calls_that_do_not_allow_the_action_are_listed() -> None:
    session = signed_in()
    session.have(TALKING, HELD)
    session.after_refresh = [TALKING, HELD]
    async with connected(session) as client:
        said = await refusal(client, "answer_call")
    assert "No call allows ANSWER now. Nothing was sent." in said
    assert "allowed now: RETRIEVE, DROP" in said
    assert session.sent == []


async def test_calls_are_read_again_before_an_action_is_rejected() -> None:
    session = signed_in()
    session.after_refresh = [RINGING]
    async with connected(session) as client:
        await tell(client, "answer_call")
    assert session.read_dialogs == 1
    assert session.sent[0][0] == "/Dialog/331"


async def test_only_call_is_passed_to_the_session_although_the_action_is_not_allowed() -> None:
    session = signed_in()
    session.have(HELD)
    session.after_refresh = [HELD]
    session.outcomes.append(
        Outcome(
            status=OutcomeStatus.UNCHANGED,
            action="HOLD",
            message="Already in that state. No request was sent.",
        )
    )
    async with connected(session) as client:
        assert (await data(client, "hold_call"))["status"] == "unchanged"


async def test_action_without_any_call_is_rejected() -> None:
    session = signed_in()
    async with connected(session) as client:
        assert "The agent has no call, so HOLD is not possible. Nothing was sent." in await refusal(
            client, "hold_call"
        )


async def test_given_dialog_id_is_passed_on(era: str) -> None:
    session = signed_in()
    session.outcomes.append(InvalidRequestError("The agent has no dialog 9.", advice="Current calls: none."))
    async with connected(session, era) as client:
        said = await refusal(client, "hold_call", dialog_id=9)
        assert said.endswith("no dialog 9. Current calls: none. Nothing was sent.")
    assert session.sent[0][0] == "/Dialog/9"


async def test_failed_action_shows_finesse_error_and_allowed_actions(era: str) -> None:
    session = signed_in()
    session.have(TALKING)
    session.outcomes.append(
        Outcome(
            status=OutcomeStatus.FAILED,
            action="RETRIEVE",
            message="Finesse rejected RETRIEVE.",
            errors=(ErrorInfo(type="Invalid State", data="22"),),
        )
    )
    async with connected(session, era) as client:
        result = await client.call_tool("retrieve_call", {"dialog_id": "332"})
    assert not result.is_error
    assert result.structured_content is not None
    assert result.structured_content["status"] == "failed"
    assert result.structured_content["errors"] == [{"type": "Invalid State", "data": "22"}]
    assert result.structured_content["advice"].startswith("Allowed on call 332 now: HOLD, DROP")


async def test_failed_action_on_a_missing_call_lists_the_current_calls() -> None:
    session = signed_in()
    session.have(TALKING)
    session.outcomes.append(Outcome(status=OutcomeStatus.FAILED, action="DROP", message="It has ended."))
    async with connected(session) as client:
        assert "Current calls: 332." in await tell(client, "end_call", dialog_id="9")


async def test_network_error_states_who_must_act() -> None:
    session = signed_in()
    session.have(TALKING)
    session.outcomes.append(NetworkError("No answer.", step="tcp"))
    async with connected(session) as client:
        assert "No answer. Failed step: tcp. Check the network" in await refusal(client, "hold_call")


async def test_invalid_digits_are_rejected() -> None:
    session = signed_in()
    session.have(TALKING)
    async with connected(session) as client:
        assert "digits" in await refusal(client, "send_dtmf", digits="call mum")
    assert session.sent == []


async def test_call_variables_are_sent_from_mapping_and_json(era: str) -> None:
    session = signed_in()
    session.have(TALKING)
    async with connected(session, era) as client:
        await tell(client, "update_call_data", call_variables={"callVariable1": 5})
        await tell(client, "update_call_data", call_variables='{"callVariable1": "six"}')
        assert "`call_variables` is empty" in await refusal(client, "update_call_data", call_variables={})
    assert [body["value"] for _, body in session.sent] == ["5", "six"]


async def test_wrap_up_reason_is_matched_and_sent_to_the_call_in_wrap_up(era: str) -> None:
    session = signed_in()
    session.have(TALKING, WRAPPING)
    async with connected(session, era) as client:
        await tell(client, "wrap_up_call", reason=" billing QUESTION ")
    [(path, body)] = session.sent
    assert (path, body["wrapUpReason"]) == ("/Dialog/334", "Billing question")


async def test_several_wrap_up_reasons_are_sent_together(era: str) -> None:
    session = signed_in()
    session.have(WRAPPING)
    async with connected(session, era) as client:
        await tell(client, "wrap_up_call", reason=["sale", "Billing question", "sale"])
        assert "`reason` is empty. Nothing was sent." in await refusal(client, "wrap_up_call", reason=[])
        assert 'No wrap-up reason is called "Bill"' in await refusal(
            client, "wrap_up_call", reason=["sale", "Bill"]
        )
        assert "reason" in await refusal(client, "wrap_up_call", reason=[""])
    [(_, body)] = session.sent
    assert body["wrapUpItem"] == "Billing question"
    assert "wrapUpReason" not in body


async def test_error_for_unknown_wrap_up_reason_lists_the_known_ones() -> None:
    session = signed_in()
    session.have(WRAPPING)
    async with connected(session) as client:
        said = await refusal(client, "wrap_up_call", reason="Bill")
    assert (
        'No wrap-up reason is called "Bill". Nothing was sent. Wrap-up reasons: Sale, Billing question.'
        in said
    )
    assert session.sent == []
