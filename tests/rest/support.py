"""A scripted Finesse on loopback that records the bytes of every request."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.rest import RestClient, RestTimeouts

ADA = Credentials("1001", SecretStr("secret"))
ADA_BASIC = "Basic MTAwMTpzZWNyZXQ="
SHORT = RestTimeouts(connect=2.0, answer=2.0, total=4.0)


@dataclass(frozen=True)
class Recorded:
    """One request as received."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def line(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True)
class Reply:
    """One response. ``then`` is ``keep`` (the connection), or ``cut`` or ``hang`` instead of responding."""

    status: int = 202
    body: bytes = b""
    content_type: str = "application/xml"
    headers: dict[str, str] = field(default_factory=dict)
    then: str = "keep"


def xml(text: str, status: int = 200) -> Reply:
    return Reply(status, text.encode())


def html(text: str = "<!DOCTYPE html><html><body>Welcome</body></html>", status: int = 200) -> Reply:
    return Reply(status, text.encode(), "text/html; charset=utf-8")


def api_error(status: int, kind: str, message: str = "", data: str = "") -> Reply:
    return xml(
        f"<ApiErrors><ApiError><ErrorType>{kind}</ErrorType><ErrorMessage>{message}</ErrorMessage>"
        f"<ErrorData>{data}</ErrorData></ApiError></ApiErrors>",
        status,
    )


OUT_OF_SERVICE = api_error(503, "Service Unavailable", "SERVER_OUT_OF_SERVICE")
CUT = Reply(then="cut")
HANG = Reply(then="hang")


class ScriptedServer:
    """Answers requests from a script, in order, and with ``always`` after its end.

    Attributes:
        requests: the requests received, in order.
        script: the responses still to send.
        always: the response once the script is done: a reply, or a function of the request.
    """

    def __init__(self, *script: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Recorded] = []
        self.script = deque(script)
        self.always: Reply | Callable[[Recorded], Reply] = Reply()
        self.arrived = asyncio.Event()
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
        lower = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(lower.get("content-length", "0")))
        request = Recorded(method, target, headers, body)
        self.requests.append(request)
        self.arrived.set()
        reply = self._reply_to(request)
        if reply.then == "cut":
            return False
        if reply.then == "hang":
            await asyncio.Event().wait()
        fields = {"Content-Type": reply.content_type, "Content-Length": str(len(reply.body)), **reply.headers}
        lines = [f"{name}: {value}" for name, value in fields.items() if value]
        writer.write(("\r\n".join([f"HTTP/1.1 {reply.status} ", *lines]) + "\r\n\r\n").encode() + reply.body)
        await writer.drain()
        return True

    def _reply_to(self, request: Recorded) -> Reply:
        if self.script:
            return self.script.popleft()
        return self.always(request) if callable(self.always) else self.always


@cache
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(host: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(host).configure_cert(context)
    return context


def trusting_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


class Sleeps(list[float]):
    """An injected ``sleep`` that only records its durations."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client_for(server: ScriptedServer, credentials: Credentials = ADA, **options: Any) -> RestClient:
    options.setdefault("sleep", Sleeps())
    options.setdefault("timeouts", SHORT)
    return RestClient(server.url, credentials, allow_insecure=True, **options)


@contextlib.asynccontextmanager
async def scripted(*script: Reply, **options: Any) -> AsyncIterator[tuple[RestClient, ScriptedServer]]:
    """Yield a client and its server over plain HTTP."""
    async with ScriptedServer(*script) as server, client_for(server, **options) as client:
        yield client, server


@contextlib.asynccontextmanager
async def http2_server(path_to_pem: Any, seen: list[str]) -> AsyncIterator[str]:
    """Run a third-party HTTP/2 server with TLS that records the protocol of each request."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        seen.append(scope["http_version"])
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/xml")]}
        )
        await send({"type": "http.response.body", "body": b"<User><loginId>1001</loginId></User>"})

    certificate = authority().issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(path_to_pem)
    config = Config()
    config.bind = ["127.0.0.1:0"]
    config.certfile = config.keyfile = str(path_to_pem)
    config.accesslog = config.errorlog = None
    sockets = config.create_sockets()
    port = sockets.secure_sockets[0].getsockname()[1]
    config.create_sockets = lambda: sockets  # type: ignore[method-assign]
    stop = asyncio.Event()
    task = asyncio.create_task(serve(app, config, shutdown_trigger=stop.wait))  # type: ignore[arg-type]
    try:
        yield f"https://localhost:{port}"
    finally:
        stop.set()
        await task
