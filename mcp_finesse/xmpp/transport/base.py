"""The interface between the XMPP stream and its transports, and the named steps of connecting.

A ``Route`` is one way to reach the Notification Service. The route's opener connects and returns an
``asyncio.Transport``. From then on the stream and the transport use only the methods of asyncio transports and
protocols. To add a transport, write a function that returns a ``Route``.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from mcp_finesse.errors import NetworkError, describe_error, is_name_mismatch
from mcp_finesse.proxies import ADVICE, NO_WAY


class StreamSide(Protocol):
    """The interface through which a transport uses the stream.

    Attributes:
        stream_header: the first data that the stream writes. The route's ``header`` builds it.
    """

    stream_header: str

    def data_received(self, data: bytes | str) -> None:
        """Handle received bytes of the XML stream."""
        ...

    def loss_possible(self, reason: str) -> None:
        """Report a possible gap: some stanzas before the next received data may be missing. The stream stays open."""
        ...

    def connection_lost(self, exception: BaseException | None) -> None:
        """Handle the end of the transport. The transport calls this exactly once."""
        ...


Opener = Callable[[StreamSide, float], Awaitable[asyncio.Transport]]
"""Connects a stream within a time limit in seconds. Raises NetworkError with the step that failed."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way to reach the Notification Service.

    Attributes:
        name: ``websocket``, ``bosh`` or ``tcp``.
        url: the address, without credentials.
        opener: a function that opens a connection.
        header: a function that returns the stream header for an XMPP domain, in the framing of this transport.
        footer: the end of the stream in the framing of this transport.
        encrypted: whether TLS is used. False only if the user explicitly allowed an insecure transport. The
            password is then sent without encryption.
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
        "Check port and path (8445 or 7443, /ws); a proxy in between must allow WebSocket.",
    ),
    "http": (
        "{} did not respond as a BOSH server",
        "Check port and path (7443, /http-bind/), and whether a proxy in between sent the response.",
    ),
    "stream": ("{} did not open an XMPP stream", "Check that the address is Finesse's Notification Service."),
    "sasl": ("{} did not complete the login", "If the problem persists, ask the Finesse administrator."),
    "bind": ("{} did not bind the XMPP resource", "If the problem persists, ask the Finesse administrator."),
    "presence": ("{} ended the session right after the login", "Try again."),
}
_UNTRUSTED = (
    "Set FINESSE_CA_FILE to the CA file of the Finesse certificate, or add the CA to this "
    "machine's trusted CAs."
)
_OTHER_NAME = "Use the host name for which the certificate was issued, not an IP address."


class Deadline:
    """A time limit that several steps share, in seconds from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.at = asyncio.get_running_loop().time() + seconds


@asynccontextmanager
async def step(name: str, where: str, deadline: Deadline | None = None) -> AsyncIterator[None]:
    """Run one step of connecting. Convert a failure to an error that names the step.

    Args:
        name: the name of the step, as used in ``NetworkError.step``.
        where: the host, port, path or URL that the error names.
        deadline: the time limit. None if the step has its own time limit.

    Raises:
        NetworkError: the step timed out, or raised an ``OSError``, or raised a ``ValueError`` because of an
            invalid response.
    """
    try:
        async with asyncio.timeout_at(deadline.at if deadline else None):
            yield
    except (OSError, ValueError) as exc:  # TimeoutError is an OSError
        raise failed(name, where, exc, deadline) from exc


def failed(name: str, where: str, exc: BaseException, deadline: Deadline | None = None) -> NetworkError:
    """Return the error for a failed step. The arguments are those of ``step``."""
    what, advice = _STEPS[name]
    late = isinstance(exc, TimeoutError) and exc.errno is None  # our own timeout, not the system's ETIMEDOUT
    reason = f"no response within {deadline.seconds:g} s" if late and deadline else describe_error(exc)
    if isinstance(exc, ssl.SSLCertVerificationError) and name == "tls":
        advice = _OTHER_NAME if is_name_mismatch(exc) else _UNTRUSTED
    return NetworkError(f"{what.format(where)}: {reason}.", step=name, advice=advice)
