"""Administrator tools: objects by label or name, true outcomes, and errors that advise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import TeamRef
from mcp_finesse.model.admin import LayoutConfig, parse_csv
from mcp_finesse.server.sdk.signatures import signatures
from mcp_finesse.server.tools.admin.configuration_objects import choose
from mcp_finesse.server.tools.admin.configuration_results import ChangeResult, ObjectResult
from mcp_finesse.server.tools.admin.team_assignments import AssignmentsResult
from mcp_finesse.session import (
    ASSIGNMENTS,
    CONFIGURATION,
    ConfigurationOutcome,
    DifferenceInfo,
    OutcomeStatus,
    Verb,
)
from tests.server.policy.test_gate import Person
from tests.server.snapshot import pinned
from tests.server.support import refusal, text_of
from tests.server.support_admin import desk

TEA = {"category": "NOT_READY", "code": 77, "label": "Tea", "for_all": False}
LAYOUT = '<finesseLayout xmlns="http://www.cisco.com/vtg/finesse"><layout><role>Agent</role></layout></finesseLayout>'
TOOLS = {tool["name"]: tool for tool in pinned("admin")}


def kinds_of(tool: str) -> set[str]:
    return set(TOOLS[tool]["inputSchema"]["properties"]["kind"]["enum"])


# -- the schemas


@pytest.mark.parametrize(
    ("tool", "verb", "more"),
    [
        ("list_configuration", Verb.LIST, {"Team"}),
        ("get_configuration", Verb.GET, set()),
        ("create_configuration", Verb.CREATE, set()),
        ("change_configuration", Verb.CHANGE, set()),
        ("delete_configuration", Verb.DELETE, set()),
    ],
)
def test_tool_offers_the_kinds_finesse_supports_for_it(tool: str, verb: Verb, more: set[str]) -> None:
    assert kinds_of(tool) == {kind for kind, known in CONFIGURATION.items() if verb in known.verbs} | more


@pytest.mark.parametrize("tool", ["get_team_assignments", "change_team_assignments"])
def test_assignable_kinds_are_offered(tool: str) -> None:
    assert kinds_of(tool) == {*ASSIGNMENTS, "LayoutConfig"}


@pytest.mark.parametrize("tool", ["create_configuration", "change_configuration"])
def test_every_field_of_every_kind_is_described(tool: str) -> None:
    kinds = kinds_of("create_configuration") if tool == "create_configuration" else {
        kind for kind in kinds_of(tool) if CONFIGURATION[kind].single
    }  # fmt: skip
    told = TOOLS[tool]["inputSchema"]["properties"]["values"]["description"]
    for kind in kinds:
        content = CONFIGURATION[kind].content
        assert content is not None
        _, _, fields = told.partition(f"{kind}{{")
        for name in content.model_fields:
            assert name == "extra" or name in fields


@pytest.mark.parametrize(
    ("kind", "creating", "told"),
    [
        ("WrapUpReason", True, "WrapUpReason{label, for_all:bool}"),
        ("Contact", True, "Contact{first_name?, last_name?, phone_number, description?}"),
        ("Contact", False, "Contact{first_name, last_name, phone_number, description}"),
        ("PhoneBook", True, "PhoneBook{name, type:GLOBAL|TEAM}"),
        (
            "MediaPropertiesLayout",
            True,
            "MediaPropertiesLayout{name, description?, type?:DEFAULT|CUSTOM, header:LayoutEntry{display_name, "
            "media_property, show_in_pop_over:bool, ui_editable:bool}, left_column?:[LayoutEntry], "
            "right_column?:[LayoutEntry]}",
        ),
    ],
)
def test_signature_shows_fields_types_and_optional_fields(kind: str, creating: bool, told: str) -> None:
    assert signatures([kind], creating=creating) == told


def test_changes_that_need_a_restart_are_described() -> None:
    told = TOOLS["change_configuration"]["description"]
    restarting = [kind for kind, known in CONFIGURATION.items() if "restart" in known.caution]
    assert len(restarting) == 3
    assert all(kind in told for kind in restarting)
    assert "restart of Finesse Tomcat" in told


@pytest.mark.parametrize(
    ("tool", "destructive", "read_only"),
    [
        ("list_configuration", False, True),
        ("change_configuration", False, False),
        ("delete_configuration", True, False),
        ("import_contacts", True, False),
    ],
)
def test_destructive_and_read_only_hints_are_set(tool: str, destructive: bool, read_only: bool) -> None:
    hints = TOOLS[tool]["annotations"]
    assert (hints["destructiveHint"], hints["readOnlyHint"]) == (destructive, read_only)


# -- reading


@pytest.mark.parametrize("kind", ["ReasonCode", "reason code", "reason_codes", "ReasonCodes", "REASON-CODE"])
async def test_kinds_are_accepted_in_many_spellings(tmp_path: Path, kind: str) -> None:
    async with desk(tmp_path) as it:
        assert "Lunch" in await it.tell("list_configuration", kind=kind)


async def test_objects_are_searched_by_words_and_limited(tmp_path: Path, era: str) -> None:
    async with desk(tmp_path, era) as it:
        few = await it.data("list_configuration", kind="ReasonCode", limit=2)
        found = await it.data("list_configuration", kind="ReasonCode", query="PROBLEM tech")
        sign_out = await it.data("list_configuration", kind="ReasonCode", category="logout")
        people = await it.data("list_configuration", kind="Contact", phone_book="company", query="2125550101")
        none = await it.tell("list_configuration", kind="WrapUpReason", query="zzz")
        shown = await it.tell("list_configuration", kind="ReasonCode", limit=2)
    assert (len(few["objects"]), few["left_out"]) == (2, 3)
    assert [each["label"] for each in found["objects"]] == ["Technical problem"]
    assert {each["category"] for each in sign_out["objects"]} == {"LOGOUT"}
    assert [each["first_name"] for each in people["objects"]] == ["Night"]
    assert none == "No WrapUpReason matches."
    assert "3 more objects were left out. Give a query" in shown


@pytest.mark.parametrize("kind", sorted(kinds_of("list_configuration")))
async def test_every_kind_can_be_listed(tmp_path: Path, kind: str) -> None:
    book = {"phone_book": "1"} if kind == "Contact" else {}
    async with desk(tmp_path) as it:
        found = await it.data("list_configuration", kind=kind, **book)
    assert found["objects"]
    assert not any("uri" in each for each in found["objects"])


@pytest.mark.parametrize("kind", sorted(kinds_of("get_configuration")))
async def test_every_kind_can_be_read(tmp_path: Path, kind: str) -> None:
    ids = {"ReasonCode": "23", "WrapUpReason": "Sale"}
    many = {} if CONFIGURATION[kind].single else {"object": ids.get(kind, "1")}
    book = {"phone_book": "1"} if kind == "Contact" else {}
    async with desk(tmp_path) as it:
        found = await it.data("get_configuration", kind=kind, **many, **book)
        assert await it.tell("get_configuration", kind=kind, **many, **book)
    assert found["object"]
    assert "password" not in str(found)


async def test_object_is_found_for_reading_by_part_of_its_name(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        found = await it.data("get_configuration", kind="ReasonCode", object="technical")
        text = await it.tell("get_configuration", kind="Workflow", object="show the customer")
        default = await it.data("get_configuration", kind="MediaPropertiesLayout", object="default")
    assert found["object"]["code"] == 52
    assert 'name "Show the customer"' in text
    assert 'workflow_actions: [{"uri":"/finesse/api/WorkflowAction/1"' in text
    assert default["object"]["name"] == "Default Layout"


async def test_setting_with_wider_effects_has_a_caution(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        text = await it.tell("get_configuration", kind="LayoutConfig")
        assert (
            "takes effect when Finesse Tomcat restarts"
            in (await it.data("get_configuration", kind="SystemConfig"))["caution"]
        )
    assert "| <finesseLayout" in text
    assert "every team that uses the default layout" in text


# -- changing


async def test_object_is_created_changed_and_deleted_by_name(tmp_path: Path, era: str) -> None:
    async with desk(tmp_path, era) as it:
        made = await it.data("create_configuration", kind="ReasonCode", values=TEA)
        changed = await it.data(
            "change_configuration", kind="ReasonCode", object="tea", values={"label": "Tea break"}
        )
        same = await it.data(
            "change_configuration", kind="ReasonCode", object="Tea break", values={"code": 77}
        )
        gone = await it.tell("delete_configuration", kind="ReasonCode", object="TEA BREAK")
        missing = await it.refusal("get_configuration", kind="ReasonCode", object="Tea")
        path = f"ReasonCode/{made['object_id']}"
        assert it.writes() == ["POST ReasonCode", f"PUT {path}", f"DELETE {path}"]
    assert (made["status"], made["object"]["label"]) == ("confirmed", "Tea")
    assert (changed["status"], changed["was"]) == ("confirmed", {"label": "Tea"})
    assert (same["status"], same.get("request_id")) == ("unchanged", None)
    assert gone.startswith("confirmed: The change (delete ReasonCode")
    assert "Before: id" in gone
    assert 'No ReasonCode is called "Tea"' in missing
    assert '"Lunch" (id 23, NOT_READY)' in missing


async def test_long_value_hides_no_other_value_from_the_person_who_is_asked(tmp_path: Path) -> None:
    person = Person("decline")
    address = "https://crm.example.com/?" + "x" * 900
    values = {"params": [{"name": "path", "value": address}], "type": "BROWSER_POP", "name": "Open the CRM"}
    async with desk(tmp_path, rules={"require": {"create_configuration": "confirmation"}}) as it:
        assert it.client.server is not None
        async with Client(it.client.server, elicitation_callback=person) as client:
            await refusal(client, "create_configuration", kind="WorkflowAction", values=values)
        assert it.writes() == []
    (asked,) = person.asked
    assert "type = BROWSER_POP, name = Open the CRM" in asked
    assert "characters in all)" in asked


async def test_change_rejected_by_finesse_is_reported_with_its_error(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        await it.data("create_configuration", kind="ReasonCode", values=TEA)
        failed = await it.data("create_configuration", kind="ReasonCode", values=TEA)
        text = await it.tell("delete_configuration", kind="PhoneBook", object="North")
    assert failed["status"] == "failed"
    assert failed["errors"][0]["type"] == "Finesse API Error"
    assert text.startswith("failed: ")
    assert "In Use" in text


async def test_value_not_applied_by_finesse_is_reported_as_a_difference(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        it.simulator.faults.http_status(200, "", method="PUT")
        text = await it.tell(
            "change_configuration", kind="ReasonCode", object="Lunch", values={"label": "Dinner"}
        )
    assert 'label differs: requested "Dinner", is "Lunch"' in text


async def test_lost_response_is_checked_and_the_change_not_repeated(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        await it.tell("list_configuration", kind="Team")
        it.simulator.faults.no_answer(1, method="POST")
        done = await it.data("create_configuration", kind="ReasonCode", values=TEA)
        it.simulator.faults.http_status(502, "<html></html>", method="DELETE")
        lost = await it.data("delete_configuration", kind="ReasonCode", object="Lunch")
        assert it.writes() == ["POST ReasonCode", "DELETE ReasonCode/23"]
    assert done["status"] == "confirmed"
    assert (lost["status"], lost["object"]["label"]) == ("unknown", "Lunch")


async def test_caution_is_returned_with_an_executed_change(tmp_path: Path) -> None:
    values = {"cti": {"port": 42028}}
    async with desk(tmp_path) as it:
        changed = await it.data("change_configuration", kind="SystemConfig", values=values)
        same = await it.data("change_configuration", kind="SystemConfig", values=values)
        book = await it.data("create_configuration", kind="PhoneBook", values={"name": "X", "type": "TEAM"})
        deleted = await it.tell("delete_configuration", kind="PhoneBook", object="X")
    assert "takes effect when Finesse Tomcat restarts" in changed["caution"]
    assert "caution" not in same
    assert "caution" not in book
    assert "deletes its contacts" in deleted


# -- teams


async def test_team_assignments_are_added_and_removed_by_name(tmp_path: Path, era: str) -> None:
    async with desk(tmp_path, era) as it:
        for number, label in enumerate(("Tea", "Walk", "Nap")):
            await it.data(
                "create_configuration", kind="ReasonCode", values={**TEA, "code": 80 + number, "label": label}
            )
        where: dict[str, Any] = {"team": "north", "kind": "ReasonCode", "category": "NOT_READY"}
        where["team"] = "North"
        await it.data("change_team_assignments", **where, add=["Tea", "walk"])
        moved = await it.data("change_team_assignments", **where, add=["Nap", "Walk"], remove=["tea"])
        there = await it.data("get_team_assignments", **where)
        emptied = await it.data("change_team_assignments", **where, exactly=[])
        nothing = await it.tell("get_team_assignments", **where)
    assert moved["status"] == "confirmed"
    assert [each["label"] for each in there["objects"]] == ["Walk", "Nap"]
    assert moved["object"]["ids"] == [each["id"] for each in there["objects"]]
    assert emptied["object"] == {"ids": []}
    assert nothing.startswith("No ReasonCode is assigned")


async def test_team_layout_is_set_and_reset(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        own = await it.data("change_team_assignments", team="310", kind="LayoutConfig", layoutxml=LAYOUT)
        text = await it.tell("get_team_assignments", team="310", kind="LayoutConfig")
        back = await it.data("change_team_assignments", team="310", kind="LayoutConfig", use_default=True)
    assert [own["status"], back["status"]] == ["confirmed", "confirmed"]
    assert "use_default false" in text
    assert "| <finesseLayout" in text


@pytest.mark.parametrize("kind", sorted(kinds_of("get_team_assignments")))
async def test_every_assignable_kind_can_be_read(tmp_path: Path, kind: str) -> None:
    category = {"category": "LOGOUT"} if kind == "ReasonCode" else {}
    async with desk(tmp_path) as it:
        found = await it.data("get_team_assignments", team="North", kind=kind, **category)
    assert found["team_id"] == "310"
    assert ("layout" in found) is (kind == "LayoutConfig")


# -- contacts


async def test_contacts_are_exported_and_imported_as_csv(tmp_path: Path, era: str) -> None:
    async with desk(tmp_path, era) as it:
        out = await it.data("export_contacts", phone_book="Company")
        same = await it.data("import_contacts", phone_book="Company", csv=out["csv"])
        fewer = await it.data("import_contacts", phone_book="Company", csv="Ina,Roe,5550111,\n")
        text = await it.tell("export_contacts", phone_book="Company")
    assert (out["count"], out["shown"], out["left_out"]) == (4, 4, 0)
    assert same["status"] == "unchanged"
    assert (fewer["status"], fewer["was"], fewer["object"]) == ("confirmed", {"count": 4}, {"count": 1})
    assert '| "Ina","Roe","5550111",""' in text


@pytest.mark.parametrize(
    ("tool", "arguments", "changed"),
    [
        ("import_contacts", {"phone_book": "Company", "csv": "Ina,Roe,5550111,\n"}, 4),
        ("import_contacts", {"phone_book": "Company", "csv": "A,B,1,\n" * 9}, 9),
        ("delete_configuration", {"kind": "PhoneBook", "object": "Company"}, 5),
        ("change_team_assignments", {"team": "North", "kind": "PhoneBook", "exactly": []}, 1),
        ("delete_configuration", {"kind": "WrapUpReason", "object": "Sale"}, 1),
    ],
)
async def test_every_object_that_changes_counts_for_the_limit(
    tmp_path: Path, tool: str, arguments: dict[str, Any], changed: int
) -> None:
    if changed > 1:
        async with desk(tmp_path, rules={"limits": {"objects": changed - 1}}) as it:
            assert f"would change {changed}." in await it.refusal(tool, **arguments)
    async with desk(tmp_path, rules={"limits": {"objects": changed}}) as it:
        await it.tell(tool, **arguments)


async def test_removed_assignments_count_for_the_limit(tmp_path: Path) -> None:
    books = {"team": "North", "kind": "PhoneBook"}
    async with desk(tmp_path, rules={"limits": {"objects": 2}}) as it:
        for name in ("East", "West"):
            values = {"name": name, "type": "TEAM"}
            await it.tell("create_configuration", kind="PhoneBook", values=values)
            await it.tell("change_team_assignments", **books, add=[name])
        assert "would change 3." in await it.refusal("change_team_assignments", **books, exactly=[])
        await it.tell("change_team_assignments", **books, remove=["East", "West"])


async def test_configuration_of_a_denied_team_is_not_listed(tmp_path: Path) -> None:
    async with desk(tmp_path, rules={"teams": {"deny": ["310"]}}) as it:
        teams = await it.tell("list_configuration", kind="Team")
        assert "North" not in teams
        assert "teams.deny" in await it.refusal("get_team_assignments", team="North", kind="PhoneBook")


async def test_many_contacts_are_exported_in_parts(tmp_path: Path) -> None:
    csv = "\n".join(f"{'A' * 120},{'B' * 120},{number},{'C' * 120}" for number in range(1, 121))
    async with desk(tmp_path) as it:
        await it.data("import_contacts", phone_book="1", csv=csv)
        first = await it.data("export_contacts", phone_book="1")
        rest = await it.data("export_contacts", phone_book="1", first=first["shown"] + 1)
        shown = await it.tell("export_contacts", phone_book="1")
        beyond = await it.refusal("export_contacts", phone_book="1", first=121)
    assert first["shown"] < 120
    assert first["left_out"] == 120 - first["shown"]
    assert "more contacts were left out" in shown
    numbers = [each.phone_number for part in (first, rest) for each in parse_csv(part["csv"])]
    assert numbers[: first["shown"] + rest["shown"]] == [str(n) for n in range(1, len(numbers) + 1)]
    assert "has 120 contacts" in beyond


# -- long results are truncated


def test_only_the_first_differences_and_errors_are_shown() -> None:
    many = tuple(DifferenceInfo(field="contact", asked=str(n), got="") for n in range(30))
    result = ChangeResult.of(
        ConfigurationOutcome(OutcomeStatus.CONFIRMED, "import", "done", differences=many)
    )
    assert (len(result.differences or ()), result.left_out) == (20, 10)
    assert "10 more differences and errors were left out." in str(result)


def test_long_layout_is_truncated() -> None:
    layout = LayoutConfig(layoutxml="<a/>" * 6000)
    result = ObjectResult.of("LayoutConfig", layout)
    assert result.left_out == 4000
    assert "4000 more characters of the layout were left out." in str(result)


def test_omitted_assignments_are_counted() -> None:
    result = AssignmentsResult(team_id="310", kind="Workflow", objects=[{"id": 1}], left_out=4)
    assert str(result) == "id 1\n4 more objects were left out."


# -- invalid arguments are named, and nothing is sent


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("list_configuration", {}, "kind: Field required"),
        ("list_configuration", {"kind": "User"}, "kind: Input should be"),
        ("list_configuration", {"kind": 7}, "kind: Input should be"),
        ("list_configuration", {"kind": "ReasonCode", "limit": 0}, "limit: Input should be greater"),
        ("list_configuration", {"kind": "ReasonCode", "limit": 51}, "limit: Input should be less"),
        ("list_configuration", {"kind": "ReasonCode", "category": "x"}, "category: Input should be"),
        ("list_configuration", {"kind": "PhoneBook", "category": "LOGOUT"}, "A PhoneBook has no category"),
        ("list_configuration", {"kind": "Contact"}, "`phone_book` is missing"),
        ("list_configuration", {"kind": "Contact", "phone_book": "zzz"}, 'No PhoneBook is called "zzz"'),
        ("list_configuration", {"kind": "Contact", "phone_book": "99"}, "was rejected: Not Found"),
        ("list_configuration", {"kind": "Team", "phone_book": "1"}, "A Team does not belong to a phone book"),
        ("list_configuration", {"kind": "ReasonCode", "phone_book": "1"}, "ReasonCode does not belong to"),
        ("list_configuration", {"kind": "ReasonCode", "label": "x"}, "Unknown argument 'label'"),
        ("get_configuration", {"kind": "ReasonCode"}, "`object` is missing. Nothing was sent."),
        ("get_configuration", {"kind": "ReasonCode", "object": ""}, "`object` is missing. Nothing was sent."),
        ("get_configuration", {"kind": "ReasonCode", "object": "999"}, "List the objects to find the id"),
        ("get_configuration", {"kind": "ReasonCode", "object": "e"}, '"e" matches more than one ReasonCode'),
        ("get_configuration", {"kind": "ReasonCode", "object": "default"}, 'No ReasonCode is called "default"'),
        ("get_configuration", {"kind": "ChatConfig", "object": "3"}, "There is only one ChatConfig"),
        ("get_configuration", {"kind": "Workflow", "object": "nothing"}, 'Existing Workflow objects: "Show the cust'),
        ("create_configuration", {"kind": "ReasonCode"}, "values: Field required"),
        ("create_configuration", {"kind": "ReasonCode", "values": "x"}, "values: is not a valid JSON object"),
        ("create_configuration", {"kind": "ReasonCode", "values": {}}, "requires category, code, label, for_all"),
        ("create_configuration", {"kind": "ReasonCode", "values": {**TEA, "code": "a"}}, "code: Input should be"),
        ("create_configuration", {"kind": "ReasonCode", "values": {**TEA, "code": 0}}, "code is 0"),
        ("create_configuration", {"kind": "ReasonCode", "values": {**TEA, "label": ""}}, "label is empty"),
        ("create_configuration", {"kind": "ReasonCode", "values": {**TEA, "label": "é" * 41}}, "41 characters"),
        ("create_configuration", {"kind": "ReasonCode", "values": {**TEA, "id": 4}}, "The fields are: category"),
        ("create_configuration", {"kind": "WrapUpReason", "values": {"label": "é" * 20, "for_all": 1}}, "40 bytes"),
        ("create_configuration", {"kind": "Contact", "values": {"phone_number": "1"}}, "`phone_book` is missing"),
        ("create_configuration", {"kind": "SystemConfig", "values": {}}, "kind: Input should be"),
        ("change_configuration", {"kind": "ReasonCode", "object": "Lunch", "values": {}}, "already has these values"),
        ("change_configuration", {"kind": "ReasonCode", "values": {"label": "x"}}, "`object` is missing"),
        (
            "change_configuration",
            {"kind": "ReasonCode", "object": "Lunch", "values": {"category": "LOGOUT"}},
            "category of a ReasonCode cannot be changed",
        ),
        (
            "change_configuration",
            {"kind": "ReasonCode", "object": "lun", "values": {"label": "x"}},
            '"lun" is not the full name of a ReasonCode. Nothing was sent. Give the id of one of these '
            'objects: "Lunch" (id 23',
        ),
        ("change_configuration", {"kind": "ConfigInfo", "values": {"a": 1}}, "kind: Input should be"),
        ("change_configuration", {"kind": "LayoutConfig", "values": {"layoutxml": "<x>"}}, "cannot be a layout"),
        ("change_configuration", {"kind": "LayoutConfig", "values": {"layoutxml": "<x/>"}}, "not a <finesseLayout>"),
        ("change_configuration", {"kind": "ChatConfig", "values": {"primary_node": "http://x"}}, "https://"),
        ("delete_configuration", {"kind": "ReasonCode"}, "object: Field required"),
        ("delete_configuration", {"kind": "ReasonCode", "object": "lun"}, "not the full name"),
        ("delete_configuration", {"kind": "MediaPropertiesLayout", "object": "default"}, "cannot be deleted"),
        ("delete_configuration", {"kind": "ReasonCode", "object": "999"}, "Not Found"),
        ("get_team_assignments", {"team": "North", "kind": "ReasonCode"}, "`category` is missing"),
        ("get_team_assignments", {"team": "East", "kind": "PhoneBook"}, 'Existing Team objects: "North" (id 310)'),
        ("get_team_assignments", {"team": "999", "kind": "PhoneBook"}, "List the teams"),
        ("get_team_assignments", {"team": "North", "kind": "Contact"}, "kind: Input should be"),
        (
            "change_team_assignments",
            {"team": "North", "kind": "PhoneBook"},
            "Give `exactly` alone, or give `add`, `remove` or both",
        ),
        (
            "change_team_assignments",
            {"team": "North", "kind": "PhoneBook", "add": ["2"], "exactly": []},
            "Give `exactly` alone, or give `add`, `remove` or both",
        ),
        (
            "change_team_assignments",
            {"team": "North", "kind": "PhoneBook", "add": ["Company"]},
            '"Company" applies to all teams',
        ),
        (
            "change_team_assignments",
            {"team": "Nor", "kind": "PhoneBook", "exactly": []},
            '"Nor" is not the full name of a Team',
        ),
        ("change_team_assignments", {"team": "North", "kind": "PhoneBook", "add": [""]}, "add contains an empty item."),
        ("change_team_assignments", {"team": "North", "kind": "PhoneBook", "add": ["zzz"]}, "No PhoneBook is"),
        (
            "change_team_assignments",
            {"team": "North", "kind": "PhoneBook", "exactly": ["2", "North"]},
            "is listed twice",
        ),
        ("change_team_assignments", {"team": "North", "kind": "PhoneBook", "use_default": True}, "are for LayoutC"),
        (
            "change_team_assignments",
            {"team": "North", "kind": "PhoneBook", "exactly": [], "category": "LOGOUT"},
            "A PhoneBook has no category",
        ),
        ("change_team_assignments", {"team": "North", "kind": "LayoutConfig"}, "Give use_default, or layoutxml"),
        ("change_team_assignments", {"team": "North", "kind": "LayoutConfig", "add": []}, "do not apply to Layout"),
        (
            "change_team_assignments",
            {"team": "North", "kind": "LayoutConfig", "layoutxml": "<html/>"},
            "not a <finesseLayout>",
        ),
        ("export_contacts", {}, "phone_book: Field required"),
        ("export_contacts", {"phone_book": "zzz"}, 'Existing PhoneBook objects: "Company" (id 1), "North" (id 2)'),
        ("export_contacts", {"phone_book": "1", "first": 0}, "first: Input should be greater"),
        ("import_contacts", {"phone_book": "1", "csv": ""}, "csv is empty. Nothing was sent."),
        ("import_contacts", {"phone_book": "1", "csv": "\n\n"}, "csv is empty. Nothing was sent."),
        ("import_contacts", {"phone_book": "1", "csv": "a,b,c,d,e"}, "Line 1 of the CSV has 5 values"),
        ("import_contacts", {"phone_book": "1", "csv": 'a,"b'}, "The list of contacts is not CSV"),
        ("import_contacts", {"phone_book": "1", "csv": "a,b,,d"}, "phone_number is empty"),
        ("import_contacts", {"phone_book": "1", "csv": f"a,b,{'1' * 33},"}, "33 characters; the limit is 32"),
        ("import_contacts", {"phone_book": "1", "csv": "a,b,1,\n" * 6001}, "the limit of a phone book is 6000"),
        ("import_contacts", {"phone_book": "comp", "csv": "a,b,1,"}, "not the full name"),
    ],
)  # fmt: skip
async def test_invalid_argument_is_named_and_nothing_is_sent(
    tmp_path: Path, tool: str, arguments: dict[str, Any], said: str
) -> None:
    async with desk(tmp_path) as it:
        text = await it.refusal(tool, **arguments)
    assert said in text, text


@pytest.mark.parametrize("exactly", [True, False])
def test_objects_with_the_same_name_are_all_candidates(exactly: bool) -> None:
    teams = [TeamRef(id="1", name="North"), TeamRef(id="2", name="NORTH"), TeamRef(id="3", name="Northwest")]
    with pytest.raises(InvalidRequestError, match="matches more than one Team") as caught:
        choose("Team", teams, "north", exactly=exactly)
    assert '"North" (id 1), "NORTH" (id 2)' in caught.value.advice
    assert "Northwest" not in caught.value.advice


@pytest.mark.parametrize("exactly", [True, False])
def test_id_takes_precedence_over_an_equal_name(exactly: bool) -> None:
    teams = [TeamRef(id="1", name="2"), TeamRef(id="2", name="North")]
    assert choose("Team", teams, "2", exactly=exactly) is teams[1]


async def test_reasons_with_the_same_label_are_distinguished(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        await it.data("create_configuration", kind="ReasonCode", values={**TEA, "label": "End of shift"})
        text = await it.refusal("delete_configuration", kind="ReasonCode", object="End of shift")
    assert '"End of shift" matches more than one ReasonCode' in text
    assert "(id 31, LOGOUT)" in text
    assert "NOT_READY)" in text


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_configuration", {"kind": "SystemConfig"}),
        ("list_configuration", {"kind": "ECCVariableConfig"}),
        ("change_configuration", {"kind": "ClusterConfig", "values": {"secondary_node": {"host": "b"}}}),
        ("create_configuration", {"kind": "ReasonCode", "values": {**TEA, "code": 1000}}),
    ],
)
async def test_kind_unavailable_on_uccx_is_reported(
    tmp_path: Path, tool: str, arguments: dict[str, Any]
) -> None:
    async with desk(tmp_path, platform="UCCX") as it:
        assert "UCCX" in await it.refusal(tool, **arguments)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create_configuration", {"kind": "ReasonCode", "values": TEA}),
        ("change_configuration", {"kind": "ReasonCode", "object": "23", "values": {"label": "x"}}),
        ("delete_configuration", {"kind": "ReasonCode", "object": "23"}),
        ("change_team_assignments", {"team": "310", "kind": "PhoneBook", "exactly": []}),
        ("import_contacts", {"phone_book": "1", "csv": "a,b,1,"}),
    ],
)
async def test_read_only_server_rejects_configuration_changes(
    tmp_path: Path, tool: str, arguments: dict[str, Any]
) -> None:
    async with desk(tmp_path, read_only=True) as it:
        assert "read-only" in await it.refusal(tool, **arguments)
        assert await it.data("list_configuration", kind="ReasonCode")


@pytest.mark.parametrize("tool", sorted(TOOLS))
async def test_every_tool_names_the_settings_missing_for_an_administrator(tmp_path: Path, tool: str) -> None:
    arguments: dict[str, dict[str, Any]] = {
        "create_configuration": {"kind": "ReasonCode", "values": TEA},
        "change_configuration": {"kind": "ReasonCode", "object": "23", "values": {"label": "x"}},
        "delete_configuration": {"kind": "ReasonCode", "object": "23"},
        "get_configuration": {"kind": "ConfigInfo"},
        "list_configuration": {"kind": "ReasonCode"},
        "get_team_assignments": {"team": "310", "kind": "PhoneBook"},
        "change_team_assignments": {"team": "310", "kind": "PhoneBook", "exactly": []},
        "export_contacts": {"phone_book": "1"},
        "import_contacts": {"phone_book": "1", "csv": "a,b,1,"},
    }
    async with desk(tmp_path, administrator=None) as it:
        text = await it.refusal(tool, **arguments[tool])
        assert not it.simulator.requests
    assert "FINESSE_ADMIN_USER and FINESSE_ADMIN_PASSWORD" in text


async def test_agent_tools_name_the_settings_missing_for_an_agent(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        result = await it.client.call_tool("get_dialogs", {})
        status = await it.data("get_session_status")
    assert result.is_error
    assert "also set FINESSE_USER and FINESSE_PASSWORD" in text_of(result)
    assert status["state"] == "no_agent"
    assert "user_id" not in status


async def test_dry_run_of_an_import_shows_changes_and_sends_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as it:
        before = await it.data("export_contacts", phone_book="Company")
        kept = before["csv"].splitlines()[1]
        csv = f"{kept}\nIna,Roe,5550111,\n"
        told = await it.data("import_contacts", phone_book="Company", csv=csv, dry_run=True)
        text = await it.tell("import_contacts", phone_book="Company", csv=csv, dry_run=True)
        after = await it.data("export_contacts", phone_book="Company")
    assert after == before
    assert told["status"] == "unchanged"
    assert "Dry run. No change was sent." in told["message"]
    assert told["object"]["added"] == ['"Ina","Roe","5550111",""']
    assert (told["object"]["count"], told["was"]["count"]) == (2, before["count"])
    assert f"remove {before['count'] - 1} and keep 1" in text
