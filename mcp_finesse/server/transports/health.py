"""Health checks: ``/healthz`` and ``/readyz``, which answer with a status and an empty body."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from mcp_finesse.server.sessions import FinesseServer
from mcp_finesse.session import SessionState

HEALTH_PATH = "/healthz"
"""200 while the process serves requests."""
READY_PATH = "/readyz"
"""200 while the session can act, or has no agent because it only configures Finesse; otherwise 503."""
PATHS = (HEALTH_PATH, READY_PATH)
_READY = (SessionState.READY, SessionState.DEGRADED, SessionState.NO_AGENT)


def add_health(mcp: FinesseServer) -> None:
    """Serve both checks. They need neither a token nor an allowed Host header, so they reveal nothing else."""

    async def healthz(_: Request) -> Response:
        return Response()

    async def readyz(_: Request) -> Response:
        return Response(status_code=200 if mcp.sessions.state in _READY else 503)

    mcp.custom_route(HEALTH_PATH, methods=["GET"])(healthz)
    mcp.custom_route(READY_PATH, methods=["GET"])(readyz)
