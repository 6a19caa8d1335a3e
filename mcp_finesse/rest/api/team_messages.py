"""REST operations on team messages (guide p.199 to 204)."""

from __future__ import annotations

from collections.abc import Sequence

from mcp_finesse.model import TeamMessage, build, read_list
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Operation, Role, sends
from mcp_finesse.rest.validation import check_length, check_number, check_present, refuse

CONTENT_CHARACTERS = 255

_SINCE = "12.0(1)"


GET_TEAM_MESSAGES = Operation(
    "TeamMessage: get list of team",
    "GET",
    "/finesse/api/Team/{teamId}/TeamMessages",
    "third-party notes",
    since=_SINCE,
    unconfirmed="the path is missing in the text of the guide",
)


@sends(GET_TEAM_MESSAGES)
async def get_team_messages(client: RestClient, team_id: str) -> list[TeamMessage]:
    """Read the messages that are currently shown to a team. Empty if no messages are shown.

    Raises:
        NotFoundError: the team does not exist. Also raises the errors of ``RestClient.get``.
    """
    return read_list(await client.get(GET_TEAM_MESSAGES.path_of(team_id)), TeamMessage)


CREATE_TEAM_MESSAGE = Operation(
    "TeamMessage: create",
    "POST",
    "/finesse/api/TeamMessage",
    "guide p.202",
    role=Role.SUPERVISOR,
    since=_SINCE,
    unconfirmed="the guide also prints /TeamMessages; 255 characters are the limit of the desktop",
)


@sends(CREATE_TEAM_MESSAGE)
async def create_team_message(
    client: RestClient,
    content: str,
    teams: Sequence[str],
    duration: int,
    *,
    request_id: str,
) -> None:
    """Show a text to teams for a limited time. An error which says that only one node was informed counts as success.

    Args:
        client: a supervisor's or administrator's client.
        content: the text, at most 255 characters.
        teams: ids of the teams.
        duration: seconds for which the message is shown.
        request_id: the request id, which is sent with the request.

    Raises:
        InvalidRequestError: the text is empty or too long, no team is given, or the duration is below 1. Also
            raises the errors of ``RestClient.send``.
    """
    check_present("content", content)
    if isinstance(teams, str) or not isinstance(teams, Sequence) or not teams:
        refuse("teams is empty or not a list.", "Give the ids of one or more teams.")
    body = {
        "duration": check_number("duration", duration, 1),
        "content": check_length("content", content, CONTENT_CHARACTERS),
        "teams": {"team": [check_present("teams", team) for team in teams]},
    }
    path = CREATE_TEAM_MESSAGE.path_of()
    await client.send(CREATE_TEAM_MESSAGE.method, path, build("TeamMessage", body), request_id)


DELETE_TEAM_MESSAGE = Operation(
    "TeamMessage: delete",
    "DELETE",
    "/finesse/api/TeamMessage/{id}",
    "guide p.199 to 204",
    role=Role.SUPERVISOR,
    since=_SINCE,
)


@sends(DELETE_TEAM_MESSAGE)
async def delete_team_message(client: RestClient, message_id: str, *, request_id: str) -> None:
    """Delete a message. Only administrators and the supervisor who created the message can delete it.

    Raises:
        NotFoundError: the message does not exist. Also raises the errors of ``RestClient.send``.
    """
    await client.send(DELETE_TEAM_MESSAGE.method, DELETE_TEAM_MESSAGE.path_of(message_id), None, request_id)
