"""``mcp-finesse serve`` with an administrator: alone, with an agent, and with incomplete settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.cli.options import session_config
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.server import Selection
from mcp_finesse.settings import Settings
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.cli.support import Command, call, ready, run, settings_for

URL = {"url": "https://127.0.0.1:9"}
AGENT = {"user": "1001", "password": "secret"}
ADMIN = {"admin_user": "admin", "admin_password": "secret"}


@pytest.fixture(autouse=True)
def _no_profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("toolsets", "tools", "exclude", "needed"),
    [
        (["agent"], [], [], True),
        ([], [], [], False),
        (["core"], [], [], False),
        (["admin"], [], [], False),
        (["admin", "developer"], [], [], False),
        (["admin", "agent"], [], [], True),
        (["all"], [], [], True),
        (["admin"], ["hold_call"], [], True),
        (["admin"], ["hold_call"], ["hold_call"], False),
    ],
)
def test_agent_is_required_by_tools_that_act_as_an_agent(
    toolsets: list[str], tools: list[str], exclude: list[str], needed: bool
) -> None:
    assert Selection(toolsets, tools, exclude).needs_agent() is needed


@pytest.mark.parametrize(
    ("given", "needs_agent", "agent", "user"),
    [
        (AGENT, True, True, "1001"),
        (AGENT, False, True, "1001"),
        (AGENT | ADMIN, True, True, "1001"),
        (AGENT | ADMIN, False, True, "1001"),
        (ADMIN, False, False, "admin"),
    ],
)
def test_configured_agent_or_administrator_is_used(
    given: dict[str, Any], needs_agent: bool, agent: bool, user: str
) -> None:
    config = session_config(Settings(**URL, **given), needs_agent=needs_agent)
    assert (config.agent, config.credentials.user_id) == (agent, user)
    assert (config.administrator is not None) is ("admin_user" in given)


@pytest.mark.parametrize(
    ("given", "needs_agent", "said"),
    [
        (URL, False, "FINESSE_USER and FINESSE_PASSWORD are not set. Set the missing settings"),
        (URL | ADMIN, True, "With --toolsets admin or developer, administrator credentials alone"),
        (ADMIN, False, "FINESSE_URL is not set."),
        (URL | ADMIN | {"user": "1001"}, False, "FINESSE_PASSWORD is not set."),
        (URL | ADMIN | {"password": "x"}, False, "FINESSE_USER is not set."),
        (URL | AGENT | {"admin_user": "admin"}, True, "FINESSE_ADMIN_PASSWORD is not set. Set both"),
        (URL | AGENT | {"admin_password": "x"}, True, "FINESSE_ADMIN_USER is not set. Set both"),
        (URL | AGENT | {"admin_user": "a:b", "admin_password": "x"}, True, "contains a colon"),
    ],
)
def test_missing_setting_is_named(given: dict[str, Any], needs_agent: bool, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        session_config(Settings(**given), needs_agent=needs_agent)
    assert said in str(caught.value)
    assert "hunter" not in str(caught.value)


async def test_server_works_with_an_administrator_alone(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        settings = {"url": simulator.url, "ca_file": simulator.ca_file, "admin_password": "secret"}
        arguments = ("serve", "--toolsets", "admin", "--admin-user", "admin")
        async with (
            Command.started(tmp_path, *arguments, settings=settings) as server,
            server.client() as client,
        ):
            teams = await call(client, "list_configuration", kind="Team")
            status = await call(client, "get_session_status")
            server.end_input()
            ended = await server.ended()
        assert ended.status == 0
        assert "secret" not in ended.err
        assert not simulator.center.attempts
    assert {"id": "310", "name": "North"} in teams["objects"]
    assert status["state"] == "no_agent"


async def test_server_works_with_agent_and_administrator(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        settings = settings_for(simulator, toolsets="agent,admin", confirm="never", **ADMIN)
        async with Command.started(tmp_path, "serve", settings=settings) as server, server.client() as client:
            await ready(client)
            values = {"label": "Cold call", "for_all": True}
            made = await call(client, "create_configuration", kind="WrapUpReason", values=values)
            codes = await call(client, "get_codes", kind="WRAP_UP")
    assert made["status"] == "confirmed"
    assert "Cold call" in codes["wrap_up"]


async def test_built_in_simulator_has_an_administrator(tmp_path: Path) -> None:
    flags = ("serve", "--simulator", "--toolsets", "admin")
    async with Command.started(tmp_path, *flags) as server, server.client() as client:
        found = await call(client, "list_configuration", kind="PhoneBook")
    assert {"Company", "North"} <= {each["name"] for each in found["objects"]}


async def test_wrong_administrator_password_is_tried_once_over_all_starts(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        settings = {
            "url": simulator.url, "ca_file": simulator.ca_file, "toolsets": "admin", "admin_user": "admin",
            "admin_password": "hunter2",
        }  # fmt: skip
        for _ in range(2):
            async with (
                Command.started(tmp_path, "serve", settings=settings) as server,
                server.client() as client,
            ):
                result = await client.call_tool("list_configuration", {"kind": "Team"})
                assert result.is_error
                assert "hunter2" not in str(result.content)
        assert len(simulator.center.configuration.authentication.attempts) == 1


async def test_administrator_without_the_admin_toolset_is_reported_before_start(
    tmp_path: Path,
) -> None:
    ended = await run(tmp_path, "serve", settings=URL | ADMIN)
    assert ended.status == 2
    assert "With --toolsets admin or developer, administrator credentials alone" in ended.err
