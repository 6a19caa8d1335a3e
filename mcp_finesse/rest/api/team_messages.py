"""REST operations on team messages (guide p.199 to 204)."""

from __future__ import annotations

from collections.abc import Sequence

from mcp_finesse.model import TeamMessage, build, read_list
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Role, operation
from mcp_finesse.rest.paths import path_of
from mcp_finesse.rest.validation import check_choice, check_length, check_number, check_present, refuse

CONTENT_CHARACTERS = 255
# The guide has the first as the URI and the second in its example.
CREATE_PATHS = ("TeamMessage", "TeamMessages")

_SINCE = "12.0(1)"


@operation(
    "TeamMessage: get list of team",
    "GET",
    "/finesse/api/Team/{teamId}/TeamMessages",
    "third-party notes",
    since=_SINCE,
    unsure="the path is not in the guide's own text",
)
async def get_team_messages(client: RestClient, team_id: str) -> list[TeamMessage]:
    """Read the messages currently shown to a team; empty if there are none.

    Raises:
        NotFoundError: no such team; and the errors of ``RestClient.get``.
    """
    return read_list(await client.get(path_of("Team", team_id, "TeamMessages")), TeamMessage)


@operation(
    "TeamMessage: create",
    "POST",
    "/finesse/api/TeamMessage",
    "guide p.202",
    role=Role.SUPERVISOR,
    since=_SINCE,
    unsure="the guide also prints /TeamMessages; 255 characters are the limit of the desktop",
)
async def create_team_message(
    client: RestClient,
    content: str,
    teams: Sequence[str],
    duration: int,
    *,
    path: str = CREATE_PATHS[0],
    request_id: str,
) -> None:
    """Show a text to teams for a time. If Finesse reports that only one node could be informed, it still succeeded.

    Args:
        client: a supervisor's or administrator's client.
        content: the text, at most 255 characters.
        teams: ids of the teams.
        duration: seconds for which the message is shown.
        path: one of ``CREATE_PATHS``.
        request_id: sent with the request.

    Raises:
        InvalidRequestError: the text is empty or too long, there is no team, or the duration is below 1; and
            the errors of ``RestClient.send``.
    """
    check_present("content", content)
    if isinstance(teams, str) or not isinstance(teams, Sequence) or not teams:
        refuse("teams is empty or not a list.", "Give the ids of one or more teams.")
    body = {
        "duration": check_number("duration", duration, 1),
        "content": check_length("content", content, CONTENT_CHARACTERS),
        "teams": {"team": [check_present("teams", team) for team in teams]},
    }
    target = check_choice("path", path, CREATE_PATHS)
    await client.send("POST", target, build("TeamMessage", body), request_id)


@operation(
    "TeamMessage: delete",
    "DELETE",
    "/finesse/api/TeamMessage/{id}",
    "guide p.199 to 204",
    role=Role.SUPERVISOR,
    since=_SINCE,
)
async def delete_team_message(client: RestClient, message_id: str, *, request_id: str) -> None:
    """Delete a message. Only the supervisor who created it and administrators can do this.

    Raises:
        NotFoundError: no such message; and the errors of ``RestClient.send``.
    """
    await client.send("DELETE", path_of("TeamMessage", message_id), None, request_id)
