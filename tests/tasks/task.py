"""What a task is: what the user says, the floor it happens on, what is right at the end, and a solution by script."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from mcp_finesse.simulator.settings import Platform
from tests.tasks.ending import Ending
from tests.tasks.stage import Stage


@dataclass(frozen=True)
class Use:
    """A call of a tool, as a model asks for it.

    Attributes:
        id: by which the model knows the call again; scripts need none.
        mistake: why the arguments could not be read at all; such a call reaches no tool.
    """

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    mistake: str = ""


@dataclass(frozen=True)
class Say:
    """What is said to the user: a question, or the last word."""

    text: str


@dataclass(frozen=True)
class Answer:
    """What came back: a tool's result, or (``data`` empty) what the user replied."""

    text: str
    data: dict[str, Any] = field(default_factory=dict)
    is_error: bool = False
    id: str = ""


Script = Generator[Use | Say, Answer, str]
"""Yields calls of tools and questions to the user, is sent the answers, and returns the last word."""


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        id: its name, in words with hyphens.
        says: what the user wants.
        floor: prepares the contact centre, once the session is connected and before the user speaks.
        right: looks at the end state and at the last word, and notes what is not as it should be; its docstring
            says what is right.
        solution: solves the task.
        wrong: a plausible way to get it wrong, which must be noticed.
        replies: what the user answers when asked, in order; then the user says nothing more.
        toolsets: those that are on, core being on always.
        budget: the most calls of tools.
        agent: as whom the server works.
        read_only: whether the server may change nothing.
        nodes: how many Finesse nodes there are, 1 or 2.
        platform: UCCE or UCCX.
    """

    id: str
    says: str
    floor: Callable[[Stage], Awaitable[None]]
    right: Callable[[Ending], None]
    solution: Callable[[], Script]
    wrong: Callable[[], Script]
    replies: tuple[str, ...] = ()
    toolsets: tuple[str, ...] = ("agent",)
    budget: int = 10
    agent: str = "1001"
    read_only: bool = False
    nodes: int = 1
    platform: Platform = "UCCE"


def use(tool: str, **arguments: Any) -> Use:
    """A call of a tool, in a script."""
    return Use(tool, arguments)


def silence() -> Script:
    """Does nothing and says nothing, which is right nowhere."""
    yield from ()
    return ""


def only_says(text: str) -> Callable[[], Script]:
    """A script without any call of a tool."""

    def script() -> Script:
        yield from ()
        return text

    return script
