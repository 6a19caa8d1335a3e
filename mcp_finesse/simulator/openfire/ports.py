"""What a session requires of the connection under it.

A *door* (WebSocket, BOSH or TCP) reads complete elements off its connection and hands them to the
session; the session hands elements back. Only the door knows how a stream is opened, framed and closed.
"""

from __future__ import annotations

from typing import Protocol


class StreamEndpoint(Protocol):
    """What a session needs of the connection under it. Nothing here blocks; order is kept."""

    def open_stream(self, stream_id: str) -> None:
        """Send the header of our side of the stream; the same id again after SASL."""

    def send(self, element: str) -> None:
        """Send one complete element, which declares all its namespaces."""

    def close_stream(self) -> None:
        """Send what ends the stream, then close the connection in order."""

    def abort(self) -> None:
        """Drop the connection: nothing more is sent, not even what waits to be sent."""


class Cancellable(Protocol):
    """What can be called off."""

    def cancel(self) -> None:
        """Call it off."""
