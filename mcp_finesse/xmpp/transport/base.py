"""The seam between the stream and what carries it, and the steps by which every way in is judged.

A ``Route`` is one way to the Notification Service. Its opener dials and returns something that looks like
an ``asyncio.Transport`` to the stream; from then on both talk only through the methods of the asyncio
protocols, so a further transport is one more function that returns a ``Route``.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from mcp_finesse.errors import NetworkError, in_words
from mcp_finesse.proxies import ADVICE, NO_WAY


class StreamSide(Protocol):
    """What a transport may ask of the stream above it.

    Attributes:
        stream_header: what it will write first, made by the route's ``header``.
    """

    stream_header: str

    def data_received(self, data: bytes | str) -> None:
        """Bytes of the XML stream came in."""
        ...

    def loss_possible(self, reason: str) -> None:
        """Part of the stream before the next data may be missing, although the stream goes on."""
        ...

    def connection_lost(self, exception: BaseException | None) -> None:
        """The transport is gone; called once, and for every transport that an opener has returned."""
        ...


Opener = Callable[[StreamSide, float], Awaitable[asyncio.Transport]]
"""Dials for this stream within so many seconds; raises NetworkError with the step that failed."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way to the Notification Service.

    Attributes:
        name: ``websocket``, ``bosh`` or ``tcp``.
        url: where it goes, without credentials.
        opener: dials.
        header: opens the stream to an XMPP domain, in the dialect of this transport.
        footer: closes it.
        encrypted: TLS lies below. False only where the user has allowed an insecure transport by name:
            the password goes over it as well.
    """

    name: str
    url: str
    opener: Opener
    header: Callable[[str], str]
    footer: str
    encrypted: bool


_STEPS = {
    "proxy": (NO_WAY, ADVICE),
    "dns": ("The name of {} was not found", "Check the host name, and that this machine can resolve it."),
    "tcp": ("No connection to {}", "Check host and port, the firewall, and that the server is running."),
    "tls": (
        "TLS with {} failed",
        "Check that the port uses TLS, and that the host name is in the server's certificate.",
    ),
    "upgrade": (
        "{} did not accept the WebSocket upgrade",
        "Check port and path (8445 or 7443, /ws); a proxy in between must let WebSocket through.",
    ),
    "http": (
        "{} did not answer as a BOSH server",
        "Check port and path (7443, /http-bind/), and whether a proxy in between answers in its place.",
    ),
    "stream": ("{} did not open an XMPP stream", "Check that the address is Finesse's Notification Service."),
    "sasl": ("{} did not complete the login", "If the problem persists, ask the Finesse administrator."),
    "bind": ("{} did not bind the XMPP resource", "If the problem persists, ask the Finesse administrator."),
    "presence": ("{} ended the session right after the login", "Try again."),
}
_UNTRUSTED = "Give the CA file of the Finesse certificate, or have its CA trusted on this machine."

_OTHER_NAME = "Use the host name that the certificate was made for, and not an IP address."
# Verify codes X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH of OpenSSL.
_NAME_MISMATCHES = (62, 64)


class Deadline:
    """The time by which several steps have to be done together; seconds from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = asyncio.get_running_loop().time() + seconds


@asynccontextmanager
async def step(name: str, where: str, deadline: Deadline | None = None) -> AsyncIterator[None]:
    """Run one step of the way in; however it fails, the error names the step.

    Args:
        name: of the step, as in ``NetworkError.step``.
        where: host, port, path or URL: what the error is about.
        deadline: by when; None if the step has a limit of its own.

    Raises:
        NetworkError: for a time-out, an OSError, or an answer that cannot be used (ValueError).
    """
    try:
        async with asyncio.timeout_at(deadline.at if deadline else None):
            yield
    except (OSError, ValueError) as exc:  # TimeoutError is an OSError
        raise failed(name, where, exc, deadline) from exc


def failed(name: str, where: str, exc: BaseException, deadline: Deadline | None = None) -> NetworkError:
    """The error of a step that failed in this way; the arguments are those of ``step``."""
    what, advice = _STEPS[name]
    late = isinstance(exc, TimeoutError) and exc.errno is None  # ours, and not the system's ETIMEDOUT
    reason = f"no answer within {deadline.seconds:g} s" if late and deadline else in_words(exc)
    if isinstance(exc, ssl.SSLCertVerificationError) and name == "tls":
        advice = _OTHER_NAME if getattr(exc, "verify_code", 0) in _NAME_MISMATCHES else _UNTRUSTED
    return NetworkError(f"{what.format(where)}: {reason}.", step=name, advice=advice)
