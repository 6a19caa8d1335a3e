"""Verification of OAuth access tokens that are signed JWTs (RFC 9068)."""

from __future__ import annotations

from typing import Any

import jwt
from mcp.server.auth.provider import AccessToken

from mcp_finesse.server.auth.claims import LEEWAY_SECONDS, access_token
from mcp_finesse.server.auth.signing_keys import ALGORITHMS, SigningKeys
from mcp_finesse.server.auth.verifier import RejectedTokenError

_TYPES = (None, "jwt", "at+jwt", "application/at+jwt")


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
