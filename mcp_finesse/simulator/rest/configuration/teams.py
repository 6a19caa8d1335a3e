"""Endpoints for administrators about teams, their assignments and members (guide p.315 to 328)."""

from __future__ import annotations

from collections.abc import Iterator

from mcp_finesse.simulator.configuration.configuration import Configuration
from mcp_finesse.simulator.configuration.records import Records
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import invalid_input, parameter_missing, unknown_user
from mcp_finesse.simulator.publishing.xml_objects import user_xml
from mcp_finesse.simulator.rest.configuration.routes import AdminEndpoint, AdminRequest, AdminRoute, route
from mcp_finesse.simulator.rest.exchange import Response, ok
from mcp_finesse.simulator.rest.teams import find_team, show_team
from mcp_finesse.simulator.world.world import Team
from mcp_finesse.simulator.xml_text import Element, element


class TeamEndpoints:
    """Endpoints for the assignments and layouts of teams, and for reading all teams and users."""

    def __init__(self, center: ContactCenter) -> None:
        self._center = center
        self._config: Configuration = center.configuration

    def routes(self) -> Iterator[AdminRoute]:
        """Yield all routes."""
        config, teams = self._config, self._config.assignments

        def get_layout(request: AdminRequest) -> Response:
            default = config.singles["LayoutConfig/default"].text("layoutxml")
            return ok(teams.layout_xml(teams.require_team(request.values["team"]), default))

        def change_layout(request: AdminRequest) -> Response:
            team_id = teams.require_team(request.values["team"])
            teams.change_layout(team_id, request.document("TeamLayoutConfig"))
            return Response(200)

        yield route("GET", "User/{user}", self._get_user, alone=True, every_node=True)
        yield route("GET", "Users", self._get_users, alone=True, every_node=True)
        yield route("GET", "Team/{team}", self._get_team, alone=True, every_node=True)
        yield route("GET", "Teams", self._list_teams)
        yield route("GET", "Team/{team}/LayoutConfig", get_layout)
        yield route("PUT", "Team/{team}/LayoutConfig", change_layout)
        for records in (config.reason_codes, config.wrap_up_reasons, config.phone_books, config.workflows):
            path = f"Team/{{team}}/{records.kind.plural}"
            yield route("GET", path, self._get_assigned(records))
            yield route("PUT", path, self._set_assigned(records))

    def _list_teams(self, _request: AdminRequest) -> Response:
        teams = [element("Team", _team_nodes(team)) for team in self._center.world.teams]
        return ok(element("Teams", teams))

    def _get_assigned(self, records: Records) -> AdminEndpoint:
        def get(request: AdminRequest) -> Response:
            team_id = self._config.assignments.require_team(request.values["team"])
            category = _category(records, request)
            assigned = self._config.assignments.of(team_id, records)
            shown = [each for each in assigned if category in ("", each.text("category"))]
            return ok(element(records.kind.plural, [records.xml(each) for each in shown]))

        return get

    def _set_assigned(self, records: Records) -> AdminEndpoint:
        def set_(request: AdminRequest) -> Response:
            team_id = self._config.assignments.require_team(request.values["team"])
            category, body = _category(records, request), request.document(records.kind.plural)
            self._config.assignments.replace(team_id, records, body, category)
            self._config.changed()
            return Response(200)

        return set_

    def _get_user(self, request: AdminRequest) -> Response:
        agent = self._center.state.find_agent(request.values["user"])
        if agent is None:
            raise unknown_user(request.values["user"])
        return ok(user_xml(agent, self._center.world, request.node))

    def _get_users(self, request: AdminRequest) -> Response:
        agents, world = self._center.state.agents.values(), self._center.world
        users = [user_xml(agent, world, request.node) for agent in agents]
        return ok(element("Users", users))

    def _get_team(self, request: AdminRequest) -> Response:
        """Team—Get Team. Administrators see all teams."""
        return show_team(self._center, find_team(self._center, request.values["team"]), request.query)


def _team_nodes(team: Team) -> list[Element]:
    uri = element("uri", f"/finesse/api/Team/{team.id}")
    return [uri, element("id", team.id), element("name", team.name)]


def _category(records: Records, request: AdminRequest) -> str:
    """Return the category of reason codes. Empty for other kinds."""
    if records.kind.name != "ReasonCode":
        return ""
    category = request.query.get("category", "")
    if not category:
        raise parameter_missing("category")
    if category not in ("NOT_READY", "LOGOUT"):
        raise invalid_input("category")
    return category
