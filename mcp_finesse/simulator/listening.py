"""A listening socket that knows its connections, so that a server with idle clients can stop at once.

TLS is closed by both sides; a client that keeps an idle connection in its pool does not take part, and
asyncio would wait 30 s for it.
"""

from __future__ import annotations

import socket
from typing import Any
from weakref import WeakSet

from hypercorn.config import Config, Sockets


class Listener(socket.socket):
    """A TCP socket that listens, and remembers what it accepted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._accepted: WeakSet[socket.socket] = WeakSet()

    @classmethod
    def on(cls, host: str, port: int) -> Listener:
        """Listen on an address; port 0 takes a free one.

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
            listener.listen(100)
            listener.setblocking(False)
        except BaseException:
            listener.close()
            raise
        return listener

    @property
    def port(self) -> int:
        """The port listened on."""
        return int(self.getsockname()[1])

    def accept(self) -> tuple[socket.socket, Any]:
        """As every socket does it, but noted."""
        connection, address = super().accept()
        self._accepted.add(connection)
        return connection, address

    def hang_up(self) -> None:
        """End every connection that is still open, without a word."""
        for connection in list(self._accepted):
            try:
                connection.shutdown(socket.SHUT_RDWR)
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
