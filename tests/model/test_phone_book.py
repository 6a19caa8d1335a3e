"""Phone books with their contacts inside, and in the administrator's form with an address."""

from __future__ import annotations

import pytest

from mcp_finesse.model import Contact, PhoneBook, parse, read_list


def test_books_hold_their_contacts() -> None:
    root = parse(
        "<PhoneBooks><PhoneBook><name>Everyone</name><type>GLOBAL</type><Contacts>"
        "<Contact><firstName>Ina</firstName><lastName>Moe</lastName><phoneNumber>5550111</phoneNumber>"
        "<description/></Contact></Contacts></PhoneBook>"
        "<PhoneBook><name>Team</name><type>TEAM</type><Contacts/></PhoneBook></PhoneBooks>"
    )

    assert read_list(root, PhoneBook) == [
        PhoneBook(
            name="Everyone",
            type="GLOBAL",
            contacts=[Contact(first_name="Ina", last_name="Moe", phone_number="5550111")],
        ),
        PhoneBook(name="Team", type="TEAM"),
    ]


def test_the_address_of_the_contacts_is_kept_aside() -> None:
    book = PhoneBook.from_element(
        parse("<PhoneBook><name>x</name><contacts>/finesse/api/PhoneBook/1/Contacts</contacts></PhoneBook>")
    )

    assert book.contacts == []
    assert book.extra == {"contacts": "/finesse/api/PhoneBook/1/Contacts"}


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Ina", "Moe", "Ina Moe"), ("Ina", None, "Ina"), (None, "Moe", "Moe"), (None, None, "")],
)
def test_a_name_is_what_there_is_of_it(first: str | None, last: str | None, name: str) -> None:
    assert Contact(first_name=first, last_name=last).name == name
