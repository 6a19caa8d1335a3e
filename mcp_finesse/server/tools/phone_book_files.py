"""Tools for all contacts of a phone book at once, as the CSV that Finesse imports and exports."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model.admin import Contact, parse_csv, write_csv
from mcp_finesse.server.arguments import LongText, Text
from mcp_finesse.server.limits import MAX_RAW_CHARACTERS
from mcp_finesse.server.results import Result
from mcp_finesse.server.tools.configuration_objects import find_id
from mcp_finesse.server.tools.configuration_results import ChangeResult
from mcp_finesse.session import FinesseSession, changes

Book = Annotated[Text, Field(description="Id or name")]


class ContactsFileResult(Result):
    """Contacts as CSV: ``shown`` of ``count``, and how many come after them."""

    phone_book_id: str
    count: int
    shown: int
    left_out: int
    csv: str

    def __str__(self) -> str:
        lines = [f"{self.shown} of {self.count} contacts of phone book {self.phone_book_id}."]
        if self.left_out:
            lines.append(f"{self.left_out} more come after them: give a later first.")
        return "\n".join([*lines, *(f"| {each}" for each in self.csv.splitlines())])


async def export_contacts(
    session: FinesseSession,
    phone_book: Book,
    first: Annotated[int, Field(ge=1, description="Number of the contact to begin with")] = 1,
) -> ContactsFileResult:
    """Export the contacts of a phone book as CSV.

    Use to have or copy all of them; list_configuration finds single ones, with their ids. Needs an administrator.
    Returns csv, count and left_out.
    """
    book = await find_id(session, "PhoneBook", phone_book, exactly=False) or ""
    contacts = await session.administration.contacts(book)
    if first > max(1, len(contacts)):
        raise InvalidRequestError(f"first is {first}; the phone book has {len(contacts)} contacts.")
    part = _as_many_as_fit(contacts[first - 1 :])
    return ContactsFileResult(
        phone_book_id=book,
        count=len(contacts),
        shown=len(part),
        left_out=len(contacts) - (first - 1) - len(part),
        csv=write_csv(part),
    )


async def import_contacts(
    session: FinesseSession,
    phone_book: Book,
    csv: Annotated[
        LongText, Field(description="Lines of First Name,Last Name,Phone Number,Notes; a header may be there")
    ],
) -> ChangeResult:
    """Replace all contacts of a phone book by those of a CSV file, at most 6000.

    Use after export_contacts; create_configuration adds a single contact. Needs an administrator. Returns status,
    object and was with the count, and differences.
    """
    contacts = parse_csv(csv)
    book = await find_id(session, "PhoneBook", phone_book) or ""
    return ChangeResult.of(await session.administration.change(changes.import_contacts(book, contacts)))


def _as_many_as_fit(contacts: list[Contact]) -> list[Contact]:
    """The first contacts, as many as a result may hold."""
    size, count = 0, 0
    for contact in contacts:
        size += len(write_csv([contact]))
        if size > MAX_RAW_CHARACTERS:
            break
        count += 1
    return contacts[:count]
