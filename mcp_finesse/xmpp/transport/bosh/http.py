"""HTTP for a BOSH session: manages connections, and resends requests that got no response."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import Any

import httpx

from mcp_finesse import __version__
from mcp_finesse.cookies import bound_cookies
from mcp_finesse.errors import ConfigurationError, NetworkError, ProxyCredentialsError, describe_error
from mcp_finesse.http_progress import HttpProgress
from mcp_finesse.proxies import Proxy, place, tunnelled
from mcp_finesse.xmpp.transport.base import Deadline, failed, step
from mcp_finesse.xmpp.transport.bosh import body as bosh_body
from mcp_finesse.xmpp.transport.bosh.body import Answer, LostReply, RepeatRequested, Reply
from mcp_finesse.xmpp.transport.bosh.order import ResendOrder
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming

MAX_ANSWER = 16 * 2**20
"""Maximum size of a response in bytes; a response may contain many stanzas."""

_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "Accept-Encoding": "identity",  # most responses are too short for compression
    "User-Agent": f"mcp-finesse/{__version__}",
}


class BoshHttp:
    """The persistent HTTP/1.1 connections of one BOSH session."""

    def __init__(
        self,
        url: httpx.URL,
        context: ssl.SSLContext | None,
        hostname: str,
        timing: BoshTiming,
        proxy: Proxy | None = None,
    ) -> None:
        self.url = url
        self._proxy = proxy
        self._hostname = hostname
        self._timing = timing
        # Two connections carry the BOSH session, and a third carries the terminating request. Idle connections
        # are kept for longer than a request may be held. Otherwise nearly every request would need a new
        # handshake.
        limits = httpx.Limits(max_connections=4, keepalive_expiry=2.0 * timing.wait)
        self._http = httpx.AsyncClient(
            verify=context or False,  # without TLS no certificate is verified
            headers=_HEADERS,
            limits=limits,
            transport=tunnelled(proxy, context, limits) if proxy else None,
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections within a time limit. Never raises."""
        with contextlib.suppress(httpx.HTTPError, OSError, RuntimeError):  # TimeoutError is an OSError
            async with asyncio.timeout(self._timing.farewell):
                await self._http.aclose()

    async def create(self, body: bytes, deadline: Deadline) -> Reply:
        """Send the session creation request once.

        Raises:
            NetworkError: ``step`` is ``proxy``, ``dns``, ``tcp``, ``tls`` or ``http``.
        """
        host, port = self.url.host, self.url.port or (443 if self.url.scheme == "https" else 80)
        if self._proxy is None:  # a proxy resolves the host name itself
            async with step("dns", host, deadline):
                await asyncio.get_running_loop().getaddrinfo(host, port)
        progress = HttpProgress(through_proxy=self._proxy is not None)
        try:
            async with asyncio.timeout_at(deadline.at):
                answer = await self._post(body, deadline.seconds, progress)
        except (ConnectionError, TimeoutError) as exc:
            where = str(self.url) if progress.step == "http" else place(host, port)
            if self._proxy is not None and progress.step == "proxy":
                where = f"{self._proxy.url} to {where}"
            raise failed(progress.step, where, _describe(exc), deadline) from exc
        async with step("http", str(self.url)):
            return bosh_body.first(answer)

    async def send(self, body: bytes, seconds: float) -> Reply:
        """Send a request once. Raises the same exceptions as ``deliver``."""
        return bosh_body.next_reply(await self._post(body, seconds))

    async def deliver(
        self, rid: int, body: bytes, seconds: float, inactivity: float, order: ResendOrder
    ) -> tuple[Reply, bool]:
        """Send a request. If no response arrives, resend the same bytes as long as that is useful (XEP-0124 14.3).

        Args:
            rid: request id.
            body: the request.
            seconds: timeout per attempt.
            inactivity: the inactivity limit of the BOSH session in seconds. After it the XMPP server no longer
                caches responses.
            order: the object that keeps resent requests in order.

        Returns:
            Two values: the response, and whether the request was resent although the XMPP server may have
            received it.

        Raises:
            LostReply: no usable response arrived.
            Terminated: the XMPP server ended the BOSH session.
            ConnectionError: the response is too large, or a proxy rejected the proxy credentials.
        """
        clock = asyncio.get_running_loop().time
        tried, failed_at, repeated = 0, None, False
        again: HttpProgress | None = None
        try:
            while True:
                tried += 1
                try:
                    return await order.attempt(rid, self._ask(body, seconds, again)), repeated
                except LostReply as lost:
                    if lost.sent and _carries_password(body):
                        raise  # a resend would be another sign-in attempt, unknown to the account guard
                    repeated = repeated or lost.sent
                    if isinstance(lost, RepeatRequested):
                        order.recall(rid)
                    failed_at = failed_at or clock()
                    pause = self._timing.pause_before_retry(tried, clock() - failed_at, inactivity)
                    if pause is None:
                        raise
                order.mark_broken(rid)
                await asyncio.sleep(pause)
                await order.wait_for_earlier(rid)
                again = HttpProgress(on_sent=lambda: order.settled(rid))
        finally:
            order.settled(rid)

    async def _ask(self, body: bytes, seconds: float, progress: HttpProgress | None) -> Reply:
        """Send a request once. A failure of the proxy counts as a lost response."""
        try:
            return bosh_body.next_reply(await self._post(body, seconds, progress))
        except ProxyCredentialsError as exc:  # the request is never retried with the same credentials
            raise ConnectionError(exc.message.rstrip(".")) from exc
        except NetworkError as exc:
            raise LostReply(exc.message.rstrip("."), sent=False) from exc

    async def _post(self, body: bytes, seconds: float, progress: HttpProgress | None = None) -> Answer:
        extensions: dict[str, Any] = {"sni_hostname": self._hostname}
        if progress is not None:
            extensions["trace"] = progress
        timeout = httpx.Timeout(seconds, connect=min(seconds, self._timing.connect))
        content = bytearray()
        try:
            async with self._http.stream(
                "POST", self.url, content=body, timeout=timeout, extensions=extensions
            ) as response:
                async for part in response.aiter_raw():
                    content += part
                    if len(content) > MAX_ANSWER:
                        raise ConnectionAbortedError("an incomplete response")
            bound_cookies(self._http.cookies.jar)
        except httpx.RequestError as exc:
            told = _describe(exc)
            raise LostReply(
                "no response in time" if isinstance(told, TimeoutError) else describe_error(told),
                sent=not isinstance(exc, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)),
            ) from exc
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        return Answer(response.status_code, kind, bytes(content))


