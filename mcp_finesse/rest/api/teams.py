"""REST operations on teams for supervisors (guide p.144 to 150)."""

from __future__ import annotations

from mcp_finesse.model import Team
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Operation, sends
from mcp_finesse.rest.validation import check_flag

GET_TEAM = Operation(
    "Team: get",
    "GET",
    "/finesse/api/Team/{id}",
    "guide p.144",
    unconfirmed="for supervisors and administrators; for agents too where enableTeamAPIAccessForAllusers is on. "
    "Whether members who are signed out are listed by default is not documented",
)


@sends(GET_TEAM)
async def get_team(
    client: RestClient, team_id: str, *, include_logged_out_agents: bool | None = None
) -> Team:
    """Read a team with the states of its members.

    Args:
        client: sends the request.
        team_id: the numeric id, from ``User.teams`` or ``User.team_id``.
        include_logged_out_agents: whether to include members who are signed out. None for Finesse's default.

    Raises:
        NotFoundError: the team does not exist. Also raises the errors of ``RestClient.get``.
    """
    params = None
    if include_logged_out_agents is not None:
        wanted = check_flag("include_logged_out_agents", include_logged_out_agents)
        params = {"includeLoggedOutAgents": "true" if wanted else "false"}
    return Team.from_element(await client.get(GET_TEAM.path_of(team_id), params=params))
