"""REST: the groups of endpoints beside users, dialogs and resources, as one table of routes."""

from __future__ import annotations

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.rest_exchange import RouteTable
from mcp_finesse.simulator.rest_media import MediaEndpoints
from mcp_finesse.simulator.rest_queues import QueueEndpoints
from mcp_finesse.simulator.rest_teams import TeamEndpoints

GROUPS = (TeamEndpoints, QueueEndpoints, MediaEndpoints)


def further_routes(center: ContactCenter) -> RouteTable:
    """Method, path and endpoint of every group."""
    return [route for group in GROUPS for route in group(center).routes()]
