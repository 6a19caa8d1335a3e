"""Contacts as CSV, in the format that Finesse exports and imports (guide p.276 to 280)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from mcp_finesse.errors import InvalidRequestError, PayloadError
from mcp_finesse.model.admin.phone_books import Contact, ContactContent
from mcp_finesse.redaction import truncated

HEADER = ("First Name", "Last Name", "Phone Number", "Notes")
_SHOWN = 40
_FIELDS = ("first_name", "last_name", "phone_number", "description")


def write_csv(contacts: Iterable[ContactContent]) -> str:
    """Return contacts as CSV. The CSV has Finesse's header, quotes all values and uses CRLF line ends (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    writer.writerows([getattr(contact, field) or "" for field in _FIELDS] for contact in contacts)
    return text.getvalue()


def read_csv(text: str) -> list[Contact]:
    """Parse CSV exported by Finesse. Missing values become None.

    Raises:
        PayloadError: the text is not CSV.
    """
    try:
        return [_contact(row) for _, row in _rows(text)]
    except csv.Error as error:
        raise PayloadError(f"The list of contacts is not CSV: {error}.") from error


def parse_csv(text: str) -> list[ContactContent]:
    """Parse CSV that a user supplies for an import. The CSV has four columns and an optional header.

    Raises:
        InvalidRequestError: a line is invalid. The error names the line.
    """
    contacts: list[ContactContent] = []
    try:
        for number, row in _rows(text):
            if len(row) > len(_FIELDS):
                raise InvalidRequestError(
                    f"Line {number} of the CSV has {len(row)} values; the columns are {', '.join(HEADER)}.",
                    advice="Quote values that contain a comma.",
                )
            values = dict(zip(_FIELDS, row, strict=False))
            _check_number(number, values.get("phone_number", ""), first=not contacts)
            contacts.append(ContactContent(**values))
    except csv.Error as error:
        raise InvalidRequestError(
            f"The list of contacts is not CSV: {error}.", advice="Quote values that contain quotes."
        ) from error
    return contacts


def _check_number(line: int, phone_number: str, *, first: bool) -> None:
    """Refuse a phone number without a digit. Such text is usually a column title in an unknown header.

    Raises:
        InvalidRequestError: the number contains no digit. The error names the line.
    """
    if not phone_number or any(char.isdigit() for char in phone_number):
        return
    if first:
        raise InvalidRequestError(
            f"Line {line} of the CSV is neither a contact nor the header: its phone number "
            f"{truncated(phone_number, _SHOWN)!r} contains no digit.",
            advice=f"The columns must be {', '.join(HEADER)}, in this order; a header line must contain these names.",
        )
    raise InvalidRequestError(
        f"Line {line} of the CSV: the phone number {truncated(phone_number, _SHOWN)!r} contains no digit.",
        advice=f"The columns are {', '.join(HEADER)}.",
    )


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the values of each contact. Skip the byte order mark that Excel writes."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    for row in reader:
        values = [value.strip() for value in row]
        if any(values) and tuple(value.casefold() for value in values) != _HEADER_FOLDED:
            yield reader.line_num, values


def _contact(row: list[str]) -> Contact:
    return Contact(**{field: value for field, value in zip(_FIELDS, row, strict=False) if value})


_HEADER_FOLDED = tuple(name.casefold() for name in HEADER)
