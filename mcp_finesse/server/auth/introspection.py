"""Verification of OAuth access tokens by the authorization server (RFC 7662)."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from mcp.server.auth.provider import AccessToken

from mcp_finesse.server.auth.claims import LEEWAY_SECONDS, access_token, seconds_of
from mcp_finesse.server.auth.fetching import Fetcher
from mcp_finesse.server.auth.verifier import RejectedTokenError, UnavailableError

CACHE_SECONDS = 30.0
"""Maximum seconds for which a result is cached. A revoked token is accepted for at most this time."""
MAX_CACHED = 1_000
"""Maximum number of cached valid tokens, and of cached rejected tokens."""
MAX_QUERIES = 10
"""Maximum number of concurrent queries; further queries fail."""
RESERVED_QUERIES = 5
"""Further concurrent queries about tokens that were valid before. A flood of other tokens cannot prevent them."""


class _Cache:
    """Results by the hash of the token. The oldest are dropped first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._results: OrderedDict[bytes, tuple[float, float, AccessToken | str]] = OrderedDict()

    def __contains__(self, key: bytes) -> bool:
        """Return whether there is a result, even if it can no longer be used."""
        return key in self._results

    def remove(self, key: bytes) -> None:
        self._results.pop(key, None)

    def get(self, key: bytes) -> AccessToken | str | None:
        begin, end, result = self._results.get(key, (0.0, 0.0, None))
        return (
            result if begin <= self._clock() < end else None
        )  # a clock set back makes no result last longer

    def put(self, key: bytes, result: AccessToken | str, seconds: float) -> None:
        self._results.pop(key, None)
        now = self._clock()
        self._results[key] = (now, now + seconds, result)
        while len(self._results) > MAX_CACHED:
            self._results.popitem(last=False)


class Introspection:
    """Asks the authorization server about each token.

    Args:
        fetcher: Sends the requests.
        url: The introspection endpoint.
        client_id: The client id of this server at the authorization server.
        client_secret: The client secret of this server.
        issuer: The issuer; compared exactly if the response names an issuer.
        audience: The resource that the tokens must be issued for; compared exactly.
        clock: Returns the time in seconds since 1970.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        issuer: str,
        audience: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._fetcher = fetcher
        self._url = url
        self._client_id = client_id
        self._client_secret = client_secret
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._valid = _Cache(clock)
        self._rejected = _Cache(clock)  # separate: a flood of invalid tokens must not displace the valid ones
        self._queries: dict[bytes, asyncio.Task[dict[str, Any]]] = {}

    def accepts(self, token: str) -> bool:  # noqa: ARG002  (the format is up to the authorization server)
        """Return True: only the authorization server knows the format of its tokens."""
        return True

    async def verify(self, token: str) -> AccessToken:
        """Return subject, client and scopes of a token. See ``Verifier.verify``."""
        key = hashlib.sha256(token.encode()).digest()
        known = self._valid.get(key) or self._rejected.get(key)
        if isinstance(known, AccessToken):
            return known
        if known is not None:
            raise RejectedTokenError(known)
        answer = await self._query(key, token)
        try:
            found = self._check(answer)
        except RejectedTokenError as error:
            self._rejected.put(key, str(error), CACHE_SECONDS)
            self._valid.remove(key)
            raise
        left = (found.expires_at or 0) - self._clock()
        self._valid.put(key, found, min(CACHE_SECONDS, max(left, 0.0)))
        return found

    async def _query(self, key: bytes, token: str) -> dict[str, Any]:
        """Ask the authorization server. Concurrent requests with the same token share one query."""
        task = self._queries.get(key)
        if task is None:
            reserved = RESERVED_QUERIES if key in self._valid else 0
            if len(self._queries) >= MAX_QUERIES + reserved:
                raise UnavailableError("too many tokens are being verified")
            form = {"token": token, "token_type_hint": "access_token"}
            task = asyncio.create_task(
                self._fetcher.post(self._url, form, self._client_id, self._client_secret)
            )
            self._queries[key] = task
            task.add_done_callback(lambda ended: self._forget(key, ended))
        return await asyncio.shield(task)

    def _forget(self, key: bytes, ended: asyncio.Task[dict[str, Any]]) -> None:
        del self._queries[key]
        if not ended.cancelled():
            ended.exception()  # otherwise asyncio logs it if all waiting requests were cancelled

    def _check(self, answer: dict[str, Any]) -> AccessToken:
        if answer.get("active") is not True:
            raise RejectedTokenError("the authorization server reports that it is not active")
        if answer.get("iss", self._issuer) != self._issuer:
            raise RejectedTokenError("it has another issuer")
        audience = answer.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise RejectedTokenError("it was issued for another resource, or the response names no resource")
        if str(answer.get("token_type", "bearer")).lower() not in ("bearer", "access_token"):
            raise RejectedTokenError("it is not a bearer token")
        now, expires = self._clock(), seconds_of(answer, "exp")
        if expires is None or expires <= now:
            raise RejectedTokenError("it has expired, or the response names no expiry")
        if (seconds_of(answer, "nbf") or 0) > now + LEEWAY_SECONDS:
            raise RejectedTokenError("it is not valid yet")
        return access_token({"iss": self._issuer} | answer | {"exp": expires}, self._audience)
