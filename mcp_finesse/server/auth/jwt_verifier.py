"""Verification of OAuth access tokens that are signed JWTs (RFC 9068)."""

from __future__ import annotations

import math
from typing import Any

import jwt
from mcp.server.auth.provider import AccessToken

from mcp_finesse.server.auth.scopes import known_scopes
from mcp_finesse.server.auth.signing_keys import ALGORITHMS, SigningKeys
from mcp_finesse.server.auth.verifier import RejectedTokenError

LEEWAY_SECONDS = 30
"""Allowed difference between the clocks of this server and of the authorization server."""
_TYPES = (None, "jwt", "at+jwt", "application/at+jwt")
_MAX_TEXT = 1_000
_MAX_TIME = 2**53


class JwtVerifier:
    """Accepts access tokens that one issuer signed for one audience.

    Args:
        issuer: The issuer; compared exactly.
        audience: The resource that the tokens must be issued for; compared exactly.
        keys: The keys of the issuer.
    """

    def __init__(self, issuer: str, audience: str, keys: SigningKeys) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    def accepts(self, token: str) -> bool:
        """Return whether the token looks like a JWT: three parts separated by dots."""
        return token.count(".") == 2

    async def verify(self, token: str) -> AccessToken:
        """Return subject, client and scopes of a token. See ``Verifier.verify``."""
        header = _header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise RejectedTokenError("its signature algorithm is not accepted")
        if kid is not None and not isinstance(kid, str):
            raise RejectedTokenError("its key id is not text")
        key = await self._keys.find(algorithm, kid)
        if key is None:
            raise RejectedTokenError("no key of the issuer matches")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise RejectedTokenError(str(error)) from error
        return access_token(claims, self._audience)


def _header(token: str) -> dict[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise RejectedTokenError("its header is not that of a JWT") from error
    kind = header.get("typ")
    if (kind.lower() if isinstance(kind, str) else kind) not in _TYPES:
        raise RejectedTokenError("it is a JWT but not an access token")
    if "crit" in header:
        raise RejectedTokenError("it requires an extension of JWT")
    return header


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
