"""Test version, performance values and files of the desktop."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from mcp_finesse.simulator.rest.configuration.serviceability import PRODUCT_VERSION, RESOURCE_URLS
from tests.simulator.configuration.support import UserClients, user_clients
from tests.simulator.support_rest import error, xml


@pytest.fixture
async def here() -> AsyncIterator[UserClients]:
    async with user_clients() as here:
        yield here


async def get(here: UserClients, path: str, user_id: str = "admin") -> httpx.Response:
    return await here.admin.http.get(path, auth=(user_id, "secret"))


async def test_version_is_returned_even_out_of_service(here: UserClients) -> None:
    here.simulator.center.set_in_service(False)
    reply = xml(await get(here, PRODUCT_VERSION))
    assert reply.get("ReturnCode") == "0"
    assert reply[1].get("VersionString") == "12.5(1)"
    assert error(await get(here, PRODUCT_VERSION, "1001"))[:2] == (401, "Authorization Failure")


@pytest.mark.parametrize(
    ("bean", "value"), [("java.lang:type=Threading", 187), ("OpenFire//java.lang:type=Threading", 96)]
)
async def test_performance_value_is_returned(here: UserClients, bean: str, value: int) -> None:
    question = f'{{"type":"read","mbean":"{bean}","attribute":"ThreadCount"}}'
    answer = await here.admin.send("POST", "performance", question)
    assert answer.headers["content-type"] == "application/json"
    assert (answer.json()["value"], answer.json()["request"]["mbean"]) == (value, bean)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ('{"type":"read","mbean":"java.lang:type=Runtime","attribute":"Name"}', 403),
        ('{"type":"exec","mbean":"java.lang:type=Threading","attribute":"ThreadCount"}', 403),
        ('{"type":"read"}', 400),
        ("[]", 400),
        ("<a/>", 400),
        ("[" * 100_000, 400),
    ],
)
async def test_invalid_performance_query_is_rejected(here: UserClients, question: str, status: int) -> None:
    assert error(await here.admin.send("POST", "performance", question))[0] == status


async def test_files_of_the_desktop_are_listed(here: UserClients) -> None:
    assert "/desktop/assets/main.js" in (await get(here, f"{RESOURCE_URLS}?type=desktop", "1001")).text
    assert error(await get(here, RESOURCE_URLS))[:2] == (400, "Invalid Input")


async def test_other_desktop_apis_are_not_found(here: UserClients) -> None:
    assert (await get(here, "/desktop/api/Languages", "1001")).status_code == 404