def parse_url(url: str, *, allow_insecure: bool) -> httpx.URL:
    """Parse the URL of a BOSH endpoint.

    Raises:
        ConfigurationError: the URL is invalid, or is insecure without being allowed.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("https", "http") or not parsed.host:
        raise ConfigurationError(
            f"The BOSH address {url!r} cannot be used.",
            advice="Write the address as https://HOST:7443/http-bind/.",
        )
    if parsed.userinfo:
        raise ConfigurationError(
            "The BOSH address contains a user name.",
            advice="Remove the user name, and set FINESSE_USER and FINESSE_PASSWORD.",
        )
    if parsed.scheme == "http" and not allow_insecure:
        raise ConfigurationError(
            f"{url} is not encrypted: the password could be read on the network.",
            advice="Use an https:// address. In a lab, set FINESSE_ALLOW_INSECURE=true.",
        )
    return parsed


def _carries_password(body: bytes) -> bool:
    """Return whether a request contains a SASL PLAIN response (RFC 6120 6.4.2) and therefore the password."""
    return b"<auth" in body and b"urn:ietf:params:xml:ns:xmpp-sasl" in body


def _describe(exc: BaseException) -> BaseException:
    """Return the most specific cause: an OS or TLS error, or else a ``ConnectionError`` with a description."""
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, BaseExceptionGroup):  # the group has one exception for each address of the host
            cause = cause.exceptions[-1]
        if isinstance(cause, (ssl.SSLError, socket.gaierror)) or (
            isinstance(cause, OSError) and cause.strerror
        ):
            return cause
        if isinstance(cause, (TimeoutError, httpx.TimeoutException)):
            return TimeoutError()
        cause = cause.__cause__ or cause.__context__
    return ConnectionError(str(exc) or "the connection was lost")
