"""What is noticed and has to be seen to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mcp_finesse.errors import RefusedError
from mcp_finesse.session.connection.resync_triggers import Worries

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAILED = RefusedError("no", status=500)


def test_doubts_are_taken_once_as_one_reason_from_the_first_moment() -> None:
    worries = Worries()
    worries.doubt(NOON, "an event was lost")
    worries.doubt(NOON + timedelta(seconds=1), "another was unreadable")
    worries.doubt(NOON + timedelta(seconds=2), "an event was lost")
    assert worries.news.is_set()
    assert worries.take_doubts() == ("an event was lost; another was unreadable", NOON)
    assert worries.take_doubts() == ("", None)


def test_doubts_that_could_not_be_dispelled_come_first_again_and_wake_nobody() -> None:
    worries = Worries()
    worries.give_back("an event was lost", NOON)
    worries.give_back("", None)
    assert not worries.news.is_set()
    worries.doubt(NOON + timedelta(seconds=1), "another was unreadable")
    assert worries.take_doubts() == ("an event was lost; another was unreadable", NOON)


def test_however_often_a_doubt_is_not_dispelled_it_is_one_reason() -> None:
    worries = Worries()
    for second in range(5):
        worries.doubt(NOON + timedelta(seconds=second), "an event was lost")
        worries.doubt(NOON + timedelta(seconds=second), "another was unreadable")
        worries.give_back(*worries.take_doubts())
    assert worries.take_doubts() == ("an event was lost; another was unreadable", NOON)


def test_two_errors_of_the_server_in_a_row_are_an_alarm() -> None:
    worries = Worries()
    worries.count(FAILED)
    assert worries.alarm == ""
    worries.count(FAILED)
    assert "500" in worries.alarm
    assert worries.news.is_set()


def test_an_answer_between_them_makes_it_none() -> None:
    worries = Worries()
    for answer in (FAILED, None, FAILED, RefusedError("no", status=400), FAILED):
        worries.count(answer)
    assert worries.alarm == ""
