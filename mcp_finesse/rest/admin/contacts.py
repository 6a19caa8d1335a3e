"""REST operations on all contacts of a phone book: CSV import and export (guide p.276 to 281)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model.admin import (
    Contact,
    ContactContent,
    Content,
    read_csv,
    write_csv,
)
from mcp_finesse.model.admin.content import first_few
from mcp_finesse.model.limits import PHONE_BOOK_CONTACTS
from mcp_finesse.rest.admin.access import as_administrator
from mcp_finesse.rest.admin.validation import check_content, check_id
from mcp_finesse.rest.client import RestClient
from mcp_finesse.rest.operation import Operation, Role, sends
from mcp_finesse.rest.validation import refuse

_PATH = "/finesse/api/PhoneBook/{id}/Contacts/csvFileContent"


EXPORT_CONTACTS = Operation(
    "PhoneBook: export contacts", "GET", _PATH, "guide p.278-280", role=Role.ADMINISTRATOR
)


@sends(EXPORT_CONTACTS)
async def export_contacts(client: RestClient, phone_book_id: int | str) -> list[Contact]:
    """Read all contacts of a phone book from its CSV export. Contacts from CSV have no ids.

    Raises:
        InvalidRequestError: the id is invalid.
        NotFoundError: the phone book does not exist.
        PayloadError: the response is not CSV.
        RefusedError: the user is not an administrator, or the node is not the primary node.
        FinesseError: any other error of ``RestClient.get_text``.
    """
    path = EXPORT_CONTACTS.path_of(check_id("PhoneBook id", phone_book_id))
    async with as_administrator(client):
        return read_csv(await client.get_text(path, "text/csv, text/plain"))


IMPORT_CONTACTS = Operation(
    "PhoneBook: import contacts",
    "POST",
    _PATH,
    "guide p.276-277",
    role=Role.ADMINISTRATOR,
    unconfirmed="whether Finesse checks the names of the form parts",
)


@sends(IMPORT_CONTACTS)
async def import_contacts(
    client: RestClient,
    phone_book_id: int | str,
    contacts: Sequence[ContactContent | Mapping[str, Any]],
    *,
    request_id: str,
) -> None:
    """Replace all contacts of a phone book with at most 6000 contacts. ``parse_csv`` reads contacts from a CSV file.

    An empty list is refused, because it would delete all contacts.

    Raises:
        InvalidRequestError: contacts are invalid. The error gives the position of each invalid contact, counted
            from 1.
        FinesseError: an error of ``export_contacts`` or ``RestClient.send``.
    """
    path = IMPORT_CONTACTS.path_of(check_id("PhoneBook id", phone_book_id))
    checked = check_contacts(contacts)
    kind, body = _multipart_form(write_csv(checked).encode())
    async with as_administrator(client):
        await client.send(IMPORT_CONTACTS.method, path, body, request_id, content_type=kind)


def check_contacts(contacts: Sequence[ContactContent | Mapping[str, Any]]) -> list[ContactContent]:
    """Return the validated contacts.

    Raises:
        InvalidRequestError: there are no contacts, too many contacts, or invalid contacts. The error gives the
            position of each invalid contact, counted from 1.
    """
    if not contacts:
        refuse(
            "There are no contacts to import.",
            "Give at least one contact. To empty a phone book, delete its contacts.",
        )
    if len(contacts) > PHONE_BOOK_CONTACTS:
        refuse(
            f"There are {len(contacts)} contacts; the limit of a phone book is {PHONE_BOOK_CONTACTS}.",
            "Use several phone books.",
        )
    checked: list[ContactContent] = []
    problems = []
    for number, each in enumerate(contacts, 1):
        try:
            checked.append(_check_contact(each))
        except InvalidRequestError as error:
            problems.append(f"Contact {number}: {error.message}")
    if problems:
        refuse(first_few(problems), "Correct these contacts. Nothing was imported.")
    return checked


def _check_contact(values: Content | Mapping[str, Any]) -> ContactContent:
    contact = check_content(ContactContent, values)
    if not contact.phone_number:
        refuse("phone_number is missing.", "Give a number.")
    texts = (contact.first_name, contact.last_name, contact.phone_number, contact.description)
    if any(not text.isprintable() for text in texts if text):
        refuse("a value contains a line break or control character.", "A contact is one line of text.")
    return contact


def _multipart_form(content: bytes) -> tuple[str, bytes]:
    """Return the content type and the body of a multipart form with one file (RFC 7578)."""
    boundary = f"contacts-{secrets.token_hex(16)}"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="datafile"; filename="contacts.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    return (
        f"multipart/form-data; boundary={boundary}",
        head.encode() + content + f"\r\n--{boundary}--\r\n".encode(),
    )
