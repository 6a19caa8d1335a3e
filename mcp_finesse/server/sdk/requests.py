"""The MCP request being handled, for handlers to which the SDK passes no context: static resources and completions."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, TypeAlias

from mcp.server import ServerRequestContext
from mcp.server.context import CallNext, HandlerResult

from mcp_finesse.privacy import caller_text

RequestContext: TypeAlias = ServerRequestContext[Any, Any]

_current: ContextVar[RequestContext] = ContextVar("current_mcp_request")


async def remember_request(ctx: RequestContext, call_next: CallNext) -> HandlerResult:
    """Make the request available to ``current_request`` while it is handled. Middleware of the server."""
    token = _current.set(ctx)
    try:
        return await call_next(ctx)
    finally:
        _current.reset(token)


def current_request() -> RequestContext:
    """Return the request being handled.

    Raises:
        LookupError: No request is being handled in this task.
    """
    return _current.get()


def client_name(context: RequestContext) -> str:
    """Return name and version of the client, as it states them; empty if it states none."""
    params = context.session.client_params
    if params is None:
        return ""
    return caller_text(f"{params.client_info.name} {params.client_info.version}", 100)
