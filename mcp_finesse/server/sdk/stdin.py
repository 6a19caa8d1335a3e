"""Lines of stdin, read in a thread that nobody has to wait for.

The SDK reads stdin in a thread whose read cannot be cancelled: a process that is told to end would hang until
the client closes its side. This thread is left behind instead; it holds no lock that Python's end would need.
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
"""Lines that may wait to be handled before reading pauses."""


class StdinLines:
    """The lines of file descriptor 0 as an asynchronous iterator.

    While it is open, descriptor 0 itself reads as empty, so that children and stray code take nothing off
    the wire.
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
        # The copy stays open: the thread may hang in it, and its number must not be given to another file
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
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            try:
                self._read_lines()
            finally:
                self._loop.call_soon_threadsafe(self._lines.put_nowait, None)

    def _read_lines(self) -> None:
        begun = bytearray()
        with contextlib.suppress(OSError):  # a terminal that hung up is an end like any other
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
