"""Test the objects that exist only once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.simulator.configuration.support import LAYOUT, UserClients, user_clients
from tests.simulator.support_rest import error, xml


@pytest.fixture
async def here() -> AsyncIterator[UserClients]:
    async with user_clients() as here:
        yield here


@pytest.mark.parametrize(
    ("path", "change", "field", "kept"),
    [
        ("SystemConfig", "<cti><host>cti-x</host></cti>", "cti/host", "cti/port"),
        ("SystemConfig", "<cti><backupHost/></cti>", "cti/backupHost", "cti/host"),
        ("ClusterConfig", "<secondaryNode><host>fin-x</host></secondaryNode>", "secondaryNode/host", "uri"),
        ("EnterpriseDatabaseConfig", "<host>awdb-x</host>", "host", "databaseName"),
        ("ChatConfig", "<primaryNode>https://chat-x</primaryNode>", "primaryNode", "uri"),
        ("LayoutConfig/default", f"<layoutxml>{LAYOUT}</layoutxml>", "layoutxml", "uri"),
    ],
)
async def test_change_keeps_the_fields_it_does_not_name(
    here: UserClients, path: str, change: str, field: str, kept: str
) -> None:
    root = path.partition("/")[0]
    before = xml(await here.admin.get(path))
    assert before.tag == root
    answer = await here.admin.put(path, f"<{root}>{change}</{root}>")
    assert (answer.status_code, answer.content) == (200, b"")
    after = xml(await here.admin.get(path))
    assert after.findtext(field) != before.findtext(field)
    assert after.findtext(kept) == before.findtext(kept) != ""


@pytest.mark.parametrize(
    ("path", "change", "said"),
    [
        ("SystemConfig", "", ("Parameter Missing", "cti")),
        ("SystemConfig", "<cti/>", ("Invalid Input", "")),
        ("SystemConfig", "<cti><port>65536</port></cti>", ("Invalid Input", "port")),
        ("SystemConfig", "<cti><peripheralId>0</peripheralId></cti>", ("Invalid Input", "peripheralId")),
        ("SystemConfig", "<cti><host>a b</host></cti>", ("Invalid Input", "host")),
        ("SystemConfig", "<cti><host>cti-b.finesse.sim</host></cti>", ("Invalid Input", "backupHost")),
        ("ClusterConfig", "<secondaryNode><host/></secondaryNode>", ("Invalid Input", "host")),
        ("EnterpriseDatabaseConfig", "", ("Invalid Input", "")),
        ("ChatConfig", "<primaryNode>http://c</primaryNode>", ("Invalid Input", "primaryNode")),
        ("LayoutConfig/default", "", ("Parameter Missing", "layoutxml")),
        ("LayoutConfig/default", "<layoutxml>x</layoutxml>", ("Invalid Input", "layoutxml")),
        ("LayoutConfig/default", "<layoutxml>&lt;a/&gt;</layoutxml>", ("Invalid Input", "layoutxml")),
    ],
)
async def test_invalid_field_is_named(
    here: UserClients, path: str, change: str, said: tuple[str, str]
) -> None:
    root = path.partition("/")[0]
    refused = error(await here.admin.put(path, f"<{root}>{change}</{root}>"))
    assert (refused[0], refused[1], refused[3]) == (400, *said)


async def test_password_is_never_returned(here: UserClients) -> None:
    path = "EnterpriseDatabaseConfig"
    await here.admin.put(path, f"<{path}><password>geheim</password></{path}>")
    assert b"geheim" not in (await here.admin.get(path)).content
    assert xml(await here.admin.get("CloudConnectConfig")).findtext("password") == ""


async def test_config_info_counts_the_users(here: UserClients) -> None:
    info = xml(await here.admin.get("ConfigInfo"))
    assert info.findtext("totalUsers") == str(len(here.simulator.center.world.agents))


async def test_team_without_its_own_layout_uses_the_default_one(here: UserClients) -> None:
    await here.admin.put(
        "LayoutConfig/default", f"<LayoutConfig><layoutxml>{LAYOUT}</layoutxml></LayoutConfig>"
    )
    assert xml(await here.admin.get("Team/310/LayoutConfig")).findtext("layoutxml").endswith("finesse'/>")
