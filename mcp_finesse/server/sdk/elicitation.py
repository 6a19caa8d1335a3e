"""Asks the user of the MCP client for confirmation in a form (elicitation), in all protocol versions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import Elicit
from mcp.shared.exceptions import MCPError
from mcp.types import ElicitResult
from mcp.types.version import LATEST_MODERN_VERSION
from pydantic import BaseModel, Field, ValidationError


class Consent(BaseModel):
    """The form in which the user confirms or declines a tool call."""

    confirm: bool = Field(title="Confirm", description="Yes: run the tool. No: do nothing")


Ask = Callable[..., Awaitable[Elicit[Consent] | bool | None]]
"""Returns the question of a tool call, the answer if the question was already asked, or None if no confirmation
is required."""


def can_ask(context: Context[Any, Any]) -> bool:
    """Return whether the MCP client declares that it can show a form to a person."""
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    if elicitation is None or (elicitation.form is None and elicitation.url is not None):
        return False
    return _is_modern(context) or context.session.can_send_request


async def ask(context: Context[Any, Any], question: str, seconds: float) -> Elicit[Consent] | bool:
    """Ask a person a question through the MCP client.

    Since protocol version 2026-07-28 an MCP server cannot send requests. The result of the tool call is then the
    question, and the client sends the tool call again with the answer. In earlier protocol versions the tool call
    waits for the answer.

    Args:
        context: The tool call.
        question: The question, which must be the same when the client sends the tool call again.
        seconds: Maximum time to wait for the answer.

    Returns:
        The question, which the SDK sends to the client, or the user's answer. A late, missing or invalid answer
        counts as no.
    """
    if _is_modern(context):
        return Elicit(question, Consent)
    with anyio.move_on_after(seconds):
        try:
            return is_consent(await context.elicit(question, Consent))
        except (ValueError, MCPError):  # a ValidationError is a ValueError
            return False
    return False


def has_invalid_answer(context: Context[Any, Any]) -> bool:
    """Return whether the client sent the tool call again with an answer that is no valid form.

    The SDK itself would end the tool call with an error before the tool could record the answer.
    """
    return any(not _is_form(answer) for answer in (context.input_responses or {}).values())


def _is_form(answer: object) -> bool:
    if not isinstance(answer, ElicitResult):
        return False
    if answer.action != "accept":
        return True
    try:
        Consent.model_validate(answer.content)
    except ValidationError:
        return False
    return True


def is_consent(answer: ElicitationResult[Any]) -> bool:
    """Return whether the answer is yes. A declined or cancelled question counts as no."""
    if not isinstance(answer, AcceptedElicitation):
        return False
    data = answer.data
    return data.confirm if isinstance(data, Consent) else data is True


def _is_modern(context: Context[Any, Any]) -> bool:
    return (context.protocol_version or "") >= LATEST_MODERN_VERSION
