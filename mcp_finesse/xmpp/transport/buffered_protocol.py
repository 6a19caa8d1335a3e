"""Reading from a socket: through one buffer, and only while what was read can be handled and answered.

Without a buffer of ours, asyncio's TLS allocates a new one of 256 KB for every read.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import cast

SIZE = 64 * 1024


class BufferedReceiver(asyncio.BufferedProtocol):
    """A protocol that gets its data as bytes all the same, in ``data_received``.

    Reading is paused while there is a reason: the stream has too much to parse, or the peer does not read what is
    written to it. What the peer sends meanwhile stays in the socket, and soon at the peer.
    """

    def __init__(self) -> None:
        super().__init__()
        self._buffer = memoryview(bytearray(SIZE))
        # The TCP transport, later the TLS transport above it; None until the first is there.
        self._socket: asyncio.Transport | None = None
        self._pauses: set[str] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The TCP connection, and after that the TLS connection on it, stands."""
        self._socket = cast("asyncio.Transport", transport)
        if self._pauses:
            self._socket.pause_reading()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  (ours is as large as it is)
        """Where the next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """They are there."""
        self.data_received(bytes(self._buffer[:nbytes]))

    @abstractmethod
    def data_received(self, data: bytes) -> None:
        """Bytes from the socket, as they came."""

    # Called by the stream above.

    def pause_reading(self) -> None:
        """Read nothing until ``resume_reading``."""
        self._pause("stream")

    def resume_reading(self) -> None:
        """Read again."""
        self._resume("stream")

    # Called by the socket below.

    def pause_writing(self) -> None:
        """Read nothing while the peer reads nothing: each request that it sends would add to what waits."""
        self._pause("peer")

    def resume_writing(self) -> None:
        """Read again."""
        self._resume("peer")

    def _pause(self, reason: str) -> None:
        self._pauses.add(reason)
        if self._socket is not None:
            self._socket.pause_reading()

    def _resume(self, reason: str) -> None:
        self._pauses.discard(reason)
        if self._socket is not None and not self._pauses:
            self._socket.resume_reading()
