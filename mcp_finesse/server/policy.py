"""The wrapper around every tool: annotations, read-only mode, role and platform checks, error texts, audit log."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Annotated, Any, Concatenate, ParamSpec, get_type_hints

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, ToolAnnotations

from mcp_finesse.errors import Actor, FinesseError, InvalidRequestError, NetworkError, ReadOnlyError
from mcp_finesse.model import Platform, platform_of
from mcp_finesse.privacy import caller_block
from mcp_finesse.server.audit.auditor import AuditedCall, Auditor, AuditSummary
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.times import by_our_clock
from mcp_finesse.server.sdk.client_cursors import ClientCursors
from mcp_finesse.server.sdk.requests import client_name
from mcp_finesse.server.sdk.server import CheckedTool, make_tool
from mcp_finesse.server.sessions import Sessions
from mcp_finesse.session import (
    FinesseSession,
    Role,
    Transmission,
    Used,
    record_transmission,
    requirements_of,
)

P = ParamSpec("P")
ToolFunction = Callable[Concatenate[FinesseSession, P], Awaitable[Result]]

_WHO_ACTS = {
    Actor.USER: "Only the user can correct this.",
    Actor.ADMINISTRATOR: "The Finesse administrator must act.",
    Actor.NETWORK: "Check the network, or try again later.",
    Actor.NOBODY: "No action is required. Wait, then try again.",
}


class Effect(Enum):
    """The effect of a tool. It determines MCP's hints (read-only, destructive, idempotent) and read-only refusal."""

    READ = (True, False, True, False)
    """Changes nothing."""
    WATCH = (False, False, True, False)
    """Changes only which notifications this MCP server receives. Sends no PUT, POST or DELETE."""
    CHANGE = (False, False, False, True)
    """Changes the agent's state or a call."""
    DESTRUCTIVE = (False, True, False, True)
    """Ends something irreversibly, such as a call or the agent's work."""
    ANY = (False, True, False, False)
    """The effect depends on the arguments. In read-only mode the REST client enforces the mode: it sends only GET."""

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
        effect: determines annotations, read-only refusal and audit level.
        uses: the session's actions, changes and reads that the tool exists for, such as ``calls.hold_call``.
            The required role and platforms follow from the API operations that these functions declare.
        reads: further reads of the session that the tool uses to find an object or to see the result of a change.
    """

    fn: Callable[..., Awaitable[Result]]
    effect: Effect
    uses: tuple[Used, ...] = ()
    reads: tuple[Used, ...] = ()

    def __post_init__(self) -> None:
        requirements_of(*self.uses, *self.reads)  # raises for a function that declares no operation

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.fn.__name__

    @property
    def role(self) -> Role:
        """The role Finesse requires. Agents and supervisors have users in Finesse, administrators have none."""
        return requirements_of(*self.uses).role

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms that have the tool."""
        return tuple(sorted(requirements_of(*self.uses).platforms))

    def check(self, session: FinesseSession) -> None:
        """Refuse a tool call that cannot succeed. If platform or role is unknown, do not refuse for that reason.

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
                advice="Nothing was sent. A user with that role can do this.",
            )


class Policy:
    """Creates tools from functions and applies the same rules to all.

    Attributes:
        tools: the registered tools, in order.
    """

    def __init__(
        self, sessions: Sessions, *, read_only: bool = False, auditor: Auditor | None = None
    ) -> None:
        self._sessions = sessions
        self._read_only = read_only
        self._auditor = auditor or Auditor()
        self._cursors = ClientCursors()
        self.tools: list[CheckedTool] = []

    def register(self, entry: ToolEntry) -> None:
        """Register a tool with the name of its function, described by the docstring.

        No other code checks read-only mode, role and platform. In read-only mode, tools that write are not
        listed. A client that calls such a tool anyway receives the reason for the refusal.
        """
        title = entry.name.replace("_", " ").capitalize()
        self.tools.append(
            make_tool(
                self._guarded(entry),
                signature_of=entry.fn,
                title=title,
                description=" ".join((inspect.getdoc(entry.fn) or "").split()),
                annotations=entry.effect.annotations(title),
                writes=entry.effect.changes_finesse,
                listed=not (self._read_only and entry.effect.refused_read_only),
                on_refused=partial(self._record_refused_arguments, entry),
            )
        )

    def _guarded(self, entry: ToolEntry) -> Callable[..., Awaitable[CallToolResult]]:
        fn, effect = entry.fn, entry.effect

        takes_context = "ctx" in inspect.signature(fn).parameters

        async def guarded(*, ctx: Context[Any, Any], **arguments: Any) -> CallToolResult:
            started = time.monotonic()
            call = self._audited_call(entry, ctx, arguments)
            summary = AuditSummary("crashed")
            transmission = Transmission()
            more = {"ctx": ctx} if takes_context else {}
            try:
                self._auditor.begin(call)
                self._refuse_if_read_only(effect)
                with (
                    self._sessions.call(ctx.request_context) as session,
                    by_our_clock(session.clock_offset),
                    self._cursors.serving(ctx),
                    record_transmission() as transmission,
                ):
                    session.server_notes = (self._auditor.note,)
                    entry.check(session)
                    result = await fn(session, **arguments, **more)
                if cursor := getattr(result, "cursor", None):
                    self._cursors.remember(ctx, cursor)
                summary = result.audit()
                return result.to_mcp()
            except FinesseError as error:
                summary = AuditSummary(type(error).__name__)
                nothing_sent = effect.refused_read_only and not transmission.started
                raise ToolError(in_plain_words(error, nothing_sent=nothing_sent)) from error
            except asyncio.CancelledError:
                summary = AuditSummary("cancelled")
                raise
            finally:
                self._auditor.end(call, summary, time.monotonic() - started)

        _show_signature(guarded, fn)
        return guarded

    def _audited_call(
        self, entry: ToolEntry, ctx: Context[Any, Any], arguments: dict[str, Any]
    ) -> AuditedCall:
        identity, shown = "", arguments
        with contextlib.suppress(FinesseError):  # without a session, the tool call below raises
            session = self._sessions.for_request(ctx.request_context)
            identity, shown = session.identity, session.without_secrets(arguments)
        return AuditedCall(
            entry.name,
            entry.effect.name,
            entry.effect.changes_finesse,
            identity,
            client_name(ctx.request_context),
            shown,
        )

    def _record_refused_arguments(self, entry: ToolEntry) -> None:
        call = AuditedCall(entry.name, entry.effect.name, entry.effect.changes_finesse)
        self._auditor.end(call, AuditSummary("refused-arguments"), 0.0)

    def _refuse_if_read_only(self, effect: Effect) -> None:
        if self._read_only and effect.refused_read_only:
            raise ReadOnlyError(
                "This server was started read-only. Nothing was sent.",
                advice="To allow it, the user must restart the server without --read-only (FINESSE_READ_ONLY).",
            )


def _show_signature(guarded: Callable[..., Any], fn: Callable[..., Any]) -> None:
    """Set name and signature of the wrapper, without the session parameter. The SDK derives the schemas from them."""
    hints = get_type_hints(fn, include_extras=True)
    result = Annotated[CallToolResult, hints["return"]]
    shown = list(inspect.signature(fn).parameters.values())[1:]
    if "ctx" not in hints:
        hints["ctx"] = Context
        shown.append(inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY))
    guarded.__name__ = fn.__name__
    guarded.__annotations__ = {item.name: hints[item.name] for item in shown} | {"return": result}
    guarded.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [item.replace(annotation=hints[item.name]) for item in shown], return_annotation=result
    )


def in_plain_words(error: FinesseError, *, nothing_sent: bool = False) -> str:
    """Return an error text for the model: what happened, Finesse's message, who must act, what to try.

    Args:
        error: the error that ended the call.
        nothing_sent: whether the tool call would have changed something, but no change was sent.
    """
    said = "; ".join(
        str(detail) for detail in getattr(error, "details", ()) if str(detail) not in error.message
    )
    step = f"Failed step: {error.step}." if isinstance(error, NetworkError) else ""
    message = f"{error.message} {error.advice}".lower()
    add_nothing_sent = nothing_sent and "nothing was sent" not in message and "not sent" not in message
    parts = (
        error.message,
        step,
        f"Finesse reported: {said}." if said else "",
        _WHO_ACTS.get(error.actor, ""),
        error.advice,
        "Nothing was sent." if add_nothing_sent else "",
    )
    # The text may contain content from a caller, from Finesse or from an intermediary
    return caller_block(" ".join(part for part in parts if part))[0]
