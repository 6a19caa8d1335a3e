"""Test the REST resources of codes, wrap-up reasons, phone books and SystemInfo, by team and by user."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from tests.simulator.support_rest import Client, client_of, error, xml


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[Client]:
    async with client_of(simulator) as client:
        yield client


@pytest.mark.parametrize("path", ["TeamResource/310/ReasonCodes", "User/1001/ReasonCodes"])
async def test_reason_codes_of_a_category_are_listed(client: Client, path: str) -> None:
    codes = xml(await client.get(f"{path}?category=NOT_READY"))
    assert (codes.tag, codes.get("category")) == ("ReasonCodes", "NOT_READY")
    assert [code.findtext("label") for code in codes] == ["Lunch", "Meeting", "Training"]
    assert codes[0].findtext("uri") == "/finesse/api/ReasonCode/23"
    assert codes[0].findtext("code") == "41"


async def test_reason_codes_of_all_categories_are_listed_only_by_team(client: Client) -> None:
    codes = xml(await client.get("TeamResource/310/ReasonCodes?category=ALL"))
    assert {code.findtext("category") for code in codes} == {"NOT_READY", "LOGOUT"}
    refused = error(await client.get("User/1001/ReasonCodes?category=ALL"))
    assert (refused[0], refused[1], refused[3]) == (400, "Invalid Input", "category")


async def test_category_is_required(client: Client) -> None:
    refused = error(await client.get("TeamResource/310/ReasonCodes"))
    assert (refused[0], refused[1], refused[3]) == (400, "Parameter Missing", "category")


@pytest.mark.parametrize("path", ["ReasonCode/23", "User/1001/ReasonCode/23"])
async def test_single_reason_code_is_returned(client: Client, path: str) -> None:
    assert xml(await client.get(path)).findtext("label") == "Lunch"


@pytest.mark.parametrize("path", ["ReasonCode/999", "ReasonCode/x", "User/1001/WrapUpReason/999"])
async def test_unknown_object_is_not_found(client: Client, path: str) -> None:
    assert error(await client.get(path))[:2] == (404, "Not Found")


async def test_wrap_up_reasons_are_listed(client: Client) -> None:
    reasons = xml(await client.get("TeamResource/310/WrapUpReasons"))
    labels = [reason.findtext("label") for reason in reasons]
    assert labels == ["Sale", "Billing question", "Complaint", "Callback requested"]
    older = xml(await client.get("User/1001/WrapUpReasons"))
    assert older[0].findtext("uri") == "/finesse/api/User/1001/WrapUpReason/61"
    assert xml(await client.get("User/1001/WrapUpReason/61")).findtext("label") == "Sale"


@pytest.mark.parametrize("path", ["TeamResource/310/PhoneBooks", "User/1001/PhoneBooks"])
async def test_global_phone_books_are_listed_first(client: Client, path: str) -> None:
    answer = await client.get(path, headers={"Range": "objects=1-1500"})
    books = xml(answer)
    assert answer.status_code == 206
    assert [(book.findtext("name"), book.findtext("type")) for book in books] == [
        ("Company", "GLOBAL"),
        ("North", "TEAM"),
    ]
    contact = books[1].findall("Contacts/Contact")[2]
    assert [contact.findtext(name) for name in ("firstName", "lastName", "description", "uri")] == [
        "Zoë",
        "D'Arcy & Sons",
        "Supplier, <urgent> only",
        "/finesse/api/PhoneBook/2/Contact/3",
    ]


@pytest.mark.parametrize(
    ("wanted", "contacts"),
    [
        ("objects=1-2", [2]),
        ("objects=4-5", [1, 1]),
        ("objects=7-7", [1]),
        ("objects=8-9", []),
        ("objects=1-6000", [4, 3]),
    ],
)
async def test_range_of_contacts_covers_all_books(client: Client, wanted: str, contacts: list[int]) -> None:
    books = xml(await client.get("TeamResource/310/PhoneBooks", headers={"Range": wanted}))
    assert [len(book.find("Contacts")) for book in books] == contacts


@pytest.mark.parametrize(
    "wanted", ["objects=0-5", "objects=1-6001", "objects=5-1", "bytes=1-2", "objects=a-b"]
)
async def test_invalid_range_is_416(client: Client, wanted: str) -> None:
    refused = error(await client.get("TeamResource/310/PhoneBooks", headers={"Range": wanted}))
    assert refused[:3] == (416, "Range Not Satisfiable", "Invalid Range Specified")


async def test_list_of_a_user_is_limited_to_1500_contacts(client: Client) -> None:
    refused = error(await client.get("User/1001/PhoneBooks", headers={"Range": "objects=1-1501"}))
    assert refused[0] == 416


async def test_request_without_a_range_returns_all_contacts(client: Client) -> None:
    answer = await client.get("TeamResource/310/PhoneBooks")
    assert answer.status_code == 200
    assert len(list(xml(answer).iter("Contact"))) == 7


@pytest.mark.parametrize("what", ["ReasonCodes?category=ALL", "WrapUpReasons", "PhoneBooks"])
async def test_unknown_team_is_not_found(client: Client, what: str) -> None:
    assert error(await client.get(f"TeamResource/999/{what}"))[:2] == (404, "TeamId Not Found")


async def test_another_team_is_rejected() -> None:
    async with Simulator() as simulator, client_of(simulator) as client:
        refused = error(await client.get("TeamResource/320/WrapUpReasons"))
        assert refused[:2] == (401, "Invalid Authorization")
    async with (
        Simulator() as simulator,
        client_of(simulator, "2001") as client,
    ):
        assert (await client.get("TeamResource/320/WrapUpReasons")).status_code == 200


@pytest.mark.parametrize("what", ["ReasonCodes?category=LOGOUT", "WrapUpReasons", "PhoneBooks"])
async def test_lists_of_another_user_are_rejected(client: Client, what: str) -> None:
    refused = error(await client.get(f"User/1002/{what}"))
    assert refused[:2] == (401, "Invalid Authorization User Specified")


async def test_system_info_needs_no_credentials() -> None:
    settings = SimulatorSettings(domain="fin-a.example.test", platform="UCCX")
    async with Simulator(settings) as simulator, client_of(simulator) as client:
        info = xml(await client.http.get("/finesse/api/SystemInfo"))
        assert {
            child.tag: child.text for child in info if child.tag.startswith(("xmpp", "deploy", "status"))
        } == {
            "xmppDomain": "fin-a.example.test",
            "xmppPubSubDomain": "pubsub.fin-a.example.test",
            "deploymentType": "UCCX",
            "status": "IN_SERVICE",
            "statusReason": None,
        }
        assert info.findtext("primaryNode/host") == "localhost"
        assert not simulator.center.attempts
