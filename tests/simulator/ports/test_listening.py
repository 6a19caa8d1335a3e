"""Test the listening socket that can end its connections."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from mcp_finesse.simulator.ports.listening import Connection, Listener, ListenerConfig


def accepted(listener: Listener) -> socket.socket:
    """Return the connection that is being opened; the listener does not block."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return listener.accept()[0]
        except BlockingIOError:
            assert time.monotonic() < deadline


def test_hang_up_ends_open_connections_and_ignores_closed_ones() -> None:
    with Listener.on("127.0.0.1", 0) as listener:
        with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as client:
            first = accepted(listener)
            with socket.create_connection(("127.0.0.1", listener.port), timeout=5):
                accepted(listener).close()
                listener.hang_up()
                assert client.recv(1) == b""
        first.close()


def test_taken_address_is_an_error() -> None:
    with Listener.on("127.0.0.1", 0) as listener, pytest.raises(OSError, match="in use"):
        Listener.on("127.0.0.1", listener.port)


def test_reset_connection_is_broken_for_its_user_and_reset_for_its_peer() -> None:
    with Listener.on("127.0.0.1", 0) as listener:
        client = socket.create_connection(("127.0.0.1", listener.port), timeout=5)
        with client:
            connection = accepted(listener)
            connection.send(b"before")
            assert client.recv(6) == b"before"
            listener.reset()
            assert isinstance(connection, Connection)
            assert connection.broken
            uses: list[Callable[[], object]] = [
                lambda: connection.recv(1),
                lambda: connection.recv_into(bytearray(1)),
                lambda: connection.send(b"x"),
                lambda: connection.sendmsg([b"x"]),
            ]
            for use in uses:
                with pytest.raises(ConnectionResetError):
                    use()
            listener.hang_up()  # does nothing to broken connections
            connection.close()
            with pytest.raises(ConnectionResetError):
                client.recv(1)


def test_single_client_can_be_reset() -> None:
    with Listener.on("127.0.0.1", 0) as listener:
        address = ("127.0.0.1", listener.port)
        with (
            socket.create_connection(address, timeout=5) as first,
            socket.create_connection(address, timeout=5) as second,
        ):
            connections = [accepted(listener) for _ in range(2)]
            listener.reset(first.getsockname())
            connections[0].close()
            with pytest.raises(ConnectionResetError):
                first.recv(1)
            connections[1].sendmsg([b"whole"])
            assert second.recv(5) == b"whole"
            listener.reset(second.getsockname())
            connections[1].close()


def test_reserved_port_refuses_until_it_is_opened() -> None:
    with Listener.reserve("127.0.0.1", 0) as listener:
        address = ("127.0.0.1", listener.port)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=5)
        listener.open()
        with socket.create_connection(address, timeout=5):
            accepted(listener).close()


def test_failed_listener_is_closed() -> None:
    class Deaf(Listener):
        def open(self) -> None:
            made.append(self)
            raise OSError

    made: list[Listener] = []
    with pytest.raises(OSError):  # noqa: PT011 - the message depends on the system
        Deaf.on("127.0.0.1", 0)
    assert made[0].fileno() == -1


def test_sockets_are_secure_only_with_certificates() -> None:
    with Listener.on("127.0.0.1", 0) as listener:
        config = ListenerConfig(listener)
        assert config.create_sockets().insecure_sockets == [listener]
        config.certfile = config.keyfile = "some.pem"
        assert config.create_sockets().secure_sockets == [listener]
