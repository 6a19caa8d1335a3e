"""Phone books and their contacts (guide p.150 to 163 and 271 to 290)."""

from __future__ import annotations

from pydantic import Field

from mcp_finesse.model.wire import WireModel


class Contact(WireModel):
    """One entry of a phone book."""

    uri: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone_number: str | None = None
    description: str | None = None

    @property
    def name(self) -> str:
        """The first name and the last name. A missing name is left out."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class PhoneBook(WireModel):
    """A phone book. ``type`` is ``GLOBAL`` or ``TEAM``.

    Phone books in lists for agents contain the contacts. Phone books for administrators instead contain the uri
    of the contacts, which is kept in ``extra``.
    """

    uri: str | None = None
    name: str | None = None
    type: str | None = None
    contacts: list[Contact] = Field(default_factory=list)
