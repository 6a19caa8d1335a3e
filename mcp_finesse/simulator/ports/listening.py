"""A listening socket that knows its connections, so that a server with idle clients can stop at once.

TLS is closed by both sides; a client that keeps an idle connection in its pool does not take part, and
asyncio would wait 30 s for it.
"""

from __future__ import annotations

import socket
import struct
from typing import Any, Self
from weakref import WeakSet

from hypercorn.config import Config, Sockets

_NO_LINGERING = struct.pack("ii", 1, 0)


class Connection(socket.socket):
    """An accepted connection that can be reset: whoever uses it finds it broken, and closing it says so.

    Attributes:
        broken: it was reset.
    """

    broken = False

    def reset(self) -> None:
        """Break it. The peer gets a reset (RST), and nothing that was to be sent before."""
        self.broken = True
        self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.shutdown(socket.SHUT_RD)  # wakes the event loop, which reads and closes

    def recv(self, *args: Any) -> bytes:
        """As every socket does it, until it is broken."""
        self._check()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        """As every socket does it, until it is broken."""
        self._check()
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        """As every socket does it, until it is broken."""
        self._check()
        return super().send(*args)

    def sendmsg(self, *args: Any) -> int:
        """As every socket does it, until it is broken."""
        self._check()
        return super().sendmsg(*args)

    def _check(self) -> None:
        if self.broken:
            raise ConnectionResetError


class Listener(socket.socket):
    """A TCP socket that listens, and remembers what it accepted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._accepted: WeakSet[Connection] = WeakSet()

    @classmethod
    def on(cls, host: str, port: int) -> Self:
        """Listen on an address; port 0 chooses a free one.

        Raises:
            OSError: the address is taken or not ours.
        """
        listener = cls.reserve(host, port)
        try:
            listener.open()
        except BaseException:
            listener.close()
            raise
        return listener

    @classmethod
    def reserve(cls, host: str, port: int) -> Self:
        """Take an address without listening: who connects to it is refused.

        Raises:
            OSError: the address is taken or not ours.
        """
        # The protocol is named so that asyncio takes the connections for TCP and switches Nagle's algorithm
        # off: with it, the second of two small frames waits 40 ms for the acknowledgement of the first.
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = cls(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
            listener.setblocking(False)
        except BaseException:
            listener.close()
            raise
        return listener

    def open(self) -> None:
        """Listen from now on."""
        self.listen(100)

    @property
    def port(self) -> int:
        """The port listened on."""
        return int(self.getsockname()[1])

    def accept(self) -> tuple[socket.socket, Any]:
        """As every socket does it, but noted."""
        plain, address = super().accept()
        connection = Connection(plain.family, plain.type, plain.proto, plain.detach())
        self._accepted.add(connection)
        return connection, address

    def hang_up(self) -> None:
        """End every connection that is still open, without a word."""
        for connection in list(self._accepted):
            try:
                if not connection.broken:
                    connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has ended by itself

    def reset(self, client: tuple[str, int] | None = None) -> None:
        """Reset every connection that is still open, or the one of this client."""
        for connection in list(self._accepted):
            try:
                if client is None or connection.getpeername()[:2] == client:
                    connection.reset()
            except OSError:
                continue  # it has ended by itself


class ListenerConfig(Config):
    """Hypercorn's settings for a socket that is listening already."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def create_sockets(self) -> Sockets:
        """The one socket, as secure as there are certificates."""
        if self.ssl_enabled:
            return Sockets([self._listener], [], [])
        return Sockets([], [self._listener], [])
