"""REST endpoints for queues and for the queues of a user (guide p.139 to 142)."""

from __future__ import annotations

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.publishing.queue_statistics import queue_xml
from mcp_finesse.simulator.rest.exchange import Exchange, Response, RouteTable, ok
from mcp_finesse.simulator.xml_text import element


class QueueEndpoints:
    """The endpoints of ``/Queue/{id}`` and ``/User/{id}/Queues``. Any user may read queues."""

    def __init__(self, center: ContactCenter) -> None:
        self._center = center

    def routes(self) -> RouteTable:
        """Return the method, path and endpoint of each route."""
        return [("GET", "Queue/{queue}", self.get_queue), ("GET", "User/{user}/Queues", self.get_queues)]

    def get_queue(self, exchange: Exchange) -> Response:
        """Queue—Get Queue."""
        wanted = exchange.path["queue"]
        for queue in self._center.world.queues:
            if queue.id == wanted:
                return ok(queue_xml(queue, self._center.state))
        raise ApiProblem(404, "Not Found", "Unknown queue", wanted)

    def get_queues(self, exchange: Exchange) -> Response:
        """Queue—Get List of Queues for User."""
        agent = self._center.users.agent(exchange.path["user"])
        queues = self._center.queues.of_user(agent.id)
        return ok(element("Queues", [queue_xml(queue, self._center.state) for queue in queues]))
