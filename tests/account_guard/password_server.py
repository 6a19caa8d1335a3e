"""A server that checks passwords over HTTP and XMPP on one port and counts rejections."""

from __future__ import annotations

import asyncio
import base64
import re
from collections import Counter
from typing import Self

_ROLE_ERROR = (
    "<ApiErrors><ApiError><ErrorType>Authorization Failure</ErrorType>"
    "<ErrorMessage>UNAUTHORIZED</ErrorMessage></ApiError></ApiErrors>"
)
_HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' from='localhost' id='1'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
)
_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"


class PasswordServer:
    """Checks the password of every user.

    Attributes:
        password: the right password.
        seconds: delay before an authenticated request is answered.
        lose: cut the connection instead of answering an authenticated request.
        lose_rejections: cut the connection instead of rejecting.
        temporary: answer SASL with ``temporary-auth-failure``.
        rejected: how often each wrong password was sent.
        attempts: authenticated requests and logins.
        lines: every request, such as ``GET /finesse/api/SystemInfo``; ``XMPP`` for a login.
        arrived: set by an authenticated request.
    """

    def __init__(self, password: str = "right") -> None:
        self.password = password
        self.seconds = 0.0
        self.lose = self.lose_rejections = self.temporary = False
        self.rejected: Counter[str] = Counter()
        self.attempts = 0
        self.lines: list[str] = []
        self.arrived = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            first = await reader.readexactly(1)
            if first == b"<":
                await self._log_in(reader, writer)
                return
            while await self._answer(first + await reader.readuntil(b"\r\n\r\n"), reader, writer):
                first = b""
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _answer(self, raw: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = raw.decode("latin-1")
        line = " ".join(head.split(" ")[:2])
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        self.lines.append(line)
        given = re.search(r"authorization: Basic (\S+)", head, re.IGNORECASE)
        right = None
        if given:
            right = self._check(base64.b64decode(given[1]).decode().partition(":")[2])
            await asyncio.sleep(self.seconds)
            if self.lose or (self.lose_rejections and not right):
                return False
        if right is False or (right is None and "SystemInfo" not in line):
            status, body = 401, ""
        elif "Forbidden" in line:
            status, body = 401, _ROLE_ERROR
        else:
            status, body = 200, "<User><loginId>1001</loginId></User>"
        fields = f"Content-Type: application/xml\r\nContent-Length: {len(body)}"
        writer.write(f"HTTP/1.1 {status} \r\n{fields}\r\n\r\n{body}".encode())
        await writer.drain()
        return True

    async def _log_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b">")
        offer = f"<mechanisms xmlns='{_SASL}'><mechanism>PLAIN</mechanism></mechanisms>"
        writer.write(f"{_HEADER}<stream:features>{offer}</stream:features>".encode())
        text = (await reader.readuntil(b"</auth>")).decode()
        self.lines.append("XMPP")
        given = re.search(r"<auth[^>]*>([^<]*)</auth>", text)
        assert given is not None
        right = self._check(base64.b64decode(given[1]).decode().split("\0")[2])
        await asyncio.sleep(self.seconds)
        if self.temporary:
            writer.write(f"<failure xmlns='{_SASL}'><temporary-auth-failure/></failure>".encode())
        elif not right:
            writer.write(f"<failure xmlns='{_SASL}'><not-authorized/></failure>".encode())
        await writer.drain()

    def _check(self, password: str) -> bool:
        self.attempts += 1
        self.arrived.set()
        if password != self.password:
            self.rejected[password] += 1
        return password == self.password
