"""REST: ClientLog and CompressedClientLog (guide p.158 to 164)."""

from __future__ import annotations

from mcp_finesse.simulator.client_logs import BODY_BYTES
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.rest.exchange import Exchange, Response, RouteTable
from mcp_finesse.simulator.xml_text import read_body


class ClientLogEndpoints:
    """POST on ``/User/{id}/ClientLog`` and ``/User/{id}/CompressedClientLog``, for the requesting user only."""

    def __init__(self, center: ContactCenter) -> None:
        self._center = center

    def routes(self) -> RouteTable:
        """Return the method, path and endpoint of each route."""
        return [
            ("POST", "User/{user}/ClientLog", self.post_log),
            ("POST", "User/{user}/CompressedClientLog", self.post_archive),
        ]

    def post_log(self, exchange: Exchange) -> Response:
        """ClientLog—Post to Finesse."""
        agent = self._center.users.own(exchange.acting, exchange.path["user"])
        body = read_body(exchange.body, "ClientLog", BODY_BYTES)
        self._center.client_logs.take_text(agent.id, body.text("logData"))
        return Response(202)

    def post_archive(self, exchange: Exchange) -> Response:
        """CompressedClientLog—Post Compressed Log to Finesse."""
        agent = self._center.users.own(exchange.acting, exchange.path["user"])
        self._center.client_logs.take_archive(agent.id, exchange.body)
        return Response(202)
