"""Contacts as CSV: what Finesse exports, and what a person wrote."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError, PayloadError
from mcp_finesse.model.admin import Contact, ContactContent, parse_csv, read_csv, write_csv

HEADER = '"First Name","Last Name","Phone Number","Notes"\r\n'


def test_every_value_is_quoted() -> None:
    contacts = [ContactContent(first_name="Zoë", last_name='D"Arcy, Sons', phone_number="5550111")]
    assert write_csv(contacts) == HEADER + '"Zoë","D""Arcy, Sons","5550111",""\r\n'


def test_what_was_written_is_read() -> None:
    contacts = [
        ContactContent(first_name="Zoë", last_name='D"Arcy, Sons', phone_number="1", description="a,b")
    ]
    assert read_csv(write_csv(contacts)) == [
        Contact(first_name="Zoë", last_name='D"Arcy, Sons', phone_number="1", description="a,b")
    ]


@pytest.mark.parametrize("text", ["", "\r\n", HEADER, "\ufeff" + HEADER + "\r\n"])
def test_no_contacts_are_an_empty_list(text: str) -> None:
    assert read_csv(text) == []
    assert parse_csv(text) == []


def test_an_export_is_read_leniently() -> None:
    assert read_csv(HEADER + '"Ina","","5550111","x","more"\n"Bo"\n') == [
        Contact(first_name="Ina", phone_number="5550111", description="x"),
        Contact(first_name="Bo"),
    ]


def test_what_is_no_csv_is_no_answer() -> None:
    with pytest.raises(PayloadError, match="not CSV"):
        read_csv('"Ina" x,"Moe"')


def test_what_a_person_wrote_needs_no_header_and_no_quotes() -> None:
    (contact,) = parse_csv("first name, LAST NAME ,Phone Number,Notes\nIna, Moe ,5550111\n")
    assert (contact.first_name, contact.last_name, contact.phone_number) == ("Ina", "Moe", "5550111")
    assert contact.given() == {"first_name", "last_name", "phone_number"}


def test_too_many_columns_are_refused_by_line() -> None:
    with pytest.raises(InvalidRequestError, match="Line 2 of the CSV has 5 values"):
        parse_csv("Ina,Moe,1,x\nIna,Moe,1,x,y")


def test_open_quotes_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="not CSV"):
        parse_csv('"Ina,Moe')
