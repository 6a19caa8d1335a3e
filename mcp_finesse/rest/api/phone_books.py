"""REST operations that read phone books with their contacts (guide p.150 to 163)."""

from __future__ import annotations

from mcp_finesse.model import PhoneBook, read_list
from mcp_finesse.model.limits import PHONE_BOOK_CONTACTS
from mcp_finesse.rest.api.codes import PAGES, SINCE, TEAM_RESOURCE, get_list
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Operation, sends

# The Range header is required up to 12.6(1). Finesse responds with 416 to a range outside its limits.
_TEAM_RANGE = {"Range": f"objects=1-{PHONE_BOOK_CONTACTS}"}
_USER_RANGE = {"Range": "objects=1-1500"}


GET_TEAM_PHONE_BOOKS = Operation(
    "TeamResource: get phone books", "GET", f"{TEAM_RESOURCE}/PhoneBooks", PAGES, since=SINCE
)
GET_USER_PHONE_BOOKS = Operation(
    "User: get list of phone books",
    "GET",
    "/finesse/api/User/{id}/PhoneBooks",
    "DevNet: User, Get List of Phone Books",
    unconfirmed="the maximum number of contacts; older releases allowed 1500",
)


@sends(GET_TEAM_PHONE_BOOKS, GET_USER_PHONE_BOOKS)
async def get_phone_books(client: RestClient, user_id: str, team_id: str | None) -> list[PhoneBook]:
    """Read the agent's phone books: first the global ones, then those of the team. Read at most 6000 contacts.

    Raises:
        The errors of ``RestClient.get``.
    """
    root = await get_list(
        client,
        GET_TEAM_PHONE_BOOKS,
        team_id,
        GET_USER_PHONE_BOOKS,
        user_id,
        team_headers=_TEAM_RANGE,
        user_headers=_USER_RANGE,
    )
    return read_list(root, PhoneBook)
