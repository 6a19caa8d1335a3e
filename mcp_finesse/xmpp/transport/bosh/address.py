"""The route over BOSH. The opener creates the BOSH session before the stream receives the transport.

If the XMPP server rejects the BOSH session, the connection attempt therefore fails, as with the other
transports.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl

from mcp_finesse.proxies import Proxy
from mcp_finesse.xmpp.transport.base import Deadline, Route, StreamSide, step
from mcp_finesse.xmpp.transport.bosh import body
from mcp_finesse.xmpp.transport.bosh.http import BoshHttp, parse_url
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
    """Return the route over BOSH (XEP-0124, XEP-0206). The usual URL is ``https://HOST:7443/http-bind/``.

    Args:
        url: a URL that begins with ``https://`` or, if allowed, with ``http://``.
        ssl_context: the TLS context. The default context uses the system's trusted CAs.
        server_hostname: the name in the certificate, if that name differs from the host of the URL.
        allow_insecure: whether the password may be sent over an unencrypted ``http://`` connection.
        timing: time limits.
        proxy: the proxy to use, if any.

    Raises:
        ConfigurationError: the URL is invalid, or is insecure without being allowed.
    """
    where = parse_url(url, allow_insecure=allow_insecure)
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


async def _open(stream: StreamSide, http: BoshHttp, timing: BoshTiming, deadline: Deadline) -> BoshTransport:
    rid = secrets.randbelow(2**40) + 1  # the maximum rid is 2^53 - 1 (XEP-0124 14.1)
    reply = await http.create(body.creation(stream.stream_header, rid, timing.wait), deadline)
    async with step("stream", str(http.url)):
        return BoshTransport(stream, http, reply, Terms.of(reply, timing.wait), rid, timing)
