"""The way in over BOSH: its address, and a session that is created before the stream sees a transport.

So a refusal is a failed dial, as it is with the other transports.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl

import httpx

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.proxies import Proxy
from mcp_finesse.xmpp.transport.base import Deadline, Route, StreamSide, step
from mcp_finesse.xmpp.transport.bosh import body
from mcp_finesse.xmpp.transport.bosh.http import BoshHttp
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming, Terms
from mcp_finesse.xmpp.transport.bosh.transport import BoshTransport


def bosh_route(
    url: str,
    ssl_context: ssl.SSLContext | None = None,
    server_hostname: str | None = None,
    *,
    allow_insecure: bool = False,
    timing: BoshTiming | None = None,
    proxy: Proxy | None = None,
) -> Route:
    """The way in over BOSH (XEP-0124, XEP-0206): ``https://HOST:7443/http-bind/``.

    Args:
        url: ``https://`` or, if allowed, ``http://``.
        ssl_context: trust; the system's if not given.
        server_hostname: the name on the certificate, where it is not the host of the URL.
        allow_insecure: let the password go over an ``http://`` connection that anybody can read.
        timing: limits.
        proxy: through which to go, if any.

    Raises:
        ConfigurationError: the URL cannot be used, or is insecure and that was not allowed.
    """
    where = _parse(url, allow_insecure)
    encrypted = where.scheme == "https"
    context = (ssl_context or ssl.create_default_context()) if encrypted else None
    limits = timing or BoshTiming()

    async def opener(stream: StreamSide, seconds: float) -> asyncio.Transport:
        http = BoshHttp(where, context, server_hostname or where.host, limits, proxy)
        try:
            return await _open(stream, http, limits, Deadline(seconds))
        except BaseException:
            await http.aclose()
            raise

    return Route("bosh", url, opener, body.header, body.FOOTER, encrypted=encrypted)


def _parse(url: str, allow_insecure: bool) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("https", "http") or not parsed.host:
        raise ConfigurationError(
            f"The BOSH address {url!r} cannot be used.", advice="Write it as https://HOST:7443/http-bind/."
        )
    if parsed.userinfo:
        raise ConfigurationError(
            "The BOSH address holds a user name.",
            advice="Remove it, and set FINESSE_USER and FINESSE_PASSWORD.",
        )
    if parsed.scheme == "http" and not allow_insecure:
        raise ConfigurationError(
            f"{url} is not encrypted: the password could be read on the network.",
            advice="Use an https:// address. In a lab, set FINESSE_ALLOW_INSECURE=true.",
        )
    return parsed


async def _open(stream: StreamSide, http: BoshHttp, timing: BoshTiming, deadline: Deadline) -> BoshTransport:
    rid = secrets.randbelow(2**40) + 1  # leaves room up to 2^53, which it must never pass
    reply = await http.create(body.creation(stream.stream_header, rid, timing.wait), deadline)
    async with step("stream", str(http.url)):
        return BoshTransport(stream, http, reply, Terms.of(reply, timing.wait), rid, timing)
