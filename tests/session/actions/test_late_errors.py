"""Errors that arrive after the result of their action."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import Update
from mcp_finesse.session import Outcome
from mcp_finesse.session.actions.late_errors import LateErrors
from mcp_finesse.session.actions.outcome import OutcomeStatus


def outcome(status: str = "confirmed", request_id: str = "r-1") -> Outcome:
    return Outcome(
        status=OutcomeStatus(status),
        action="HOLD",
        message="The call is on hold.",
        dialog_id="7",
        request_id=request_id,
    )


def error(request_id: str | None = "r-1") -> Update:
    return Update(event="PUT", request_id=request_id, errors=(ApiErrorDetail("Generic Error"),))


def test_late_error_is_described_for_the_journal_and_in_the_next_result() -> None:
    late = LateErrors()
    late.remember(outcome())
    text = late.match(error())
    assert text is not None
    assert (
        "Late error: Finesse later rejected HOLD on call 7, which was reported as confirmed: Generic Error"
        in text
    )
    assert text in late.add_to(outcome(request_id="r-2")).message
    assert late.add_to(outcome()).message == "The call is on hold."


@pytest.mark.parametrize("request_id", [None, "another"])
def test_error_of_another_request_is_not_late(request_id: str | None) -> None:
    late = LateErrors()
    late.remember(outcome())
    assert late.match(error(request_id)) is None


def test_error_of_failed_result_is_not_late() -> None:
    late = LateErrors()
    late.remember(outcome("failed"))
    assert late.match(error()) is None
