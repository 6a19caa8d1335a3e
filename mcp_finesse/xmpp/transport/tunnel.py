"""Opens a TCP connection through a proxy tunnel. Another protocol then takes over the asyncio transport."""

from __future__ import annotations

import asyncio

from mcp_finesse.proxies import Handshake, Proxy, place
from mcp_finesse.xmpp.transport.base import Deadline, step


async def open_tunnel(proxy: Proxy, host: str, port: int, deadline: Deadline) -> asyncio.Transport:
    """Connect to ``host`` through the proxy, which resolves the name.

    Reading is paused on the returned transport until the next protocol calls ``resume_reading``. Therefore no
    data is lost.

    Raises:
        ProxyCredentialsError: the proxy requires credentials or rejected them.
        NetworkError: the step ``proxy`` failed. No connection stays open.
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
                    raise ConnectionResetError("the proxy closed the connection")
                asking.connection_made(secured)
            await asking.ask(handshake)
    except BaseException:
        asking.abort()
        raise
    return asking.socket


class _Asking(asyncio.Protocol):
    """The protocol of the connection until the tunnel is established."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._handshake: Handshake | None = None
        self._answered: asyncio.Future[None] | None = None

    @property
    def socket(self) -> asyncio.Transport:
        """The transport of the established connection."""
        assert self._transport is not None  # noqa: S101 - for the type checker
        return self._transport

    async def ask(self, handshake: Handshake) -> None:
        """Request the tunnel and wait until it is established."""
        if self.socket.is_closing():
            raise ConnectionResetError("the proxy closed the connection")
        self._handshake = handshake
        self._answered = asyncio.get_running_loop().create_future()
        self.socket.write(handshake.request)
        await self._answered

    def abort(self) -> None:
        """Abort the connection if it exists."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the TCP transport, and later the TLS transport on top of the TCP transport."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Pass data to the handshake."""
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
        """Fail the pending tunnel request."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError("the proxy closed the connection"))
