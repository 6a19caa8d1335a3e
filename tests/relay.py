"""A TCP relay on loopback, between a client and a server, on which the network can be made to fail.

TLS passes through untouched: a client that trusts the server's certificate for ``localhost`` needs no more.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

NO_LINGERING = struct.pack("ii", 1, 0)
CHUNK = 64 * 1024
CHUNKS_UNDER_WAY = 64

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(eq=False)
class Truncation:
    """How much of the next answer still passes, on which connection, and whether all of it has."""

    left: int
    link: Link | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False)
class Link:
    """One connection of a client, and the one to the server that belongs to it."""

    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    client: asyncio.StreamReader | None = None

    @property
    def is_held(self) -> bool:
        """Whether the client has not closed its side."""
        return self.client is None or not self.client.at_eof()

    def cut(self) -> None:
        """Close both sides and forward no more; what was passed on still arrives."""
        for writer in self.writers:
            writer.close()
        if self.task is not None:
            self.task.cancel()

    def reset(self) -> None:
        """Reset both sides and forward no more."""
        if self.task is not None:
            self.task.cancel()
        for writer in self.writers:
            if (connection := writer.get_extra_info("socket")) is not None and connection.fileno() >= 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)
            writer.transport.abort()


class Relay:
    """Forwards every connection to ``host`` and ``port``, as well as it is allowed to.

        async with Relay("localhost", 8445) as relay:
            ...  # connect to localhost, relay.port
            relay.reset()

    Attributes:
        port: where it listens on 127.0.0.1; the same all the time.
        accepted: how many connections it has taken so far.
        accepts: whether new connections are taken.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._latency = 0.0
        self._thawed = {"to_client": asyncio.Event(), "to_server": asyncio.Event()}
        self._truncation: Truncation | None = None
        self._silent = False
        self._links: set[Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.accepted = 0
        self.accepts = False

    async def __aenter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._listener.close()
        self._reserve()
        self.thaw()
        self.accept()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()
        self._listener.close()
        self.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def open(self) -> int:
        """How many connections there are now."""
        return len(self._links)

    @property
    def held(self) -> int:
        """How many connections clients have not closed; the server may still have to close its side."""
        return sum(link.is_held for link in self._links)

    # What can be done to connections

    def delay(self, seconds: float) -> None:
        """Everything read from now on arrives so many seconds later, either way; order and rate stay."""
        self._latency = seconds

    def cut(self) -> None:
        """Close every connection in order, on both sides; what is still under way is lost."""
        for link in list(self._links):
            link.cut()

    def reset(self) -> None:
        """Reset every connection (RST), on both sides; what was under way is lost."""
        for link in list(self._links):
            link.reset()

    def freeze(self, *, to_client: bool = True, to_server: bool = True) -> None:
        """Forward nothing, either way or one way, ends of connections included, and keep them open."""
        for name, frozen in (("to_client", to_client), ("to_server", to_server)):
            if frozen:
                self._thawed[name].clear()

    def thaw(self) -> None:
        """Forward again, first of all what was held back."""
        for thawed in self._thawed.values():
            thawed.set()

    def lose_next_answer(self) -> asyncio.Event:
        """Drop the next bytes from the server, then cut their connection; the event says that it happened."""
        return self.truncate(0)

    def truncate(self, after_bytes: int) -> asyncio.Event:
        """Let so many more bytes of the server pass, then cut their connection; the event says that it happened.

        The connection is the first one on which the server says something.
        """
        self._truncation = Truncation(after_bytes)
        return self._truncation.done

    # What can be done to new connections

    def refuse(self) -> None:
        """Nobody listens any more: connecting is refused. Connections there are go on."""
        if self.accepts:
            self.accepts = False
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._reserve()

    def accept(self) -> None:
        """Take and forward new connections, as in the beginning."""
        self._silent = False
        if not self.accepts:
            self.accepts = True
            self._listener.listen(100)
            asyncio.get_running_loop().add_reader(self._listener, self._take)

    def accept_and_say_nothing(self) -> None:
        """Take new connections and forward nothing, ever: the server does not learn of them."""
        self.accept()
        self._silent = True

    # Inside

    def _reserve(self) -> None:
        """Bound and not listening: nobody else gets the port, and who connects is refused."""
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.setblocking(False)

    def _take(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it has gone while it waited to be taken
        self.accepted += 1
        link = Link()
        self._links.add(link)
        link.task = asyncio.create_task(self._serve(link, connection, self._silent))
        self._tasks.add(link.task)
        link.task.add_done_callback(self._tasks.discard)

    async def _serve(self, link: Link, connection: socket.socket, silent: bool) -> None:
        try:
            client = await asyncio.open_connection(sock=connection)
            link.writers.append(client[1])
            link.client = client[0]
            if silent:
                await client[0].read()
            else:
                server = await asyncio.open_connection(*self._server)
                link.writers.append(server[1])
                await _all(self._flow(link, client, server, False), self._flow(link, server, client, True))
        except OSError:
            link.reset()  # one side was reset, or refused: so is the other
        finally:
            self._links.discard(link)
            for writer in link.writers:
                writer.close()

    async def _flow(self, link: Link, source: Streams, target: Streams, to_client: bool) -> None:
        """One direction, until its end."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(CHUNKS_UNDER_WAY)
        await _all(self._read(source[0], under_way), self._write(link, under_way, target[1], to_client))

    async def _read(
        self, reader: asyncio.StreamReader, under_way: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        data = b"more"
        while data:
            data = await reader.read(CHUNK)
            await under_way.put((asyncio.get_running_loop().time() + self._latency, data))

    async def _write(
        self,
        link: Link,
        under_way: asyncio.Queue[tuple[float, bytes]],
        writer: asyncio.StreamWriter,
        to_client: bool,
    ) -> None:
        thawed = self._thawed["to_client" if to_client else "to_server"]
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            await thawed.wait()
            if not data:
                writer.write_eof()
                return
            passing, over = self._clip(link, data) if to_client else (data, False)
            writer.write(passing)
            await writer.drain()
            if over:
                link.cut()

    def _clip(self, link: Link, data: bytes) -> tuple[bytes, bool]:
        """What passes of an answer, and whether that was the last of it."""
        truncation = self._truncation
        if truncation is None or truncation.link not in (None, link):
            return data, False
        truncation.link = link
        passing = data[: truncation.left]
        truncation.left -= len(passing)
        if truncation.left > 0:
            return passing, False
        self._truncation = None
        truncation.done.set()
        return passing, True


async def _all(*parts: Coroutine[None, None, None]) -> None:
    """Run parts together; the first error ends all of them."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
