"""The configured phone books, and the phone books of the default world."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """An entry of a phone book. Without an id, the position in the phone book serves as the id."""

    first_name: str
    last_name: str
    phone_number: str
    description: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class PhoneBook:
    """A phone book. A phone book without a team is global."""

    id: str
    name: str
    contacts: tuple[Contact, ...]
    team_id: str | None = None


PHONE_BOOKS = (
    PhoneBook(
        "1",
        "Company",
        (
            Contact("Front", "Desk", "2125550100", "Answers at once"),
            Contact("Night", "Service", "2125550101", "Rings"),
            Contact("Fax", "Machine", "2125550102", "Always busy"),
            Contact("Dana", "Kim", "4500", "Supervisor North"),
        ),
    ),
    PhoneBook(
        "2",
        "North",
        (
            Contact("Ada", "Okoro", "4501"),
            Contact("Ben", "Ito", "4502"),
            Contact("Zoë", "D'Arcy & Sons", "2125550103", "Supplier, <urgent> only"),
        ),
        team_id="310",
    ),
    PhoneBook("3", "South", (Contact("Eve", "Poe", "4521"), Contact("Finn", "Berg", "4522")), team_id="320"),
)
"""Phone books of the default world."""
