"""Test the contacts of a phone book, one by one and as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from mcp_finesse.simulator.configuration import rules
from mcp_finesse.simulator.rest.configuration import objects
from tests.simulator.configuration.support import UserClients, body, texts, user_clients
from tests.simulator.support_rest import error, xml

FILE = "PhoneBook/2/Contacts/csvFileContent"
HEADER = '"First Name","Last Name","Phone Number","Notes"\r\n'


@pytest.fixture
async def here() -> AsyncIterator[UserClients]:
    async with user_clients() as here:
        yield here


async def upload(
    here: UserClients, text: str | bytes, kind: str = "text/csv", name: str | None = "c.csv"
) -> httpx.Response:
    files = {"datafile": (name, text, kind)}
    return await here.admin.http.post(f"/finesse/api/{FILE}", files=files, auth=("admin", "secret"))


async def numbers(here: UserClients) -> list[str]:
    return texts(xml(await here.admin.get("PhoneBook/2/Contacts")), "phoneNumber")


async def test_contacts_are_exported(here: UserClients) -> None:
    answer = await here.admin.get(FILE)
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.startswith(HEADER)
    assert '"Zoë","D\'Arcy & Sons","2125550103","Supplier, <urgent> only"\r\n' in answer.text


@pytest.mark.parametrize("kind", ["text/csv", "text/plain"])
async def test_import_replaces_all_contacts(here: UserClients, kind: str) -> None:
    answer = await upload(here, "\ufeff" + HEADER + '"Ina","Moe","5550111","x, y"\n\nBo,,5550112\n', kind)
    assert (answer.status_code, answer.content) == (202, b"")
    contacts = xml(await here.admin.get("PhoneBook/2/Contacts"))
    assert texts(contacts, "phoneNumber") == ["5550111", "5550112"]
    assert contacts[0].findtext("description") == "x, y"
    book = xml(await here.agent.get("TeamResource/310/PhoneBooks"))[-1]
    assert texts(book.find("Contacts"), "uri") == texts(contacts, "uri")


async def test_exported_contacts_can_be_imported(here: UserClients) -> None:
    exported = (await here.admin.get(FILE)).text
    assert (await upload(here, exported)).status_code == 202
    assert (await here.admin.get(FILE)).text == exported


async def test_line_with_a_huge_value_is_reported_as_invalid(here: UserClients) -> None:
    answer = await upload(here, f"Ina,Moe,5550111,x\nBo,Li,5550112,{'y' * 200_000}\n")
    assert error(answer) == (400, "Invalid Input", "Lines of the file are not valid", "2")


async def test_invalid_lines_are_reported_and_nothing_is_imported(here: UserClients) -> None:
    before = await numbers(here)
    answer = await upload(here, HEADER + f"a,b,1\na,b,{'1' * 33}\na,b\na,b,2,c,d\n")
    assert error(answer)[:2] == (400, "Invalid Input")
    assert error(answer)[3] == "3,4,5"
    assert await numbers(here) == before


async def test_form_without_a_csv_file_empties_the_book(here: UserClients) -> None:
    assert (await upload(here, "x", "image/png")).status_code == 202
    assert await numbers(here) == []


async def test_body_that_is_no_form_is_rejected(here: UserClients) -> None:
    assert error(await here.admin.send("POST", FILE, "a,b,1"))[:2] == (400, "Bad Request")
    assert error(await upload(here, b"\xff"))[:2] == (400, "Bad Request")
    assert len(await numbers(here)) == 3


async def test_book_holds_6000_contacts(here: UserClients) -> None:
    assert (await upload(here, "a,b,1\n" * 6000)).status_code == 202
    assert error(await upload(here, "a,b,1\n" * 6001))[:2] == (400, "Maximum Exceeded")
    answer = await here.admin.send("POST", "PhoneBook/2/Contact", body("Contact"))
    assert error(answer)[:2] == (400, "Maximum Exceeded")


async def test_number_of_contacts_in_all_books_is_limited(
    here: UserClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (rules, objects):
        monkeypatch.setattr(module, "CONTACTS_IN_ALL", 7)
    answer = await here.admin.send("POST", "PhoneBook/2/Contact", body("Contact"))
    assert error(answer)[:2] == (400, "Maximum Exceeded")
    assert error(await upload(here, "a,b,1\n" * 8))[:2] == (400, "Maximum Exceeded")
    change = body("Contact", "<lastName>x</lastName>")
    assert (await here.admin.put("PhoneBook/2/Contact/1", change)).status_code == 200


async def test_contacts_of_an_unknown_book_are_not_found(here: UserClients) -> None:
    for path in ("PhoneBook/9/Contacts", "PhoneBook/9/Contact/1", "PhoneBook/9/Contacts/csvFileContent"):
        assert error(await here.admin.get(path))[:2] == (404, "Not Found")


async def test_agents_see_an_added_contact(here: UserClients) -> None:
    await here.admin.send("POST", "PhoneBook/2/Contact", body("Contact"))
    book = xml(await here.agent.get("User/1001/PhoneBooks", headers={"Range": "objects=1-1500"}))[-1]
    assert "5550111" in texts(book.find("Contacts"), "phoneNumber")
