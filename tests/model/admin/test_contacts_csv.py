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


@pytest.mark.parametrize(
    "text",
    [
        "Last Name,First Name,Phone Number,Notes\nRoe,Ina,5550111,\n",
        "Phone Number,First Name,Last Name,Notes\n5550111,Ina,Roe,\n",
        "Vorname,Nachname,Telefon,Notiz\nIna,Roe,5550111,\n",
        "5550111,Ina,Roe,\n",
    ],
)
def test_header_in_another_order_or_language_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_csv(text)
    assert "Line 1 of the CSV is neither a contact nor the header" in caught.value.message
    assert "First Name, Last Name, Phone Number, Notes, in this order" in caught.value.advice


def test_phone_number_without_a_digit_is_refused_with_its_line() -> None:
    with pytest.raises(
        InvalidRequestError, match=r"Line 2 of the CSV: the phone number 'none' contains no digit"
    ):
        parse_csv("Ina,Roe,5550111,\nBen,Ito,none,\n")
