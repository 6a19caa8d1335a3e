"""Single Sign-On: access tokens, and which way to sign in a user has (guide p.188 to 199).

Tokens come as JSON, from ``/desktop/sso``; all else of Finesse is XML.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from mcp_finesse.errors import PayloadError
from mcp_finesse.model.wire import WireModel
from mcp_finesse.numbers import parse_json

# The share of its life after which a token is to be refreshed (guide p.193).
_REFRESH_AFTER = 0.75


class AccessToken(BaseModel):
    """A token, which stands in the place of the password; neither ``repr`` nor ``str`` shows it.

    Attributes:
        token: goes into ``Authorization: Bearer``, and is the password of the Notification Service.
        refresh_token: gets the next one; None when it was not asked for.
        expires_in: seconds from the answer on.
        user_id: on UCCE perhaps the login name, which REST paths do not take.
        realm: of the user.
        user_principal: of the user.
    """

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    token: SecretStr = Field(min_length=1)
    refresh_token: SecretStr | None = None
    expires_in: int = Field(gt=0, le=10**9)
    user_id: str | None = None
    realm: str | None = None
    user_principal: str | None = None

    @property
    def refresh_in(self) -> float:
        """Seconds from the answer on after which to ask for the next one; not later than it expires."""
        return self.expires_in * _REFRESH_AFTER


class UserAuthMode(WireModel):
    """How a user signs in.

    Attributes:
        auth_mode: ``SSO`` or ``NON_SSO``.
    """

    auth_mode: str | None = None

    @property
    def single_sign_on(self) -> bool:
        """Whether the user signs in with a token."""
        return (self.auth_mode or "").strip().upper() == "SSO"


def read_token(body: bytes) -> AccessToken:
    """Read the answer to a request for a token.

    Raises:
        PayloadError: not JSON, or without a token and its life; says nothing of what was in it.
    """
    try:
        content: Any = parse_json(body)
        return AccessToken.model_validate(content)
    except ValidationError as error:
        wrong = ", ".join(sorted({str(part["loc"][0]) for part in error.errors() if part["loc"]}))
        problem = f"lacks or misstates {wrong}" if wrong else "is no object"
    except ValueError:
        problem = "is not JSON"
    # Not "from": what caused it holds the answer, which may hold a token.
    raise PayloadError(f"The answer to a request for a token {problem}.")
