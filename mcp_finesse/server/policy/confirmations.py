"""Open questions: each is bound to one tool call with its arguments, is valid for two minutes, and is used once."""

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
        code: Identifies the question. It is part of the text that a person sees, so that an answer to an earlier
            question with the same words is not accepted.
        summary: What would happen.
        expires: When the question becomes invalid, by the clock of ``Confirmations``.
    """

    code: str
    summary: str
    expires: float


class Confirmations:
    """The open questions of a server. They are kept in memory: after a restart none is valid.

    Args:
        clock: Returns seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, Question] = {}

    def ask(self, key: str, summary: str) -> tuple[Question, bool]:
        """Return the open question of a tool call, and whether it is new. A question has one summary.

        Args:
            key: Identifies the tool call; see ``key_of``.
            summary: What would happen.
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
        """Close the open question of a tool call and return it; None if there is none, or it has expired."""
        self._forget_expired()
        return self._open.pop(key, None)

    def close_with(self, key: str, code: str) -> Question | None:
        """Close the open question of a tool call if the code is its code. A wrong code closes nothing."""
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
    """Return a key that differs for every tool call that differs in any part.

    Args:
        answered_by: Who answers the question: ``person`` or ``client``.
        tool: The tool.
        arguments: Its arguments.
        identity: The agent or administrator whose session executes the tool call.
        client: The client, and its authenticated caller.
    """
    parts = [answered_by, tool, identity, client, arguments]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()
