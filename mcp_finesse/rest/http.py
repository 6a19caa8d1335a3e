"""HTTP exchanges with a node, limited in time and size. Only this module and ``network_errors`` use httpx."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from mcp_finesse import __version__
from mcp_finesse.cookies import bound_cookies
from mcp_finesse.errors import ConfigurationError, FinesseError, PayloadError, ReadOnlyError
from mcp_finesse.http_progress import HttpProgress
from mcp_finesse.proxies import Proxy, tunnelled
from mcp_finesse.redaction import truncated
from mcp_finesse.rest.network_errors import network_error
from mcp_finesse.rest.responses import Answer
from mcp_finesse.rest.transmission import open_transmission

MAX_ANSWER_BYTES = 16 * 1024 * 1024

XML = "application/xml"
_SHOWN_HEADERS = ("content-type", "location", "allow", "retry-after", "requestid", "www-authenticate")
_EXAMPLE = "Set the URL to something like https://finesse.example.com:8445."
# At DEBUG, hpack logs complete header blocks, including the Authorization header.
logging.getLogger("hpack").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class RestTimeouts:
    """Time limits of an exchange in seconds.

    Attributes:
        connect: limit for name resolution and the TCP connection together. The TLS handshake has a separate
            limit of the same size.
        answer: limit for each single read from or write to the connection.
        total: limit for the whole exchange, even if data keeps arriving.
    """

    connect: float = 10.0
    answer: float = 15.0
    total: float = 30.0

    @classmethod
    def of(cls, connect: float, answer: float) -> RestTimeouts:
        """Derive the total limit from the two limits that a user sets. The total allows both steps to be slow."""
        return cls(connect, answer, max(2 * answer, connect + answer))


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request with its method, absolute path, query parameters, additional headers and body."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    body: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def tls_context(url: httpx.URL) -> ssl.SSLContext:
    """Return a TLS context with the system's trusted CAs. To save 40 ms, no CAs are loaded for an ``http`` URL."""
    if url.scheme == "https":
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Exchanger:
    """The HTTP connections to one node."""

    def __init__(
        self,
        base_url: str,
        *,
        verify: ssl.SSLContext | None,
        timeouts: RestTimeouts,
        http2: bool,
        allow_insecure: bool,
        read_only: bool = False,
        proxy: Proxy | None = None,
    ) -> None:
        """Store the arguments, which are those of ``RestClient``. Raises ``ConfigurationError`` for an invalid URL."""
        self.url = parse_base_url(base_url, allow_insecure=allow_insecure)
        self._timeouts = timeouts
        self._read_only = read_only
        self._proxy = proxy
        context = verify or tls_context(self.url)
        # Agents send requests infrequently. Keeping idle connections for 30 s avoids most handshakes.
        limits = httpx.Limits(max_connections=10, keepalive_expiry=30.0)

        def make_client() -> httpx.AsyncClient:
            return httpx.AsyncClient(
                verify=context,
                http2=http2,
                transport=tunnelled(proxy, context, limits, http2=http2) if proxy else None,
                headers={
                    "Accept": XML,
                    "Accept-Encoding": "identity",
                    "User-Agent": f"mcp-finesse/{__version__}",
                },
                timeout=httpx.Timeout(timeouts.answer, connect=timeouts.connect),
                limits=limits,
                follow_redirects=False,
                trust_env=False,
            )

        self._make_client = make_client
        self._http = make_client()
        self._in_use: Counter[httpx.AsyncClient] = Counter()

    async def close(self) -> None:
        """Close all connections."""
        for client in {self._http, *self._in_use}:
            await client.aclose()

    async def exchange(self, request: Request, headers: Mapping[str, str]) -> Answer:
        """Send a request and read the complete response, whatever its status.

        Raises:
            NetworkError: a step failed or timed out.
            PayloadError: the response is too large or is compressed.
            ReadOnlyError: the request could change data in read-only mode. Nothing was sent.
        """
        if self._read_only:
            refuse_changes(request)
        transmission = open_transmission() if request.method.upper() != "GET" else None
        progress = HttpProgress(
            through_proxy=self._proxy is not None,
            on_sending=transmission.start if transmission is not None else lambda: None,
        )
        client = self._http
        self._in_use[client] += 1
        try:
            async with (
                asyncio.timeout(self._timeouts.total),
                client.stream(
                    request.method,
                    self.url.copy_with(raw_path=request.path.encode("ascii")),
                    params=request.params,
                    headers={**headers, **(request.headers or {})},
                    content=request.body,
                    extensions={"trace": progress},
                ) as response,
            ):
                body = await _read_bounded(response, str(request))
        except FinesseError:
            raise
        except Exception as error:  # httpcore and h2 have bugs that raise other exception types
            if not isinstance(error, (httpx.RequestError, OSError)):  # TimeoutError is an OSError
                self._replace(client)
            raise network_error(error, progress, self.url, self._proxy) from error
        finally:
            await self._release(client)
        bound_cookies(client.cookies.jar)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        location = response.headers.get("location", "")
        shown = {name: response.headers[name] for name in _SHOWN_HEADERS if name in response.headers}
        return Answer(str(request), response.status_code, kind, location, body, shown)

    def _replace(self, client: httpx.AsyncClient) -> None:
        """Replace the HTTP client, so that later requests use new connections.

        After an error that is not a network error, a broken connection may stay in the pool and fail with every
        request. The cause is that httpcore miscounts the streams of HTTP/2 when a request is cancelled while
        its connection is set up.
        """
        if self._http is client:
            self._http = self._make_client()
            self._http.cookies = client.cookies

    async def _release(self, client: httpx.AsyncClient) -> None:
        """Record that a request has ended. After the last request of a replaced client, close its connections."""
        self._in_use[client] -= 1
        if self._in_use[client] <= 0:
            del self._in_use[client]
            if client is not self._http:
                with contextlib.suppress(Exception):  # the connections are already broken
                    await client.aclose()


