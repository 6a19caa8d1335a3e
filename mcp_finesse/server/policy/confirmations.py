"""Open questions. A question is bound to one tool call with its arguments, valid for two minutes, and used once."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LIFETIME = 120.0
"""Seconds for which a question is valid."""
_MAX_OPEN = 1_000
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Question:
    """An open question.

    Attributes:
        code: Identifies the question. The text that a person sees contains the code, so that an answer to an
            earlier question with the same words is not accepted.
        summary: What the tool call would do.
        expires: When the question becomes invalid, by the clock of ``Confirmations``.
    """

    code: str
    summary: str
    expires: float


class Confirmations:
    """The open questions of an MCP server. A restart discards all questions, because they are kept in memory.

    Args:
        clock: The monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, Question] = {}

    def ask(self, key: str, summary: str) -> tuple[Question, bool]:
        """Return the open question of a tool call, and whether this question is new.

        If the summary differs from that of the open question, a new question replaces the open question.

        Args:
            key: Identifies the tool call; see ``key_of``.
            summary: What the tool call would do.
        """
        self._forget_expired()
        found = self._open.get(key)
        if found is not None and found.summary == summary:
            return found, False
        while len(self._open) >= _MAX_OPEN:
            del self._open[next(iter(self._open))]
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        question = self._open[key] = Question(code, summary, self._clock() + LIFETIME)
        return question, True

    def close(self, key: str) -> Question | None:
        """Close and return the open question of a tool call. Return None without a question, or if it has expired."""
        self._forget_expired()
        return self._open.pop(key, None)

    def close_with(self, key: str, code: str) -> Question | None:
        """Close the open question of a tool call if the question has this code. A wrong code closes nothing."""
        found = self._open.get(key)
        if found is None or not secrets.compare_digest(
            found.code.encode(), code.strip().upper().encode(errors="replace")
        ):
            return None
        return self.close(key)

    def _forget_expired(self) -> None:
        now = self._clock()
        self._open = {key: each for key, each in self._open.items() if each.expires > now}


def key_of(answered_by: str, tool: str, arguments: Mapping[str, Any], identity: str, client: str) -> str:
    """Return the key of a tool call. Tool calls that differ in any of these arguments have different keys.

    Args:
        answered_by: Who answers the question: ``person`` or ``client``.
        tool: The name of the tool.
        arguments: The arguments of the tool.
        identity: The agent or administrator whose session executes the tool call.
        client: The MCP client, and the authenticated caller.
    """
    parts = [answered_by, tool, identity, client, arguments]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()
