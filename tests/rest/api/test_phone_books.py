"""Phone books are read with their contacts, in the range each list allows."""

from __future__ import annotations

from mcp_finesse.rest.api.phone_books import get_phone_books
from tests.rest.support import api_error, scripted, xml

BOOKS = xml(
    "<PhoneBooks><PhoneBook><name>Everyone</name><type>GLOBAL</type><Contacts><Contact><firstName>Ina</firstName>"
    "<phoneNumber>5550111</phoneNumber></Contact></Contacts></PhoneBook></PhoneBooks>",
    206,
)


async def test_phone_books_are_read_from_the_team() -> None:
    async with scripted(BOOKS) as (client, server):
        (book,) = await get_phone_books(client, "1001", "310")

    assert (book.name, book.contacts[0].phone_number) == ("Everyone", "5550111")
    assert server.requests[0].line == "GET /finesse/api/TeamResource/310/PhoneBooks"
    assert server.requests[0].headers["Range"] == "objects=1-6000"


async def test_phone_books_are_read_from_the_user_on_older_releases() -> None:
    async with scripted(api_error(404, "Not Found"), BOOKS) as (client, server):
        assert len(await get_phone_books(client, "1001", "310")) == 1

    assert server.requests[1].line == "GET /finesse/api/User/1001/PhoneBooks"
    assert server.requests[1].headers["Range"] == "objects=1-1500"


async def test_no_phone_books_are_an_empty_list() -> None:
    async with scripted(xml("<PhoneBooks/>", 206)) as (client, _):
        assert await get_phone_books(client, "1001", None) == []
