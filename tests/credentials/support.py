"""Sources and commands for the tests of credentials."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import FinesseError

PASSWORD = "Pa55 w\u00f6rd&<x>"


def python(code: str) -> list[str]:
    """Return the command line of a Python program."""
    return [sys.executable, "-c", code]


def jwt_of(claims: Any) -> str:
    """Return a JWT with these claims and without a valid signature."""
    parts = (
        json.dumps({"alg": "RS256"}),
        claims if isinstance(claims, str) else json.dumps(claims),
        "signature",
    )
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


@dataclass
class ScriptedSource:
    """Gives one of ``answers`` at each reading, and the last one again and again."""

    answers: list[str | FinesseError]
    user_id: str = "1001"
    single_sign_on: bool = False
    readings: int = 0

    async def read(self) -> Credentials:
        self.readings += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, FinesseError):
            raise answer
        return Credentials(self.user_id, SecretStr(answer))
