"""The file that contains the hashes of static tokens: reading it, adding and revoking tokens.

A token has 256 random bits, so nobody can guess it, and a table of hashes of likely tokens cannot exist. A single
SHA-256 is therefore sufficient. A slow password hash would only help against guessing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcp_finesse.errors import ConfigurationError, InvalidRequestError
from mcp_finesse.numbers import parse_json
from mcp_finesse.private_files import read_private, replace_private, try_lock
from mcp_finesse.redaction import truncated
from mcp_finesse.server.auth.scopes import SCOPES

PREFIX = "mcpf_"
"""The prefix of every static token, by which secret scanners recognize such a token."""
MAX_TOKENS = 1_000
MAX_NAME = 64
MAX_TIME = 253_402_300_799
"""The last second of the year 9999."""
_MAX_FILE = 1_000_000
_LOCK_SECONDS = 5.0
_RANDOM_BYTES = 32
_NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-")


@dataclass(frozen=True, slots=True)
class StaticToken:
    """A static token without its secret.

    Attributes:
        name: The name, unique in the file.
        id: An id that is never reused. The name of a revoked token can be reused.
        sha256: The hash of the token, in hexadecimal.
        scopes: The scopes of the token.
        created: When the token was created, in seconds since 1970 (UTC).
        expires: When the token expires; None if it never expires.
    """

    name: str
    id: str
    sha256: str
    scopes: tuple[str, ...]
    created: int
    expires: int | None = None

    def is_expired(self, now: float) -> bool:
        """Return whether the token has expired."""
        return self.expires is not None and now >= self.expires


def digest_of(token: str) -> str:
    """Return the hash that the file contains for a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find(tokens: Sequence[StaticToken], token: str) -> StaticToken | None:
    """Return the entry of a token. All hashes are compared, each in constant time."""
    digest, found = digest_of(token), None
    for entry in tokens:
        if hmac.compare_digest(entry.sha256, digest):
            found = entry
    return found


