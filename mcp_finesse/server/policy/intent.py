"""What a tool call would do, in the terms of policy rules. Each tool that a rule can restrict declares its intent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class AskReason(StrEnum):
    """Why a person is asked before a tool call, if nothing else is configured."""

    OTHER_AGENT = "it changes another agent's state or phone call"
    SIGN_OUT = "it signs an agent out"
    UNKNOWN_NUMBER = (
        "it calls a number that is neither an extension, nor in a phone book, nor part of a recent call"
    )
    CONFIGURATION = "it changes the configuration"
    RAW_REQUEST = "it sends a request that can change anything"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a tool call would do.

    Attributes:
        summary: One sentence for the person who is asked. It may contain text from callers, sanitized.
        reason: Why a person is asked; None if a person is not asked without a rule.
        changes: Whether the tool call would change something in Finesse.
        agents: Ids of the agents that would be affected, other than the user.
        teams: Ids of the teams that would be affected or read.
        feeds: Feeds that would be subscribed to.
        numbers: Numbers that would be called.
        objects: How many objects would be changed.
        unrestricted: Whether the tool call could reach agents, teams, feeds and numbers that are not listed here.
        chosen: Arguments of the tool that name the objects of this intent, such as ``dialog_id``. They replace the
            given arguments, so that the tool acts on these objects even if the situation changes.
    """

    summary: str = ""
    reason: AskReason | None = None
    changes: bool = True
    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    objects: int = 1
    unrestricted: bool = False
    chosen: Mapping[str, Any] = field(default_factory=dict)


IntentOf = Callable[..., Awaitable[Intent]]
"""Returns the intent of a tool call. Takes the session, and the arguments of the tool by name."""
