"""A TCP connection through a proxy's tunnel, as a transport of asyncio that the next protocol takes over."""

from __future__ import annotations

import asyncio

from mcp_finesse.proxies import Handshake, Proxy, place
from mcp_finesse.xmpp.transport.base import Deadline, step


async def open_tunnel(proxy: Proxy, host: str, port: int, deadline: Deadline) -> asyncio.Transport:
    """Connect to ``host`` through the proxy, which looks its name up.

    The transport does not read until its next protocol lets it (``resume_reading``), so nothing is lost.

    Raises:
        ProxyCredentialsError: the proxy wants other credentials.
        NetworkError: with the step ``proxy``. What was opened is closed again.
    """
    loop = asyncio.get_running_loop()
    asking = _Asking()
    try:
        async with step("proxy", f"{proxy.url} to {place(host, port)}", deadline):
            handshake = Handshake(proxy, host, port)
            await loop.create_connection(lambda: asking, proxy.host, proxy.port, happy_eyeballs_delay=0.25)
            if proxy.tls is not None:
                secured = await loop.start_tls(asking.socket, asking, proxy.tls, server_hostname=proxy.host)
                if secured is None:
                    raise ConnectionResetError("it closed the connection")
                asking.connection_made(secured)
            await asking.ask(handshake)
    except BaseException:
        asking.abort()
        raise
    return asking.socket


class _Asking(asyncio.Protocol):
    """The protocol of the connection until the tunnel stands."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._handshake: Handshake | None = None
        self._answered: asyncio.Future[None] | None = None

    @property
    def socket(self) -> asyncio.Transport:
        """The connection, once it is made."""
        assert self._transport is not None  # noqa: S101 - told to the type checker
        return self._transport

    async def ask(self, handshake: Handshake) -> None:
        """Ask for the tunnel; returns when it stands."""
        if self.socket.is_closing():
            raise ConnectionResetError("it closed the connection")
        self._handshake = handshake
        self._answered = asyncio.get_running_loop().create_future()
        self.socket.write(handshake.request)
        await self._answered

    def abort(self) -> None:
        """End the connection, if there is one."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The TCP connection, and after that the TLS connection on it, stands."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Part of the answer."""
        answered, handshake = self._answered, self._handshake
        if answered is None or handshake is None or answered.done():
            return
        try:
            if handshake.feed(data):
                self.socket.pause_reading()
                answered.set_result(None)
        except Exception as exc:
            answered.set_exception(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError("it closed the connection"))
