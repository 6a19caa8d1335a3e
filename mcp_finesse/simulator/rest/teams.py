"""REST endpoints for teams with their agents, and for the list of all users (guide p.36, p.144 to 150)."""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem, invalid_input, not_entitled
from mcp_finesse.simulator.publishing.xml_objects import team_xml
from mcp_finesse.simulator.rest.exchange import Exchange, Response, RouteTable, ok
from mcp_finesse.simulator.world.world import Team


class TeamEndpoints:
    """The endpoints of ``/Team/{id}`` and ``/Users``."""

    def __init__(self, center: ContactCenter) -> None:
        self._center = center

    def routes(self) -> RouteTable:
        """Return the method, path and endpoint of each route."""
        return [("GET", "Team/{team}", self.get_team), ("GET", "Users", self.get_users)]

    def get_team(self, exchange: Exchange) -> Response:
        """Team—Get Team. Supervisors may read their teams. With ``team_api_for_all``, members may read their team."""
        team = find_team(self._center, exchange.path["team"])
        record, for_all = exchange.acting.record, self._center.world.properties.team_api_for_all
        if team.id not in (*record.supervises, *((record.team_id,) if for_all else ())):
            raise not_entitled(record.id)
        return show_team(self._center, team, exchange.query)

    def get_users(self, exchange: Exchange) -> Response:
        """User—Get List. Only administrators may read the list, so agents are always rejected (guide p.36)."""
        raise not_entitled(exchange.acting.id)


def show_team(center: ContactCenter, team: Team, query: Mapping[str, str]) -> Response:
    """Return a team with its members, without checking access.

    The documentation does not say whether signed-out members are listed by default. The simulator omits them.

    Raises:
        ApiProblem: the error Invalid Input.
    """
    wanted = query.get("includeLoggedOutAgents", "false")
    if wanted not in ("true", "false"):
        raise invalid_input("includeLoggedOutAgents")
    members = [agent for agent in center.state.agents.values() if agent.record.team_id == team.id]
    shown = [agent for agent in members if wanted == "true" or agent.signed_in]
    return ok(team_xml(team, shown, center.state))


def find_team(center: ContactCenter, team_id: str) -> Team:
    """Return the team named in a path.

    Raises:
        ApiProblem: 404 Not Found, if the team does not exist.
    """
    for team in center.world.teams:
        if team.id == team_id:
            return team
    raise ApiProblem(404, "Not Found", "Unknown team", team_id)
