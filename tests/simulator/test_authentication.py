"""Five wrong passwords lock an account for five minutes."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.authentication import Authentication
from mcp_finesse.simulator.publication import AuthResult
from tests.simulator.support import FakeTime

OK, WRONG, LOCKED = AuthResult.OK, AuthResult.WRONG, AuthResult.LOCKED


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def authentication(time: FakeTime) -> Authentication:
    return Authentication({"1001": "secret", "1002": "secret"}, time.clock)


def test_right_and_wrong(authentication: Authentication) -> None:
    assert authentication.check("1001", "secret") is OK
    assert authentication.check("1001", "Secret") is WRONG
    assert authentication.check("9999", "secret") is WRONG


def test_the_fifth_wrong_password_locks_for_five_minutes(
    authentication: Authentication, time: FakeTime
) -> None:
    assert [authentication.check("1001", "guess") for _ in range(5)] == [WRONG] * 5
    assert authentication.check("1001", "secret") is LOCKED
    time.advance(299)
    assert authentication.check("1001", "secret") is LOCKED
    assert authentication.check("1002", "secret") is OK
    time.advance(1)
    assert authentication.check("1001", "secret") is OK


def test_the_right_password_ends_the_count(authentication: Authentication) -> None:
    for _ in range(3):
        assert [authentication.check("1001", "guess") for _ in range(4)] == [WRONG] * 4
        assert authentication.check("1001", "secret") is OK


def test_after_the_lock_the_count_begins_anew(authentication: Authentication, time: FakeTime) -> None:
    for _ in range(5):
        authentication.check("1001", "guess")
    time.advance(300)
    assert authentication.check("1001", "guess") is WRONG
    assert authentication.check("1001", "secret") is OK


def test_attempts_are_kept_without_passwords(authentication: Authentication, time: FakeTime) -> None:
    authentication.check("1001", "guess")
    (attempt,) = authentication.attempts
    assert (attempt.user_id, attempt.result, attempt.at) == ("1001", WRONG, time.now)
    assert "guess" not in repr(attempt)


def test_the_lock_can_be_scaled(time: FakeTime) -> None:
    authentication = Authentication({"1001": "secret"}, time.clock, time_scale=0.01)
    for _ in range(5):
        authentication.check("1001", "guess")
    time.advance(3)
    assert authentication.check("1001", "secret") is OK
