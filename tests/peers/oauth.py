"""An authorization server that we did not write, and a browser that logs in at it without a person."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.peers import node

REDIRECT = "http://127.0.0.1:9/callback"


@dataclass(frozen=True)
class AuthorizationServer:
    """A running authorization server."""

    issuer: str

    async def token(
        self, resource: str, scope: str = "finesse:read finesse:act", client: str = "robot"
    ) -> str:
        """Return an access token of one of its clients, which has no person behind it."""
        form = {"grant_type": "client_credentials", "scope": scope, "resource": resource}
        return str((await self._post("/token", form, client))["access_token"])

    async def revoke(self, token: str, client: str = "robot") -> None:
        """Revoke an access token."""
        await self._post("/token/revocation", {"token": token}, client)

    async def _post(self, path: str, form: dict[str, str], client: str) -> dict[str, object]:
        async with httpx.AsyncClient(trust_env=False) as http:
            credentials = (client, f"secret+of+{client}")
            answer = await http.post(self.issuer + path, data=form, auth=credentials)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()) if answer.content else {}


@asynccontextmanager
async def authorization_server(folder: Path) -> AsyncIterator[AuthorizationServer]:
    """Yield an authorization server by oidc-provider; ``folder`` is its home."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        node.node(), node.HERE / "authorization_server.mjs", stdin=pipe, stdout=pipe, stderr=pipe,
        env=os.environ | {"HOME": str(folder), "PEERS": str(node.modules().resolve()), "NO_COLOR": "1"},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    said = asyncio.create_task(process.stderr.read())
    try:
        async with asyncio.timeout(node.LIMIT):
            line = await process.stdout.readline()
        assert line, (await said).decode()
        yield AuthorizationServer(json.loads(line)["issuer"])
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(node.LIMIT):
                await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            await said


async def log_in(address: str) -> dict[str, str]:
    """Follow the redirects of the authorization server until it sends the browser back; return the parameters."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        while not address.startswith(REDIRECT):
            answer = await browser.get(address)
            assert answer.is_redirect, answer.text
            address = str(answer.url.join(answer.headers["location"]))
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
