"""Assembles the MCP server from the session, the tools, the resources and the change notifications."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
from mcp.server import MCPServer

from mcp_finesse import __version__
from mcp_finesse.redaction import CARDS_ONLY, Redaction, redacting
from mcp_finesse.server.audit.auditor import Auditor
from mcp_finesse.server.audit.auditor import log as audit_log
from mcp_finesse.server.auth.scopes import required_scope
from mcp_finesse.server.instructions import instructions
from mcp_finesse.server.policy.policy import Policy
from mcp_finesse.server.policy.reading import RulesMiddleware
from mcp_finesse.server.policy.rules import NO_RULES, ConfirmMode, PolicyRules
from mcp_finesse.server.resources.completions import add_completions
from mcp_finesse.server.resources.notifier import MAX_CLIENTS, ResourceNotifier, SessionBus
from mcp_finesse.server.resources.reference import add_reference
from mcp_finesse.server.resources.resources import add_resources
from mcp_finesse.server.sdk.server import (
    connection_of,
    declare_no_prompts,
    limit_listen_streams,
    serve_resource_subscriptions,
)
from mcp_finesse.server.sessions import FinesseServer, Sessions, SingleSession
from mcp_finesse.server.toolsets.selection import DEFAULT, Selection
from mcp_finesse.server.transports.health import add_health
from mcp_finesse.session import FinesseSession


def build_server(
    session: FinesseSession | Callable[[], FinesseSession],
    *,
    read_only: bool = False,
    selection: Selection = DEFAULT,
    closed: anyio.Event | None = None,
    auditor: Auditor | None = None,
    rules: PolicyRules = NO_RULES,
    confirm: ConfirmMode | str = ConfirmMode.AUTO,
    redaction: Redaction = CARDS_ONLY,
) -> FinesseServer:
    """Build the MCP server for one agent.

    Args:
        session: the session, or a function that creates the session. The session opens with the first MCP
            connection, and connects in the background. The session closes within 1.5 s after the last MCP
            connection ends, without signing the agent out.
        read_only: whether to refuse and hide all tools that write to Finesse.
        selection: the tools to offer. The list of tools does not change afterwards.
        closed: an event that is set when the session is closed. :func:`serve_stdio` needs this event.
        auditor: writes the audit log. The default writes lines on stderr.
        rules: the rules of a policy file; by default none.
        confirm: when a person is asked before a tool is executed: ``auto``, ``always`` or ``never``.
        redaction: the rules for values that clients must not see; by default only payment card numbers are redacted.

    Returns:
        The server, for :func:`serve_stdio`, :func:`serve_http` or an in-process client.

    Raises:
        ConfigurationError: the selection names a toolset or a tool that does not exist.
    """
    notifier = ResourceNotifier()
    sessions = SingleSession(session if callable(session) else lambda: session, notifier.announcing)
    return build_server_of(
        sessions,
        notifier,
        read_only=read_only,
        selection=selection,
        closed=closed,
        auditor=auditor,
        rules=rules,
        confirm=confirm,
        redaction=redaction,
    )


def build_server_of(
    sessions: Sessions,
    notifier: ResourceNotifier,
    *,
    read_only: bool = False,
    selection: Selection = DEFAULT,
    closed: anyio.Event | None = None,
    auditor: Auditor | None = None,
    rules: PolicyRules = NO_RULES,
    confirm: ConfirmMode | str = ConfirmMode.AUTO,
    redaction: Redaction = CARDS_ONLY,
) -> FinesseServer:
    """Build the MCP server for ``sessions``. ``notifier`` announces changes of the sessions."""
    auditor = auditor or Auditor()
    policy = Policy(sessions, read_only=read_only, auditor=auditor, rules=rules, confirm=ConfirmMode(confirm))
    entries = selection.entries()
    for entry in entries:
        policy.register(entry)

    @asynccontextmanager
    async def lifespan(_: MCPServer[Sessions]) -> AsyncIterator[Sessions]:
        try:
            async with AsyncExitStack() as stack:
                with redacting(redaction):  # for the tasks of the sessions
                    running = await stack.enter_async_context(sessions.running())
                yield running
        finally:
            if closed is not None:
                closed.set()

    mcp = FinesseServer(
        sessions,
        redaction,
        auditor,
        scopes_of_tools={
            entry.name: required_scope(entry)
            for entry in entries
            if not (read_only and entry.effect.refused_read_only)
        },
        middleware=[RulesMiddleware(rules)] if rules != NO_RULES else [],
        name="mcp-finesse",
        title="Cisco Finesse",
        version=__version__,
        instructions=instructions(selection, read_only=read_only),
        tools=list(policy.tools),
        lifespan=lifespan,
        subscriptions=SessionBus(sessions, notifier),
        log_level="WARNING",
    )
    _keep_logs_discreet()
    add_resources(mcp)
    add_reference(mcp, selection)
    add_completions(mcp)
    add_health(mcp)
    declare_no_prompts(mcp)
    serve_resource_subscriptions(
        mcp,
        lambda context, uri: notifier.subscribe(sessions.for_request(context), connection_of(context), uri),
        lambda context, uri: notifier.unsubscribe(connection_of(context), uri),
    )
    limit_listen_streams(mcp, MAX_CLIENTS)
    return mcp


def _keep_logs_discreet() -> None:
    """Raise the log level of the SDK, because it logs tool results and session ids at INFO."""
    logging.getLogger("mcp").setLevel(logging.WARNING)
    audit_log.setLevel(logging.INFO)
