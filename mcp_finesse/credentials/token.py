"""Tokens of single sign-on: an access token instead of a password, and the command that prints it."""

from __future__ import annotations

import base64
import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from mcp_finesse.credentials.command import run_command
from mcp_finesse.credentials.identity import Credentials, checked
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.numbers import parse_int, parse_json

REFRESH_AFTER = 0.75
"""Part of the lifetime of a token after which it is refreshed (guide p.193)."""
_BEARER = frozenset(string.ascii_letters + string.digits + "-._~+/=")
_LONGEST_LIFETIME = 10**9
_EXAMPLE = 'It must print one JSON object, such as {"access_token": "...", "expires_in": 3600}.'


@dataclass(frozen=True, slots=True)
class Token(Credentials):
    """An access token. REST gets it as a Bearer token, the Notification Service as the password.

    Attributes:
        expires_in: Lifetime in seconds, from the time it was requested.
        refresh_token: Refreshes the token at Finesse, or None.
        stated_owners: Names of the user who signed in, as stated beside the token.

    Raises:
        ConfigurationError: The token cannot be sent as a Bearer token (RFC 6750, 2.1), or the user id is not valid.
    """

    expires_in: float = 0.0
    refresh_token: SecretStr | None = None
    stated_owners: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        Credentials.__post_init__(self)
        if not _BEARER.issuperset(self.password):
            raise ConfigurationError(
                "The access token contains characters that a Bearer token cannot contain."
            )

    @property
    def single_sign_on(self) -> bool:
        """True: this is a token."""
        return True

    @property
    def secrets(self) -> tuple[str, ...]:
        """The access token, and the refresh token if there is one."""
        return (self.password, *((self.refresh_token.get_secret_value(),) if self.refresh_token else ()))

    @property
    def owners(self) -> tuple[str, ...]:
        """Names of the user who signed in, as the token itself and its source state them; empty if unknown."""
        return (*_owners_in(self.password), *self.stated_owners)

    def authorization(self) -> str:
        """Return the value of the ``Authorization`` header."""
        return f"Bearer {self.password}"


@dataclass(frozen=True)
class TokenCommand:
    """A command that prints an access token as JSON.

    Attributes:
        user_id: The user id.
        argv: The program and its arguments.
        seconds: Time limit.
    """

    user_id: str
    argv: Sequence[str] = field(repr=False)
    seconds: float = 30.0

    @property
    def single_sign_on(self) -> bool:
        """True: it gives tokens."""
        return True

    async def read(self) -> Credentials:
        """Run the command.

        Raises:
            CredentialSourceError: The command failed, exceeded a limit, or printed no valid token.
        """
        output = await run_command(self.argv, self.seconds)
        return checked(
            lambda: token_from(self.user_id, output),
            f"There is no valid token in the output of the command {self.argv[0]!r}",
            _EXAMPLE,
        )


def token_from(user_id: str, output: bytes) -> Token:
    """Parse the output of a token command.

    The names of the members are those of OAuth 2.0 (RFC 6749, 5.1). ``token``, the name that Finesse uses, is accepted
    in place of ``access_token``. The members ``user_id`` and ``user_principal`` name the user (guide p.188 to 199).
    Other members are ignored.

    Raises:
        ValueError: The output is not a JSON object with a token and a lifetime. The error does not quote the output.
        ConfigurationError: The token cannot be sent.
    """
    try:
        content: Any = parse_json(output)
    except ValueError:  # without the cause, which contains the output
        content = None
    if not isinstance(content, dict):
        raise ValueError("it is not a JSON object")
    access = content.get("access_token", content.get("token"))
    refresh = content.get("refresh_token")
    if not isinstance(access, str) or not access:
        raise ValueError("it has no access_token")
    if refresh is not None and not isinstance(refresh, str):
        raise ValueError("its refresh_token is not text")
    lifetime = content.get("expires_in")
    if isinstance(lifetime, str):
        lifetime = parse_int(lifetime)
    if (
        isinstance(lifetime, bool)
        or not isinstance(lifetime, int | float)
        or not 0 < lifetime <= _LONGEST_LIFETIME
    ):
        raise ValueError("it has no expires_in in seconds")
    return Token(
        user_id,
        SecretStr(access),
        lifetime,
        SecretStr(refresh) if refresh else None,
        stated_owners=_owners_among(content),
    )


def is_same_user(first: str, second: str) -> bool:
    """Return whether two names can mean the same user. A name without a domain matches this name in every domain."""
    one, other = first.strip().casefold(), second.strip().casefold()
    if one == other:
        return True
    bare, bare_other = _without_domain(one), _without_domain(other)
    return bare == bare_other and (bare == one or bare_other == other)


def _without_domain(name: str) -> str:
    return name.rpartition("\\")[2].partition("@")[0]


def _owners_in(token: str) -> tuple[str, ...]:
    """Return the names of the user in a token, if it is a JWT that is not encrypted.

    The signature is not verified: only Finesse decides whether the token is valid.
    """
    parts = token.split(".")
    if len(parts) != 3:
        return ()
    try:
        claims: Any = parse_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:  # also binascii.Error
        return ()
    return _owners_among(claims) if isinstance(claims, dict) else ()


def _owners_among(members: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of the user among the members of a token response, or among the claims of a token."""
    names = (members.get(name) for name in ("user_id", "user_principal", "upn"))
    return tuple(name for name in names if isinstance(name, str) and name.strip())
