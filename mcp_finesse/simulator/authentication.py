"""User ids, passwords and tokens, and the account lock after five failures (guide p.29), for REST and XMPP."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.publishing.publication import AuthResult
from mcp_finesse.simulator.sign_on.tokens import Tokens
from mcp_finesse.simulator.timing import Clock

MAX_FAILURES = 5
LOCK_SECONDS = 300.0
CACHED_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One authentication attempt, without the password. ``at`` is in seconds since the epoch."""

    user_id: str
    result: AuthResult
    at: float


@dataclass(slots=True)
class _Record:
    failures: int = 0
    locked_until: float = 0.0


class Authentication:
    """Checks passwords, counts failures, and locks an account for five minutes.

    Users with single sign-on have a token in place of the password. Whether Finesse counts rejected tokens is not
    documented. The simulator counts rejected tokens, so that tests notice a client that resends one.
    """

    def __init__(
        self, passwords: dict[str, str], clock: Clock, time_scale: float = 1.0, tokens: Tokens | None = None
    ) -> None:
        self._passwords = passwords
        self._tokens = tokens
        self._clock = clock
        self._lock_seconds = LOCK_SECONDS * time_scale
        self._records = {user_id: _Record() for user_id in passwords}
        self.attempts: deque[Attempt] = deque(maxlen=1000)

    def check(self, user_id: str, password: str) -> AuthResult:
        """Check the password, record the attempt and return its result.

        While an account is locked, even the correct password is rejected. An unknown id gives the same result
        as a wrong password.
        """
        result = self._check_password(user_id, password)
        self.attempts.append(Attempt(user_id, result, self._clock()))
        return result

    def _check_password(self, user_id: str, password: str) -> AuthResult:
        if user_id not in self._passwords:
            return AuthResult.WRONG
        now = self._clock()
        record = self._records[user_id]
        if now < record.locked_until:
            return AuthResult.LOCKED
        if self._is_right(user_id, password):
            record.failures = 0
            return AuthResult.OK
        record.failures += 1
        if record.failures >= MAX_FAILURES:
            record.failures = 0
            record.locked_until = now + self._lock_seconds
        return AuthResult.WRONG

    def _is_right(self, user_id: str, password: str) -> bool:
        if self._tokens is not None and self._tokens.applies_to(user_id):
            return self._tokens.is_valid(user_id, password)
        return self._passwords[user_id] == password


class CredentialCache:
    """Users who authenticated to a node in the last half hour (CCE).

    Such users can still authenticate while the user database is down. For other users the guide documents only
    the status 500 and the message of that error.

    Args:
        check: a function that checks a user id and password against the user database.
        clock: seconds since the epoch.
        time_scale: a factor by which the half hour is multiplied.

    Attributes:
        database_is_lost: whether the database is down, so that only cached users are accepted.
    """

    def __init__(
        self, check: Callable[[str, str], AuthResult], clock: Clock, time_scale: float = 1.0
    ) -> None:
        self._check = check
        self._clock = clock
        self._keep_seconds = CACHED_SECONDS * time_scale
        self._verified_at: dict[str, float] = {}
        self.database_is_lost = False

    def check(self, user_id: str, password: str) -> AuthResult:
        """Check the password and return the result.

        Raises:
            ApiProblem: status 500, if the database is lost and the user is not in the cache.
        """
        now = self._clock()
        if self.database_is_lost and now - self._verified_at.get(user_id, float("-inf")) > self._keep_seconds:
            raise ApiProblem(500, "Internal Server Error", "AWS_SERVICE_UNAVAILABLE")
        result = self._check(user_id, password)
        if result is AuthResult.OK and not self.database_is_lost:
            self._verified_at[user_id] = now
        return result

    def clear(self) -> None:
        """Remove all users from the cache."""
        self._verified_at.clear()