class TokenFile:
    """A file with the hashes of static tokens. Only this user may write it.

    Args:
        path: The file. It need not exist.
        clock: Returns the time in seconds since 1970.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock

    def read(self) -> tuple[StaticToken, ...]:
        """Return the tokens, including those that have expired.

        Raises:
            ConfigurationError: The file cannot be read, is not private, or has another format.
        """
        try:
            content = read_private(self.path, _MAX_FILE)
        except OSError as error:
            raise ConfigurationError(
                f"The token file {self.path} cannot be used: {error.strerror or error}.",
                advice="Create it with `mcp-finesse token create`, as the user that runs the server.",
            ) from error
        if len(content) > _MAX_FILE:
            raise self._invalid("it is too large")
        try:
            return _parse(parse_json(content))
        except (ValueError, TypeError, KeyError) as error:
            raise self._invalid("it is not a token file of mcp-finesse") from error

    def create(self, name: str, scopes: Sequence[str], expires: int | None = None) -> str:
        """Add a token and return it. Only its hash is stored, so it cannot be shown again.

        Raises:
            InvalidRequestError: The name is not allowed or already used, a scope does not exist, or the expiry is past.
            ConfigurationError: The file cannot be read or written.
        """
        now = int(self._clock())
        _check(name, scopes, expires, now)
        token = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        added = StaticToken(
            name=name,
            id=secrets.token_hex(8),
            sha256=digest_of(token),
            scopes=tuple(scope for scope in SCOPES if scope in scopes),
            created=now,
            expires=expires,
        )
        with self._changing() as tokens:
            if any(entry.name == name for entry in tokens):
                raise InvalidRequestError(
                    f"{self.path} already contains a token {name}.",
                    advice="Revoke it first, or choose another name.",
                )
            if len(tokens) >= MAX_TOKENS:
                raise InvalidRequestError(
                    f"{self.path} contains {MAX_TOKENS} tokens already.",
                    advice="Revoke tokens that are not used.",
                )
            self._write((*tokens, added))
        return token

    def revoke(self, name: str) -> StaticToken:
        """Remove a token and return its entry. A running server rejects the token from the next request on.

        Raises:
            InvalidRequestError: There is no token with this name.
            ConfigurationError: The file cannot be read or written.
        """
        with self._changing() as tokens:
            for entry in tokens:
                if entry.name == name:
                    self._write([each for each in tokens if each is not entry])
                    return entry
        raise InvalidRequestError(
            f"{self.path} contains no token {truncated(name, MAX_NAME)}.",
            advice="`mcp-finesse token list` shows the names.",
        )

    @contextmanager
    def _changing(self) -> Iterator[tuple[StaticToken, ...]]:
        """Provide the tokens while no other process changes them."""
        with self._locked():
            yield self.read() if os.path.lexists(self.path) else ()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        path = self.path.with_name(f"{self.path.name}.lock")
        deadline = time.monotonic() + _LOCK_SECONDS
        try:
            while (descriptor := try_lock(path)) is None:
                if time.monotonic() > deadline:
                    raise ConfigurationError(
                        f"Another process has been changing {self.path} for {_LOCK_SECONDS:.0f} seconds.",
                        advice="Try again.",
                    )
                time.sleep(0.02)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            yield
        finally:
            os.close(descriptor)

    def _write(self, tokens: Sequence[StaticToken]) -> None:
        text = json.dumps({"version": 1, "tokens": [asdict(entry) for entry in tokens]}, indent=1)
        try:
            replace_private(self.path, text.encode() + b"\n")
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> ConfigurationError:
        return ConfigurationError(
            f"The token file {self.path} cannot be written: {error.strerror or error}.",
            advice="Choose a file in a folder that you can write.",
        )

    def _invalid(self, problem: str) -> ConfigurationError:
        return ConfigurationError(
            f"The token file {self.path} cannot be used: {problem}.",
            advice="Restore it from a backup, or create a new file and issue new tokens.",
        )


def _check(name: str, scopes: Sequence[str], expires: int | None, now: int) -> None:
    if not name or len(name) > MAX_NAME or not _NAME_CHARACTERS.issuperset(name):
        raise InvalidRequestError(
            f"The name of a token consists of 1 to {MAX_NAME} letters, digits and the characters . _ @ -",
            advice="Use the name of the person or program that will use the token.",
        )
    unknown = sorted(set(scopes).difference(SCOPES))
    if unknown or not scopes:
        named = (
            f"There is no scope {truncated(unknown[0], 40)!r}." if unknown else "A token requires a scope."
        )
        raise InvalidRequestError(named, advice=f"The scopes are: {', '.join(SCOPES)}.")
    if expires is not None and expires <= now:
        when = datetime.fromtimestamp(expires, UTC)
        raise InvalidRequestError(f"The token would have expired already, at {when:%Y-%m-%d %H:%M} UTC.")


def _parse(data: Any) -> tuple[StaticToken, ...]:
    """Return the tokens of a parsed file. Raises ValueError, TypeError or KeyError for another format."""
    if not isinstance(data, dict) or data["version"] != 1 or not isinstance(data["tokens"], list):
        raise ValueError("unknown version")
    tokens = tuple(_parse_token(item) for item in data["tokens"])
    if len({entry.name for entry in tokens}) != len(tokens):
        raise ValueError("a name occurs twice")
    return tokens


def _parse_token(item: Any) -> StaticToken:
    entry = StaticToken(**item)
    texts = (entry.name, entry.id, entry.sha256, *entry.scopes)
    if not all(isinstance(text, str) for text in texts) or not isinstance(entry.scopes, list):
        raise ValueError("a field is not text")
    for moment in (entry.created, 0 if entry.expires is None else entry.expires):
        if type(moment) is not int or not 0 <= moment <= MAX_TIME:
            raise ValueError("a time is not a number of seconds")
    bytes.fromhex(entry.sha256)
    if len(entry.sha256) != 64 or not entry.sha256.isascii():
        raise ValueError("not a SHA-256")
    return replace(entry, scopes=tuple(entry.scopes))
