"""Test tools: a simulator on real sockets and a plain HTTP client for it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from lxml import etree

from mcp_finesse.simulator.server import Simulator

WAIT_SECONDS = 10.0


class Client:
    """Plain HTTP requests of one user."""

    def __init__(self, http: httpx.AsyncClient, user_id: str, password: str) -> None:
        self.http = http
        self._auth = (user_id, password)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.get(f"/finesse/api/{path}", auth=self._auth, **more)

    async def put(self, path: str, body: str, request_id: str = "") -> httpx.Response:
        return await self.send("PUT", path, body, request_id)

    async def send(self, method: str, path: str, body: str | bytes, request_id: str = "") -> httpx.Response:
        headers = {"Content-Type": "application/xml"} | ({"requestId": request_id} if request_id else {})
        return await self.http.request(
            method, f"/finesse/api/{path}", content=body, headers=headers, auth=self._auth
        )

    async def sign_in(self, extension: str) -> httpx.Response:
        user_id = self._auth[0]
        return await self.put(
            f"User/{user_id}", f"<User><state>LOGIN</state><extension>{extension}</extension></User>"
        )


@asynccontextmanager
async def client_of(
    simulator: Simulator,
    user_id: str = "1001",
    password: str = "secret",
    http2: bool = True,
    timeout: float = 10,
) -> AsyncIterator[Client]:
    verify: ssl.SSLContext | bool = True
    if simulator.settings.tls:
        verify = ssl.create_default_context(cafile=str(simulator.ca_file))
    async with httpx.AsyncClient(
        base_url=simulator.url, verify=verify, http2=http2, timeout=timeout, trust_env=False
    ) as http:
        yield Client(http, user_id, password)


def xml(answer: httpx.Response) -> Any:
    return etree.fromstring(answer.content)


def error(answer: httpx.Response) -> tuple[int, str, str, str]:
    """Return status, type, message and data of an error response."""
    detail = xml(answer).find("ApiError")
    words = [detail.findtext(name) or "" for name in ("ErrorType", "ErrorMessage", "ErrorData")]
    return answer.status_code, words[0], words[1], words[2]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition in the simulator that has no event of its own."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - the thing waited for is a plain list
            await asyncio.sleep(0.005)
