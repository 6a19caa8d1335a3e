"""Export and import of all contacts of a phone book."""

from __future__ import annotations

from email.parser import BytesParser
from typing import Any

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model.admin import Contact, ContactContent, read_csv
from mcp_finesse.rest.admin import export_contacts, import_contacts
from tests.rest.support import Reply, scripted

CSV = '"First Name","Last Name","Phone Number","Notes"\r\n"Zoë","D\'Arcy","5550111",""\r\n'
PATH = "/finesse/api/PhoneBook/7/Contacts/csvFileContent"


@pytest.mark.parametrize(
    "content_type", ["text/csv;charset=UTF-8", "text/plain", "application/octet-stream", ""]
)
async def test_contacts_are_exported(content_type: str) -> None:
    async with scripted(Reply(200, CSV.encode("utf-8-sig"), content_type)) as (client, server):
        (contact,) = await export_contacts(client, 7)
    assert contact == Contact(first_name="Zoë", last_name="D'Arcy", phone_number="5550111")
    assert server.requests[0].line == f"GET {PATH}"
    assert "text/csv" in server.requests[0].headers["Accept"]


async def test_empty_phone_book_exports_an_empty_list() -> None:
    async with scripted(Reply(200, b"", "text/csv")) as (client, _):
        assert await export_contacts(client, "7") == []


async def test_contacts_are_imported_as_a_csv_file_in_a_form() -> None:
    contacts = [
        ContactContent(first_name="Zoë", phone_number="5550111"),
        {"phone_number": "2", "last_name": "a,b"},
    ]
    async with scripted() as (client, server):
        await import_contacts(client, 7, contacts, request_id="r-1")
    (request,) = server.requests
    assert request.line == f"POST {PATH}"
    assert request.headers["requestId"] == "r-1"
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    form = BytesParser().parsebytes(head + request.body)
    (part,) = form.get_payload()
    assert part.get_filename() == "contacts.csv"
    assert part.get_content_type() == "text/csv"
    assert read_csv(part.get_payload(decode=True).decode()) == [
        Contact(first_name="Zoë", phone_number="5550111"),
        Contact(last_name="a,b", phone_number="2"),
    ]


@pytest.mark.parametrize(
    ("contacts", "words"),
    [
        ([], "no contacts to import"),
        ([{"phone_number": "1"}] * 6001, "There are 6001 contacts; the limit of a phone book is 6000"),
        ([{"phone_number": "1"}, {"first_name": "Ina"}], "Contact 2: phone_number is missing"),
        ([{"phone_number": ""}], "Contact 1: phone_number is empty"),
        ([{"phone_number": "1" * 33}], "Contact 1: phone_number has 33 characters; the limit is 32"),
        ([{"phone_number": "1", "description": "a\nb"}], "Contact 1: a value contains a line break"),
        ([{"phone_number": "1", "colour": "red"}], "Contact 1: These fields cannot be set: colour"),
        ([{}] * 9, "Contact 5: phone_number is missing. ... and 4 more."),
        (["x"], "Contact 1: These fields cannot be set"),
    ],
)
async def test_invalid_contacts_are_named_and_not_sent(contacts: Any, words: str) -> None:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError) as caught:
            await import_contacts(client, 7, contacts, request_id="r")
        assert server.requests == []
    assert words in str(caught.value)


@pytest.mark.parametrize("number", ["-1", "", "default", "7/8"])
async def test_invalid_phone_book_id_is_rejected(number: str) -> None:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError, match="PhoneBook id is"):
            await export_contacts(client, number)
        with pytest.raises(InvalidRequestError, match="PhoneBook id is"):
            await import_contacts(client, number, [{"phone_number": "1"}], request_id="r")
        assert server.requests == []
