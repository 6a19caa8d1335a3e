"""CSV import and export of the contacts of a phone book (guide p.276 to 280)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from email.parser import BytesParser

from mcp_finesse.simulator.configuration.fields import Parts, take
from mcp_finesse.simulator.configuration.kinds import CONTACT
from mcp_finesse.simulator.configuration.records import Record
from mcp_finesse.simulator.errors import ApiProblem, bad_request
from mcp_finesse.simulator.xml_text import element

HEADER = ["First Name", "Last Name", "Phone Number", "Notes"]
_NAMES = ["firstName", "lastName", "phoneNumber", "description"]
_FILE_TYPES = ("text/plain", "text/csv")


def export(contacts: Iterable[Record]) -> str:
    """Return the contacts as CSV. The CSV has a header, and every value is quoted."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    writer.writerows([contact.text(name) for name in _NAMES] for contact in contacts)
    return file.getvalue()


def uploaded_file(content_type: str, body: bytes) -> str:
    """Return the file in an HTML form. A form without a file gives an empty string, which deletes all contacts (p.276).

    Raises:
        ApiProblem: the error Bad Request for a body that is not a form, or for a file that is not text.
    """
    message = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    if message.get_content_type() != "multipart/form-data" or not message.is_multipart():
        raise bad_request("Request body is not multipart/form-data")
    for part in message.walk():
        if part.get_filename() and part.get_content_type().lower() in _FILE_TYPES:
            payload = part.get_payload(decode=True)
            try:
                return payload.decode("utf-8-sig") if isinstance(payload, bytes) else ""
            except UnicodeDecodeError as problem:
                raise bad_request("The file is not UTF-8") from problem
    return ""


def parse(text: str) -> list[Parts]:
    """Parse the contacts of a file.

    Raises:
        ApiProblem: the error Invalid Input, with the numbers of the invalid lines as data.
    """
    contacts, bad = [], []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            if not any(row) or [value.strip() for value in row] == HEADER:
                continue
            try:
                contacts.append(_contact(row))
            except ApiProblem:
                bad.append(str(reader.line_num))
    except csv.Error:  # a value exceeds the limit of the CSV reader, which cannot parse the rest of the file
        bad.append(str(reader.line_num))
    if bad:
        raise ApiProblem(400, "Invalid Input", "Lines of the file are not valid", ",".join(bad))
    return contacts


def _contact(row: list[str]) -> Parts:
    if len(row) > len(_NAMES):
        raise bad_request("Too many columns")
    values = [element(name, value) for name, value in zip(_NAMES, row, strict=False)]
    return take(CONTACT.fields, element(CONTACT.name, values))
