"""Reads lines from stdin in a daemon thread, which does not block process exit.

The SDK reads stdin in a thread whose read cannot be cancelled. After a signal, the process would hang until the
client closes its end of the pipe. The daemon thread of this module is abandoned instead. The thread holds no
lock that interpreter shutdown needs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from types import TracebackType
from typing import Self

_STDIN = 0
_CHUNK = 65_536
_WAITING_LINES = 256
"""Maximum number of queued lines. While the queue is full, reading pauses."""


class StdinLines:
    """Iterates asynchronously over the lines of file descriptor 0.

    While the iterator is open, descriptor 0 itself is redirected to an empty file. Child processes and other
    code then cannot consume messages.
    """

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._room = threading.Semaphore(_WAITING_LINES)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._private = os.dup(_STDIN)
        empty = os.open(os.devnull, os.O_RDONLY)
        os.dup2(empty, _STDIN)
        os.close(empty)
        threading.Thread(target=self._read, name="stdin", daemon=True).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # the copied descriptor stays open, because the thread may still read from it and its number must not be
        # reused
        os.dup2(self._private, _STDIN)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        line = await self._lines.get()
        if line is None:
            raise StopAsyncIteration
        self._room.release()
        return line

    def _read(self) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop is closed
            try:
                self._read_lines()
            finally:
                self._loop.call_soon_threadsafe(self._lines.put_nowait, None)

    def _read_lines(self) -> None:
        begun = bytearray()
        with contextlib.suppress(OSError):  # a terminal hang-up is treated as the end of the input
            while chunk := os.read(self._private, _CHUNK):
                *ended, rest = chunk.split(b"\n")
                for part in ended:
                    begun += part
                    self._give(begun)
                    begun.clear()
                begun += rest
        if begun:
            self._give(begun)

    def _give(self, line: bytearray) -> None:
        self._room.acquire()
        self._loop.call_soon_threadsafe(self._lines.put_nowait, line.decode("utf-8", "replace"))
