"""The HTTP below a BOSH session: its connections, and a request that is sent again until it is answered."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from mcp_finesse import __version__
from mcp_finesse.cookies import bound_cookies
from mcp_finesse.errors import NetworkError, ProxyCredentialsError, in_words
from mcp_finesse.proxies import Proxy, place, tunnelled
from mcp_finesse.xmpp.transport.base import Deadline, failed, step
from mcp_finesse.xmpp.transport.bosh import body as bosh_body
from mcp_finesse.xmpp.transport.bosh.body import Answer, AskedAgain, LostReply, Reply
from mcp_finesse.xmpp.transport.bosh.order import ResendOrder
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming

MAX_ANSWER = 16 * 2**20
"""Bytes of the largest answer taken; it may hold many stanzas."""

_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "Accept-Encoding": "identity",  # most answers are empty, the others short: not worth the time
    "User-Agent": f"mcp-finesse/{__version__}",
}


class BoshHttp:
    """The connections of one session, over HTTP/1.1 and kept alive."""

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
        # Two carry the session; the third is for its end. As long as a request may be held, a
        # connection has to be kept, or nearly every request costs a handshake.
        limits = httpx.Limits(max_connections=4, keepalive_expiry=2.0 * timing.wait)
        self._http = httpx.AsyncClient(
            verify=context or False,  # without TLS there is nothing to verify
            headers=_HEADERS,
            limits=limits,
            transport=tunnelled(proxy, context, limits) if proxy else None,
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections; bounded, never raises."""
        with contextlib.suppress(httpx.HTTPError, OSError, RuntimeError):  # TimeoutError is an OSError
            async with asyncio.timeout(self._timing.farewell):
                await self._http.aclose()

    async def create(self, body: bytes, deadline: Deadline) -> Reply:
        """Send the request for a session, once.

        Raises:
            NetworkError: with the step ``proxy``, ``dns``, ``tcp``, ``tls`` or ``http``.
        """
        host, port = self.url.host, self.url.port or (443 if self.url.scheme == "https" else 80)
        if self._proxy is None:  # which would look the name up itself
            async with step("dns", host, deadline):
                await asyncio.get_running_loop().getaddrinfo(host, port)
        progress = _Progress("proxy" if self._proxy else "tcp")
        try:
            async with asyncio.timeout_at(deadline.at):
                answer = await self._post(body, deadline.seconds, progress)
        except (ConnectionError, TimeoutError) as exc:
            where = str(self.url) if progress.step == "http" else place(host, port)
            if self._proxy is not None and progress.step == "proxy":
                where = f"{self._proxy.url} to {where}"
            raise failed(progress.step, where, _told(exc), deadline) from exc
        async with step("http", str(self.url)):
            return bosh_body.first(answer)

    async def send(self, body: bytes, seconds: float) -> Reply:
        """Send a request once; raises as ``deliver`` does."""
        return bosh_body.next_reply(await self._post(body, seconds))

    async def deliver(
        self, rid: int, body: bytes, seconds: float, inactivity: float, order: ResendOrder
    ) -> tuple[Reply, bool]:
        """Send a request, and the same bytes again while the server still keeps its answer (XEP-0124 14.3).

        Args:
            rid: its number.
            body: the request.
            seconds: for each answer.
            inactivity: of the session.
            order: of the requests that are sent again.

        Returns:
            The answer, and whether it answers a request that was sent again after the server may have seen it.

        Raises:
            LostReply: no answer that can be used came.
            Terminated: the session is over.
            ConnectionError: an answer too large, or a proxy that wants other credentials.
        """
        clock = asyncio.get_running_loop().time
        tried, failed_at, repeated = 0, None, False
        again: _Progress | None = None
        try:
            while True:
                tried += 1
                try:
                    return await order.one_try(rid, self._ask(body, seconds, again)), repeated
                except LostReply as lost:
                    if lost.sent and _carries_password(body):
                        raise  # it counts as an attempt to sign in, and a second one has to be admitted
                    repeated = repeated or lost.sent
                    if isinstance(lost, AskedAgain):
                        order.recall(rid)
                    failed_at = failed_at or clock()
                    pause = self._timing.pause_before_retry(tried, clock() - failed_at, inactivity)
                    if pause is None:
                        raise
                order.broke(rid)
                await asyncio.sleep(pause)
                await order.turn(rid)
                again = _Progress(on_sent=lambda: order.settled(rid))
        finally:
            order.settled(rid)

    async def _ask(self, body: bytes, seconds: float, progress: _Progress | None) -> Reply:
        """One try of a request; a proxy that fails loses the answer as any break does."""
        try:
            return bosh_body.next_reply(await self._post(body, seconds, progress))
        except ProxyCredentialsError as exc:  # which are not to be tried again
            raise ConnectionError(exc.message.rstrip(".")) from exc
        except NetworkError as exc:
            raise LostReply(exc.message.rstrip("."), sent=False) from exc

    async def _post(self, body: bytes, seconds: float, progress: _Progress | None = None) -> Answer:
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
                        raise ConnectionAbortedError("an answer without end")
            bound_cookies(self._http.cookies)
        except httpx.RequestError as exc:
            told = _told(exc)
            raise LostReply(
                "no answer in time" if isinstance(told, TimeoutError) else in_words(told),
                sent=not isinstance(exc, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)),
            ) from exc
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        return Answer(response.status_code, kind, bytes(content))


def _carries_password(body: bytes) -> bool:
    """Whether a request holds a SASL PLAIN response (RFC 6120 6.4.2), which is the password."""
    return b"<auth" in body and b"urn:ietf:params:xml:ns:xmpp-sasl" in body


class _Progress:
    """Follows one exchange through the ``trace`` extension of httpx: ``step`` is the one under way."""

    def __init__(self, first: str = "tcp", on_sent: Callable[[], None] | None = None) -> None:
        self.step = first
        self._on_sent = on_sent

    async def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        if event == "connection.start_tls.started":
            self.step = "tls"
        elif event.endswith(".send_request_headers.started"):
            self.step = "http"
        elif self._on_sent is not None and event.endswith(".send_request_body.complete"):
            self._on_sent()


def _told(exc: BaseException) -> BaseException:
    """The cause that says most: what the system or TLS said, else a sentence for what httpx only names."""
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, BaseExceptionGroup):  # one failure for each address of a host
            cause = cause.exceptions[-1]
        if isinstance(cause, (ssl.SSLError, socket.gaierror)) or (
            isinstance(cause, OSError) and cause.strerror
        ):
            return cause
        if isinstance(cause, (TimeoutError, httpx.TimeoutException)):
            return TimeoutError()
        cause = cause.__cause__ or cause.__context__
    return ConnectionError(str(exc) or "the connection broke")
