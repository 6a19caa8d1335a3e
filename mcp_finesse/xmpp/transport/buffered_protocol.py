"""A base protocol that reads from a socket through one buffer, with backpressure.

Without this buffer, asyncio's TLS would allocate a new buffer of 256 KB for every read.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import cast

SIZE = 64 * 1024


class BufferedReceiver(asyncio.BufferedProtocol):
    """A buffered protocol that nevertheless receives its data as bytes in ``data_received``.

    Reading is paused while the stream has too much data to parse. Reading is also paused while the peer does
    not read the data that is written to the peer. TCP flow control then slows down the peer.
    """

    def __init__(self) -> None:
        super().__init__()
        self._buffer = memoryview(bytearray(SIZE))
        # The TCP transport, and later the TLS transport on top of the TCP transport. None until connected.
        self._socket: asyncio.Transport | None = None
        self._pauses: set[str] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the TCP transport, and later the TLS transport on top of the TCP transport."""
        self._socket = cast("asyncio.Transport", transport)
        if self._pauses:
            self._socket.pause_reading()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  (the buffer has a fixed size)
        """Return the buffer for the next bytes."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Pass the received bytes on."""
        self.data_received(bytes(self._buffer[:nbytes]))

    @abstractmethod
    def data_received(self, data: bytes) -> None:
        """Handle bytes from the socket."""

    # Called by the stream above.

    def pause_reading(self) -> None:
        """Stop reading until ``resume_reading``."""
        self._pause("stream")

    def resume_reading(self) -> None:
        """Resume reading unless another reason to pause remains."""
        self._resume("stream")

    # Called by the socket below.

    def pause_writing(self) -> None:
        """Stop reading while the peer does not read, because replies to the peer would add to the unsent data."""
        self._pause("peer")

    def resume_writing(self) -> None:
        """Resume reading unless another reason to pause remains."""
        self._resume("peer")

    def _pause(self, reason: str) -> None:
        self._pauses.add(reason)
        if self._socket is not None:
            self._socket.pause_reading()

    def _resume(self, reason: str) -> None:
        self._pauses.discard(reason)
        if self._socket is not None and not self._pauses:
            self._socket.resume_reading()
