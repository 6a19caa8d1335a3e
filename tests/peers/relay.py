"""A TCP relay in front of a server, which loses what the server says and cuts connections when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self


class Relay:
    """From a port of its own to a port of loopback.

    Attributes:
        port: for clients.
        deaf: what the server says is thrown away.
        lost: bytes thrown away so far.
    """

    def __init__(self, to_port: int) -> None:
        self.deaf = False
        self.lost = 0
        self._to_port = to_port
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lost_more = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._server.wait_closed()

    def cut(self) -> None:
        """End all connections on both sides, as a reset does."""
        for writer in self._writers:
            writer.transport.abort()

    async def until_lost(self, more_than: int) -> None:
        """Until more than so many bytes were thrown away."""
        async with asyncio.timeout(10):
            while self.lost <= more_than:
                self._lost_more.clear()
                await self._lost_more.wait()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        ends = {writer}
        self._writers.add(writer)
        try:
            with contextlib.suppress(OSError):
                server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
                ends.add(server_writer)
                self._writers.add(server_writer)
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pump(reader, server_writer, ends))
                    both.create_task(self._pump(server_reader, writer, ends, from_server=True))
        finally:
            for end in ends:
                end.transport.abort()
            self._writers -= ends

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        ends: set[asyncio.StreamWriter],
        *,
        from_server: bool = False,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if from_server and self.deaf:
                    self.lost += len(data)
                    self._lost_more.set()
                else:
                    writer.write(data)
        for end in ends:  # an end of one direction is an end of both
            end.transport.abort()
