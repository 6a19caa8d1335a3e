"""What surrounds a session: the door that carries it, the server that it belongs to.

A *door* (WebSocket, BOSH or TCP) reads complete elements off its connection and hands them to the
session; the session hands elements back. Only the door knows how a stream is opened, framed and closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from xml.etree.ElementTree import Element

from mcp_finesse.simulator.jid import Jid
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from mcp_finesse.simulator.publication import AuthResult

if TYPE_CHECKING:
    from mcp_finesse.simulator.xmpp_session import XmppSession


class Door(Protocol):
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


class SessionHost(Protocol):
    """What a session needs of the server it belongs to."""

    @property
    def domain(self) -> str:
        """XMPP domain, in lower case."""

    @property
    def openfire(self) -> OpenfireSettings:
        """Settings of the server."""

    @property
    def silent(self) -> bool:
        """The server takes what clients send and says nothing to those who are logged in."""

    def later(self, seconds: float, callback: Callable[[], None]) -> Cancellable:
        """Call back after some time."""

    def tick(self) -> int:
        """The next number of a count that orders all activity."""

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check an id and a password."""

    def bind(self, session: XmppSession, jid: Jid) -> None:
        """Give a session its address; raises ``StanzaError`` when it cannot have it."""

    def presence(self, session: XmppSession, stanza: Element) -> None:
        """Take a presence stanza."""

    def answer(self, session: XmppSession, request: Element) -> None:
        """Answer an IQ get or set with one child; raises ``StanzaError`` for an error."""

    def gone(self, session: XmppSession) -> None:
        """The session has ended."""
