"""Tools to import and export all contacts of a phone book as CSV."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model.admin import Contact, ContactContent, parse_csv, write_csv
from mcp_finesse.server.arguments.arguments import LongText, Text
from mcp_finesse.server.present.limits import MAX_RAW_CHARACTERS
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import compact
from mcp_finesse.server.tools.admin.configuration_objects import PHONE_BOOK, find_id
from mcp_finesse.server.tools.admin.configuration_results import ChangeResult
from mcp_finesse.session import FinesseSession, OutcomeStatus
from mcp_finesse.session.administration import changes

_SAMPLES = 10
"""Maximum number of added contacts, and separately of removed contacts, that a dry run shows."""

Book = Annotated[Text, Field(description="Id or name")]


class ContactsFileResult(Result):
    """Contacts as CSV. ``shown`` of ``count`` contacts are included, and the rest is omitted."""

    phone_book_id: str
    count: int
    shown: int
    left_out: int
    csv: str

    def __str__(self) -> str:
        lines = [f"{self.shown} of {self.count} contacts of phone book {self.phone_book_id}."]
        if self.left_out:
            lines.append(
                f"{self.left_out} more contacts were left out. For the next contacts, call "
                "export_contacts again with a larger `first`."
            )
        return "\n".join([*lines, *(f"| {each}" for each in self.csv.splitlines())])


async def export_contacts(
    session: FinesseSession,
    phone_book: Book,
    first: Annotated[int, Field(ge=1, description="Position of the first contact to export. Default 1")] = 1,
) -> ContactsFileResult:
    """Export the contacts of a phone book as CSV.

    Use to read or copy all contacts; for contacts with their ids use list_configuration. Requires an
    administrator. Returns csv, count and left_out.
    """
    book = await find_id(session, PHONE_BOOK, phone_book, exactly=False) or ""
    contacts = redacted(await session.administration.contacts(book))
    if first > max(1, len(contacts)):
        raise InvalidRequestError(f"`first` is {first}; the phone book has {len(contacts)} contacts.")
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
        LongText, Field(description="Lines of First Name,Last Name,Phone Number,Notes; header optional")
    ],
    dry_run: Annotated[bool, Field(description="Only show what would change. Default false")] = False,
) -> ChangeResult:
    """Replace all contacts of a phone book with those in a CSV file, at most 6000.

    Use after export_contacts, and with dry_run first; to add one contact, use create_configuration.
    Requires an administrator. Returns status, object and was (new and old count), and differences.
    """
    book, contacts = await read_import(session, phone_book, csv)
    if dry_run:
        return await _dry_run(session, book, contacts)
    return ChangeResult.of(await session.administration.change(changes.import_contacts(book, contacts)))


async def read_import(session: FinesseSession, phone_book: str, csv: str) -> tuple[str, list[ContactContent]]:
    """Return the id of the phone book and the contacts of an import.

    Raises:
        InvalidRequestError: the file is not valid, or there is no such phone book.
        FinesseError: the phone books could not be read.
    """
    session.administration.check_configured()
    contacts = parse_csv(csv)
    return await find_id(session, PHONE_BOOK, phone_book) or "", contacts


async def _dry_run(session: FinesseSession, book: str, contacts: list[ContactContent]) -> ChangeResult:
    """Compare the file with the phone book, without sending a change."""
    there = Counter(map(_row, await session.administration.contacts(book)))
    given = Counter(map(_row, contacts))
    added, removed = list((given - there).elements()), list((there - given).elements())
    return ChangeResult(
        status=OutcomeStatus.UNCHANGED,
        action="IMPORT_CONTACTS",
        message=f"Dry run. No change was sent. The import would add {len(added)} contacts, remove {len(removed)} "
        f"and keep {(given & there).total()}.",
        advice="To import, call import_contacts again without dry_run.",
        object_id=book,
        object=compact(count=given.total(), added=added[:_SAMPLES], removed=removed[:_SAMPLES]),
        was={"count": there.total()},
        left_out=max(0, len(added) - _SAMPLES) + max(0, len(removed) - _SAMPLES) or None,
    )


def _row(contact: ContactContent) -> str:
    return write_csv([contact]).splitlines()[1]


def _as_many_as_fit(contacts: list[Contact]) -> list[Contact]:
    """Return the first contacts, up to the size limit of a result."""
    size, count = 0, 0
    for contact in contacts:
        size += len(write_csv([contact]))
        if size > MAX_RAW_CHARACTERS:
            break
        count += 1
    return contacts[:count]
