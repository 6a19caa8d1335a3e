"""A tool of a toolset: its function, its effect, and the API operations that determine role and platforms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from mcp.types import ToolAnnotations

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Platform, platform_of
from mcp_finesse.privacy import caller_text
from mcp_finesse.server.policy.intent import AskReason, Intent, IntentOf
from mcp_finesse.server.present.results import Result
from mcp_finesse.session import FinesseSession, Role, Used, requirements_of

_MAX_SUMMARY = 500


class Effect(Enum):
    """The effect of a tool, which determines its MCP hints, and whether read-only mode refuses the tool."""

    READ = (True, False, True, False)
    """Changes nothing."""
    WATCH = (False, False, True, False)
    """Changes only which notifications this MCP server receives. Sends no PUT, POST or DELETE."""
    CHANGE = (False, False, False, True)
    """Changes the agent's state or a phone call."""
    DESTRUCTIVE = (False, True, False, True)
    """Ends something irreversibly, such as a phone call or the agent's work."""
    ANY = (False, True, False, False)
    """The effect depends on the arguments. In read-only mode the REST client rejects every method except GET."""

    @property
    def changes_finesse(self) -> bool:
        """Whether the tool may change something in Finesse."""
        return self not in (Effect.READ, Effect.WATCH)

    @property
    def refused_read_only(self) -> bool:
        """Whether read-only mode refuses the tool regardless of its arguments."""
        return self.value[3]

    def annotations(self, title: str) -> ToolAnnotations:
        """Return the MCP annotations."""
        read_only, destructive, idempotent, _ = self.value
        return ToolAnnotations(
            title=title,
            read_only_hint=read_only,
            destructive_hint=destructive,
            idempotent_hint=idempotent,
            open_world_hint=True,
        )


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """A tool of a toolset.

    Attributes:
        fn: the function; its first parameter is the session, which is not part of the tool's schema.
        effect: determines the annotations, the refusal in read-only mode, and the audit level.
        uses: the session's actions, changes and reads that the tool exists for, such as ``calls.hold_call``.
            The required role and platforms follow from the API operations that these functions declare.
        reads: further reads of the session that the tool uses to find an object or to see the result of a change.
        intent: returns what a tool call would do, for policy rules and for the question to a person. None for a
            tool that only reads the user's own objects, and for a tool that only changes the user's own state and
            phone calls.
        asks: why a person may be asked before the tool is executed; empty if only a rule can require a question.
    """

    fn: Callable[..., Awaitable[Result]]
    effect: Effect
    uses: tuple[Used, ...] = ()
    reads: tuple[Used, ...] = ()
    intent: IntentOf | None = None
    asks: tuple[AskReason, ...] = ()

    def __post_init__(self) -> None:
        requirements_of(*self.uses, *self.reads)  # raises for a function that declares no operation

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.fn.__name__

    @property
    def role(self) -> Role:
        """The role that Finesse requires. Agents and supervisors are users in Finesse, administrators are not."""
        return requirements_of(*self.uses).role

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms on which the tool exists."""
        return tuple(sorted(requirements_of(*self.uses).platforms))

    @property
    def title(self) -> str:
        """The tool's name for people."""
        return self.name.replace("_", " ").capitalize()

    async def intent_of(self, session: FinesseSession, arguments: Mapping[str, Any]) -> Intent:
        """Return what a tool call would do.

        Raises:
            FinesseError: an argument identifies no object, or a read failed.
        """
        if self.intent is not None:
            return await self.intent(session, **arguments)
        given = ", ".join(f"{name}: {value}" for name, value in arguments.items() if value is not None)
        summary = f"{self.title} ({given})" if given else self.title
        return Intent(f"{caller_text(summary, _MAX_SUMMARY)}.", changes=self.effect.changes_finesse)

    def check(self, session: FinesseSession) -> None:
        """Refuse a tool call that cannot succeed. An unknown platform or role is no reason to refuse.

        Raises:
            InvalidRequestError: the platform does not have the tool, or the user lacks the role.
        """
        here = platform_of(session.mirror.system)
        if here is not None and here not in self.platforms:
            raise InvalidRequestError(
                f"{self.name} exists on {' and '.join(self.platforms)} only; this Finesse is {here}.",
                advice="Nothing was sent.",
            )
        user = session.mirror.user
        roles = [role.lower() for role in user.roles] if user is not None else []
        if self.role is Role.SUPERVISOR and roles and Role.SUPERVISOR not in roles:
            has = ", ".join(role.upper() for role in roles)
            raise InvalidRequestError(
                f"{self.name} requires the role {self.role}; agent {session.mirror.user_id} has {has}.",
                advice=f"Nothing was sent. Only a user with the role {self.role} can use this tool.",
            )
