"""An administrator's day through MCP on either platform: agents get what the administrator configures."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials
from mcp_finesse.model import read_list
from mcp_finesse.model.admin import Workflow
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.api import codes, phone_books
from mcp_finesse.server.toolsets.selection import TOOLSETS
from tests.docs import coverage
from tests.server.support_admin import Desk, desk

LAYOUT = (
    '<finesseLayout xmlns="http://www.cisco.com/vtg/finesse"><layout><role>Agent</role><tabs><tab><id>home</id>'
    "<label>Start</label></tab></tabs></layout></finesseLayout>"
)
ADDRESS = "https://crm.example.com/?id=${callVariable1}"


@dataclass
class Day:
    """The desk, and the operations each tool performed."""

    desk: Desk
    platform: str
    asked: dict[str, set[str]] = field(default_factory=dict)

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool and record the operations it performed."""
        requests = self.desk.simulator.requests
        requests.clear()
        try:
            return await self.desk.data(tool, **arguments)
        finally:
            made = {coverage.operation_of(each.method, each.path, "", self.platform) for each in requests}
            self.asked.setdefault(tool, set()).update(made)

    async def confirmed(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Make a change that Finesse must execute completely."""
        result = await self.call(tool, **arguments)
        assert (result["status"], result.get("differences")) == ("confirmed", None), result
        return result

    @asynccontextmanager
    async def agent(self) -> AsyncIterator[RestClient]:
        """Yield a REST client of agent 1001 of team 310."""
        credentials = Credentials("1001", SecretStr("secret"))
        simulator = self.desk.simulator
        tls = ssl.create_default_context(cafile=str(simulator.ca_file))
        async with RestClient(simulator.url, credentials, verify=tls) as rest:
            yield rest


@asynccontextmanager
async def day(folder: Path, era: str, platform: str) -> AsyncIterator[Day]:
    async with desk(folder, era, platform=platform) as it:
        yield Day(it, platform)


@pytest.fixture(params=["legacy", "auto"], ids=["2025-11-25", "2026-07-28"])
def era(request: pytest.FixtureRequest) -> str:
    """Run with both protocol eras."""
    return str(request.param)


@pytest.mark.parametrize("platform", ["UCCE", "UCCX"])
async def test_administrator_completes_a_working_day(tmp_path: Path, era: str, platform: str) -> None:
    async with day(tmp_path, era, platform) as it:
        await look_around(it)
        await new_reasons(it)
        await a_phone_book(it)
        await a_workflow(it)
        await layouts(it)
        await the_system(it)
        await tidy_up(it)
        check_what_was_asked(it)


async def look_around(it: Day) -> None:
    """Read teams and existing objects in the morning."""
    assert (await it.call("get_session_status"))["state"] == "no_agent"
    teams = (await it.call("list_configuration", kind="teams"))["objects"]
    assert "North" in [each["name"] for each in teams]
    info = (await it.call("get_configuration", kind="ConfigInfo"))["object"]
    assert info["total_teams"] == len(teams)
    for kind in (
        "ReasonCode",
        "WrapUpReason",
        "PhoneBook",
        "Workflow",
        "WorkflowAction",
        "MediaPropertiesLayout",
    ):
        assert (await it.call("list_configuration", kind=kind))["objects"], kind


async def new_reasons(it: Day) -> None:
    """Add a break for team North, a wrap-up reason for everybody, and correct a misspelled label."""
    values = {"category": "NOT_READY", "code": 90, "label": "Nurse", "for_all": False}
    await it.confirmed("create_configuration", kind="ReasonCode", values=values)
    given = {"team": "North", "kind": "ReasonCode", "category": "NOT_READY"}
    await it.confirmed("change_team_assignments", **given, add=["Nurse"])
    wrong = {"label": "Waranty", "for_all": True}
    await it.confirmed("create_configuration", kind="WrapUpReason", values=wrong)
    right = await it.confirmed(
        "change_configuration", kind="WrapUpReason", object="Waranty", values={"label": "Warranty"}
    )
    assert right["was"] == {"label": "Waranty"}
    async with it.agent() as rest:
        breaks = await codes.get_reason_codes(rest, "1001", "310", "NOT_READY")
        reasons = await codes.get_wrap_up_reasons(rest, "1001", "310")
    assert "Nurse" in [each.label for each in breaks]
    assert "Warranty" in [each.label for each in reasons]
    assert "Waranty" not in [each.label for each in reasons]


async def a_phone_book(it: Day) -> None:
    """Import suppliers for team North from a file, correct one by hand and add one."""
    book = {"phone_book": "Suppliers"}
    await it.confirmed("create_configuration", kind="PhoneBook", values={"name": "Suppliers", "type": "TEAM"})
    csv = "First Name,Last Name,Phone Number,Notes\nIna,Roe,5550111,Paper\nUwe,Lund,5550112,\n"
    await it.confirmed("import_contacts", **book, csv=csv)
    new = {"phone_number": "5550199"}
    changed = await it.confirmed("change_configuration", kind="Contact", **book, object="Ina Roe", values=new)
    assert changed["was"] == {"phone_number": "5550111"}
    await it.confirmed(
        "create_configuration",
        kind="Contact",
        **book,
        values={"first_name": "Max", "phone_number": "5550113"},
    )
    await it.confirmed("delete_configuration", kind="Contact", **book, object="Uwe Lund")
    one = await it.call("get_configuration", kind="Contact", **book, object="max")
    assert one["object"]["phone_number"] == "5550113"
    await it.confirmed("change_team_assignments", team="North", kind="PhoneBook", add=["Suppliers"])
    out = await it.call("export_contacts", **book)
    assert (out["count"], "5550199" in out["csv"], "Lund" in out["csv"]) == (2, True, False)
    async with it.agent() as rest:
        books = await phone_books.get_phone_books(rest, "1001", "310")
    (suppliers,) = [each for each in books if each.name == "Suppliers"]
    assert {each.phone_number for each in suppliers.contacts} == {"5550199", "5550113"}


async def a_workflow(it: Day) -> None:
    """Open a page when a call arrives, after the existing workflow of team North."""
    action = {"name": "Open CRM", "type": "BROWSER_POP", "handled_by": "FINESSE_DESKTOP"}
    action_id = (
        await it.confirmed(
            "create_configuration",
            kind="WorkflowAction",
            values=action | {"params": [{"name": "path", "value": ADDRESS}]},
        )
    )["object_id"]
    workflow = {
        "name": "CRM",
        "trigger_set": {"type": "SYSTEM", "name": "CALL_ARRIVES"},
        "workflow_actions": [{"uri": f"/finesse/api/WorkflowAction/{action_id}"}],
    }
    await it.confirmed("create_configuration", kind="Workflow", values=workflow)
    await it.confirmed("change_team_assignments", team="North", kind="Workflow", add=["CRM"])
    there = await it.call("get_team_assignments", team="North", kind="Workflow")
    assert [each["name"] for each in there["objects"]] == ["Show the customer", "CRM"]
    turned = ["CRM", "Show the customer"]
    await it.confirmed("change_team_assignments", team="North", kind="Workflow", exactly=turned)
    async with it.agent() as rest:
        assert [
            each.name for each in read_list(await rest.get("TeamResource/310/Workflows"), Workflow)
        ] == turned
    in_use = await it.call("delete_configuration", kind="WorkflowAction", object="Open CRM")
    assert in_use["status"] == "failed"


async def layouts(it: Day) -> None:
    """Change what the desktop shows of a call, and where."""
    header = {"display_name": "Customer", "media_property": "callVariable1"}
    values = {"name": "Retail", "header": header, "left_column": [{"media_property": "callVariable2"}]}
    await it.confirmed("create_configuration", kind="MediaPropertiesLayout", values=values)
    await it.confirmed(
        "change_configuration",
        kind="MediaPropertiesLayout",
        object="default",
        values={"description": "For all"},
    )
    found = await it.call("get_configuration", kind="MediaPropertiesLayout", object="default")
    assert found["object"]["description"] == "For all"
    await it.confirmed("delete_configuration", kind="MediaPropertiesLayout", object="Retail")
    await it.confirmed("change_team_assignments", team="North", kind="LayoutConfig", layoutxml=LAYOUT)
    own = await it.call("get_team_assignments", team="North", kind="LayoutConfig")
    assert own["layout"]["use_default"] is False
    await it.confirmed("change_team_assignments", team="North", kind="LayoutConfig", use_default=True)
    for_all = await it.confirmed("change_configuration", kind="LayoutConfig", values={"layoutxml": LAYOUT})
    assert "every team" in for_all["caution"]


async def the_system(it: Day) -> None:
    """Change the connection settings: on UCCE only, with a caution. UCCX sets them elsewhere."""
    chat = {"primary_node": "https://chat-a.example.com:5280/http-bind/"}
    await it.confirmed("change_configuration", kind="ChatConfig", values=chat)
    assert (await it.call("get_configuration", kind="CloudConnectConfig"))["object"]
    if it.platform == "UCCX":
        text = await it.desk.refusal("get_configuration", kind="SystemConfig")
        assert "SystemConfig does not exist on UCCX" in text
        assert "1 to 999" in await it.desk.refusal(
            "create_configuration",
            kind="ReasonCode",
            values={"category": "LOGOUT", "code": 1000, "label": "x", "for_all": True},
        )
        return
    assert (await it.call("list_configuration", kind="ECCVariableConfig", query="user"))["objects"]
    before = (await it.call("get_configuration", kind="SystemConfig"))["object"]["cti"]
    changed = await it.confirmed(
        "change_configuration", kind="SystemConfig", values={"cti": before | {"port": 42028}}
    )
    assert "when Finesse Tomcat restarts" in changed["caution"]
    back = {"cti": changed["was"]["cti"]}
    assert (await it.confirmed("change_configuration", kind="SystemConfig", values=back))["object"][
        "cti"
    ] == before


async def tidy_up(it: Day) -> None:
    """Delete the trial objects in the evening. Finesse keeps those in use."""
    kept = await it.call("delete_configuration", kind="PhoneBook", object="Suppliers")
    assert (kept["status"], kept["errors"][0]["type"]) == ("failed", "In Use")
    await it.confirmed("change_team_assignments", team="North", kind="PhoneBook", remove=["Suppliers"])
    gone = await it.confirmed("delete_configuration", kind="PhoneBook", object="Suppliers")
    assert gone["was"]["name"] == "Suppliers"
    reason = {"kind": "ReasonCode", "category": "NOT_READY"}
    await it.confirmed("change_team_assignments", team="North", **reason, remove=["Nurse"])
    await it.confirmed("delete_configuration", kind="ReasonCode", object="Nurse")
    await it.confirmed("delete_configuration", kind="WrapUpReason", object="Warranty")
    nothing = await it.call("change_team_assignments", team="North", **reason, exactly=[])
    assert nothing["status"] == "unchanged"
    async with it.agent() as rest:
        breaks = await codes.get_reason_codes(rest, "1001", "310", "NOT_READY")
    assert [each.label for each in breaks] == ["Lunch", "Meeting", "Training"]


def check_what_was_asked(it: Day) -> None:
    """Check that each tool performed only the operations that the coverage table lists for it."""
    used = {entry.name: set(coverage.used_by(entry)) for entry in TOOLSETS["admin"].tools}
    read = {entry.name: set(coverage.read_by(entry)) for entry in TOOLSETS["admin"].tools}
    for tool, made in it.asked.items():
        assert made <= used.get(tool, set()) | read.get(tool, set()) | {"SystemInfo: get"}, tool
    assert set(used) <= set(it.asked)
    assert all(used[tool] & it.asked[tool] for tool in used)
