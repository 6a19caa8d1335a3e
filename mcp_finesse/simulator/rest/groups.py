"""The route table of all endpoint groups other than users, dialogs and resources."""

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


def group_routes(center: ContactCenter) -> RouteTable:
    """Return the method, path and endpoint of each route of every group."""
    return [route for group in GROUPS for route in group(center).routes()]


def largest_body(path: str) -> int:
    """Return the maximum size of a body for this path. The limit is higher for logs and contact files."""
    return BODY_BYTES if path.endswith(PATH_ENDS) else largest_configuration_body(path)
