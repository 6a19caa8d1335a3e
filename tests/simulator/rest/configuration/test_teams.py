"""Test that the assignments of a team decide what its agents see and may use."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.simulator.configuration.support import (
    LAYOUT,
    UserClients,
    body,
    create,
    texts,
    user_clients,
)
from tests.simulator.support_rest import error, xml

OWN = {
    "ReasonCode": "<category>NOT_READY</category><code>77</code><label>Tea</label><forAll>false</forAll>",
    "WrapUpReason": "<label>Sold</label><forAll>false</forAll>",
    "PhoneBook": "<name>Suppliers</name><type>TEAM</type>",
    "Workflow": "<name>Flow</name><TriggerSet><type>SYSTEM</type></TriggerSet>",
}
QUERY = {"ReasonCode": "?category=NOT_READY"}
NAME = {"ReasonCode": "label", "WrapUpReason": "label", "PhoneBook": "name", "Workflow": "name"}
SHOWN = {"ReasonCode": "Tea", "WrapUpReason": "Sold", "PhoneBook": "Suppliers", "Workflow": "Flow"}


@pytest.fixture
async def here() -> AsyncIterator[UserClients]:
    async with user_clients() as here:
        yield here


def uris(kind: str, *numbers: str) -> str:
    items = "".join(f"<{kind}><uri>/finesse/api/{kind}/{number}</uri></{kind}>" for number in numbers)
    return f"<{kind}s>{items}</{kind}s>"


async def give(here: UserClients, kind: str, *numbers: str) -> None:
    answer = await here.admin.put(f"Team/310/{kind}s{QUERY.get(kind, '')}", uris(kind, *numbers))
    assert (answer.status_code, answer.content) == (200, b""), answer.text


async def seen(here: UserClients, kind: str, where: str) -> list[str]:
    return texts(xml(await here.agent.get(f"{where}/{kind}s{QUERY.get(kind, '')}")), NAME[kind])


async def test_teams_are_listed(here: UserClients) -> None:
    (team, *_) = xml(await here.admin.get("Teams"))
    assert [child.text for child in team] == ["/finesse/api/Team/310", "310", "North"]


@pytest.mark.parametrize("where", ["TeamResource/310", "User/1001"])
@pytest.mark.parametrize("kind", OWN)
async def test_agents_see_the_assignments_of_their_team(here: UserClients, kind: str, where: str) -> None:
    number = await create(here.admin, kind, OWN[kind])
    if kind == "PhoneBook":
        await here.admin.send("POST", f"PhoneBook/{number}/Contact", body("Contact"))
    assert SHOWN[kind] not in await seen(here, kind, where)
    had = [uri.rpartition("/")[2] for uri in texts(xml(await assigned(here, kind)), "uri")]
    await give(here, kind, *had, number)
    assert texts(xml(await assigned(here, kind)), "uri")[-1] == f"/finesse/api/{kind}/{number}"
    assert SHOWN[kind] in await seen(here, kind, where)
    await give(here, kind)
    assert SHOWN[kind] not in await seen(here, kind, where)
    assert len(xml(await assigned(here, kind))) == 0


async def assigned(here: UserClients, kind: str):  # type: ignore[no-untyped-def]
    return await here.admin.get(f"Team/310/{kind}s{QUERY.get(kind, '')}")


@pytest.mark.parametrize("kind", ["ReasonCode", "WrapUpReason"])
async def test_object_for_all_is_seen_without_an_assignment(here: UserClients, kind: str) -> None:
    number = await create(here.admin, kind, OWN[kind].replace("false", "true"))
    assert SHOWN[kind] in await seen(here, kind, "TeamResource/310")
    single = f"User/1001/{kind}/{number}"
    assert xml(await here.agent.get(single)).findtext("forAll") == "true"
    await here.admin.put(f"{kind}/{number}", body(kind, "<forAll>false</forAll>"))
    assert SHOWN[kind] not in await seen(here, kind, "TeamResource/310")
    assert error(await here.agent.get(single))[:2] == (404, "Not Found")
    await give(here, kind, number)
    assert xml(await here.agent.get(single)).findtext("forAll") == "false"


@pytest.mark.parametrize("kind", ["ReasonCode", "WrapUpReason", "Workflow"])
async def test_deleted_object_is_no_longer_seen(here: UserClients, kind: str) -> None:
    number = await create(here.admin, kind, OWN[kind])
    await give(here, kind, number)
    await here.admin.send("DELETE", f"{kind}/{number}", "")
    assert SHOWN[kind] not in await seen(here, kind, "TeamResource/310")
    assert len(xml(await assigned(here, kind))) == 0


async def test_agent_uses_only_reasons_of_the_own_team(here: UserClients) -> None:
    number = await create(here.admin, "ReasonCode", OWN["ReasonCode"])
    await here.agent.sign_in("4501")
    target = f"<User><state>NOT_READY</state><reasonCodeId>{number}</reasonCodeId></User>"
    assert error(await here.agent.put("User/1001", target))[:2] == (400, "Invalid Input")
    await give(here, "ReasonCode", number)
    assert (await here.agent.put("User/1001", target)).status_code == 202


async def test_changed_label_is_seen_immediately(here: UserClients) -> None:
    await here.admin.put("ReasonCode/23", body("ReasonCode", "<label>Dinner</label>"))
    assert "Dinner" in await seen(here, "ReasonCode", "TeamResource/310")


async def test_codes_of_the_other_category_stay_assigned(here: UserClients) -> None:
    logout = await create(here.admin, "ReasonCode", OWN["ReasonCode"].replace("NOT_READY", "LOGOUT"))
    path = "Team/310/ReasonCodes?category=LOGOUT"
    assert (await here.admin.put(path, uris("ReasonCode", logout))).status_code == 200
    await give(here, "ReasonCode")
    assert len(xml(await here.admin.get(path))) == 1


async def test_workflows_are_listed_in_the_order_of_their_assignment(here: UserClients) -> None:
    number = await create(here.admin, "Workflow", OWN["Workflow"])
    await give(here, "Workflow", number, "1")
    workflows = xml(await here.agent.get("TeamResource/310/Workflows"))
    assert texts(workflows, "name") == ["Flow", "Show the customer"]
    assert workflows[1].findtext("workflowActions/WorkflowAction/params/Param/name") == "path"


async def test_layouts_of_call_variables_are_the_same_for_all_teams(here: UserClients) -> None:
    await create(here.admin, "MediaPropertiesLayout")
    for path in ("TeamResource/310/MediaPropertiesLayouts", "User/1001/MediaPropertiesLayouts"):
        assert texts(xml(await here.agent.get(path)), "name") == ["Default Layout", "Retail"]
    assert xml(await here.agent.get("User/1001/MediaPropertiesLayout")).findtext("type") == "DEFAULT"


async def test_phone_book_of_a_team_is_in_use(here: UserClients) -> None:
    number = await create(here.admin, "PhoneBook", OWN["PhoneBook"])
    await give(here, "PhoneBook", number)
    refused = error(await here.admin.send("DELETE", f"PhoneBook/{number}", ""))
    assert (refused[0], refused[1], refused[3]) == (400, "In Use", number)
    change = body("PhoneBook", "<type>GLOBAL</type>")
    assert error(await here.admin.put(f"PhoneBook/{number}", change))[:2] == (400, "In Use")
    await give(here, "PhoneBook")
    assert (await here.admin.put(f"PhoneBook/{number}", change)).status_code == 200


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (
            "WrapUpReasons",
            uris("WrapUpReason", "61"),
            (400, "Finesse API Error", "/finesse/api/WrapUpReason/61"),
        ),
        (
            "WrapUpReasons",
            uris("WrapUpReason", "999"),
            (400, "Finesse API Error", "/finesse/api/WrapUpReason/999"),
        ),
        ("PhoneBooks", uris("PhoneBook", "1"), (400, "Finesse API Error", "/finesse/api/PhoneBook/1")),
        (
            "Workflows",
            "<Workflows><Workflow><uri>/finesse/api/PhoneBook/1</uri></Workflow></Workflows>",
            (400, "Finesse API Error", "/finesse/api/PhoneBook/1"),
        ),
        ("Workflows", "<Workflows><Workflow/></Workflows>", (400, "Parameter Missing", "uri")),
        ("Workflows", uris("Workflow", *["1"] * 21), (400, "Maximum Exceeded", "Workflow")),
        ("Workflows", "<WrapUpReasons/>", (400, "Bad Request", "")),
        ("ReasonCodes", "<ReasonCodes/>", (400, "Parameter Missing", "category")),
        ("ReasonCodes?category=ALL", "<ReasonCodes/>", (400, "Invalid Input", "category")),
    ],
)
async def test_invalid_assignment_is_rejected_with_its_reason(
    here: UserClients, path: str, text: str, said: tuple[int, str, str]
) -> None:
    refused = error(await here.admin.put(f"Team/310/{path}", text))
    assert (refused[0], refused[1], refused[3]) == said


async def test_code_is_assigned_only_in_its_own_category(here: UserClients) -> None:
    number = await create(here.admin, "ReasonCode", OWN["ReasonCode"])
    answer = await here.admin.put("Team/310/ReasonCodes?category=LOGOUT", uris("ReasonCode", number))
    assert error(answer)[:2] == (400, "Invalid Input")


@pytest.mark.parametrize("what", ["WrapUpReasons", "LayoutConfig"])
async def test_unknown_team_is_rejected_as_invalid(here: UserClients, what: str) -> None:
    said = (404, "finesse.api.team.team_assignment_invalid_team", "This is not a valid team", "999")
    assert error(await here.admin.get(f"Team/999/{what}")) == said
    assert error(await here.admin.put(f"Team/999/{what}", "<x/>")) == said


async def test_team_has_the_default_layout_until_it_has_its_own(here: UserClients) -> None:
    path = "Team/310/LayoutConfig"
    before = xml(await here.admin.get(path))
    assert before.findtext("useDefault") == "true"
    own = (
        f"<TeamLayoutConfig><useDefault>false</useDefault><layoutxml>{LAYOUT}</layoutxml></TeamLayoutConfig>"
    )
    assert (await here.admin.put(path, own)).status_code == 200
    assert xml(await here.admin.get(path)).findtext("layoutxml").endswith("finesse'/>")
    ignored = own.replace("false", "true").replace(LAYOUT, "ignored")
    assert (await here.admin.put(path, ignored)).status_code == 200
    assert xml(await here.admin.get(path)).findtext("layoutxml") == before.findtext("layoutxml")


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        ("", (400, "Parameter Missing", "useDefault")),
        ("<useDefault>false</useDefault>", (400, "Parameter Missing", "layoutxml")),
        ("<useDefault>perhaps</useDefault>", (400, "Invalid Input", "useDefault")),
        (
            "<useDefault>false</useDefault><layoutxml>&lt;a/&gt;</layoutxml>",
            (400, "Invalid Input", "layoutxml"),
        ),
    ],
)
async def test_invalid_team_layout_is_rejected(
    here: UserClients, inner: str, said: tuple[int, str, str]
) -> None:
    refused = error(
        await here.admin.put("Team/310/LayoutConfig", f"<TeamLayoutConfig>{inner}</TeamLayoutConfig>")
    )
    assert (refused[0], refused[1], refused[3]) == said
