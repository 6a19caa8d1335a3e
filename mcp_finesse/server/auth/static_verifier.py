"""Verification of static tokens. Changes of the token file take effect with the next request."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from mcp.server.auth.provider import AccessToken

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server.auth.token_file import PREFIX, StaticToken, TokenFile, find
from mcp_finesse.server.auth.verifier import RejectedTokenError, TokenFileError

log = logging.getLogger(__name__)

_Version = tuple[int, int, int, int]


class StaticVerifier:
    """Accepts the tokens of a file. While the file cannot be used, no static token is accepted.

    Args:
        file: The token file.
        clock: Returns the time in seconds since 1970.

    Raises:
        ConfigurationError: The file cannot be used.
    """

    def __init__(self, file: TokenFile, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._version: _Version | None = self._current_version()
        self._reported: _Version | None = None
        self._tokens: tuple[StaticToken, ...] | None = file.read()

    def accepts(self, token: str) -> bool:
        """Return whether this is a static token."""
        return token.startswith(PREFIX)

    async def verify(self, token: str) -> AccessToken:
        """Return name and scopes of a token. See ``Verifier.verify``."""
        tokens = self._reload()
        if tokens is None:
            raise TokenFileError("the token file cannot be used")
        entry = find(tokens, token)
        if entry is None:
            raise RejectedTokenError("no such static token")
        if entry.is_expired(self._clock()):
            raise RejectedTokenError(f"the static token {entry.name} has expired")
        return AccessToken(
            token="",  # the token itself is not kept
            client_id=entry.id,
            subject=entry.name,
            scopes=list(entry.scopes),
            expires_at=entry.expires,
        )

    def _reload(self) -> tuple[StaticToken, ...] | None:
        version = self._current_version()
        if version != self._version:
            try:
                self._tokens = self._file.read()
                self._version = version
            except (
                ConfigurationError
            ) as error:  # the next request reads the file again: the cause may be temporary
                self._tokens = None
                if version != self._reported:
                    log.error("No static token is accepted: %s", error)
                self._reported = version
        return self._tokens

    def _current_version(self) -> _Version | None:
        try:
            status = self._file.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size
