"""A WebSocket connection as an ``asyncio.Transport``. The class is also the asyncio protocol of the socket.

Built on the sans-I/O layer of ``websockets``. Writes are synchronous, as slixmpp expects. No task or queue can
therefore reorder or delay the writes.
"""

from __future__ import annotations

import asyncio
import logging
import math

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from mcp_finesse.redaction import truncated
from mcp_finesse.xmpp.transport import framing
from mcp_finesse.xmpp.transport.base import StreamSide
from mcp_finesse.xmpp.transport.buffered_protocol import BufferedReceiver

MAX_MESSAGE = 4 * 2**20
"""Maximum size of a received message in bytes: four times the maximum of a default Openfire."""

MAX_FRAMES = 10_000
"""Maximum number of frames in a message. This also limits empty frames, which the size limit cannot."""

_LONGEST_TYPE, _LONGEST_ADDRESS, _LONGEST_REASON = 80, 200, 400
"""Maximum characters that an error quotes from the response: media type, redirect address, and malformed lines."""

# The library logs complete frames at DEBUG, including the one that carries the password.
_log = logging.getLogger(__name__ + ".frames")
_log.setLevel(logging.INFO)


class WebSocketTransport(BufferedReceiver, asyncio.Transport):
    """One WebSocket connection.

    ``get_extra_info`` deliberately keeps the inherited version, which returns no values: if slixmpp sees an
    ``ssl_object``, it waits for a connection attempt of its own.
    """

    def __init__(self, stream: StreamSide, uri: WebSocketURI) -> None:
        super().__init__()
        self._stream = stream
        self._protocol = ClientProtocol(
            uri, subprotocols=[Subprotocol("xmpp")], max_size=MAX_MESSAGE, logger=_log
        )
        # This future is created when the upgrade is requested, and resolved when the server accepts the
        # upgrade. Later data is delivered to the stream.
        self._opened: asyncio.Future[None] | None = None
        self._parts: list[bytes] = []  # the received parts of a fragmented message
        # The number of received bytes of an incomplete frame. Unknown before the upgrade.
        self._unfinished = math.inf
        self._rooted = False  # whether the parser has received a root element since the last header
        self._closing = False  # nothing is delivered to the stream or sent to the socket any more
        self._failure: Exception | None = None  # why we or the server ended the connection

    async def upgrade(self) -> None:
        """Request the WebSocket upgrade and wait until it is complete. Raise OSError or ValueError if it fails."""
        if self._closing:
            raise ConnectionResetError("the server closed the connection")
        self._opened = asyncio.get_running_loop().create_future()
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        await self._opened

    # To the socket below.

    def data_received(self, data: bytes) -> None:
        """Process bytes from the socket: the response to the upgrade, or frames."""
        if not self._unfinished and not self._parts and self._protocol.state is State.OPEN:
            messages, data = framing.leading_texts(data)
            for message in messages:
                self._message(message)
        if data:
            self._others(data)

    def _others(self, data: bytes) -> None:
        """Parse data that is not a complete unfragmented text frame, with the protocol of ``websockets``."""
        protocol = self._protocol
        protocol.receive_data(data)
        self._unfinished += len(data)
        for event in protocol.events_received():
            if isinstance(event, Frame):
                self._unfinished -= framing.size_on_the_wire(len(event.data))
                self._frame(event)
        self._flush()  # pongs, and the echo of a close frame
        if self._opened is not None and not self._opened.done():
            if data.endswith(b"\r\n\r\n"):  # the data contained no frame after the response
                self._unfinished = 0
            self._judge_upgrade(self._opened)
        elif protocol.state is not State.OPEN and not self._closing:
            self._fail(protocol.parser_exc or _closed_by(protocol.close_rcvd))

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the loss of the socket to the stream, or to the pending upgrade."""
        self._closing = True
        if self._opened is None or self._opened.cancelled():
            return
        if not self._opened.done():
            self._opened.set_exception(exc or ConnectionResetError("the server closed the connection"))
        elif self._opened.exception() is None:
            self._stream.connection_lost(self._failure or exc)

    def _judge_upgrade(self, opened: asyncio.Future[None]) -> None:
        protocol = self._protocol
        if protocol.handshake_exc is not None:
            opened.set_exception(_why_not(protocol.handshake_exc))
        elif protocol.state is State.OPEN and protocol.subprotocol != "xmpp":
            opened.set_exception(ValueError("the server does not support the subprotocol xmpp"))
        elif protocol.state is State.OPEN:
            opened.set_result(None)

    def _frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT or frame.opcode is Opcode.CONT:
            self._parts.append(bytes(frame.data))
            if len(self._parts) > MAX_FRAMES:
                self._fail(ValueError("the server sent a message in too many frames"))
            elif frame.fin:
                message = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
                self._parts = []
                self._message(message)
        elif frame.opcode is Opcode.BINARY:  # RFC 7395 3.2
            self._fail(ValueError("the server sent a binary frame"))

    def _message(self, message: bytes) -> None:
        if self._closing:
            return
        opens = False
        if message.startswith(framing.UNUSUAL):
            try:
                message, opens, other = framing.incoming(message)
            except ValueError as exc:
                self._fail(exc)
                return
            if other is not None:
                self._failure = ConnectionError(
                    f"the server redirects to {truncated(other, _LONGEST_ADDRESS)}"
                )
        if not self._rooted and not opens:  # the server sent an error or a close frame instead of <open/>
            self._stream.data_received(framing.stream_root())
        self._rooted = True
        self._stream.data_received(message)

    def _fail(self, why: Exception) -> None:
        """Close an unusable connection without waiting for the server's close frame."""
        self._failure = self._failure or why
        self.close()
        self.abort()

    def _flush(self) -> None:
        if self._socket is not None:
            for data in self._protocol.data_to_send():
                if data:  # empty data requests a half-close, which TLS does not support
                    self._socket.write(data)

    # To the stream above.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send one stanza, header or footer as one message.

        Whitespace is dropped, because slixmpp's whitespace keepalive cannot be disabled. Servers close the
        connection on a frame without an element.
        """
        stanza = bytes(data)
        if stanza.startswith(b"<open"):
            self._rooted = False
        if not self._closing and self._protocol.state is State.OPEN and not stanza.isspace():
            self._protocol.send_text(framing.standalone(stanza))
            self._flush()

    def is_closing(self) -> bool:
        """Return whether the connection is closing or closed."""
        return self._closing

    def close(self) -> None:
        """Send the close frame and close the socket. The frame is sent immediately, because slixmpp aborts next."""
        if self._closing:
            return
        self._closing = True
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1000)
            self._flush()
        if self._socket is not None:
            self._socket.close()

    def abort(self) -> None:
        """Abort the connection. ``connection_lost`` is called afterwards."""
        self._closing = True
        if self._socket is not None:
            self._socket.abort()


def _closed_by(close: Close | None) -> ConnectionError:
    """Return a description of the server's close frame."""
    return ConnectionError(f"the server closed the WebSocket ({close or 'without a reason'})")


def _why_not(exc: Exception) -> ValueError:
    """Return a description of an HTTP response that rejects the upgrade."""
    if not isinstance(exc, InvalidStatus):
        reason = f"{exc}{f' ({exc.__cause__})' if exc.__cause__ else ''}"
        return ValueError(truncated(reason, _LONGEST_REASON))  # it quotes the line that is malformed
    response = exc.response
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    target = response.headers.get("Location", "")
    return ValueError(
        f"the server responded with HTTP {response.status_code}"
        + (f" with {truncated(kind, _LONGEST_TYPE)}" if kind else "")
        + (f" and a redirection to {truncated(target, _LONGEST_ADDRESS)}" if target else "")
    )
