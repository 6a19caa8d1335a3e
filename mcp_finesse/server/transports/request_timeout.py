"""Limits the number of HTTP connections, the time to receive a request, and the time to accept a response.

Uvicorn waits without a time limit for headers and body, and for clients that do not read. Uvicorn's connection limit
does not count connections without a request.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 30.0
"""Maximum seconds to receive a request, from the connection (for a later request, its first byte) to its last byte."""
UNREAD_SECONDS = 60.0
"""Maximum seconds for which a client may leave a response unread, once the buffers are full."""
_UNFINISHED = (h11.IDLE, h11.SEND_BODY)
_END = b"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LATE = b"HTTP/1.1 408 Request Timeout" + _END
_TOO_MANY = b"HTTP/1.1 503 Service Unavailable" + _END


class TimedRequests(H11Protocol):
    """Closes connections over the limit (status 503), slow requests (status 408), and clients that do not read."""

    seconds = REQUEST_SECONDS
    unread_seconds = UNREAD_SECONDS
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout for the first request."""
        super().connection_made(transport)
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            transport.write(_TOO_MANY)
            transport.close()
            return
        self._deadline = self.loop.call_later(self.seconds, self._too_late)

    def data_received(self, data: bytes) -> None:
        """Process part of a request. Cancel the timeout when the request is complete."""
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(self.seconds, self._too_late)
        super().data_received(data)
        if self.conn.their_state not in _UNFINISHED:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeouts."""
        self._stop_waiting()
        self._stop_waiting_for_reader()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start the timeout for a client that does not read, because the buffers are full."""
        super().pause_writing()
        self._stop_waiting_for_reader()
        self._unread = self.loop.call_later(self.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Cancel this timeout, because the client has read."""
        super().resume_writing()
        self._stop_waiting_for_reader()

    def _stop_waiting_for_reader(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self.conn.their_state not in _UNFINISHED or self.transport.is_closing():
            return
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # no response has been started
            self.transport.write(_TOO_LATE)
        self.transport.close()
