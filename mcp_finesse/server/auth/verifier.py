"""The interface of verifiers of access tokens, and the errors that they raise."""

from __future__ import annotations

from typing import Protocol

from mcp.server.auth.provider import AccessToken

MAX_TOKEN = 16_384
"""Maximum characters of an access token."""


class RejectedTokenError(Exception):
    """The token is not valid for this server. The reason is logged and not sent to the client."""


class UnavailableError(Exception):
    """The token cannot be verified now, for example because the authorization server does not respond."""


class TokenFileError(UnavailableError):
    """The token file cannot be used. Until it can be used again, no static token is accepted."""


class Verifier(Protocol):
    """Verifies access tokens of one kind."""

    def accepts(self, token: str) -> bool:
        """Return whether the token looks like a token of this kind."""

    async def verify(self, token: str) -> AccessToken:
        """Verify a token and return its properties.

        Raises:
            RejectedTokenError: The token is invalid, expired, revoked, or was issued for another resource.
            UnavailableError: The token cannot be verified now.
        """
