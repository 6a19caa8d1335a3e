"""Models of single sign-on: access tokens and a user's authentication mode (guide p.188 to 199).

Tokens come from ``/desktop/sso`` as JSON. The Finesse API itself uses XML.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from mcp_finesse.errors import PayloadError
from mcp_finesse.model.wire import WireModel
from mcp_finesse.numbers import parse_json

# A token should be refreshed after this fraction of its lifetime (guide p.193).
_REFRESH_AFTER = 0.75


class AccessToken(BaseModel):
    """An access token, which is used instead of the password. ``repr`` and ``str`` do not show the token.

    Attributes:
        token: the token, for ``Authorization: Bearer`` and as the password for the Notification Service.
        refresh_token: a token for refreshing the access token. None if not requested.
        expires_in: the lifetime in seconds, counted from the response.
        user_id: the user id. On UCCE it may be the login name, which REST paths do not accept.
        realm: the user's realm.
        user_principal: the user's principal name.
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
        """How many seconds after the response to refresh the token. The token has not expired at that time."""
        return self.expires_in * _REFRESH_AFTER


class UserAuthMode(WireModel):
    """The authentication mode of a user.

    Attributes:
        auth_mode: ``SSO`` or ``NON_SSO``.
    """

    auth_mode: str | None = None

    @property
    def single_sign_on(self) -> bool:
        """Whether the user signs in with a token."""
        return (self.auth_mode or "").strip().upper() == "SSO"


def read_token(body: bytes) -> AccessToken:
    """Parse the response to a token request.

    Raises:
        PayloadError: the response is not JSON, or has no token or no lifetime. The error does not quote the response.
    """
    try:
        content: Any = parse_json(body)
        return AccessToken.model_validate(content)
    except ValidationError as error:
        wrong = ", ".join(sorted({str(part["loc"][0]) for part in error.errors() if part["loc"]}))
        problem = f"contains no valid {wrong}" if wrong else "is not an object"
    except ValueError:
        problem = "is not JSON"
    # No "from" is used, because the cause contains the response, which may contain a token.
    raise PayloadError(f"The response to the token request {problem}.")
