"""Outcomes as data and as text."""

from __future__ import annotations

from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.session import DifferenceInfo, ErrorInfo, Outcome, OutcomeStatus
from tests.server.support import agent, call, confirmed


def test_confirmed_action_shows_the_current_object() -> None:
    result = OutcomeResult.of(
        confirmed(dialog=call(mine="HELD", actions=("RETRIEVE",)), request_id="r-1", seconds=0.12345), "4501"
    )
    answer = result.to_mcp()
    assert answer.structured_content is not None
    assert answer.structured_content["status"] == "confirmed"
    assert answer.structured_content["dialog"]["my_state"] == "HELD"
    assert answer.structured_content["seconds"] == 0.123
    assert "errors" not in answer.structured_content
    assert str(result).splitlines()[0] == "confirmed: Confirmed HOLD."
    assert "allowed now: RETRIEVE; caller-supplied: from" in str(result)
    assert str(result.audit()) == "confirmed request=r-1"


def test_action_on_the_agent_shows_the_agent() -> None:
    result = OutcomeResult.of(confirmed("READY", user=agent()), "4501")
    assert result.user is not None
    assert "agent 1001 Ada Okoro, READY" in str(result)


def test_failed_action_shows_finesse_error_and_advice() -> None:
    outcome = Outcome(
        status=OutcomeStatus.FAILED,
        action="HOLD",
        message="Finesse rejected HOLD.",
        errors=(ErrorInfo(type="Generic Error", message="CF_X", data="20999"),),
        advice="Read the dialog.",
    )
    result = OutcomeResult.of(outcome, None, "Allowed on call 331 now: RETRIEVE.")
    assert str(result).splitlines() == [
        "failed: Finesse rejected HOLD.",
        "Finesse reported: Generic Error CF_X 20999",
        "Read the dialog. Allowed on call 331 now: RETRIEVE.",
    ]
    assert result.errors == [{"type": "Generic Error", "message": "CF_X", "data": "20999"}]
    assert str(result.audit()) == "failed request=-"


def test_differences_from_the_request_are_shown_and_bounded() -> None:
    differs = DifferenceInfo(field="callVariable1", asked="a\nb", got="a" * 5000)
    result = OutcomeResult.of(confirmed("UPDATE_CALL_DATA", differences=(differs,)), None)
    assert result.differences is not None
    assert result.differences[0]["caller_supplied"] == {"asked": "a b", "got": "a" * 1999 + "…"}
    assert 'callVariable1 differs: requested "a b", is "aaa' in str(result)
    assert all(len(line) < 250 for line in str(result).splitlines())
