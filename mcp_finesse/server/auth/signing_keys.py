"""The public keys of the authorization server: discovery, cache and rotation."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import jwt

from mcp_finesse.privacy import caller_text
from mcp_finesse.server.auth.fetching import Fetcher, NotFoundError, same_origin
from mcp_finesse.server.auth.verifier import UnavailableError

log = logging.getLogger(__name__)

REFRESH_SECONDS = 300.0
"""Seconds after which the next token causes a fetch in the background. The token does not wait for the fetch."""
KEYS_SECONDS = 600.0
"""Seconds after which a token waits for a fetch, so that removed keys lose their validity."""
STALE_SECONDS = 3600.0
"""Seconds for which known keys stay valid while the authorization server does not respond."""
REFETCH_SECONDS = 30.0
"""Minimum seconds between a successful fetch and the next fetch, even if tokens with unknown keys arrive."""
RETRY_SECONDS = 5.0
"""Minimum seconds between a failed fetch and the next fetch."""
MAX_KEYS = 100
_MIN_RSA_BITS = 2048
_MAX_RSA_BITS = 8192

ALGORITHMS = {
    "RS256": "RSA",
    "RS384": "RSA",
    "RS512": "RSA",
    "PS256": "RSA",
    "PS384": "RSA",
    "PS512": "RSA",
    "ES256": "EC",
    "ES384": "EC",
    "ES512": "EC",
    "EdDSA": "OKP",
}
"""The accepted signature algorithms and the key type of each. ``none`` and HMAC (``HS256``) are not accepted."""
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}


class SigningKeys:
    """The keys with which the authorization server signs tokens.

    Args:
        fetcher: Sends the requests.
        issuer: The issuer, as configured.
        url: The address of the keys; None to find it in the metadata of the issuer.
        clock: Returns a monotonic time in seconds.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        issuer: str,
        url: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetcher = fetcher
        self._issuer = issuer
        self._url = url
        self._clock = clock
        self._keys: list[dict[str, Any]] = []
        self._fetched: float | None = None
        self._next_fetch = -math.inf
        self._problem = "the keys have not been fetched yet"
        self._failing = False
        self._fetching = asyncio.Lock()
        self._background: asyncio.Task[None] | None = None

    async def find(self, algorithm: str, kid: str | None) -> jwt.PyJWK | None:
        """Return the key of a token. Return None if no key matches even after the keys were fetched again.

        A token whose key is known waits for a fetch only if there was no reason to fetch the keys for 10 minutes.

        Args:
            algorithm: The algorithm in the token's header, one of ``ALGORITHMS``.
            kid: The key id in the token's header. Without a key id, the only suitable key is used.

        Raises:
            UnavailableError: No keys are known, and fetching them failed.
        """
        key = _choose(self._keys, algorithm, kid)
        # while fetching fails, known keys stay valid for longer
        if key is None or self._age > (STALE_SECONDS if self._failing else KEYS_SECONDS):
            await self._fetch()
            if self._age > STALE_SECONDS:
                raise UnavailableError(self._problem)
            return _choose(self._keys, algorithm, kid)
        if self._age > REFRESH_SECONDS and (self._background is None or self._background.done()):
            self._background = asyncio.create_task(self._fetch(), name="fetch signing keys")
        return key

    async def aclose(self) -> None:
        """End a fetch in the background."""
        if self._background is not None:
            self._background.cancel()
            await asyncio.wait({self._background})

    @property
    def _age(self) -> float:
        """Seconds since the keys were fetched."""
        return math.inf if self._fetched is None else self._clock() - self._fetched

    async def _fetch(self) -> None:
        """Fetch the keys, at most once per interval. Requests that arrive meanwhile wait for the same fetch."""
        async with self._fetching:
            if self._clock() < self._next_fetch:
                return
            try:
                document = await self._fetcher.get(await self._keys_url())
                keys = document.get("keys")
                if not isinstance(keys, list) or len(keys) > MAX_KEYS:
                    raise UnavailableError("the key document contains no list of keys, or too many keys")
            except UnavailableError as error:
                self._problem = str(error)
                self._failing = True
                self._next_fetch = self._clock() + RETRY_SECONDS
                log.warning("The keys of %s could not be fetched: %s", self._issuer, caller_text(error, 300))
                return
            self._keys = [key for key in keys if isinstance(key, dict)]
            self._failing = False
            self._fetched = self._clock()
            self._next_fetch = self._fetched + REFETCH_SECONDS

    async def _keys_url(self) -> str:
        if self._url is not None:
            return self._url
        metadata = await self._metadata()
        if metadata.get("issuer") != self._issuer:
            raise UnavailableError("its metadata names another issuer")
        url = metadata.get("jwks_uri")
        if not isinstance(url, str) or not same_origin(url, self._issuer):
            raise UnavailableError(
                "its metadata names no keys on its own origin; set FINESSE_OAUTH_JWKS_URL to their address"
            )
        return url

    async def _metadata(self) -> dict[str, Any]:
        for url in metadata_urls(self._issuer):
            try:
                return await self._fetcher.get(url)
            except NotFoundError:
                continue
        raise UnavailableError("it publishes no metadata; set FINESSE_OAUTH_JWKS_URL")


def metadata_urls(issuer: str) -> Iterator[str]:
    """Yield the addresses of an issuer's metadata (RFC 8414, OpenID Connect Discovery), in the order to try them."""
    parts = urlsplit(issuer)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    yield f"{origin}/.well-known/oauth-authorization-server{path}"
    if path:
        yield f"{origin}/.well-known/openid-configuration{path}"
    yield f"{origin}{path}/.well-known/openid-configuration"


def _choose(keys: list[dict[str, Any]], algorithm: str, kid: str | None) -> jwt.PyJWK | None:
    """Return the key with this id. Without an id, return the only suitable key."""
    suitable = [key for key in keys if (kid is None or key.get("kid") == kid) and _fits(key, algorithm)]
    if not suitable or (kid is None and len(suitable) > 1):
        return None
    try:
        key = jwt.PyJWK.from_dict(suitable[0], algorithm)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    bits = getattr(key.key, "key_size", _MIN_RSA_BITS)
    if ALGORITHMS[algorithm] == "RSA" and not _MIN_RSA_BITS <= bits <= _MAX_RSA_BITS:
        return None
    return key


def _fits(key: dict[str, Any], algorithm: str) -> bool:
    operations = key.get("key_ops")
    return (
        key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and key.get("crv") == _CURVES.get(algorithm)
        and (not isinstance(operations, list) or "verify" in operations)
        and "d" not in key  # a private key: everyone who can read it can sign tokens
    )
