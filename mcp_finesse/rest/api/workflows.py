"""REST operations to read a user's workflows and media properties layout."""

from __future__ import annotations

from mcp_finesse.model import read_list
from mcp_finesse.model.admin import MediaPropertiesLayout, WorkflowInFull
from mcp_finesse.rest.api.codes import get_list
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import operation
from mcp_finesse.rest.paths import path_of


@operation(
    "User: get list of workflows",
    "GET",
    "/finesse/api/User/{id}/Workflows",
    "DevNet: User, Get List of Workflows",
)
async def get_workflows(client: RestClient, user_id: str, team_id: str | None) -> list[WorkflowInFull]:
    """Read the workflows of the team or, on releases without TeamResource, those of the user.

    Raises:
        The errors of ``RestClient.get``.
    """
    return read_list(await get_list(client, user_id, team_id, "Workflows"), WorkflowInFull)


@operation(
    "User: get default media properties layout",
    "GET",
    "/finesse/api/User/{id}/MediaPropertiesLayout",
    "Cisco's JavaScript client",
)
async def get_media_properties_layout(client: RestClient, user_id: str) -> MediaPropertiesLayout:
    """Read the layout used for calls that do not name one.

    Raises:
        The errors of ``RestClient.get``.
    """
    root = await client.get(path_of("User", user_id, "MediaPropertiesLayout"))
    return MediaPropertiesLayout.from_element(root)
