"""The caller of an MCP request: the person or program that the access token was issued to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.requests import Request

from mcp_finesse.privacy import caller_text
from mcp_finesse.server.auth.scopes import ScopedTool, check_scope
from mcp_finesse.server.sdk.requests import RequestContext

_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller.

    Attributes:
        subject: The name of the static token, or the subject (``sub``) of the OAuth token.
        client_id: The OAuth client, or the id of the static token.
        issuer: The authorization server; empty for a static token.
        scopes: The scopes of this server that the token has.
    """

    subject: str
    client_id: str
    issuer: str
    scopes: frozenset[str]

    def __str__(self) -> str:
        """Return a name for logs, limited in length and without control characters."""
        return caller_text(self.subject or self.client_id, _MAX_NAME)


def caller_of(context: RequestContext) -> Caller | None:
    """Return the caller of a request; None if the server requires no authentication (stdio, or HTTP on loopback).

    The result is the caller that sent this request. The SDK accepts requests of an MCP session only from the caller
    that opened this MCP session.
    """
    request = context.request
    user = request.scope.get("user") if isinstance(request, Request) else None
    if not isinstance(user, AuthenticatedUser):
        return None
    return caller_of_token(user.access_token)


def caller_of_token(token: AccessToken) -> Caller:
    """Return the caller to whom a verified access token was issued."""
    issuer = (token.claims or {}).get("iss", "")
    return Caller(token.subject or "", token.client_id, str(issuer), frozenset(token.scopes))


def caller_name(context: RequestContext) -> str:
    """Return the caller's name for the audit log; empty without authentication."""
    caller = caller_of(context)
    return str(caller) if caller is not None else ""


def principal_of(context: RequestContext) -> str:
    """Return a text that identifies the caller and differs for different callers; empty without authentication."""
    caller = caller_of(context)
    return "" if caller is None else json.dumps([caller.issuer, caller.client_id, caller.subject])


def check_caller(entry: ScopedTool, context: RequestContext, arguments: Mapping[str, Any]) -> None:
    """Refuse a tool call that the caller's access token does not allow.

    Raises:
        ScopeError: A scope is missing.
    """
    caller = caller_of(context)
    if caller is not None:
        check_scope(entry, caller.scopes, arguments)
