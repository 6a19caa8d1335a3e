"""Test teams over real sockets: who may read which user and team, and what a supervisor sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.world.properties import Properties
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support_rest import client_of, error, until, xml


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator() as simulator:
        yield simulator


async def signed_in(simulator: Simulator, *user_ids: str) -> None:
    for user_id in user_ids:
        simulator.center.colleague(user_id).sign_in()
        await until(lambda: simulator.center.truth()["users"][user_id]["state"] == "NOT_READY")  # noqa: B023


@pytest.mark.parametrize(
    ("acting", "path", "status", "kind"),
    [
        ("1000", "Team/310", 200, ""),
        ("2000", "Team/310", 200, ""),  # supervises both teams
        ("2000", "Team/320", 200, ""),
        ("1000", "Team/320", 401, "Authorization Failure"),
        ("1001", "Team/310", 401, "Authorization Failure"),  # a member, but not a supervisor
        ("1000", "Team/999", 404, "Not Found"),
        ("1000", "Team/310?includeLoggedOutAgents=perhaps", 400, "Invalid Input"),
        ("1000", "User/1001", 200, ""),
        ("1000", "User/1001/Dialogs", 200, ""),
        ("1000", "User/2001", 401, "Invalid Authorization User Specified"),
        ("1000", "User/2001/Dialogs", 401, "Invalid Authorization User Specified"),
        ("1001", "User/1000", 401, "Invalid Authorization User Specified"),
        ("1000", "User/aokoro", 200, ""),  # by login name
        ("1001", "Users", 401, "Authorization Failure"),
        ("1000", "Users", 401, "Authorization Failure"),
    ],
)
async def test_read_access_depends_on_team_and_role(
    simulator: Simulator, acting: str, path: str, status: int, kind: str
) -> None:
    async with client_of(simulator, acting) as client:
        answer = await client.get(path)
    assert answer.status_code == status
    assert status == 200 or error(answer)[1] == kind


async def test_property_lets_members_read_their_own_team() -> None:
    world = replace(default_world(), properties=Properties(team_api_for_all=True))
    async with Simulator(world=world) as simulator, client_of(simulator, "1001") as client:
        assert (await client.get("Team/310")).status_code == 200
        assert error(await client.get("Team/320"))[:2] == (401, "Authorization Failure")


async def test_team_lists_signed_in_members_and_all_members_on_request(simulator: Simulator) -> None:
    await signed_in(simulator, "1001", "2001")
    async with client_of(simulator, "1000") as client:
        some = xml(await client.get("Team/310"))
        everybody = xml(await client.get("Team/310?includeLoggedOutAgents=true"))
    assert [some.findtext(name) for name in ("uri", "id", "name")] == [
        "/finesse/api/Team/310",
        "310",
        "North",
    ]
    assert [user.findtext("loginId") for user in some.iterfind("users/User")] == ["1001"]
    assert [user.findtext("loginId") for user in everybody.iterfind("users/User")] == [
        "1000",
        "1001",
        "1002",
        "1003",
    ]


async def test_member_summary_names_the_reason_in_lower_case(simulator: Simulator) -> None:
    await signed_in(simulator, "1001")
    simulator.center.colleague("1001").change_state("NOT_READY", "23")
    await until(lambda: simulator.center.truth()["users"]["1001"]["reasonCode"] == 41)
    async with client_of(simulator, "1000") as client:
        (user,) = xml(await client.get("Team/310")).iterfind("users/User")
    assert {child.tag for child in user} == {
        *("uri", "loginId", "firstName", "lastName", "dialogs"),
        *("state", "stateChangeTime", "pendingState", "extension", "reasonCode"),
    }
    assert user.findtext("reasonCode/label") == "Lunch"


async def test_ccx_shows_a_member_who_dials_from_not_ready_as_busy() -> None:
    async with Simulator(SimulatorSettings(platform="UCCX")) as simulator:
        await signed_in(simulator, "1001", "1002")
        simulator.center.colleague("1001").make_call("2125550101")
        await until(lambda: bool(simulator.center.truth()["dialogs"]))
        async with client_of(simulator, "1000") as client:
            users = xml(await client.get("Team/310")).iterfind("users/User")
            states = {user.findtext("loginId"): user.findtext("mediaState") for user in users}
    assert states == {"1001": "BUSY", "1002": "IDLE"}


async def test_supervisor_reads_the_dialog_of_a_member(simulator: Simulator) -> None:
    await signed_in(simulator, "1001")
    dialog_id = simulator.center.customers.call("4501", "3125550142")
    for acting, status in (("1000", 200), ("2000", 200), ("1002", 401)):
        async with client_of(simulator, acting) as client:
            assert (await client.get(f"Dialog/{dialog_id}")).status_code == status
            assert (await client.get("User/1001/Dialogs")).status_code == status
    async with client_of(simulator, "1000") as client:
        assert error(await client.get("Dialog/1"))[:2] == (404, "Dialog Not Found")


async def test_supervisor_changes_the_state_of_a_member(simulator: Simulator) -> None:
    await signed_in(simulator, "1001")
    async with client_of(simulator, "2000") as client:
        for state in ("READY", "NOT_READY", "LOGOUT"):
            answer = await client.put("User/1001", f"<User><state>{state}</state></User>")
            assert answer.status_code == 202
            await until(lambda: simulator.center.truth()["users"]["1001"]["state"] == state)  # noqa: B023
