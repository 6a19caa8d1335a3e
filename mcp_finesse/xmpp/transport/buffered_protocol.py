"""Reading from a socket through one buffer: otherwise asyncio's TLS takes a new one of 256 KB for every read."""

from __future__ import annotations

import asyncio
from abc import abstractmethod

SIZE = 64 * 1024


class BufferedReceiver(asyncio.BufferedProtocol):
    """A protocol that gets its data as bytes all the same, in ``data_received``."""

    def __init__(self) -> None:
        super().__init__()
        self._buffer = memoryview(bytearray(SIZE))

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  (ours is as large as it is)
        """Where the next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """They are there."""
        self.data_received(bytes(self._buffer[:nbytes]))

    @abstractmethod
    def data_received(self, data: bytes) -> None:
        """Bytes from the socket, as they came."""
