"""Behind nginx, which we did not write, with the configuration that the guide shows."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trustme
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ResourceUpdatedNotification

from mcp_finesse.model import Update
from mcp_finesse.server import AuthConfig, Exposure, OAuthConfig, TokenFile
from tests.peers.nginx import reverse_proxy
from tests.server.support import ERAS, ScriptedSession, agent, signed_in, tell
from tests.server.transports.test_http import served

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning"),
]

NAME = "finesse-mcp.example.com"
PUBLIC = f"https://{NAME}/mcp"


class Bench:
    """Our server behind nginx. Clients use the public name, as if it led to nginx.

    Attributes:
        session: The session of our server.
    """

    def __init__(self, folder: Path) -> None:
        self.session: ScriptedSession = signed_in()
        self._folder = folder
        self._file = TokenFile(folder / "tokens.json")
        self._token = self._file.create("ada", ["finesse:read", "finesse:act"])
        self._authority = trustme.CA()

    @asynccontextmanager
    async def serving(self, *, more: str = "", **options: Any) -> AsyncIterator[str]:
        files = self._folder / "nginx"
        files.mkdir(mode=0o755)
        async with (
            served(self.session, **options) as url,
            reverse_proxy(files, url, self._authority, more) as address,
        ):
            yield address

    def as_stated(self) -> dict[str, Any]:
        """Return the settings of the guide."""
        oauth = OAuthConfig("https://login.example.com/realms/contact-center")
        return {
            "exposure": Exposure(public_url=PUBLIC, behind_tls_proxy=True),
            "auth": AuthConfig(token_file=self._file.path, oauth=oauth),
        }

    def http(self, *, token: bool = True) -> httpx2.AsyncClient:
        trusted = ssl.create_default_context()
        self._authority.configure_trust(trusted)
        headers = {"Host": NAME} | ({"Authorization": f"Bearer {self._token}"} if token else {})
        return httpx2.AsyncClient(verify=trusted, headers=headers, timeout=30, trust_env=False)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize("era", ERAS)
async def test_clients_call_tools_and_are_notified_at_once(bench: Bench, era: str) -> None:
    heard = asyncio.Event()

    async def hear(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            heard.set()

    async with (
        bench.serving(**bench.as_stated()) as url,
        bench.http() as http,
        Client(streamable_http_client(url, http_client=http), mode=era, message_handler=hear) as client,
    ):
        assert "READY" in await tell(client, "get_user")
        update = Update(event="PUT", source="/finesse/api/User/1001", user=agent())
        began = time.monotonic()
        async with asyncio.timeout(20):
            if era == "legacy":
                await client.subscribe_resource("finesse://user")
                bench.session.hear("user", update)
                await heard.wait()
            else:
                async with client.listen(resource_subscriptions=["finesse://user"]) as events:
                    bench.session.hear("user", update)
                    assert (await anext(events)).uri == "finesse://user"  # type: ignore[union-attr]
        assert time.monotonic() - began < 10  # nginx does not keep the event until its buffer is full


async def test_clients_without_a_token_find_the_authorization_server(bench: Bench) -> None:
    async with bench.serving(**bench.as_stated()) as url, bench.http(token=False) as http:
        answer = await http.post(url)
        assert answer.status_code == 401
        metadata = f"https://{NAME}/.well-known/oauth-protected-resource/mcp"
        assert f'resource_metadata="{metadata}"' in answer.headers["www-authenticate"]
        found = await http.get(url.replace("/mcp", "/.well-known/oauth-protected-resource/mcp"))
        assert found.json()["resource"] == PUBLIC


@pytest.mark.parametrize(
    ("more", "options", "status"),
    [
        ("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", {"allowed_hosts": [NAME]}, 403),
        ("proxy_set_header X-Real-IP $remote_addr;", {"allowed_hosts": [NAME]}, 403),
        ("", {}, 421),
    ],
    ids=["X-Forwarded-For", "X-Real-IP", "public name"],
)
async def test_forgotten_proxy_reaches_no_server_without_authentication(
    more: str, options: dict[str, Any], status: int, bench: Bench
) -> None:
    async with bench.serving(more=more, **options) as url, bench.http(token=False) as http:
        assert (await http.post(url)).status_code == status
