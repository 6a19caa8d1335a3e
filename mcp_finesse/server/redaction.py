"""Middleware that applies the redaction to every MCP request, and to every error that a client receives."""

from __future__ import annotations

from typing import Any

from mcp.server import ServerRequestContext
from mcp.server.context import CallNext, HandlerResult
from mcp.shared.exceptions import MCPError

from mcp_finesse.redaction import Redaction, redacting
from mcp_finesse.server.present.redacting import redacted_sentence


class RedactionMiddleware:
    """Sets the redaction for the duration of a request. Each result redacts its own fields; this class redacts errors.

    Args:
        redaction: the redaction of this server.
    """

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Handle a request. If the handler raises MCPError, redact the error's message."""
        with redacting(self._redaction):
            try:
                result = await call_next(ctx)
            except MCPError as error:
                shown = redacted_sentence(error.error.message)
                if shown == error.error.message:
                    raise
                raise MCPError(error.error.code, shown, error.error.data) from error
            if isinstance(result, dict) and result.get("isError"):
                content = [
                    block | {"text": redacted_sentence(block["text"])} if "text" in block else block
                    for block in result.get("content", ())
                ]
                return result | {"content": content}
            return result
