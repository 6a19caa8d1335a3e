"""REST operations on reason codes and wrap-up reasons, read from the team or, on older releases, from the user.

TeamResource was added in 12.5(1). It replaces the lists below User, which still exist (guide p.150 to 163).
"""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.errors import RefusedError
from mcp_finesse.model import Element, ReasonCode, WrapUpReason, read_list
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import operation
from mcp_finesse.rest.paths import path_of
from mcp_finesse.rest.validation import check_choice, check_number, check_reason_code_id

_CATEGORIES = ("NOT_READY", "LOGOUT")
# Status codes of releases without TeamResource: not found, or not implemented.
_NO_TEAM_RESOURCE = (404, 501)


@operation("User: get reason code", "GET", "/finesse/api/User/{id}/ReasonCode/{reasonCodeId}", "guide p.51")
async def get_reason_code(client: RestClient, user_id: str, reason_code_id: int) -> ReasonCode:
    """Read one code that is global or assigned to a team of the user.

    Raises:
        InvalidRequestError: not an id; NotFoundError: no such code; and the errors of ``RestClient.get``.
    """
    number = str(check_reason_code_id(reason_code_id))
    return ReasonCode.from_element(await client.get(path_of("User", user_id, "ReasonCode", number)))


@operation(
    "User: get wrap-up reason", "GET", "/finesse/api/User/{id}/WrapUpReason/{wrapUpReasonId}", "guide p.54"
)
async def get_wrap_up_reason(client: RestClient, user_id: str, wrap_up_reason_id: int) -> WrapUpReason:
    """Read one wrap-up reason that is global or assigned to a team of the user.

    Raises:
        InvalidRequestError: not an id; NotFoundError: no such reason; and the errors of ``RestClient.get``.
    """
    number = str(check_number("wrap_up_reason_id", wrap_up_reason_id, 0))
    return WrapUpReason.from_element(await client.get(path_of("User", user_id, "WrapUpReason", number)))


@operation("User: get reason code list", "GET", "/finesse/api/User/{id}/ReasonCodes", "guide p.52")
async def get_reason_codes(
    client: RestClient, user_id: str, team_id: str | None, category: str
) -> list[ReasonCode]:
    """Read the codes the agent can use with NOT_READY or LOGOUT; empty if none are configured.

    Raises:
        InvalidRequestError: another category; and the errors of ``RestClient.get``.
    """
    params = {"category": check_choice("category", category, _CATEGORIES)}
    return read_list(await get_list(client, user_id, team_id, "ReasonCodes", params=params), ReasonCode)


@operation("User: get wrap-up reason list", "GET", "/finesse/api/User/{id}/WrapUpReasons", "guide p.55")
async def get_wrap_up_reasons(client: RestClient, user_id: str, team_id: str | None) -> list[WrapUpReason]:
    """Read the wrap-up reasons the agent may set; empty if none are configured.

    Raises:
        The errors of ``RestClient.get``.
    """
    return read_list(await get_list(client, user_id, team_id, "WrapUpReasons"), WrapUpReason)


async def get_list(
    client: RestClient,
    user_id: str,
    team_id: str | None,
    name: str,
    *,
    params: Mapping[str, str] | None = None,
    team_headers: Mapping[str, str] | None = None,
    user_headers: Mapping[str, str] | None = None,
) -> Element:
    """Read a list of the team, or the same list of the user if the team is unknown or TeamResource does not exist.

    Raises:
        The errors of ``RestClient.get``.
    """
    if team_id is not None:
        try:
            path = path_of("TeamResource", team_id, name)
            return await client.get(path, params=params, headers=team_headers)
        except RefusedError as error:
            if error.status not in _NO_TEAM_RESOURCE:
                raise
    return await client.get(path_of("User", user_id, name), params=params, headers=user_headers)
