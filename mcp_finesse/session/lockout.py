"""A refused secret is remembered for five minutes, across processes, as a keyed hash.

Finesse locks an account after five wrong passwords (guide p.29), and MCP hosts start a server again when it
ends: without a memory that outlives the process, a wrong password in a configuration file locks the agent out.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mcp_finesse.credentials import Credentials

SECONDS = 300.0


class RefusedSecrets:
    """Which credentials Finesse refused lately.

    Args:
        directory: where the key and the hashes are kept, readable by the user alone.
        now: the wall clock, in seconds.
        role: as what they were refused. An agent's are no administrator's, which says nothing against the agent.
    """

    def __init__(self, directory: Path, now: Callable[[], float] = time.time, *, role: str = "agent") -> None:
        self._directory = directory
        self._now = now
        self._role = role

    def seconds_left(self, url: str, credentials: Credentials) -> float:
        """How long these credentials must not be tried again; 0 when they may."""
        until = self._load().get(self._mark(url, credentials), 0.0)
        return max(0.0, min(until - self._now(), SECONDS))

    def remember(self, url: str, credentials: Credentials) -> None:
        """Keep the credentials from being tried for five minutes."""
        marks = {mark: until for mark, until in self._load().items() if until > self._now()}
        marks[self._mark(url, credentials)] = self._now() + SECONDS
        self._write("refused.json", json.dumps(marks))

    def forget(self, url: str, credentials: Credentials) -> None:
        """Finesse took the credentials."""
        marks = self._load()
        if marks.pop(self._mark(url, credentials), None) is not None:
            self._write("refused.json", json.dumps(marks))

    def _mark(self, url: str, credentials: Credentials) -> str:
        text = "\0".join((self._role, url, credentials.user_id, credentials.password))
        return hmac.new(self._key(), text.encode(), hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        path = self._directory / "refused.key"
        with contextlib.suppress(OSError, ValueError):
            key = bytes.fromhex(path.read_text())
            if len(key) == 32:
                return key
        key = secrets.token_bytes(32)
        self._write("refused.key", key.hex())
        return key

    def _load(self) -> dict[str, float]:
        try:
            marks = json.loads((self._directory / "refused.json").read_text())
            return {str(mark): float(until) for mark, until in marks.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def _write(self, name: str, text: str) -> None:
        # Replaced in one step, so that a reader in another process never sees half a file. A read-only
        # home must not keep anybody from working: the memory is then this process's client alone.
        with contextlib.suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=self._directory)
            with os.fdopen(handle, "w") as file:
                file.write(text)
            Path(temporary).replace(self._directory / name)
