"""Test that objects are created, shown, changed and deleted, and that their limits are enforced as documented."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from lxml import etree

from tests.simulator.configuration.support import (
    ENTRY,
    GOOD,
    UserClients,
    body,
    create,
    path_of,
    texts,
    user_clients,
)
from tests.simulator.support_rest import error, xml

ACTION = "<name>{n}</name><type>BROWSER_POP</type><params><Param><name>a</name></Param></params>"


@pytest.fixture
async def here() -> AsyncIterator[UserClients]:
    async with user_clients() as here:
        yield here


@pytest.mark.parametrize("kind", GOOD)
async def test_location_leads_to_the_new_object(here: UserClients, kind: str) -> None:
    answer = await here.admin.send("POST", path_of(kind), body(kind))
    assert (answer.status_code, answer.content) == (200, b"")
    location = answer.headers["Location"]
    assert location.startswith(f"{here.simulator.url}/finesse/api/{path_of(kind)}/")
    made = xml(await here.admin.http.get(location, auth=("admin", "secret")))
    assert made.tag == kind
    assert location.endswith(made.findtext("uri"))
    for given in xml_of(kind):
        assert made.find(given.tag) is not None


def xml_of(kind: str) -> Any:

    return list(etree.fromstring(body(kind)))


@pytest.mark.parametrize("kind", GOOD)
async def test_object_is_listed_until_it_is_deleted(here: UserClients, kind: str) -> None:
    plural = f"{path_of(kind)}s?category=ALL"
    number = await create(here.admin, kind)
    uris = texts(xml(await here.admin.get(plural)), "uri")
    assert f"/finesse/api/{path_of(kind)}/{number}" in uris
    gone = await here.admin.send("DELETE", f"{path_of(kind)}/{number}", "")
    assert (gone.status_code, gone.content) == (200, b"")
    assert len(xml(await here.admin.get(plural))) == len(uris) - 1
    for method in ("GET", "PUT", "DELETE"):
        answer = await here.admin.send(method, f"{path_of(kind)}/{number}", body(kind))
        assert error(answer)[:2] == (404, "Not Found")


@pytest.mark.parametrize(
    ("kind", "change", "name", "value"),
    [
        ("ReasonCode", "<label>Cake</label>", "code", "77"),
        ("WrapUpReason", "<forAll>false</forAll>", "label", "Sold"),
        ("MediaPropertiesLayout", "<description>x</description>", "name", "Retail"),
        ("PhoneBook", "<name>Friends</name>", "type", "GLOBAL"),
        ("Contact", "<description>x</description>", "firstName", "Ina"),
        ("WorkflowAction", "<name>x</name>", "type", "BROWSER_POP"),
        ("Workflow", "<description>x</description>", "TriggerSet/name", "CALL_ARRIVES"),
    ],
)
async def test_change_keeps_the_fields_it_does_not_name(
    here: UserClients, kind: str, change: str, name: str, value: str
) -> None:
    path = f"{path_of(kind)}/{await create(here.admin, kind)}"
    answer = await here.admin.put(path, body(kind, change))
    assert (answer.status_code, answer.content) == (200, b"")
    changed = xml(await here.admin.get(path))
    assert changed.findtext(name) == value
    tag, _, rest = change[1:].partition(">")
    assert changed.findtext(tag) == rest.partition("<")[0]


@pytest.mark.parametrize("kind", GOOD)
async def test_change_without_a_known_field_is_rejected(here: UserClients, kind: str) -> None:
    path = f"{path_of(kind)}/{await create(here.admin, kind)}"
    for inner in ("", "<colour>red</colour>"):
        assert error(await here.admin.put(path, body(kind, inner)))[:2] == (400, "Invalid Input")


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("ReasonCode", "category"),
        ("WrapUpReason", "label"),
        ("MediaPropertiesLayout", "name"),
        ("PhoneBook", "name"),
        ("Contact", "phoneNumber"),
        ("WorkflowAction", "name"),
        ("Workflow", "name"),
    ],
)
async def test_missing_field_is_named(here: UserClients, kind: str, missing: str) -> None:
    refused = error(await here.admin.send("POST", path_of(kind), body(kind, "")))
    assert (refused[0], refused[1], refused[3]) == (400, "Parameter Missing", missing)


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("ReasonCode", "<code>0</code>", "code"),
        ("ReasonCode", "<code>-1</code>", "code"),
        ("ReasonCode", "<code>65536</code>", "code"),
        ("ReasonCode", "<code>٣</code>", "code"),
        ("ReasonCode", f"<label>{'x' * 41}</label>", "label"),
        ("ReasonCode", "<label> </label>", "label"),
        ("ReasonCode", "<forAll>yes</forAll>", "forAll"),
        ("ReasonCode", "<category>LOGOUT</category>", "category"),
        ("ReasonCode", "<label><b>x</b></label>", "label"),
        ("WrapUpReason", f"<label>{'é' * 20}</label>", "label"),
        ("PhoneBook", "<type>PRIVATE</type>", "type"),
        ("Contact", f"<phoneNumber>{'1' * 33}</phoneNumber>", "phoneNumber"),
        ("Contact", f"<lastName>{'x' * 129}</lastName>", "lastName"),
        ("MediaPropertiesLayout", f"<name>{'x' * 41}</name>", "name"),
        ("MediaPropertiesLayout", "<header/>", "header"),
        ("MediaPropertiesLayout", f"<header>{ENTRY * 2}</header>", "header"),
        ("MediaPropertiesLayout", "<column/><column/><column/>", "column"),
        ("MediaPropertiesLayout", f"<column>{ENTRY * 11}</column>", "column"),
        ("MediaPropertiesLayout", "<type>DEFAULT</type>", "type"),
        (
            "MediaPropertiesLayout",
            f"<column>{ENTRY.replace('</entry>', '<showInPopOver>true</showInPopOver></entry>') * 6}</column>",
            "showInPopOver",
        ),
        ("Workflow", "<ConditionSet><applyMethod>SOME</applyMethod></ConditionSet>", "applyMethod"),
        ("Workflow", "<workflowActions>" + "<WorkflowAction/>" * 6 + "</workflowActions>", "workflowActions"),
        ("WorkflowAction", "<type>EMAIL</type>", "type"),
        ("WorkflowAction", "<handledBy>ME</handledBy>", "handledBy"),
        ("WorkflowAction", "<params/>", "params"),
        (
            "WorkflowAction",
            f"<actionVariables><ActionVariable><name>{'x' * 33}</name></ActionVariable></actionVariables>",
            "name",
        ),
    ],
)
async def test_broken_limit_is_named_and_nothing_is_changed(
    here: UserClients, kind: str, change: str, field: str
) -> None:
    path = f"{path_of(kind)}/{await create(here.admin, kind)}"
    before = (await here.admin.get(path)).content
    refused = error(await here.admin.put(path, body(kind, change)))
    assert (refused[0], refused[1], refused[3]) == (400, "Invalid Input", field)
    assert (await here.admin.get(path)).content == before


async def test_last_of_two_equal_elements_wins(here: UserClients) -> None:
    path = f"WrapUpReason/{await create(here.admin, 'WrapUpReason')}"
    await here.admin.put(path, body("WrapUpReason", "<label>a</label><label>b</label>"))
    assert xml(await here.admin.get(path)).findtext("label") == "b"


@pytest.mark.parametrize(
    "text", ["", "<ReasonCode>", "<reasonCode/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><ReasonCode/>"]
)
async def test_body_of_another_kind_is_rejected(here: UserClients, text: str) -> None:
    assert error(await here.admin.send("POST", "ReasonCode", text))[:2] == (400, "Bad Request")


# Rules between objects


@pytest.mark.parametrize(
    ("kind", "again", "said"),
    [
        ("ReasonCode", GOOD["ReasonCode"], ("Finesse API Error", "label")),
        ("ReasonCode", GOOD["ReasonCode"].replace("Tea", "Other"), ("Finesse API Error", "code")),
        ("WrapUpReason", GOOD["WrapUpReason"], ("Finesse API Error", "label")),
        ("PhoneBook", GOOD["PhoneBook"], ("Finesse API Error", "name")),
        ("WorkflowAction", GOOD["WorkflowAction"], ("Finesse API Error", "name")),
        ("Workflow", GOOD["Workflow"], ("Database constraint violation", "Duplicate Workflow name.")),
    ],
)
async def test_duplicate_of_a_unique_field_is_rejected(
    here: UserClients, kind: str, again: str, said: tuple[str, str]
) -> None:
    await create(here.admin, kind)
    refused = error(await here.admin.send("POST", kind, body(kind, again)))
    assert (refused[0], refused[1]) == (400, said[0])
    if said[1] != "label" or kind != "ReasonCode":
        assert refused[3] == said[1]


async def test_same_label_is_allowed_in_the_other_category(here: UserClients) -> None:
    first = await create(here.admin, "ReasonCode")
    second = await create(here.admin, "ReasonCode", GOOD["ReasonCode"].replace("NOT_READY", "LOGOUT"))
    assert first != second


async def test_system_codes_are_not_listed_and_cannot_be_changed(here: UserClients) -> None:
    code = xml(await here.admin.get("ReasonCode/2"))
    assert code.findtext("systemCode") == "true"
    assert "true" not in texts(xml(await here.admin.get("ReasonCodes?category=ALL")), "systemCode")
    for method in ("PUT", "DELETE"):
        answer = await here.admin.send(method, "ReasonCode/2", body("ReasonCode", "<label>x</label>"))
        assert error(answer)[:2] == (400, "Finesse API Error")


@pytest.mark.parametrize(("query", "labels"), [("LOGOUT", 2), ("NOT_READY", 3), ("ALL", 5)])
async def test_codes_are_listed_by_category(here: UserClients, query: str, labels: int) -> None:
    codes = xml(await here.admin.get(f"ReasonCodes?category={query}"))
    assert (codes.get("category"), len(codes)) == (query, labels)


async def test_list_of_codes_requires_a_valid_category(here: UserClients) -> None:
    assert error(await here.admin.get("ReasonCodes"))[:2] == (400, "Parameter Missing")
    assert error(await here.admin.get("ReasonCodes?category=LUNCH"))[:2] == (400, "Invalid Input")


@pytest.mark.parametrize(
    ("kind", "inner", "room"),
    [
        (
            "ReasonCode",
            "<category>LOGOUT</category><code>{n}</code><label>{n}</label><forAll>true</forAll>",
            98,
        ),
        ("WrapUpReason", "<label>{n}</label><forAll>true</forAll>", 96),
        ("PhoneBook", "<name>{n}</name><type>GLOBAL</type>", 9),
        (
            "WorkflowAction",
            "<name>{n}</name><type>BROWSER_POP</type><params><Param><name>a</name></Param></params>",
            99,
        ),
        ("Workflow", "<name>{n}</name><TriggerSet><type>SYSTEM</type></TriggerSet>", 99),
    ],
)
async def test_number_of_objects_of_a_kind_is_limited(
    here: UserClients, kind: str, inner: str, room: int
) -> None:
    for number in range(1000, 1000 + room):
        await create(here.admin, kind, inner.format(n=number))
    refused = error(await here.admin.send("POST", kind, body(kind, inner.format(n=1))))
    assert refused[:2] == (400, "Maximum Exceeded")


async def test_workflow_shows_its_actions_in_short_and_protects_them_from_deletion(
    here: UserClients,
) -> None:
    action = await create(here.admin, "WorkflowAction")
    actions = (
        f"<workflowActions><WorkflowAction><uri>/finesse/api/WorkflowAction/{action}</uri></WorkflowAction>"
    )
    number = await create(here.admin, "Workflow", GOOD["Workflow"] + actions + "</workflowActions>")
    (shown,) = xml(await here.admin.get(f"Workflow/{number}")).findall("workflowActions/WorkflowAction")
    assert {child.tag: child.text for child in shown} == {
        "uri": f"/finesse/api/WorkflowAction/{action}",
        "name": "Pop",
        "type": "BROWSER_POP",
    }
    refused = error(await here.admin.send("DELETE", f"WorkflowAction/{action}", ""))
    assert (refused[0], refused[1], refused[3]) == (400, "Finesse API Error", number)
    await here.admin.send("DELETE", f"Workflow/{number}", "")
    assert (await here.admin.send("DELETE", f"WorkflowAction/{action}", "")).status_code == 200


@pytest.mark.parametrize("uri", ["/finesse/api/WorkflowAction/99", "/finesse/api/Workflow/1", "1"])
async def test_workflow_accepts_only_existing_actions(here: UserClients, uri: str) -> None:
    actions = f"<workflowActions><WorkflowAction><uri>{uri}</uri></WorkflowAction></workflowActions>"
    refused = error(await here.admin.send("POST", "Workflow", body("Workflow", GOOD["Workflow"] + actions)))
    assert (refused[0], refused[1], refused[3]) == (400, "Finesse API Error", uri)


async def test_default_layout_can_be_changed_but_not_deleted(here: UserClients) -> None:
    path = "MediaPropertiesLayout/default"
    assert xml(await here.admin.get(path)).findtext("type") == "DEFAULT"
    change = body("MediaPropertiesLayout", "<name>Ours</name><type>DEFAULT</type>")
    assert (await here.admin.put(path, change)).status_code == 200
    assert xml(await here.admin.get("MediaPropertiesLayout/1")).findtext("name") == "Ours"
    for method in ("POST", "DELETE"):
        assert error(await here.admin.send(method, path, change))[:2] == (405, "Method Not Allowed")
    assert error(await here.admin.send("DELETE", "MediaPropertiesLayout/1", ""))[:2] == (403, "Forbidden")


async def test_contacts_are_deleted_with_their_phone_book(here: UserClients) -> None:
    number = await create(here.admin, "PhoneBook")
    await here.admin.send("POST", f"PhoneBook/{number}/Contact", body("Contact"))
    shown = xml(await here.admin.get(f"PhoneBook/{number}"))
    assert shown.findtext("contacts") == f"/finesse/api/PhoneBook/{number}/Contacts"
    await here.admin.send("DELETE", f"PhoneBook/{number}", "")
    assert error(await here.admin.get(f"PhoneBook/{number}/Contacts"))[:2] == (404, "Not Found")
    assert number not in here.simulator.center.configuration.contacts
