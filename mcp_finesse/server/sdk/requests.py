"""Provides the current MCP request to static resources and completions, which get no context from the SDK."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, TypeAlias

from mcp.server import ServerRequestContext
from mcp.server.context import CallNext, HandlerResult

from mcp_finesse.privacy import caller_text

RequestContext: TypeAlias = ServerRequestContext[Any, Any]

_current: ContextVar[RequestContext] = ContextVar("current_mcp_request")


async def remember_request(ctx: RequestContext, call_next: CallNext) -> HandlerResult:
    """Make the request available to ``current_request`` while it is handled. Used as middleware of the MCP server."""
    token = _current.set(ctx)
    try:
        return await call_next(ctx)
    finally:
        _current.reset(token)


def current_request() -> RequestContext:
    """Return the request being handled.

    Raises:
        LookupError: No MCP request is being handled in this asyncio task.
    """
    return _current.get()


def client_name(context: RequestContext) -> str:
    """Return the name and version that the client states. Empty if the client states no name."""
    params = context.session.client_params
    if params is None:
        return ""
    return caller_text(f"{params.client_info.name} {params.client_info.version}", 100)
