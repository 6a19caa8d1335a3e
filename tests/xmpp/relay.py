"""A relay between client and server that can freeze, truncate a packet or cut."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Self

_ON_ITS_WAY = 0.1


class Relay:
    """Passes bytes on until told otherwise. Open connections stay open.

    Attributes:
        target: port of the server, used for later connections.
        frozen: whether passing on has stopped in both directions.
        freeze_after: words of the server after which to freeze, and at which occurrence.
        truncate: whether to pass only half of the server's next packet and then freeze.
        connections: how many connections were accepted.
    """

    def __init__(
        self, target: int, freeze_after: tuple[bytes, int] = (b"", 0), *, frozen: bool = False
    ) -> None:
        self.target = target
        self.frozen = frozen
        self.freeze_after = freeze_after
        self.truncate = False
        self.connections = 0
        self._deaf = False  # nothing more is passed to the server
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """End all connections."""
        for task in self._tasks:
            task.cancel()

    def _freeze(self, really: bool) -> None:
        self.frozen = self.frozen or really

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        server_reader, server = await asyncio.open_connection("127.0.0.1", self.target)
        pumps = {
            asyncio.create_task(self._up(reader, server)),
            asyncio.create_task(self._down(server_reader, writer)),
        }
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            writer.transport.abort()
            server.transport.abort()
            self._tasks.discard(task)
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _up(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not (self.frozen or self._deaf):
                server.write(data)

    async def _down(self, server: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await server.read(65536):
            if self.frozen:
                continue
            if self.truncate:
                data, self.frozen = data[: len(data) // 2], True
            words, times = self.freeze_after
            if times and words in data:
                self.freeze_after = words, times - 1
                self._deaf = times == 1
                # BOSH responses arrive in order over several connections: those already under way may still
                # arrive.
                asyncio.get_running_loop().call_later(_ON_ITS_WAY, self._freeze, self._deaf)
            writer.write(data)
