"""A listening socket that tracks its connections. A server with idle clients can therefore stop immediately.

A TLS connection is closed by messages of both sides. A client that keeps an idle connection in its pool sends
no closing message, and asyncio would wait 30 s for the message.
"""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any, Self
from weakref import WeakSet

from hypercorn.config import Config, Sockets

_NO_LINGERING = struct.pack("ii", 1, 0)


class Connection(socket.socket):
    """An accepted connection that can be reset. After a reset, reads and writes raise ``ConnectionResetError``.

    Attributes:
        broken: whether the connection was reset.
    """

    broken = False

    def reset(self) -> None:
        """Reset the connection. The peer receives a TCP RST, and unsent data is discarded."""
        self.broken = True
        self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        self.shutdown(socket.SHUT_RD)  # wakes the event loop, which reads from and closes the connection

    def recv(self, *args: Any) -> bytes:
        """Do what ``socket.recv`` does, but raise after a reset."""
        self._check()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        """Do what ``socket.recv_into`` does, but raise after a reset."""
        self._check()
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        """Do what ``socket.send`` does, but raise after a reset."""
        self._check()
        return super().send(*args)

    if sys.platform != "win32":

        def sendmsg(self, *args: Any) -> int:
            """Do what ``socket.sendmsg`` does, but raise after a reset."""
            self._check()
            return super().sendmsg(*args)

    def _check(self) -> None:
        if self.broken:
            raise ConnectionResetError


class Listener(socket.socket):
    """A listening TCP socket that tracks the connections it accepted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._accepted: WeakSet[Connection] = WeakSet()

    @classmethod
    def on(cls, host: str, port: int) -> Self:
        """Listen on an address. Port 0 selects a free port.

        Raises:
            OSError: the address is in use or not local.
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
        """Bind an address without listening, so that connections to it are refused.

        Raises:
            OSError: the address is in use or not local.
        """
        # The protocol is given explicitly so that asyncio recognizes TCP and disables Nagle's algorithm. With
        # Nagle's algorithm, the second of two small frames would wait 40 ms for the acknowledgement of the
        # first frame.
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
        """Start listening."""
        self.listen(100)

    @property
    def port(self) -> int:
        """The number of the bound port."""
        return int(self.getsockname()[1])

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection and track it."""
        plain, address = super().accept()
        connection = Connection(plain.family, plain.type, plain.proto, plain.detach())
        self._accepted.add(connection)
        return connection, address

    def hang_up(self) -> None:
        """Shut down every open connection without waiting for TLS shutdown."""
        for connection in list(self._accepted):
            try:
                if not connection.broken:
                    connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # already closed

    def reset(self, client: tuple[str, int] | None = None) -> None:
        """Reset every open connection, or only the open connections of a given client."""
        for connection in list(self._accepted):
            try:
                if client is None or connection.getpeername()[:2] == client:
                    connection.reset()
            except OSError:
                continue  # already closed


class ListenerConfig(Config):
    """Hypercorn configuration for a socket that is already listening."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def create_sockets(self) -> Sockets:
        """Return the listener as a secure socket if there are certificates, or else as an insecure socket."""
        if self.ssl_enabled:
            return Sockets([self._listener], [], [])
        return Sockets([], [self._listener], [])
