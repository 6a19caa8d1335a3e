"""REST: the groups of endpoints beside users, dialogs and resources, as one table of routes."""

from __future__ import annotations

from mcp_finesse.simulator.client_logs import BODY_BYTES, PATH_ENDS
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.rest.client_logs import ClientLogEndpoints
from mcp_finesse.simulator.rest.configuration.api import largest_configuration_body
from mcp_finesse.simulator.rest.exchange import RouteTable
from mcp_finesse.simulator.rest.media import MediaEndpoints
from mcp_finesse.simulator.rest.queues import QueueEndpoints
from mcp_finesse.simulator.rest.team_messages import TeamMessageEndpoints
from mcp_finesse.simulator.rest.teams import TeamEndpoints

GROUPS = (
    TeamEndpoints,
    TeamMessageEndpoints,
    QueueEndpoints,
    MediaEndpoints,
    ClientLogEndpoints,
)


def further_routes(center: ContactCenter) -> RouteTable:
    """Method, path and endpoint of every group."""
    return [route for group in GROUPS for route in group(center).routes()]


def largest_body(path: str) -> int:
    """How many bytes a request to this path may have; logs and files of contacts are long."""
    return BODY_BYTES if path.endswith(PATH_ENDS) else largest_configuration_body(path)
