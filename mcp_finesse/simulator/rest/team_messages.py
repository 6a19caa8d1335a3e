"""REST endpoints for messages to teams (guide p.199 to 204)."""

from __future__ import annotations

from collections.abc import Iterable

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import foreign_user, not_entitled, parameter_missing
from mcp_finesse.simulator.publishing.team_messages import TeamMessage, team_message_xml
from mcp_finesse.simulator.rest.exchange import Exchange, Response, RouteTable, ok
from mcp_finesse.simulator.rest.teams import find_team
from mcp_finesse.simulator.xml_text import element, read_body


class TeamMessageEndpoints:
    """The endpoints of ``/TeamMessage``, ``/TeamMessages`` and ``/Team/{id}/TeamMessages``.

    The guide names both ``/TeamMessage`` and ``/TeamMessages`` for creating a message (p.202), so both are
    accepted.
    """

    def __init__(self, center: ContactCenter) -> None:
        self._center = center

    def routes(self) -> RouteTable:
        """Return the method, path and endpoint of each route."""
        return [
            ("GET", "Team/{team}/TeamMessages", self.get_of_team),
            ("GET", "TeamMessages", self.get_created),
            ("POST", "TeamMessage", self.create),
            ("POST", "TeamMessages", self.create),
            ("DELETE", "TeamMessage/{message}", self.delete),
        ]

    def get_of_team(self, exchange: Exchange) -> Response:
        """TeamMessage—Get Team Message. Only members of the team and its supervisors may read the messages."""
        team, record = find_team(self._center, exchange.path["team"]), exchange.acting.record
        if team.id not in (record.team_id, *record.supervises):
            raise not_entitled(record.id)
        return _listed(self._center.team_messages.of_team(team.id))

    def get_created(self, exchange: Exchange) -> Response:
        """TeamMessage—Get List. The list contains the messages that the requesting user created."""
        user_id = exchange.query.get("createdBy", "")
        if not user_id:
            raise parameter_missing("createdBy")
        if user_id != exchange.acting.id:
            raise foreign_user(user_id)
        return _listed(self._center.team_messages.by(user_id))

    def create(self, exchange: Exchange) -> Response:
        """TeamMessage—Create. The status is 200 without a body. ``Location`` has the URI of the message."""
        body = read_body(exchange.body, "TeamMessage")
        teams = [team.own_text for team in body.children("teams/team")]
        for team_id in teams:
            find_team(self._center, team_id)
        message = self._center.team_messages.create(
            exchange.acting, body.text("content"), body.text("duration"), teams
        )
        return Response(200, headers={"Location": message.uri})

    def delete(self, exchange: Exchange) -> Response:
        """TeamMessage—Delete. Only the creator may delete a message."""
        self._center.team_messages.delete(exchange.acting, exchange.path["message"])
        return Response(200)


def _listed(messages: Iterable[TeamMessage]) -> Response:
    return ok(element("TeamMessages", [team_message_xml(message) for message in messages]))
