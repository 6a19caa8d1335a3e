"""Sends HTTP through a proxy tunnel, as a transport for httpx.

The proxy support of httpx has a flaw. A TLS handshake that fails inside a tunnel occupies a slot of the
connection pool forever. When all slots are occupied, every request waits. In this module the pool opens its
connections through tunnels, and treats such connections like direct connections. Plain HTTP also uses a tunnel.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import anyio
import httpcore
import httpx

from mcp_finesse.errors import describe_error
from mcp_finesse.proxies.handshake import Handshake
from mcp_finesse.proxies.proxy import Proxy

_PATIENCE = 10.0  # seconds to establish a tunnel if the caller sets no limit
_READ = 4096


def tunnelled(
    proxy: Proxy, context: ssl.SSLContext | None, limits: httpx.Limits, *, http2: bool = False
) -> httpx.AsyncBaseTransport:
    """Return a transport for ``httpx.AsyncClient`` whose connections go through a proxy.

    A failure before the tunnel is established raises ``NetworkError`` with the step ``proxy``. Later failures
    raise the exceptions that httpx raises without a proxy.

    Args:
        proxy: the proxy.
        context: the TLS context for the server. None if only ``http`` URLs are used.
        limits: the limits of the connection pool.
        http2: whether to offer HTTP/2 to the server.
    """
    return _Tunnelled(
        httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            http2=http2,
            network_backend=_Tunnels(proxy),
        )
    )


class _Tunnels(httpcore.AsyncNetworkBackend):
    """Opens connections through a proxy."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        handshake, seconds = Handshake(self._proxy, host, port), timeout or _PATIENCE
        try:
            with anyio.fail_after(seconds):
                stream = await self._network.connect_tcp(
                    self._proxy.host, self._proxy.port, None, local_address, socket_options
                )
                try:
                    return await self._negotiate(stream, handshake)
                except BaseException:
                    with anyio.CancelScope(shield=True):
                        await stream.aclose()
                    raise
        except (OSError, httpcore.NetworkError) as error:  # TimeoutError is an OSError
            raise self._proxy.failure(handshake.target, _reason_of(error, seconds)) from error

    async def _negotiate(
        self, stream: httpcore.AsyncNetworkStream, handshake: Handshake
    ) -> httpcore.AsyncNetworkStream:
        if self._proxy.tls is not None:
            stream = await stream.start_tls(self._proxy.tls, self._proxy.host)
        await stream.write(handshake.request)
        while not handshake.feed(await stream.read(_READ)):
            pass
        return stream


class _Tunnelled(httpx.AsyncBaseTransport):
    """Adapts the httpcore connection pool to the transport interface of httpx."""

    def __init__(self, pool: httpcore.AsyncConnectionPool) -> None:
        self._pool = pool

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        with _as_httpx():
            response = await self._pool.handle_async_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in self._response.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._response.aclose()


@contextlib.contextmanager
def _as_httpx() -> Iterator[None]:
    """Convert exceptions of httpcore to those of httpx with the same names."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        kind: Any = getattr(httpx, type(error).__name__)
        raise kind(str(error)) from error


def _reason_of(error: BaseException, seconds: float) -> str:
    """Return a description of a failed connection to the proxy, as the end of a sentence."""
    if isinstance(error, TimeoutError):
        return f"no response within {seconds:g} s"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, BaseExceptionGroup):  # the group has one exception for each address of the host
            cause = cause.exceptions[-1]
        if isinstance(cause, ssl.SSLError) or (isinstance(cause, OSError) and cause.strerror):
            return describe_error(cause)
        cause = cause.__cause__ or cause.__context__
    return str(error) or "the connection was lost"
