"""The CONNECT request to a proxy and its response (RFC 9110 9.3.6), without I/O."""

from __future__ import annotations

import re

from mcp_finesse import __version__
from mcp_finesse.errors import NetworkError, ProxyCredentialsError
from mcp_finesse.proxies.proxy import ADVICE, Proxy, place
from mcp_finesse.redaction import truncated

MAX_HEAD = 16 * 1024
"""Maximum size of the response head in bytes."""

_LONGEST_REASON = 100
_LONGEST_SCHEME = 40
_STATUS = re.compile(rb"HTTP/1\.\d (?P<status>\d{3})(?: (?P<reason>[^\r\n]*))?(?:\r?\n|$)")
_SCHEME = re.compile(rb"\r\nproxy-authenticate:[ \t]*([A-Za-z0-9-]+)", re.IGNORECASE)
_BEGIN = b"HTTP/1."


class Handshake:
    """One CONNECT request and the parsing of its response."""

    def __init__(self, proxy: Proxy, host: str, port: int) -> None:
        self.target = place(host if host.isascii() else host.encode("idna").decode(), port)
        self._proxy = proxy
        self._head = bytearray()

    @property
    def request(self) -> bytes:
        """The bytes of the request. The proxy resolves the target's name."""
        lines = [
            f"CONNECT {self.target} HTTP/1.1",
            f"Host: {self.target}",
            f"User-Agent: mcp-finesse/{__version__}",
        ]
        if self._proxy.authorization:
            lines.append(f"Proxy-Authorization: {self._proxy.authorization}")
        return "\r\n".join([*lines, "\r\n"]).encode("ascii")

    def feed(self, data: bytes) -> bool:
        """Process received bytes. Return True as soon as the tunnel is established.

        Args:
            data: the received bytes. Empty at the end of the connection.

        Raises:
            ProxyCredentialsError: the proxy requires credentials or rejected them.
            NetworkError: the proxy rejected the request or sent an invalid response (step ``proxy``).
        """
        if not data:
            raise self._failure("the proxy closed the connection")
        self._head += data
        if not self._head.startswith(_BEGIN[: len(self._head)]):
            raise self._failure("the proxy does not respond as an HTTP proxy")
        head, end, more = bytes(self._head).partition(b"\r\n\r\n")
        if len(head) > MAX_HEAD:
            raise self._failure(f"the response is longer than {MAX_HEAD} bytes")
        if not end:
            return False
        self._judge(head)
        if more:  # no server sends data through a new tunnel before the client
            raise self._failure("the proxy sent other data instead of opening the tunnel")
        return True

    def _judge(self, head: bytes) -> None:
        found = _STATUS.match(head)
        if found is None:
            raise self._failure("the proxy does not respond as an HTTP proxy")
        status = int(found["status"])
        if 200 <= status < 300:
            return
        reason = "".join(c for c in (found["reason"] or b"").decode("latin-1") if c.isprintable())
        said = f"HTTP {status} {truncated(reason, _LONGEST_REASON)}".strip()
        if status == 407:
            raise self._unauthorized(said, head)
        if status in (502, 503, 504):
            advice = "Check that the proxy can reach this host and port. Ask the administrator of the proxy."
            raise self._failure(f"the proxy cannot reach the server ({said})", advice)
        advice = f"Ask the administrator of the proxy to allow {self.target}, or list the host in NO_PROXY."
        raise self._failure(f"the proxy does not allow this connection ({said})", advice)

    def _unauthorized(self, said: str, head: bytes) -> ProxyCredentialsError:
        offered = [scheme.decode() for scheme in _SCHEME.findall(head)]
        if offered and "basic" not in (scheme.lower() for scheme in offered):
            schemes = " or ".join(truncated(scheme, _LONGEST_SCHEME) for scheme in offered[:5])
            why = f"the proxy requires authentication with {schemes}, and only Basic is supported ({said})"
            advice = "Ask the administrator of the proxy for Basic authentication or for an exemption."
        else:
            given = bool(self._proxy.authorization)
            why = (
                f"the proxy rejected the credentials ({said})"
                if given
                else f"the proxy requires credentials ({said})"
            )
            advice = (
                "Correct user and password in FINESSE_PROXY or HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT."
            )
        failure = self._failure(why)
        return ProxyCredentialsError(failure.message, advice=advice)

    def _failure(self, why: str, advice: str = ADVICE) -> NetworkError:
        return self._proxy.failure(self.target, why, advice)
