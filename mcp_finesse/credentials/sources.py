"""Sources of a password that are read when it is needed: a file, the system keyring, a command."""

from __future__ import annotations

import os
import stat
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from mcp_finesse.credentials.blocking import call_in_thread
from mcp_finesse.credentials.command import run_command
from mcp_finesse.credentials.identity import Credentials, checked
from mcp_finesse.errors import ConfigurationError, CredentialSourceError, FinesseError

MAX_FILE_BYTES = 64 * 1024


class _PasswordSource:
    @property
    def single_sign_on(self) -> bool:
        """False: a password is not a token."""
        return False


@dataclass(frozen=True)
class PasswordFile(_PasswordSource):
    """A file that contains only the password. One line break at its end is ignored.

    Attributes:
        user_id: The user id.
        path: The file.
        seconds: Time limit for reading it, which a network file system can exceed.
    """

    user_id: str
    path: Path
    seconds: float = 30.0

    async def read(self) -> Credentials:
        """Read the password.

        Raises:
            CredentialSourceError: The file cannot be read, other users can read or change it, or its content cannot
                be a password.
        """
        try:
            content = await call_in_thread(lambda: read_protected(self.path), self.seconds)
        except TimeoutError:
            raise CredentialSourceError(
                f"The password file {self.path} could not be read within {self.seconds:g} s.",
                advice="Check the file system that contains it.",
            ) from None
        return password_from(self.user_id, content, f"the password file {self.path}")


def read_protected(path: Path) -> bytes:
    """Read a small regular file that only this user can read and change. Symbolic links are followed.

    Raises:
        CredentialSourceError: It cannot be read, is too large, or other users can read or change it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if problem := _protection_problem(status):
                raise CredentialSourceError(
                    f"The password file {path} is refused: {problem}.",
                    advice=f"Let only the user that runs this server own and read it: chmod 600 {path}",
                )
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CredentialSourceError(
            f"The password file {path} cannot be read: {error.strerror or error}.",
            advice="Correct the path, or create the file.",
        ) from None
    if len(content) > MAX_FILE_BYTES:
        raise CredentialSourceError(
            f"The password file {path} is larger than {MAX_FILE_BYTES} bytes.",
            advice="It must contain only the password.",
        )
    return content


def _protection_problem(status: os.stat_result) -> str:
    """Return why a file is not a safe place for a password, or an empty string. Windows checks only the type."""
    if not stat.S_ISREG(status.st_mode):
        return "it is not a regular file"
    if sys.platform == "win32":
        return ""
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    if status.st_mode & 0o077:
        return f"other users can use it (mode {stat.S_IMODE(status.st_mode):03o})"
    return ""


@dataclass(frozen=True)
class KeyringPassword(_PasswordSource):
    """An entry of the system keyring: Keychain, Credential Manager, Secret Service and others.

    Attributes:
        user_id: The user id, which is also the user name of the entry.
        service: The service name of the entry.
        seconds: Time limit. A locked keyring waits until its user unlocks it.
    """

    user_id: str
    service: str
    seconds: float = 30.0
    _busy: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    async def read(self) -> Credentials:
        """Read the password.

        Raises:
            ConfigurationError: The package keyring is not installed, or found no keyring on this machine.
            CredentialSourceError: The keyring has no such entry, is locked, or did not answer in time.
        """
        try:
            password = await call_in_thread(self._get_alone, self.seconds)
        except TimeoutError:
            raise CredentialSourceError(
                f"The system keyring did not answer within {self.seconds:g} s.",
                advice="Unlock the keyring of the user that runs this server.",
            ) from None
        if password is None:
            raise CredentialSourceError(
                f"The system keyring has no password of {self.user_id!r} for the service {self.service!r}.",
                advice=f"Store it: keyring set {self.service} {self.user_id}",
            )
        return Credentials(self.user_id, SecretStr(password))

    def _get_alone(self) -> str | None:
        """Read the entry, unless an earlier read still waits: each one would open another dialog."""
        if not self._busy.acquire(blocking=False):
            raise CredentialSourceError(
                "The system keyring has not answered an earlier request yet.",
                advice="Unlock the keyring of the user that runs this server.",
            )
        try:
            return self._get()
        finally:
            self._busy.release()

    def _get(self) -> str | None:
        try:
            import keyring
            from keyring.errors import KeyringError, NoKeyringError
        except ImportError:
            raise ConfigurationError(
                "The password is to be read from the system keyring, but the package keyring is not installed.",
                advice="Install it: pip install 'mcp-finesse[keyring]'",
            ) from None
        try:
            return keyring.get_password(self.service, self.user_id)
        except NoKeyringError:
            raise ConfigurationError(
                "The password is to be read from the system keyring, but this machine has none that the package "
                "keyring can use.",
                advice="Use password_file or password_command instead.",
            ) from None
        except KeyringError as error:
            raise CredentialSourceError(
                f"The system keyring could not be read ({type(error).__name__}).",
                advice="Unlock the keyring of the user that runs this server.",
            ) from None
        except FinesseError:
            raise
        except Exception as error:  # back ends raise errors of the libraries they use
            raise CredentialSourceError(
                f"The system keyring failed ({type(error).__name__}).",
                advice="Check with the command keyring that the password can be read.",
            ) from None


@dataclass(frozen=True)
class PasswordCommand(_PasswordSource):
    """A command that prints the password. One line break at the end of its output is ignored.

    Attributes:
        user_id: The user id.
        argv: The program and its arguments.
        seconds: Time limit.
    """

    user_id: str
    argv: Sequence[str] = field(repr=False)
    seconds: float = 30.0

    async def read(self) -> Credentials:
        """Run the command.

        Raises:
            CredentialSourceError: The command failed, exceeded a limit, or its output cannot be a password.
        """
        output = await run_command(self.argv, self.seconds)
        return password_from(self.user_id, output, f"the output of the command {self.argv[0]!r}")


def password_from(user_id: str, content: bytes, origin: str) -> Credentials:
    """Return the credentials with this content as the password, without one line break at the end.

    Raises:
        CredentialSourceError: The content is empty, not UTF-8, or cannot be a password. The error does not quote it.
    """
    line = content.removesuffix(b"\n").removesuffix(b"\r") if content.endswith(b"\n") else content
    return checked(
        lambda: Credentials(user_id, SecretStr(line.decode())),
        f"There is no valid password in {origin}",
        "It must contain the password and nothing else.",
    )
