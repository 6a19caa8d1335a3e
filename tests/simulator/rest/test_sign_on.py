"""Test single sign-on on a system without it, and the authentication mode of a user."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.world.properties import Properties
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support_rest import Client, client_of, error, xml

MODE = "/finesse/api/UserAuthMode/"


@pytest.mark.parametrize(
    ("method", "path", "form", "status"),
    [
        ("GET", "token?cc_username=aokoro&return_user=yes", None, 401),
        ("GET", "token", None, 400),
        ("POST", "token", {"token": "a", "refresh-token": "b"}, 401),
        ("POST", "token", {"token": "a"}, 400),
        ("DELETE", "token", None, 405),
        ("GET", "other", None, 404),
        ("POST", "test", None, 404),
    ],
)
async def test_token_requests_are_rejected_without_single_sign_on(
    method: str, path: str, form: dict[str, str] | None, status: int
) -> None:
    async with Simulator() as simulator, client_of(simulator) as client:
        answer = await client.http.request(method, f"/desktop/sso/{path}", data=form)
    assert answer.status_code == status


async def test_page_says_that_there_is_no_token() -> None:
    async with Simulator() as simulator, client_of(simulator) as client:
        answer = await client.http.get("/desktop/sso/test")
    assert (answer.status_code, answer.cookies["ssotest"]) == (200, "false")
    assert "NO TOKEN" in answer.text


class TestUserAuthMode:
    async def _ask(self, simulator: Simulator, path: str) -> httpx.Response:
        async with client_of(simulator) as client:
            return await client.http.get(MODE + path)

    async def test_auth_mode_needs_no_credentials(self) -> None:
        async with Simulator() as simulator:
            for name in ("1001", "aokoro"):
                mode = xml(await self._ask(simulator, name))
                assert (mode.tag, mode.findtext("authMode")) == ("UserAuthMode", "NON_SSO")
            assert error(await self._ask(simulator, "nobody"))[:2] == (404, "User Not Found")

    async def test_auth_mode_can_be_disabled(self) -> None:
        async with Simulator(
            world=replace(default_world(), properties=Properties(user_auth_mode=False))
        ) as simulator:
            refused = error(await self._ask(simulator, "1001"))
        assert refused[:3] == (403, "Forbidden", "UserAuthModeService is disabled")

    async def test_ccx_has_no_auth_mode(self) -> None:
        async with Simulator(SimulatorSettings(platform="UCCX")) as simulator:
            assert error(await self._ask(simulator, "1001"))[:2] == (501, "Not Implemented")

    async def test_auth_mode_can_only_be_read(self) -> None:
        async with Simulator() as simulator, client_of(simulator) as client:
            assert (await client.put("UserAuthMode/1001", "")).status_code == 404


SSO = SimulatorSettings(auth_mode="SSO", token_seconds=300)
HYBRID = SimulatorSettings(auth_mode="HYBRID", sso_users=("1001",))


async def get_token(client: Client, more: str = "") -> dict[str, Any]:
    answer = await client.http.get(f"/desktop/sso/token?cc_username=1001&return_refresh_token=true{more}")
    assert answer.status_code == 200
    made: dict[str, Any] = answer.json()
    return made


async def read_user(client: Client, authorization: str) -> int:
    answer = await client.http.get(
        "/finesse/api/User/1001", headers={"Authorization": authorization}, auth=None
    )
    return answer.status_code


class TestSingleSignOn:
    async def test_token_is_accepted_as_bearer_and_a_password_is_not(self) -> None:
        async with Simulator(SSO) as simulator, client_of(simulator) as client:
            made = await get_token(client, "&return_user=yes")
            assert made["expires_in"] == 300
            assert made["user_id"] == "aokoro"
            assert await read_user(client, f"Bearer {made['token']}") == 200
            assert await read_user(client, "Bearer other") == 401
            assert (await client.get("User/1001")).status_code == 401
            assert [attempt.result.name for attempt in simulator.center.attempts] == ["OK", "WRONG"]
            assert simulator.requests[-3].user_id == "1001"

    async def test_token_is_refreshed_with_the_names_of_the_guide(self) -> None:
        async with Simulator(SSO) as simulator, client_of(simulator) as client:
            made = await get_token(client)
            form = {"token": made["token"], "refresh-token": made["refresh_token"]}
            second = (await client.http.post("/desktop/sso/token", data=form)).json()
            assert await read_user(client, f"Bearer {second['token']}") == 200
            simulator.center.tokens.revoke("1001")
            assert await read_user(client, f"Bearer {second['token']}") == 401
            assert (await client.http.post("/desktop/sso/token", data=form)).status_code == 401

    async def test_rejected_tokens_lock_the_account_like_passwords(self) -> None:
        async with Simulator(SSO) as simulator, client_of(simulator) as client:
            made, second = await get_token(client), await get_token(client)
            simulator.center.tokens.expire("1001")
            for _ in range(5):
                assert await read_user(client, f"Bearer {made['token']}") == 401
            third = await get_token(client)
            assert await read_user(client, f"Bearer {third['token']}") == 401
            assert simulator.center.attempts[-1].result.name == "LOCKED"
            assert second["token"] != third["token"]

    async def test_hybrid_system_has_both_kinds_of_users(self) -> None:
        async with Simulator(HYBRID) as simulator, client_of(simulator, user_id="1002") as client:
            assert xml(await client.get("SystemInfo")).findtext("systemAuthMode") == "HYBRID"
            modes = [
                xml(await client.http.get(MODE + user)).findtext("authMode") for user in ("1001", "1002")
            ]
            assert modes == ["SSO", "NON_SSO"]
            assert (await client.get("User/1002")).status_code == 200
            assert (await client.http.get("/desktop/sso/token?cc_username=1002")).status_code == 401
            assert await read_user(client, f"Bearer {(await get_token(client))['token']}") == 200
