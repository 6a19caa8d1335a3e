"""The claims of a verified OAuth access token: from a JWT, or from the response of an introspection endpoint."""

from __future__ import annotations

import math
from typing import Any

from mcp.server.auth.provider import AccessToken

from mcp_finesse.server.auth.scopes import known_scopes
from mcp_finesse.server.auth.verifier import RejectedTokenError

LEEWAY_SECONDS = 30
"""Allowed difference between the clocks of this server and of the authorization server."""
_MAX_TEXT = 1_000
_MAX_TIME = 2**53


def access_token(claims: dict[str, Any], audience: str) -> AccessToken:
    """Return the access token that the claims describe. The caller has checked issuer, audience and times.

    Raises:
        RejectedTokenError: The token is bound to a key of the client, or a claim is malformed.
    """
    if claims.get("cnf") is not None:
        raise RejectedTokenError(
            "it is bound to a key of the client (DPoP, mutual TLS), which is not supported"
        )
    subject = _text(claims, "sub")
    client = _text(claims, "client_id") or _text(claims, "azp")
    if not subject and not client:
        raise RejectedTokenError("it names neither a subject nor a client")
    return AccessToken(
        token="",  # the token itself is not kept
        client_id=client,
        subject=subject or None,
        scopes=sorted(known_scopes(_scopes(claims))),
        expires_at=math.ceil(seconds_of(claims, "exp") or 0),
        resource=audience,
        claims={"iss": claims.get("iss", "")},
    )


def seconds_of(claims: dict[str, Any], name: str) -> float | None:
    """Return a claim that is a time; None if it is absent. Raise RejectedTokenError if it is not a number."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_MAX_TIME < value < _MAX_TIME:
        raise RejectedTokenError(f"its claim {name} is not a time")
    return value


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise RejectedTokenError(f"its claim {name} is not text, or too long")
    return value


def _scopes(claims: dict[str, Any]) -> list[str]:
    """Return the scopes: ``scope`` as text (RFC 9068), or ``scp`` as text or list (Entra ID, Okta)."""
    value = claims.get("scope", claims.get("scp", ""))
    if isinstance(value, str):
        return value.split(" ")
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
