"""The scopes that MCP requests other than tool calls require, and the check of each request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp.server.context import CallNext, HandlerResult
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_REQUEST

from mcp_finesse.server.auth import scopes
from mcp_finesse.server.auth.caller import caller_of
from mcp_finesse.server.sdk.requests import RequestContext

_READING = (
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "completion/complete",
    "subscriptions/listen",
)
"""Methods that return or announce data of Finesse. Lists of tools and lists of resources contain no such data."""


async def require_read_scope(ctx: RequestContext, call_next: CallNext) -> HandlerResult:
    """Refuse resources, completions and subscriptions without the scope ``finesse:read`` (middleware)."""
    if ctx.method in _READING:
        caller = caller_of(ctx)
        if caller is not None and scopes.READ not in caller.scopes:
            raise MCPError(
                INVALID_REQUEST,
                f"{ctx.method} requires the scope {scopes.READ}, which the token does not have.",
            )
    return await call_next(ctx)


def requested(message: Any) -> str:
    """Return what a message that requires a scope requests, for the audit log: a tool, or a method of MCP."""
    return str(message["params"]["name"] if message["method"] == "tools/call" else message["method"])


def scopes_of_message(message: Any, scopes_of_tools: Mapping[str, str]) -> frozenset[str]:
    """Return the scopes that a JSON-RPC message requires, before the message is validated.

    Args:
        message: The parsed message. Anything that is not a request requires no scope.
        scopes_of_tools: The scope of each tool.
    """
    if not isinstance(message, dict):
        return frozenset()
    method, params = message.get("method"), message.get("params")
    if method in _READING:
        return frozenset({scopes.READ})
    if method != "tools/call" or not isinstance(params, dict):
        return frozenset()
    name, arguments = params.get("name"), params.get("arguments")
    scope = scopes_of_tools.get(name) if isinstance(name, str) else None
    if scope is None:
        return frozenset()
    return frozenset(scopes.required_scopes(scope, arguments if isinstance(arguments, dict) else {}))
