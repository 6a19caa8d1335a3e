"""Resync triggers: reasons for a resync and server errors that request a health check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mcp_finesse.errors import RefusedError
from mcp_finesse.session.connection.resync_triggers import Worries

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAILED = RefusedError("no", status=500)


def test_resync_reasons_are_taken_once_and_joined_with_the_earliest_time() -> None:
    worries = Worries()
    worries.doubt(NOON, "an event was lost")
    worries.doubt(NOON + timedelta(seconds=1), "another was unreadable")
    worries.doubt(NOON + timedelta(seconds=2), "an event was lost")
    assert worries.news.is_set()
    assert worries.take_doubts() == ("an event was lost; another was unreadable", NOON)
    assert worries.take_doubts() == ("", None)


def test_returned_resync_reason_comes_first_and_does_not_trigger_again() -> None:
    worries = Worries()
    worries.give_back("an event was lost", NOON)
    worries.give_back("", None)
    assert not worries.news.is_set()
    worries.doubt(NOON + timedelta(seconds=1), "another was unreadable")
    assert worries.take_doubts() == ("an event was lost; another was unreadable", NOON)


def test_repeatedly_returned_resync_reasons_are_not_duplicated() -> None:
    worries = Worries()
    for second in range(5):
        worries.doubt(NOON + timedelta(seconds=second), "an event was lost")
        worries.doubt(NOON + timedelta(seconds=second), "another was unreadable")
        worries.give_back(*worries.take_doubts())
    assert worries.take_doubts() == ("an event was lost; another was unreadable", NOON)


def test_two_server_errors_in_a_row_request_a_health_check() -> None:
    worries = Worries()
    worries.count(FAILED)
    assert worries.alarm == ""
    worries.count(FAILED)
    assert "500" in worries.alarm
    assert worries.news.is_set()


def test_other_response_between_two_server_errors_resets_the_count() -> None:
    worries = Worries()
    for answer in (FAILED, None, FAILED, RefusedError("no", status=400), FAILED):
        worries.count(answer)
    assert worries.alarm == ""
