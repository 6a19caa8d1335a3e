"""A BOSH server controlled by the test: every request waits until the test decides its response."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Self

from mcp_finesse.xmpp import Route, bosh_route
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming
from tests.xmpp.support import DOMAIN, SASL, STREAMS, client_context, local

BOSH = "http://jabber.org/protocol/httpbind"
XBOSH = "{urn:xmpp:xbosh}"
BRISK = BoshTiming(backoff=0.02, farewell=0.1)
"""The session timing, with short pauses before a request is sent again."""
GRANTED = "sid='s&amp;1' wait='60' hold='1' requests='2' inactivity='30' polling='5' ver='1.6' ack='{rid}'"
FEATURES = (
    f"<stream:features><mechanisms xmlns='{SASL}'><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
)


@dataclass
class Asked:
    """One received request."""

    raw: bytes
    decided: asyncio.Future[bytes | None] = field(repr=False)

    @property
    def body(self) -> ET.Element:
        return ET.fromstring(self.raw)

    @property
    def rid(self) -> int:
        return int(self.body.attrib["rid"])

    @property
    def names(self) -> list[str]:
        return [local(child) for child in self.body]

    def answer(self, attributes: str = "", payload: str = "") -> None:
        self.answer_http(f"<body xmlns='{BOSH}' xmlns:stream='{STREAMS}' {attributes}>{payload}</body>")

    def answer_http(self, content: str, status: int = 200, kind: str = "text/xml; charset=utf-8") -> None:
        data = content.encode()
        self.decided.set_result(
            f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            + data
        )

    def cut(self) -> None:
        """Close the connection instead of responding."""
        self.decided.set_result(None)


class BoshServer:
    """A BOSH server.

    Attributes:
        connections: how many connections are open.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self._tls = tls
        self._asked: asyncio.Queue[Asked] = asyncio.Queue()
        self._all_closed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        scheme, host = ("https", "localhost") if self._tls else ("http", "127.0.0.1")
        self.url = f"{scheme}://{host}:{self._server.sockets[0].getsockname()[1]}/http-bind/"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    def route(self, timing: BoshTiming = BRISK) -> Route:
        return bosh_route(
            self.url, client_context() if self._tls else None, allow_insecure=True, timing=timing
        )

    async def next(self, seconds: float = 5) -> Asked:
        async with asyncio.timeout(seconds):
            return await self._asked.get()

    async def nothing_for(self, seconds: float) -> bool:
        try:
            await self.next(seconds)
        except TimeoutError:
            return True
        return False

    def hang_up(self) -> None:
        """Close all connections."""
        for task in self._tasks:
            task.cancel()

    async def until_left_alone(self) -> None:
        """Wait until no connection is open."""
        async with asyncio.timeout(5):
            while self.connections:
                self._all_closed.clear()
                await self._all_closed.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"POST /http-bind/ HTTP/1.1\r\n"), head
                length = next(
                    line.split(b":")[1]
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                asked = Asked(
                    await reader.readexactly(int(length)), asyncio.get_running_loop().create_future()
                )
                self._asked.put_nowait(asked)
                gone = asyncio.ensure_future(reader.read(1))
                try:
                    await asyncio.wait({asked.decided, gone}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    gone.cancel()
                    await asyncio.wait({gone})
                if not asked.decided.done() or (answer := asked.decided.result()) is None:
                    break
                writer.write(answer)
        writer.transport.abort()
        self._tasks.discard(task)
        self.connections -= 1
        self._all_closed.set()


async def granted(server: BoshServer, terms: str = GRANTED, payload: str = FEATURES) -> Asked:
    """Grant the requested session."""
    asked = await server.next()
    assert asked.body.get("to") == DOMAIN
    asked.answer(terms.format(rid=asked.rid) + f" from='{DOMAIN}' authid='stream-1'", payload)
    return asked
