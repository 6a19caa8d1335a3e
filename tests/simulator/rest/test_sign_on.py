"""Test single sign-on on a system without it, and the authentication mode of a user."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.world.properties import Properties
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support_rest import client_of, error, xml

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
