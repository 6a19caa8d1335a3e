"""The interface between an XMPP session and its connection.

An endpoint (WebSocket, BOSH or TCP) reads complete elements from its connection and passes them to the
session. The session sends elements through the endpoint, which handles opening, framing and closing.
"""

from __future__ import annotations

from typing import Protocol


class StreamEndpoint(Protocol):
    """A connection as seen by its XMPP session. No method blocks, and the order of elements is preserved."""

    def open_stream(self, stream_id: str) -> None:
        """Send the server's stream header. The stream header after SASL has the same id as the first header."""

    def send(self, element: str) -> None:
        """Send one complete element that declares all its namespaces."""

    def close_stream(self) -> None:
        """Close the stream, then the connection, gracefully."""

    def abort(self) -> None:
        """Drop the connection and discard unsent data."""


class Cancellable(Protocol):
    """The handle of a scheduled callback."""

    def cancel(self) -> None:
        """Cancel the callback."""
