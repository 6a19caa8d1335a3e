"""An HTTP proxy in the test's hands: it opens tunnels, refuses, keeps silent, and remembers all that passes."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from typing import Any, Self

from mcp_finesse.proxies import Proxies, Proxy


def basic(pair: str) -> bytes:
    return b"Basic " + base64.b64encode(pair.encode())


class ConnectProxy:
    """A proxy on loopback.

    Attributes:
        asked: the targets it was asked for, in order.
        heads: whole requests for tunnels.
        passed: every byte that went up through a tunnel, as the proxy could read it.
        names: hosts that only this proxy can find, and their port on loopback.
        answer: said instead of opening a tunnel; empty for silence.
        open: how many connections stand.
    """

    def __init__(
        self,
        *,
        login: str | None = None,
        answer: bytes | None = None,
        names: dict[str, int] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self.passed = bytearray()
        self.names = names or {}
        self.answer = answer
        self.open = 0
        self._login = login
        self._tls = tls
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, login: str = "") -> str:
        """Its address, with these credentials in it."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{login}{'@' if login else ''}localhost:{self.port}"

    def proxy(self, login: str = "", trust: ssl.SSLContext | None = None) -> Proxy:
        return Proxy.of(self.url(login), "FINESSE_PROXY", lambda: trust or ssl.create_default_context())

    def proxies(self, login: str = "") -> Proxies:
        """The setting that sends everything through it."""
        return Proxies(own=self.url(login))

    def cut(self) -> None:
        """End all connections."""
        for task in self._tasks:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.open += 1
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        assert method == "CONNECT", head
        self.asked.append(target)
        if self.answer is not None:
            writer.write(self.answer)
            await reader.read()
            return
        if self._login is not None and b"Proxy-Authorization: " + basic(self._login) not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n")
            await writer.drain()
            return
        host, _, port = target.rpartition(":")
        up_reader, up = await asyncio.open_connection("127.0.0.1", self.names.get(host, int(port)))
        writer.write(b"HTTP/1.1 200 Connection established\r\nVia: a-test\r\n\r\n")
        pumps = {
            asyncio.create_task(self._pump(reader, up, self.passed)),
            asyncio.create_task(self._pump(up_reader, writer)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.transport.abort()
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, memory: bytearray | None = None
    ) -> None:
        """Pass on until one side ends."""
        while data := await source.read(65536):
            if memory is not None:
                memory += data
            sink.write(data)
            await sink.drain()
