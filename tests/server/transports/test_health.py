"""The health checks answer with a status and nothing else, to everyone."""

from __future__ import annotations

import httpx
import pytest

from mcp_finesse.server import build_server
from mcp_finesse.session import SessionState
from tests.server.support import signed_in
from tests.server.transports.test_http import served


@pytest.mark.parametrize("state", list(SessionState))
async def test_process_is_healthy_in_every_state_and_ready_in_some(state: SessionState) -> None:
    session = signed_in()
    ready = state in (SessionState.READY, SessionState.DEGRADED, SessionState.NO_AGENT)
    async with served(session) as url, httpx.AsyncClient() as http:
        session.state = state
        for method in ("GET", "HEAD"):
            for path, status in (("/healthz", 200), ("/readyz", 200 if ready else 503)):
                answer = await http.request(method, url.replace("/mcp", path), headers={"Host": "x.example"})
                assert (answer.status_code, answer.content) == (status, b"")
                assert set(answer.headers) <= {"date", "content-length"}


async def test_server_without_a_session_is_healthy_and_not_ready() -> None:
    app = build_server(signed_in().as_session()).streamable_http_app()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/readyz")).status_code == 503


@pytest.mark.parametrize("path", ["/healthz/", "/healthz/x", "/readyz?x=1#", "/Healthz", "//healthz"])
async def test_host_is_checked_on_every_other_path(path: str) -> None:
    async with served(signed_in()) as url, httpx.AsyncClient() as http:
        answer = await http.get(url.removesuffix("/mcp") + path, headers={"Host": "x.example"})
        assert answer.status_code == (200 if path.startswith("/readyz?") else 421)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
async def test_health_checks_accept_get_and_head_only(method: str) -> None:
    async with served(signed_in()) as url, httpx.AsyncClient() as http:
        answer = await http.request(method, url.replace("/mcp", "/healthz"))
        assert answer.status_code == 405
