"""XMPP over WebSocket (RFC 7395) as an ASGI application. Each text frame contains one element."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mcp_finesse.simulator.openfire.ports import StreamEndpoint
from mcp_finesse.simulator.openfire.session import XmppSession
from mcp_finesse.simulator.openfire.stanzas import MalformedXmlError, build, parse, split_tag

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
SUBPROTOCOL = "xmpp"
MAX_MESSAGE = 2**20  # in bytes: Openfire's limit for one inbound message
_MAX_WAITING = 10_000  # frames a client may leave unread before it is disconnected

_NORMAL, _NOT_TEXT, _TOO_BIG, _ERROR = 1000, 1003, 1009, 1011  # close codes, RFC 6455 section 7.4.1


async def refuse(receive: Receive, send: Send, scope: Scope, status: int) -> None:
    """Reject a WebSocket handshake with an HTTP status. If the ASGI server cannot send this status, it sends 403."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"content-length", b"0")]
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close"})


class WebSocketEndpoint:
    """One WebSocket connection. Implements ``StreamEndpoint``.

    Args:
        domain: XMPP domain for stream headers.
        receive: ASGI receive callable.
        send: ASGI send callable.
        close_timeout: how many seconds the client has to close its side after the server has closed its own
            side.
    """

    def __init__(self, domain: str, receive: Receive, send: Send, close_timeout: float) -> None:
        self._domain = domain
        self._receive = receive
        self._send = send
        self._close_timeout = close_timeout
        # The text frames to send, in order. The last item is the close code, an int.
        self._outgoing: asyncio.Queue[str | int] = asyncio.Queue()
        self._deadline = asyncio.timeout(None)
        self._closing = False

    async def run(self, open_session: Callable[[StreamEndpoint], XmppSession]) -> None:
        """Accept the connection and serve its XMPP session until the connection is closed or lost."""
        await self._receive()  # websocket.connect
        await self._send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        writer = asyncio.create_task(self._write())
        try:
            async with self._deadline:
                session = open_session(self)
                try:
                    await self._read(session)
                finally:
                    self._closing = True
                    session.connection_lost()
        except TimeoutError:
            pass  # the client did not close in time
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def open_stream(self, stream_id: str) -> None:
        """Send ``<open/>``."""
        attributes = {"to": None, "from": self._domain, "id": stream_id, "version": "1.0", "xml:lang": "en"}
        self.send(build("open", attributes, xmlns=FRAMING))

    def send(self, element: str) -> None:
        """Queue one element as a frame. Disconnect a client that has left too many frames unread."""
        if self._closing:
            return
        if self._outgoing.qsize() >= _MAX_WAITING:
            self.abort()
            return
        self._outgoing.put_nowait(element)

    def close_stream(self) -> None:
        """Send ``<close/>``, then the WebSocket close frame (RFC 7395 section 3.6)."""
        self.send(build("close", xmlns=FRAMING))
        self._close(_NORMAL)

    def abort(self) -> None:
        """Discard queued frames and close with code 1011, without ``<close/>``.

        An ASGI application cannot cut its connection. If the application returned immediately, the peer's close
        frame would arrive on a closed TLS connection, and hypercorn would log an unhandled error.
        """
        if not self._closing:
            while not self._outgoing.empty():
                self._outgoing.get_nowait()
            self._close(_ERROR)

    def _close(self, code: int) -> None:
        if not self._closing:
            self._closing = True
            self._outgoing.put_nowait(code)
            self._deadline.reschedule(asyncio.get_running_loop().time() + self._close_timeout)

    async def _read(self, session: XmppSession) -> None:
        while (message := await self._receive())["type"] != "websocket.disconnect":
            if not self._closing:
                self._take(session, message.get("text"))

    def _take(self, session: XmppSession, text: str | None) -> None:
        if text is None or len(text.encode()) > MAX_MESSAGE:
            self._close(_NOT_TEXT if text is None else _TOO_BIG)
            session.connection_lost()
            return
        try:
            element = parse(text)
        except MalformedXmlError:
            # As in Openfire 4.8, whitespace or two elements in one frame also cause internal-server-error.
            session.end("internal-server-error")
            return
        namespace, name = split_tag(element.tag)
        if name in ("open", "close") and namespace != FRAMING:
            session.end("invalid-namespace")
        elif name == "open":
            session.open(element.get("to"))
        elif name == "close":
            session.end()
        else:
            session.receive(element)

    async def _write(self) -> None:
        # ASGI servers raise OSError when the client has disconnected. The reader gets a disconnect message.
        with contextlib.suppress(OSError):
            while isinstance(item := await self._outgoing.get(), str):
                await self._send({"type": "websocket.send", "text": item})
            await self._send({"type": "websocket.close", "code": item})
