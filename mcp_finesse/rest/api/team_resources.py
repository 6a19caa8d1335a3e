"""REST operations to read the configuration of a team as a member (guide p.150 to 163; since 12.5(1))."""

from __future__ import annotations

from mcp_finesse.model import PhoneBook, ReasonCode, WrapUpReason, read_list
from mcp_finesse.model.admin import MediaPropertiesLayout, WorkflowInFull
from mcp_finesse.model.limits import PHONE_BOOK_CONTACTS
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import operation
from mcp_finesse.rest.paths import path_of
from mcp_finesse.rest.validation import check_choice, check_contact_range

CATEGORIES = ("NOT_READY", "LOGOUT", "ALL")

_TEAM = "/finesse/api/TeamResource/{teamId}"
_SINCE = "12.5(1)"
_PAGES = "guide p.150 to 163"


@operation("TeamResource: get reason codes", "GET", f"{_TEAM}/ReasonCodes", _PAGES, since=_SINCE)
async def get_reason_codes(client: RestClient, team_id: str, category: str = "ALL") -> list[ReasonCode]:
    """Read the codes for NOT_READY, for LOGOUT, or for both; empty if none are configured.

    Raises:
        InvalidRequestError: another category; NotFoundError: no such team; and the errors of ``RestClient.get``.
    """
    params = {"category": check_choice("category", category, CATEGORIES)}
    return read_list(await client.get(_path(team_id, "ReasonCodes"), params=params), ReasonCode)


@operation("TeamResource: get wrap-up reasons", "GET", f"{_TEAM}/WrapUpReasons", _PAGES, since=_SINCE)
async def get_wrap_up_reasons(client: RestClient, team_id: str) -> list[WrapUpReason]:
    """Read the wrap-up reasons; empty if none are configured.

    Raises:
        NotFoundError: no such team; and the errors of ``RestClient.get``.
    """
    return read_list(await client.get(_path(team_id, "WrapUpReasons")), WrapUpReason)


@operation(
    "TeamResource: get media properties layouts",
    "GET",
    f"{_TEAM}/MediaPropertiesLayouts",
    _PAGES,
    since=_SINCE,
)
async def get_media_properties_layouts(client: RestClient, team_id: str) -> list[MediaPropertiesLayout]:
    """Read the media properties layouts that calls of this team can use.

    Raises:
        NotFoundError: no such team; and the errors of ``RestClient.get``.
    """
    return read_list(await client.get(_path(team_id, "MediaPropertiesLayouts")), MediaPropertiesLayout)


@operation("TeamResource: get phone books", "GET", f"{_TEAM}/PhoneBooks", _PAGES, since=_SINCE)
async def get_phone_books(
    client: RestClient, team_id: str, first: int = 1, last: int = PHONE_BOOK_CONTACTS
) -> list[PhoneBook]:
    """Read phone books with their contacts: the global ones first, then the team's.

    Args:
        client: sends the request.
        team_id: the team.
        first: number of the first contact, from 1.
        last: number of the last contact, up to 6000.

    Raises:
        InvalidRequestError: an unsupported range; NotFoundError: no such team; and the errors of
            ``RestClient.get``.
    """
    headers = {"Range": check_contact_range(first, last)}
    return read_list(await client.get(_path(team_id, "PhoneBooks"), headers=headers), PhoneBook)


@operation("TeamResource: get workflows", "GET", f"{_TEAM}/Workflows", _PAGES, since=_SINCE)
async def get_workflows(client: RestClient, team_id: str) -> list[WorkflowInFull]:
    """Read the workflows, in Finesse's order.

    Raises:
        NotFoundError: no such team; and the errors of ``RestClient.get``.
    """
    return read_list(await client.get(_path(team_id, "Workflows")), WorkflowInFull)


def _path(team_id: str, name: str) -> str:
    return path_of("TeamResource", team_id, name)
