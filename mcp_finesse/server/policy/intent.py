"""What a tool call would do, in the terms of policy rules. Tools that rules about objects can restrict declare it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mcp_finesse.errors import FinesseError
from mcp_finesse.privacy import caller_text


class AskReason(StrEnum):
    """A reason to ask a person before a tool call, even if no rule requires a confirmation."""

    OTHER_AGENT = "it changes another agent's state or phone call"
    SIGN_OUT = "it signs an agent out"
    UNKNOWN_NUMBER = (
        "it calls a number that is neither an extension, nor in a phone book, nor part of a recent call"
    )
    UNLISTED_NUMBER = "it calls a number that the rule numbers.allow does not list"
    CONFIGURATION = "it changes the configuration"
    RAW_REQUEST = "it sends a request that can change anything"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a tool call would do.

    Attributes:
        summary: One sentence for the person who is asked. It may contain text from callers, sanitized.
        reason: Why a person is asked; None if a person is asked only when a rule requires it.
        changes: Whether the tool call would change something in Finesse.
        agents: Ids of the agents that would be affected, other than the user.
        teams: Ids of the teams that would be affected or read.
        feeds: Feeds that would be subscribed to.
        numbers: Numbers that would be called.
        hidden_number: Whether a number would be called that Finesse does not show.
        objects: How many objects would be changed.
        unrestricted: Whether the tool call could reach agents, teams, feeds and numbers that this intent does not list.
        chosen: Arguments of the tool that name the objects of this intent, such as ``dialog_id``. These
            arguments replace the given ones, so that the tool acts on the same objects that a person confirmed.
        error: Why the tool call cannot succeed; None if nothing is known against it. Rules are checked before.
    """

    summary: str = ""
    reason: AskReason | None = None
    changes: bool = True
    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    hidden_number: bool = False
    objects: int = 1
    unrestricted: bool = False
    chosen: Mapping[str, Any] = field(default_factory=dict)
    error: FinesseError | None = None


IntentOf = Callable[..., Awaitable[Intent]]
"""Returns the intent of a tool call. Takes the session, and the arguments of the tool by name."""


def shortened(value: object, limit: int) -> str:
    """Return text for a summary. If it is cut, say so: a person must not confirm a part without knowing of it."""
    text, given = caller_text(value, limit), str(value)
    return f"{text} ({len(given)} characters in all)" if text.endswith("…") and len(given) > limit else text
