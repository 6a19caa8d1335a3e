"""Test the passwords: five wrong ones lock an account for five minutes."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.authentication import Authentication, CredentialCache
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.publishing.publication import AuthResult
from tests.simulator.support import FakeTime

OK, WRONG, LOCKED = AuthResult.OK, AuthResult.WRONG, AuthResult.LOCKED


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def authentication(time: FakeTime) -> Authentication:
    return Authentication({"1001": "secret", "1002": "secret"}, time.clock)


def test_only_the_exact_password_is_accepted(authentication: Authentication) -> None:
    assert authentication.check("1001", "secret") is OK
    assert authentication.check("1001", "Secret") is WRONG
    assert authentication.check("9999", "secret") is WRONG


def test_fifth_wrong_password_locks_the_account_for_five_minutes(
    authentication: Authentication, time: FakeTime
) -> None:
    assert [authentication.check("1001", "guess") for _ in range(5)] == [WRONG] * 5
    assert authentication.check("1001", "secret") is LOCKED
    time.advance(299)
    assert authentication.check("1001", "secret") is LOCKED
    assert authentication.check("1002", "secret") is OK
    time.advance(1)
    assert authentication.check("1001", "secret") is OK


def test_right_password_resets_the_count(authentication: Authentication) -> None:
    for _ in range(3):
        assert [authentication.check("1001", "guess") for _ in range(4)] == [WRONG] * 4
        assert authentication.check("1001", "secret") is OK


def test_count_restarts_after_the_lock(authentication: Authentication, time: FakeTime) -> None:
    for _ in range(5):
        authentication.check("1001", "guess")
    time.advance(300)
    assert authentication.check("1001", "guess") is WRONG
    assert authentication.check("1001", "secret") is OK


def test_unknown_ids_are_never_locked(authentication: Authentication) -> None:
    assert {authentication.check("9999", "guess") for _ in range(7)} == {WRONG}


def test_unknown_ids_leave_no_record_and_the_list_of_attempts_is_limited(
    authentication: Authentication,
) -> None:
    for number in range(3000):
        authentication.check(f"nobody {number}", "guess")
    assert (len(authentication.attempts), len(authentication._records)) == (1000, 2)


def test_attempts_are_kept_without_passwords(authentication: Authentication, time: FakeTime) -> None:
    authentication.check("1001", "guess")
    (attempt,) = authentication.attempts
    assert (attempt.user_id, attempt.result, attempt.at) == ("1001", WRONG, time.now)
    assert "guess" not in repr(attempt)


def test_lock_duration_is_scaled(time: FakeTime) -> None:
    authentication = Authentication({"1001": "secret"}, time.clock, time_scale=0.01)
    for _ in range(5):
        authentication.check("1001", "guess")
    time.advance(3)
    assert authentication.check("1001", "secret") is OK


class TestWhileTheDatabaseIsLost:
    @pytest.fixture
    def cache(self, authentication: Authentication, time: FakeTime) -> CredentialCache:
        return CredentialCache(authentication.check, time.clock)

    def refused(self, cache: CredentialCache, user_id: str) -> bool:
        with pytest.raises(ApiProblem) as refusal:
            cache.check(user_id, "secret")
        return refusal.value.status == 500

    def test_user_seen_in_the_last_half_hour_is_still_accepted(
        self, cache: CredentialCache, time: FakeTime
    ) -> None:
        assert cache.check("1001", "secret") is OK
        cache.database_is_lost = True
        time.advance(1800)
        assert cache.check("1001", "secret") is OK
        assert cache.check("1001", "guess") is WRONG
        time.advance(1)
        assert self.refused(cache, "1001")

    def test_user_never_accepted_before_is_rejected(self, cache: CredentialCache) -> None:
        assert cache.check("1002", "guess") is WRONG
        cache.database_is_lost = True
        assert self.refused(cache, "1002")
        cache.database_is_lost = False
        assert cache.check("1002", "secret") is OK

    def test_cleared_cache_forgets_its_users(self, cache: CredentialCache) -> None:
        cache.check("1001", "secret")
        cache.clear()
        cache.database_is_lost = True
        assert self.refused(cache, "1001")
