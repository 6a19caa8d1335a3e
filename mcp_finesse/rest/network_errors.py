"""Errors for failed HTTP exchanges. They state the failed step, whether the request may have arrived, and advice."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from mcp_finesse.errors import NetworkError, describe_error, is_name_mismatch
from mcp_finesse.http_progress import HttpProgress
from mcp_finesse.proxies import Proxy, place

# TLS raises these exceptions internally while waiting for the socket. After a timeout, the chain of causes
# contains them although TLS did not fail.
_WAITING = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


def network_error(
    error: Exception, progress: HttpProgress, url: httpx.URL, proxy: Proxy | None = None
) -> NetworkError:
    """Return the error for a failed HTTP exchange. The text of ``error`` never contains credentials."""
    where = place(url.host, url.port or (443 if url.scheme == "https" else 80))
    step = progress.step
    if proxy is not None and step == "proxy":  # the tunnel itself raises other proxy errors
        return proxy.failure(where, "it took too long" if is_timeout(error) else _reason(error))
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            message = f"The host name {url.host} cannot be resolved."
            advice = (
                "Check the name in the URL, and whether this machine can reach the network of Finesse (VPN)."
            )
            return NetworkError(message, step="dns", advice=advice)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(cause, where)
        if isinstance(cause, ssl.SSLError):
            step = "tls"
    message, advice = _described(error, step, where)
    return NetworkError(message, step=step, sent=progress.sent, advice=advice)


def is_timeout(error: BaseException | None) -> bool:
    """Return whether an error is a timeout."""
    return isinstance(error, (TimeoutError, httpx.TimeoutException))


def _untrusted(error: ssl.SSLCertVerificationError, where: str) -> NetworkError:
    message = f"The certificate of {where} is not trusted: {error.verify_message}."
    if is_name_mismatch(error):
        advice = (
            "Use the host name for which the certificate was issued, normally the full name of the "
            "server, not an IP address."
        )
    else:
        advice = (
            "Save the CA certificate, or Finesse's own certificate if it is self-signed, as a PEM file. "
            "Set FINESSE_CA_FILE to that file."
        )
    return NetworkError(message, step="tls", advice=advice)


def _described(error: Exception, step: str, where: str) -> tuple[str, str]:
    if step == "http":
        if is_timeout(error):
            return f"{where} took too long to respond.", "Finesse or the network is slow. Try again later."
        message = f"The connection to {where} was lost before the response was complete."
        return message, "Check the network, and check that the port is the port of the Finesse API (8445)."
    if step == "tls":
        message = f"The TLS connection to {where} failed: {_reason(error)}."
        return message, "Check that the port uses HTTPS (8445), and that no proxy is in between."
    if is_timeout(error):
        message = f"{where} did not accept the connection in time."
        return (
            message,
            "Check host and port, and whether a firewall or a missing VPN prevents the connection.",
        )
    message = f"{where} cannot be reached: {_reason(error)}."
    return message, "Check host and port (8445), and whether Finesse is running."


def _reason(error: Exception) -> str:
    for cause in reversed(tuple(_causes(error))):
        if isinstance(cause, OSError) and cause.strerror:
            # asyncio replaces the system's message for refused connections with its own message
            return describe_error(cause) if isinstance(cause, ConnectionError) else cause.strerror
    return "it took too long" if is_timeout(error) else str(error) or type(error).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        if not isinstance(error, _WAITING):
            yield error
        error = error.__cause__ or error.__context__
