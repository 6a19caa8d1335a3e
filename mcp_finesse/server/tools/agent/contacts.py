"""The tool that finds people and numbers in the agent's phone books."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.model import Contact
from mcp_finesse.server.arguments.arguments import Limit, Text
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import bounded, compact
from mcp_finesse.server.tools.call_targeting import READY_SECONDS
from mcp_finesse.session import FinesseSession


class ContactsResult(Result):
    """Matching contacts, and the number of further matches."""

    contacts: list[dict[str, Any]]
    left_out: int

    def __str__(self) -> str:
        lines = [
            ", ".join(
                str(item[name])
                for name in ("name", "phone_number", "description", "phone_book")
                if name in item
            )
            for item in self.contacts
        ]
        if self.left_out:
            lines.append(f"{self.left_out} more contacts were left out. Narrow the query.")
        return "\n".join(lines) or "No contact matches."


async def search_contacts(
    session: FinesseSession,
    query: Annotated[Text, Field(description="Words of a name, or part of a number")],
    limit: Annotated[Limit, Field(description="Default 10")] = 10,
) -> ContactsResult:
    """Search the phone books for a person, department or number.

    Use before make_call, consult_call or transfer_call. Returns contacts and left_out.
    """
    await session.ready(READY_SECONDS)
    words = query.casefold().split()
    fitting = [
        _shown(book, contact)
        for book, contact in redacted(await session.contacts())
        if _fits(contact, query, words)
    ]
    contacts, left_out = bounded(fitting, limit)
    return ContactsResult(contacts=contacts, left_out=left_out)


def _fits(contact: Contact, query: str, words: list[str]) -> bool:
    digits = _digits(query)
    if digits and not any(char.isalpha() for char in query):
        return digits in _digits(contact.phone_number or "")
    text = f"{contact.name} {contact.description or ''}".casefold()
    parts = re.findall(r"[^\W_]+", text)
    return all(_is_in(word, text, parts) for word in words)


def _is_in(word: str, text: str, parts: list[str]) -> bool:
    """Return whether a word of the query matches. ``D.`` matches as an initial, and ``Kim,`` matches ``kim``."""
    if word in text:
        return True
    bare = word.strip(".,;:")
    if word.endswith(".") and len(bare) == 1:
        return any(part.startswith(bare) for part in parts)
    return bool(bare) and bare in text


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _shown(book: str, contact: Contact) -> dict[str, Any]:
    return compact(
        name=contact.name,
        phone_number=contact.phone_number,
        description=contact.description,
        phone_book=book,
    )
