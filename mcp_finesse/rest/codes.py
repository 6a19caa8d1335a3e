"""Reason codes and wrap-up reasons over REST, from the team or, on older releases, from the user.

TeamResource came with 12.5(1) and replaced lists below User that are still there (guide p.150 to 163).
"""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.errors import RefusedError
from mcp_finesse.model import Element, ReasonCode, WrapUpReason, read_list
from mcp_finesse.rest.checks import refuse
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.paths import path_of

_CATEGORIES = ("NOT_READY", "LOGOUT")
# What a release without TeamResource answers: no such resource, or not implemented.
_NO_TEAM_RESOURCE = (404, 501)


async def get_reason_codes(
    client: RestClient, user_id: str, team_id: str | None, category: str
) -> list[ReasonCode]:
    """Read the codes the agent may give with NOT_READY or LOGOUT; empty when none are configured.

    Raises:
        InvalidRequestError: another category; and as ``RestClient.get``.
    """
    if category not in _CATEGORIES:
        refuse(f"{category[:40]!r} is no category of reason codes.", f"Use {' or '.join(_CATEGORIES)}.")
    params = {"category": category}
    return read_list(await get_list(client, user_id, team_id, "ReasonCodes", params=params), ReasonCode)


async def get_wrap_up_reasons(client: RestClient, user_id: str, team_id: str | None) -> list[WrapUpReason]:
    """Read the wrap-up reasons the agent may set; empty when none are configured.

    Raises:
        As ``RestClient.get``.
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
    """Read a list of the team, else the same list of the user.

    Raises:
        As ``RestClient.get``.
    """
    if team_id is not None:
        try:
            path = path_of("TeamResource", team_id, name)
            return await client.get(path, params=params, headers=team_headers)
        except RefusedError as error:
            if error.status not in _NO_TEAM_RESOURCE:
                raise
    return await client.get(path_of("User", user_id, name), params=params, headers=user_headers)
