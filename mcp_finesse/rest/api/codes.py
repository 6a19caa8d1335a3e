"""REST operations on reason codes and wrap-up reasons. Older releases list them by user, newer releases by team.

TeamResource was added in 12.5(1). TeamResource replaces the lists below User, which still exist (guide p.150 to
163).
"""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.errors import RefusedError
from mcp_finesse.model import Element, ReasonCode, WrapUpReason, read_list
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Operation, sends
from mcp_finesse.rest.validation import check_choice

TEAM_RESOURCE = "/finesse/api/TeamResource/{teamId}"
SINCE = "12.5(1)"
PAGES = "guide p.150 to 163"

_CATEGORIES = ("NOT_READY", "LOGOUT")
# Releases without TeamResource respond with one of these status codes: not found, or not implemented.
_NO_TEAM_RESOURCE = (404, 501)


GET_TEAM_REASON_CODES = Operation(
    "TeamResource: get reason codes", "GET", f"{TEAM_RESOURCE}/ReasonCodes", PAGES, since=SINCE
)
GET_USER_REASON_CODES = Operation(
    "User: get reason code list", "GET", "/finesse/api/User/{id}/ReasonCodes", "guide p.52"
)


@sends(GET_TEAM_REASON_CODES, GET_USER_REASON_CODES)
async def get_reason_codes(
    client: RestClient, user_id: str, team_id: str | None, category: str
) -> list[ReasonCode]:
    """Read the codes that the agent can use with NOT_READY or LOGOUT. Empty if no codes are configured.

    Raises:
        InvalidRequestError: the category is neither NOT_READY nor LOGOUT. Also raises the errors of
            ``RestClient.get``.
    """
    params = {"category": check_choice("category", category, _CATEGORIES)}
    of_team, of_user = GET_TEAM_REASON_CODES, GET_USER_REASON_CODES
    return read_list(await get_list(client, of_team, team_id, of_user, user_id, params=params), ReasonCode)


GET_TEAM_WRAP_UP_REASONS = Operation(
    "TeamResource: get wrap-up reasons", "GET", f"{TEAM_RESOURCE}/WrapUpReasons", PAGES, since=SINCE
)
GET_USER_WRAP_UP_REASONS = Operation(
    "User: get wrap-up reason list", "GET", "/finesse/api/User/{id}/WrapUpReasons", "guide p.55"
)


@sends(GET_TEAM_WRAP_UP_REASONS, GET_USER_WRAP_UP_REASONS)
async def get_wrap_up_reasons(client: RestClient, user_id: str, team_id: str | None) -> list[WrapUpReason]:
    """Read the wrap-up reasons that the agent may set. Empty if no wrap-up reasons are configured.

    Raises:
        The errors of ``RestClient.get``.
    """
    of_team, of_user = GET_TEAM_WRAP_UP_REASONS, GET_USER_WRAP_UP_REASONS
    return read_list(await get_list(client, of_team, team_id, of_user, user_id), WrapUpReason)


async def get_list(
    client: RestClient,
    of_team: Operation,
    team_id: str | None,
    of_user: Operation,
    user_id: str,
    *,
    params: Mapping[str, str] | None = None,
    team_headers: Mapping[str, str] | None = None,
    user_headers: Mapping[str, str] | None = None,
) -> Element:
    """Read a list by team. If the team is unknown or TeamResource does not exist, read the same list by user.

    Raises:
        The errors of ``RestClient.get``.
    """
    if team_id is not None:
        try:
            return await client.get(of_team.path_of(team_id), params=params, headers=team_headers)
        except RefusedError as error:
            if error.status not in _NO_TEAM_RESOURCE:
                raise
    return await client.get(of_user.path_of(user_id), params=params, headers=user_headers)
