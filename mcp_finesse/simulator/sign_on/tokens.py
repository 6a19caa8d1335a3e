"""Access and refresh tokens of users with single sign-on: issue, check, refresh, expiry, revocation."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from mcp_finesse.simulator.timing import Clock

REFRESH_LIFETIMES = 4
"""Lifetime of a refresh token, as a multiple of the lifetime of an access token. The value is a guess."""
REMEMBERED_TOKENS = 10_000


@dataclass(slots=True)
class IssuedToken:
    """An access token and its refresh token.

    Attributes:
        expires_at: When the access token expires, in seconds since the epoch.
        refresh_until: When the refresh token expires.
    """

    user_id: str
    token: str
    refresh_token: str
    expires_at: float
    refresh_until: float
    revoked: bool = False


class Tokens:
    """The tokens of all users with single sign-on.

    Args:
        users: Ids of the users with single sign-on.
        clock: Seconds since the epoch.
        lifetime: Seconds until an access token expires.

    Attributes:
        lifetime: Seconds until a newly issued access token expires.
        refreshes: How often a token was refreshed.
    """

    def __init__(self, users: Collection[str], clock: Clock, lifetime: float) -> None:
        self.lifetime = lifetime
        self.refreshes = 0
        self._users = frozenset(users)
        self._clock = clock
        self._issued: deque[IssuedToken] = deque(maxlen=REMEMBERED_TOKENS)

    def applies_to(self, user_id: str) -> bool:
        """Return whether a user signs in with tokens and not with a password."""
        return user_id in self._users

    def issue(self, user_id: str) -> IssuedToken:
        """Issue an access token and a refresh token."""
        now = self._clock()
        return self._add(user_id, secrets.token_urlsafe(48), now + REFRESH_LIFETIMES * self.lifetime)

    def refresh(self, token: str, refresh_token: str) -> IssuedToken | None:
        """Issue another access token for a refresh token, which stays valid. The access token may have expired.

        Return None if the tokens were not issued together, or if the refresh token was revoked or has expired.
        """
        for issued in self._issued:
            if issued.token == token and issued.refresh_token == refresh_token:
                if issued.revoked or self._clock() >= issued.refresh_until:
                    return None
                self.refreshes += 1
                return self._add(issued.user_id, refresh_token, issued.refresh_until)
        return None

    def is_valid(self, user_id: str, token: str) -> bool:
        """Return whether this is an access token of the user that has neither expired nor been revoked."""
        return any(
            issued.token == token
            and issued.user_id == user_id
            and not issued.revoked
            and self._clock() < issued.expires_at
            for issued in self._issued
        )

    def owner(self, token: str) -> str:
        """Return the user for whom an access token was issued, valid or not; empty if it was never issued."""
        return next((issued.user_id for issued in self._issued if issued.token == token), "")

    def revoke(self, user_id: str) -> None:
        """Revoke all access and refresh tokens of a user."""
        for issued in self._issued:
            issued.revoked |= issued.user_id == user_id

    def expire(self, user_id: str) -> None:
        """Let all access tokens of a user expire now. Their refresh tokens stay valid."""
        for issued in self._issued:
            if issued.user_id == user_id:
                issued.expires_at = min(issued.expires_at, self._clock())

    def _add(self, user_id: str, refresh_token: str, refresh_until: float) -> IssuedToken:
        expires_at = self._clock() + self.lifetime
        made = IssuedToken(user_id, secrets.token_urlsafe(48), refresh_token, expires_at, refresh_until)
        self._issued.append(made)
        return made
