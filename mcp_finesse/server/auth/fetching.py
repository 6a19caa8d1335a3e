"""Requests to the authorization server, limited in time and size.

Requests are sent only to hosts that the operator configured: redirects are not followed, and an address in
a document is used only if it has the origin of the authorization server. Private addresses are therefore allowed, since
authorization servers inside a company have them.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
import truststore

from mcp_finesse import __version__
from mcp_finesse.cookies import no_cookies
from mcp_finesse.errors import ConfigurationError, FinesseError, describe_error
from mcp_finesse.numbers import parse_json
from mcp_finesse.proxies import Proxies, tunnelled
from mcp_finesse.redaction import truncated
from mcp_finesse.server.auth.verifier import UnavailableError

FETCH_SECONDS = 5.0
"""Maximum seconds for a request to the authorization server, from connecting to the last byte."""
MAX_DOCUMENT = 256 * 1024
"""Maximum bytes of a response of the authorization server."""
_LIMITS = httpx.Limits(max_connections=15, max_keepalive_connections=2)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NotFoundError(UnavailableError):
    """The authorization server has no document at this address."""


class Fetcher:
    """Sends requests to one authorization server.

    Args:
        url: An address of the authorization server, which determines the proxy.
        proxies: Selects the proxy.
        seconds: Maximum seconds for a request.
    """

    def __init__(self, url: str, proxies: Proxies, seconds: float = FETCH_SECONDS) -> None:
        self._url = url
        self._proxies = proxies
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str) -> dict[str, Any]:
        """Return the JSON object at an address.

        Raises:
            NotFoundError: There is no document at this address.
            UnavailableError: The server does not respond in time, or responds with anything but a JSON object.
        """
        return await self._request("GET", url)

    async def post(self, url: str, form: Mapping[str, str], user: str, password: str) -> dict[str, Any]:
        """Send a form with HTTP Basic authentication and return the JSON object of the response.

        Raises:
            UnavailableError: The server does not respond in time, or not with a JSON object. See :meth:`get`.
        """
        credentials = httpx.BasicAuth(quote_plus(user), quote_plus(password))  # RFC 6749, 2.3.1
        return await self._request("POST", url, data=form, auth=credentials)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _request(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._seconds), self._opened().stream(method, url, **more) as response:
                return await _read(response)
        except TimeoutError:
            raise UnavailableError(f"{url} did not respond within {self._seconds:g} seconds") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise UnavailableError(f"{url} cannot be reached: {describe_error(error)}") from error
        except FinesseError as error:  # an error of the proxy
            raise UnavailableError(f"{url} cannot be reached: {error.message}") from error

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            context = (
                truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if self._url.startswith("https:") else None
            )
            proxy = self._proxies.to(self._url)
            self._client = httpx.AsyncClient(
                verify=context or False,  # without TLS no certificate is verified
                limits=_LIMITS,
                transport=tunnelled(proxy, context, _LIMITS) if proxy else None,
                cookies=no_cookies(),
                follow_redirects=False,
                trust_env=False,
                timeout=self._seconds,
                headers={
                    "User-Agent": f"mcp-finesse/{__version__}",
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                },
            )
        return self._client


async def _read(response: httpx.Response) -> dict[str, Any]:
    url = str(response.url)
    if response.status_code in (404, 405, 410):
        raise NotFoundError(f"{url} responded with status {response.status_code}")
    if response.is_redirect:
        raise UnavailableError(f"{url} redirects to another address, which is not followed")
    if response.status_code != 200:
        raise UnavailableError(f"{url} responded with status {response.status_code}")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnavailableError(
            f"{url} responded with {truncated(kind, 60) or 'no content type'} instead of JSON"
        )
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnavailableError(f"{url} sent a compressed response, which was not requested")
    content = bytearray()
    async for part in response.aiter_raw(8192):
        content += part
        if len(content) > MAX_DOCUMENT:
            raise UnavailableError(f"{url} sent more than {MAX_DOCUMENT // 1024} KB")
    try:
        document = parse_json(bytes(content))
    except ValueError as error:
        raise UnavailableError(f"{url} sent invalid JSON") from error
    if not isinstance(document, dict):
        raise UnavailableError(f"{url} sent JSON that is not an object")
    return document


def check_address(name: str, url: str) -> None:
    """Reject an address from which keys, or to which tokens, must not be sent.

    Raises:
        ConfigurationError: The address is not an https URL (or http on this machine), or contains credentials, a
            query or a fragment.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if not host or port == 0 or parts.scheme not in ("https", "http"):
        raise ConfigurationError(f"{name} is not the address of a server.", advice=_EXAMPLE)
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise ConfigurationError(f"{name} is not encrypted (http).", advice=_EXAMPLE)
    if "@" in parts.netloc or parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise ConfigurationError(
            f"{name} contains credentials, a query, a fragment or blanks.", advice=_EXAMPLE
        )


_EXAMPLE = "Write it as https://login.example.com/realms/contact-center."


def same_origin(first: str, second: str) -> bool:
    """Return whether two URLs have the same scheme, host and port."""
    try:
        one, other = urlsplit(first), urlsplit(second)
        ports = [each.port or (443 if each.scheme == "https" else 80) for each in (one, other)]
    except ValueError:
        return False
    return (one.scheme, one.hostname, ports[0]) == (other.scheme, other.hostname, ports[1])
