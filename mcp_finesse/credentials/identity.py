"""The credentials with which clients sign in to REST and the Notification Service."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import SecretStr

from mcp_finesse.errors import ConfigurationError, CredentialSourceError

T = TypeVar("T")


class CredentialSource(Protocol):
    """Where the credentials of one identity come from."""

    @property
    def user_id(self) -> str:
        """The user id."""
        ...

    @property
    def single_sign_on(self) -> bool:
        """Whether the credentials are tokens of single sign-on."""
        ...

    async def read(self) -> Credentials:
        """Return the credentials as they are now.

        Raises:
            CredentialSourceError: There are none now. There may be some later.
            ConfigurationError: There will be none until a setting is corrected.
        """
        ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """A Finesse user id and the password of this user. Neither ``repr`` nor ``str`` shows the password.

    Credentials are also a ``CredentialSource``, whose password never changes.

    Attributes:
        user_id: The id as Finesse issued it. The id is the peripheral number on UCCE, and the user id on UCCX.
        secret: The password.

    Raises:
        ConfigurationError: The id or password is empty or not valid text, or HTTP Basic cannot carry it (RFC 7617, 2).
    """

    user_id: str
    secret: SecretStr

    def __post_init__(self) -> None:
        if not self.user_id.strip():
            raise ConfigurationError("The user id is empty.", advice="Set the Finesse user id.")
        if not self.password:
            raise ConfigurationError("The password is empty.", advice="Set the password of the Finesse user.")
        if ":" in self.user_id:
            raise ConfigurationError(
                "The user id contains a colon.",
                advice="Set a user id without a colon: HTTP Basic authentication cannot send a user id with a colon.",
            )
        if not _is_text(self.user_id) or not _is_text(self.password):
            raise ConfigurationError(
                "The user id or the password is not valid text.",
                advice="Use UTF-8 for the file or variable that contains the value.",
            )
        if _has_control_characters(self.user_id) or _has_control_characters(self.password):
            raise ConfigurationError(
                "The user id or the password contains a control character.",
                advice="Look for a line break at the end of the file or variable that contains the value.",
            )

    @property
    def password(self) -> str:
        """The password or token in clear text. Use it only to send it."""
        return self.secret.get_secret_value()

    @property
    def single_sign_on(self) -> bool:
        """False: a password is not a token."""
        return False

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts to redact."""
        return (self.password,)

    async def read(self) -> Credentials:
        """Return these credentials."""
        return self

    def authorization(self) -> str:
        """Return the value of the ``Authorization`` header: HTTP Basic in UTF-8 (RFC 7617)."""
        pair = f"{self.user_id}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"


def checked(make: Callable[[], T], message: str, advice: str) -> T:
    """Return the credentials that ``make`` creates from the content of a source.

    Args:
        make: Creates them.
        message: The beginning of the message of the error, up to the problem.
        advice: The advice of the error.

    Raises:
        CredentialSourceError: The content cannot be used. Neither the error nor its context contains the content.
    """
    try:
        return make()
    except UnicodeDecodeError:
        problem = "it is not UTF-8"
    except ConfigurationError as error:
        problem = error.message[0].lower() + error.message[1:].rstrip(".")
    except ValueError as error:
        problem = str(error)
    raise CredentialSourceError(f"{message}: {problem}.", advice=advice)


def id_hint(user_id: str) -> str:
    """Return a sentence about a likely format error in a rejected user id, or an empty string."""
    if "@" in user_id:
        return f"Finesse may know the id without the domain, as {user_id.partition('@')[0]!r}."
    if "\\" in user_id:
        return "Finesse may know the id without the domain before the backslash."
    if user_id[:1] == "0" and user_id.isdecimal():
        return (
            "The id begins with zeros. Give the id exactly as the Finesse administration shows it, with "
            "or without the zeros."
        )
    if not user_id.isdecimal():
        return (
            "On UCCE the id may have to be the agent's number (peripheral number) instead of the login name."
        )
    return ""


def _is_text(text: str) -> bool:
    """Return whether the text has no lone surrogates, which stand for bytes in the environment that are not UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _has_control_characters(text: str) -> bool:
    return any(ord(character) < 0x20 or ord(character) == 0x7F for character in text)