def parse_base_url(text: str, *, allow_insecure: bool) -> httpx.URL:
    """Return the root URL of a node, with the scheme, host and port of the given URL and without its path.

    Raises:
        ConfigurationError: the URL has an unknown scheme, no host, or credentials, or uses ``http`` although
            TLS is required.
    """
    try:
        url = httpx.URL(text)
        wrong = "it contains whitespace" if any(char.isspace() for char in text) else ""
        if url.port is not None and not 0 < url.port < 1 << 16:
            wrong = "its port is not 1 to 65535"
    except httpx.InvalidURL as error:
        wrong = str(error).rstrip(".")
    if wrong:
        raise ConfigurationError(f"The URL of Finesse is not valid: {wrong}.", advice=_EXAMPLE)
    if url.scheme not in ("https", "http") or not url.host:
        raise ConfigurationError(
            "The URL of Finesse must begin with https:// and a host name.", advice=_EXAMPLE
        )
    if url.userinfo:
        raise ConfigurationError(
            "The URL of Finesse must not contain a user id or password.", advice=_EXAMPLE
        )
    if url.scheme == "http" and not allow_insecure:
        raise ConfigurationError(
            "Over http:// anybody on the network path can read the password.",
            advice="Use https://, or allow insecure connections where that is acceptable, as in a lab.",
        )
    return httpx.URL(scheme=url.scheme, host=url.host, port=url.port, path="/")


def refuse_changes(request: Request) -> None:
    """Refuse requests that could change data in Finesse, including method overrides.

    Raises:
        ReadOnlyError: the request has a method other than GET, a body, or a method override in a header, the
            query or the path.
    """
    named = [name for name in request.headers or {} if "method" in name.lower() or "verb" in name.lower()]
    named += [name for name in (request.params or {}) if "method" in name.lower()]
    if request.method != "GET" or request.body or named or "_method" in request.path.lower():
        raise ReadOnlyError(
            f"{request.method} {truncated(request.path, 200)} was not sent: this MCP server is read-only, and the "
            "request could change something. Only a GET without a body and without a method override is sent.",
            advice="To make changes, start this MCP server without --read-only.",
        )


async def _read_bounded(response: httpx.Response, request: str) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in (
        "",
        "identity",
    ):  # compression was not requested, and decompression could exhaust memory
        if response.is_success:
            raise PayloadError(
                f"The response to {request} is compressed ({truncated(encoding, 40)}), although no compression was "
                "requested."
            )
        return b""
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise PayloadError(f"The response to {request} is larger than {MAX_ANSWER_BYTES} bytes.")
    return bytes(body)
