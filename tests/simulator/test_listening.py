"""A listening socket that can end its connections."""

from __future__ import annotations

import socket
import time

import pytest

from mcp_finesse.simulator.listening import Listener, ListenerConfig


def accepted(listener: Listener) -> socket.socket:
    """The connection that is on its way; the listener does not block."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return listener.accept()[0]
        except BlockingIOError:
            assert time.monotonic() < deadline


def test_open_connections_end_and_closed_ones_do_not_matter() -> None:
    with Listener.on("127.0.0.1", 0) as listener:
        with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as client:
            first = accepted(listener)
            with socket.create_connection(("127.0.0.1", listener.port), timeout=5):
                accepted(listener).close()
                listener.hang_up()
                assert client.recv(1) == b""
        first.close()


def test_an_address_that_is_taken() -> None:
    with Listener.on("127.0.0.1", 0) as listener, pytest.raises(OSError, match="in use"):
        Listener.on("127.0.0.1", listener.port)


def test_secure_only_with_certificates() -> None:
    with Listener.on("127.0.0.1", 0) as listener:
        config = ListenerConfig(listener)
        assert config.create_sockets().insecure_sockets == [listener]
        config.certfile = config.keyfile = "some.pem"
        assert config.create_sockets().secure_sockets == [listener]
