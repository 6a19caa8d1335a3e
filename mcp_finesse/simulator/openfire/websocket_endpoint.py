"""XMPP over WebSocket (RFC 7395) as an ASGI application: one element per text frame."""

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
MAX_MESSAGE = 2**20  # bytes; Openfire's limit for one inbound message
_MAX_WAITING = 10_000  # frames that a client may leave unread before it is dropped

_NORMAL, _NOT_TEXT, _TOO_BIG, _ERROR = 1000, 1003, 1009, 1011  # close codes, RFC 6455 section 7.4.1


async def refuse(receive: Receive, send: Send, scope: Scope, status: int) -> None:
    """Refuse a WebSocket handshake with an HTTP status (403 where the server can send no other)."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        headers = [(b"content-length", b"0")]
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close"})


class WebSocketDoor:
    """One WebSocket connection, from the handshake to its end. Implements ``StreamEndpoint``.

    Args:
        domain: XMPP domain, named in every stream header.
        receive: the ASGI connection.
        send: the ASGI connection.
        close_timeout: seconds that the client has to close after we have closed.
    """

    def __init__(self, domain: str, receive: Receive, send: Send, close_timeout: float) -> None:
        self._domain = domain
        self._receive = receive
        self._send = send
        self._close_timeout = close_timeout
        # Text frames in order; a number is the close code that ends them.
        self._outgoing: asyncio.Queue[str | int] = asyncio.Queue()
        self._deadline = asyncio.timeout(None)
        self._closing = False

    async def run(self, open_session: Callable[[StreamEndpoint], XmppSession]) -> None:
        """Accept the connection and serve its session until it is closed or lost."""
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
            pass  # the client did not do its part of the close in time
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def open_stream(self, stream_id: str) -> None:
        """Send ``<open/>``."""
        attributes = {"to": None, "from": self._domain, "id": stream_id, "version": "1.0", "xml:lang": "en"}
        self.send(build("open", attributes, xmlns=FRAMING))

    def send(self, element: str) -> None:
        """Queue one element as a frame; a client that reads nothing for too long is dropped."""
        if self._closing:
            return
        if self._outgoing.qsize() >= _MAX_WAITING:
            self.abort()
            return
        self._outgoing.put_nowait(element)

    def close_stream(self) -> None:
        """Send ``<close/>``, then the close frame of the WebSocket (RFC 7395 section 3.6)."""
        self.send(build("close", xmlns=FRAMING))
        self._close(_NORMAL)

    def abort(self) -> None:
        """Drop what waits and close with 1011, without ``<close/>``.

        An ASGI application cannot cut the connection under it. Returning at once would do nearly that,
        but then the peer's close frame meets closed TLS, and hypercorn reports an unhandled error.
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
            # Also whitespace and two elements in one frame; Openfire 4.8 answers all of it like this.
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
        # An OSError is how an ASGI server says that the client is gone; it tells the reader as well.
        with contextlib.suppress(OSError):
            while isinstance(item := await self._outgoing.get(), str):
                await self._send({"type": "websocket.send", "text": item})
            await self._send({"type": "websocket.close", "code": item})
