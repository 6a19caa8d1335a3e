"""The wrapper around every tool: read-only mode, role, platform, rules, confirmation, error texts, audit log."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, get_type_hints

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Elicit
from mcp.types import CallToolResult
from pydantic import Field

from mcp_finesse.errors import FinesseError, ReadOnlyError
from mcp_finesse.server.arguments.arguments import Text
from mcp_finesse.server.audit.auditor import AuditedCall, Auditor, AuditSummary
from mcp_finesse.server.auth.caller import caller_name, check_caller
from mcp_finesse.server.policy.error_text import in_plain_words
from mcp_finesse.server.policy.gate import CODE, Attempt, Gate
from mcp_finesse.server.policy.rules import NO_RULES, ConfirmMode, PolicyRules
from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.present.times import by_our_clock
from mcp_finesse.server.sdk.client_cursors import ClientCursors
from mcp_finesse.server.sdk.elicitation import Ask, Consent
from mcp_finesse.server.sdk.requests import client_name
from mcp_finesse.server.sdk.server import CONSENT, CheckedTool, make_tool
from mcp_finesse.server.sessions import Sessions
from mcp_finesse.session import Transmission, record_transmission

_CODE = Annotated[Text | None, Field(description="Code from the error. Pass it only if the user agreed")]


class Policy:
    """Creates tools from functions and applies the same rules to all tools.

    Args:
        sessions: Maps requests to sessions.
        read_only: Whether tools that write are refused.
        auditor: Records tool calls and decisions; by default as lines on stderr.
        rules: The rules of the policy file; by default none.
        confirm: The value of the setting ``confirm``.

    Attributes:
        tools: The registered tools, in order.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        read_only: bool = False,
        auditor: Auditor | None = None,
        rules: PolicyRules = NO_RULES,
        confirm: ConfirmMode = ConfirmMode.AUTO,
    ) -> None:
        self._sessions = sessions
        self._read_only = read_only
        self._auditor = auditor or Auditor()
        self._gate = Gate(rules, confirm, self._auditor, read_only=read_only)
        self._cursors = ClientCursors()
        self.tools: list[CheckedTool] = []

    def register(self, entry: ToolEntry) -> None:
        """Register a tool with the name of its function, described by the docstring.

        No other code checks read-only mode, role and platform. In read-only mode, tools that write are not
        listed. A client that calls such a tool anyway receives the reason for the refusal.
        """
        codes = self._gate.accepts_codes(entry)
        self.tools.append(
            make_tool(
                self._guarded(entry, codes=codes),
                signature_of=entry.fn,
                title=entry.title,
                description=" ".join((inspect.getdoc(entry.fn) or "").split()),
                annotations=entry.effect.annotations(entry.title),
                writes=entry.effect.changes_finesse,
                listed=not (self._read_only and entry.effect.refused_read_only),
                on_refused=partial(self._record_refused_arguments, entry),
                ask=self._asking(entry, codes=codes) if self._gate.may_ask(entry) else None,
                further=frozenset({CODE}) if codes else frozenset(),
            )
        )

    def _guarded(self, entry: ToolEntry, *, codes: bool) -> Callable[..., Awaitable[CallToolResult]]:
        fn, effect = entry.fn, entry.effect

        takes_context = "ctx" in inspect.signature(fn).parameters

        async def guarded(*, ctx: Context[Any, Any], **arguments: Any) -> CallToolResult:
            started = time.monotonic()
            answer, code = arguments.pop(CONSENT, None), arguments.pop(CODE, None)
            call = self._audited_call(entry, ctx, arguments)
            summary = AuditSummary("crashed")
            transmission = Transmission()
            more = {"ctx": ctx} if takes_context else {}
            try:
                self._auditor.begin(call)
                self._refuse_if_read_only(effect)
                check_caller(entry, ctx.request_context, arguments)
                with (
                    self._sessions.call(ctx.request_context) as session,
                    by_our_clock(session.clock_offset),
                    self._cursors.serving(ctx),
                    record_transmission() as transmission,
                ):
                    session.server_notes = (self._auditor.note,)
                    entry.check(session)
                    attempt = Attempt(entry, session, ctx, call, arguments, code)
                    admitted = await self._gate.admit(attempt, answer)
                    result = await fn(session, **admitted, **more)
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

        _show_signature(guarded, fn, result=True, codes=codes)
        return guarded

    def _asking(self, entry: ToolEntry, *, codes: bool) -> Ask:
        """Return the function that asks a person before the tool is executed."""

        async def question(*, ctx: Context[Any, Any], **arguments: Any) -> Elicit[Consent] | bool | None:
            code = arguments.pop(CODE, None)
            try:
                self._refuse_if_read_only(entry.effect)
                check_caller(entry, ctx.request_context, arguments)
                with self._sessions.call(ctx.request_context) as session:
                    entry.check(session)
                    call = self._audited_call(entry, ctx, arguments)
                    return await self._gate.question(Attempt(entry, session, ctx, call, arguments, code))
            except Exception:
                return None  # the tool call raises the same error and records it

        _show_signature(question, entry.fn, result=False, codes=codes)
        return question

    def _audited_call(
        self, entry: ToolEntry, ctx: Context[Any, Any], arguments: dict[str, Any]
    ) -> AuditedCall:
        identity, shown = "", arguments
        with contextlib.suppress(FinesseError):  # without a session, the tool call itself raises this error
            session = self._sessions.for_request(ctx.request_context)
            identity, shown = session.identity, session.without_secrets(arguments)
        return AuditedCall(
            entry.name,
            entry.effect.name,
            entry.effect.changes_finesse,
            identity,
            client_name(ctx.request_context),
            shown,
            caller_name(ctx.request_context),
        )

    def _record_refused_arguments(self, entry: ToolEntry, ctx: Context[Any, Any]) -> None:
        self._auditor.refuse(self._audited_call(entry, ctx, {}), "refused-arguments")

    def _refuse_if_read_only(self, effect: Effect) -> None:
        if self._read_only and effect.refused_read_only:
            raise ReadOnlyError(
                "This MCP server was started read-only. Nothing was sent.",
                advice="To allow changes, the user must restart this MCP server without --read-only "
                "(FINESSE_READ_ONLY).",
            )


def _show_signature(
    wrapper: Callable[..., Any], fn: Callable[..., Any], *, result: bool, codes: bool
) -> None:
    """Set the name and signature of a wrapper of ``fn``, from which the SDK derives the schemas and arguments.

    Args:
        wrapper: The wrapper.
        fn: The function; its first parameter is the session, which the signature does not show.
        result: Whether the wrapper returns the result of ``fn``.
        codes: Whether the wrapper takes a confirmation code.
    """
    hints = get_type_hints(fn, include_extras=True)
    shown = list(inspect.signature(fn).parameters.values())[1:]
    if codes:
        hints[CODE] = _CODE
        shown.append(inspect.Parameter(CODE, inspect.Parameter.KEYWORD_ONLY, default=None))
    if "ctx" not in hints:
        hints["ctx"] = Context
        shown.append(inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY))
    hints["return"] = Annotated[CallToolResult, hints["return"]] if result else object
    wrapper.__name__ = fn.__name__ if result else "confirm"
    wrapper.__qualname__ = wrapper.__name__
    wrapper.__annotations__ = {item.name: hints[item.name] for item in shown} | {"return": hints["return"]}
    wrapper.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [item.replace(annotation=hints[item.name]) for item in shown], return_annotation=hints["return"]
    )
