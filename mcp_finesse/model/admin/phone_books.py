"""Phone books and contacts as configuration objects (guide p.271 to 290)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mcp_finesse.model.admin.content import Content, Stored
from mcp_finesse.model.admin.limits import Characters, NotEmpty, OneOf

TYPES = ("GLOBAL", "TEAM")
CONTACTS_IN_ALL = 50_000
GLOBAL_BOOKS = 10
TEAM_BOOKS = 300


class PhoneBookContent(Content):
    """Writable fields of a phone book. A system can have at most 10 global and 300 team phone books."""

    name: Annotated[str | None, NotEmpty()] = None
    type: Annotated[str | None, OneOf(TYPES)] = Field(
        default=None,
        description="GLOBAL: for every team; TEAM: assigned to teams, cannot be changed to GLOBAL",
    )


class PhoneBook(PhoneBookContent, Stored):
    """A phone book. ``contacts`` is the uri of the contacts, which are separate objects."""

    contacts: str | None = None


class ContactContent(Content):
    """Writable fields of a contact. The maximum is 6000 contacts per phone book and 50,000 contacts in the system."""

    first_name: Annotated[str | None, Characters(128, least=0)] = None
    last_name: Annotated[str | None, Characters(128, least=0)] = None
    phone_number: Annotated[str | None, Characters(32)] = None
    description: Annotated[str | None, Characters(128, least=0)] = None


class Contact(ContactContent, Stored):
    """One entry of a phone book."""

    @property
    def name(self) -> str:
        """The first name and the last name. A missing name is left out."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)
