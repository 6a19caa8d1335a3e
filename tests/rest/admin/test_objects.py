"""Configuration objects: requests on the wire, and what is rejected before sending."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Platform, ReasonCode, WrapUpReason
from mcp_finesse.model.admin import Contact, ReasonCodeContent, WrapUpReasonContent
from mcp_finesse.rest.admin import (
    CONFIGURATION,
    Verb,
    change_object,
    create_object,
    delete_object,
    get_object,
    list_objects,
)
from mcp_finesse.rest.operation import Role, operations_of
from tests.rest.admin.support import GOOD, OBJECTS, Ask, ask, change, changeable, place
from tests.rest.support import ADA_BASIC, Reply, scripted, xml

CODES = xml(
    "<ReasonCodes category='ALL'><ReasonCode><uri>/finesse/api/ReasonCode/23</uri><category>NOT_READY</category>"
    "<code>41</code><label>Lunch</label><forAll>true</forAll></ReasonCode></ReasonCodes>"
)
WRITABLE = [kind for kind, known in CONFIGURATION.items() if known.content]
CREATABLE = [kind for kind, known in CONFIGURATION.items() if Verb.CREATE in known.verbs]


def created(kind: str) -> Reply:
    return Reply(200, headers={"Location": f"https://fin-a.example.com:8445/finesse/api/{kind}/57"})


async def refusal(asking: Ask) -> str:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError) as caught:
            await asking(client)
        assert server.requests == []
    assert caught.value.advice
    return str(caught.value)


async def test_reason_codes_are_listed_by_category() -> None:
    async with scripted(CODES, CODES) as (client, server):
        (code,) = await list_objects(client, "ReasonCode")
        await list_objects(client, "ReasonCode", category="LOGOUT")
    assert isinstance(code, ReasonCode)
    assert (code.id, code.label) == (23, "Lunch")
    assert [request.line for request in server.requests] == [
        "GET /finesse/api/ReasonCodes?category=ALL",
        "GET /finesse/api/ReasonCodes?category=LOGOUT",
    ]


@pytest.mark.parametrize("kind", [kind for kind, known in CONFIGURATION.items() if Verb.LIST in known.verbs])
async def test_empty_list_of_a_kind_is_an_empty_list(kind: str) -> None:
    async with scripted(xml("<List/>")) as (client, server):
        assert await list_objects(client, kind, **place(kind)) == []
    expected = f"/finesse/api/{CONFIGURATION[kind].list_path.replace('{parent}', '7')}"
    assert server.requests[0].target.partition("?")[0] == expected


@pytest.mark.parametrize("kind", [kind for kind, known in CONFIGURATION.items() if Verb.GET in known.verbs])
async def test_object_is_read_into_its_model(kind: str) -> None:
    async with scripted(xml("<Object><colour>red</colour></Object>")) as (client, server):
        found = await ask(kind, Verb.GET)(client)
    assert isinstance(found, CONFIGURATION[kind].read)
    assert found.extra == {"colour": "red"}
    path = CONFIGURATION[kind].path.replace("{parent}", "7").replace("{id}", "12")
    assert server.requests[0].line == f"GET /finesse/api/{path}"


@pytest.mark.parametrize("kind", CREATABLE)
async def test_new_object_is_posted_and_its_id_is_read_from_location(kind: str) -> None:
    async with scripted(created(kind)) as (client, server):
        assert await ask(kind, Verb.CREATE)(client) == "57"
    (request,) = server.requests
    path = CONFIGURATION[kind].path_for(Verb.CREATE).replace("{parent}", "7")
    assert request.line == f"POST /finesse/api/{path}"
    assert request.body.startswith(f"<{kind}>".encode())
    assert request.headers["Content-Type"] == "application/xml"
    assert request.headers["Authorization"] == ADA_BASIC
    assert request.headers["requestId"] == "r"


@pytest.mark.parametrize(
    "location", ["", "/", "https://fin-a/finesse/api/ReasonCode", "/finesse/api/ReasonCode/x"]
)
async def test_missing_or_invalid_location_yields_no_id(location: str) -> None:
    async with scripted(Reply(200, headers={"Location": location})) as (client, _):
        assert await create_object(client, "ReasonCode", GOOD["ReasonCode"], request_id="r") is None


async def test_reason_code_body_contains_all_fields() -> None:
    async with scripted(created("ReasonCode")) as (client, server):
        content = ReasonCodeContent(category="LOGOUT", code=7, label="Tea & cake", for_all=False)
        await create_object(client, "ReasonCode", content, request_id="r")
    assert server.requests[0].body == (
        b"<ReasonCode><category>LOGOUT</category><code>7</code><label>Tea &amp; cake</label>"
        b"<forAll>false</forAll></ReasonCode>"
    )


@pytest.mark.parametrize("kind", WRITABLE)
async def test_change_is_sent_as_put(kind: str) -> None:
    async with scripted() as (client, server):
        await ask(kind, Verb.CHANGE)(client)
    path = CONFIGURATION[kind].path.replace("{parent}", "7").replace("{id}", "12")
    assert server.requests[0].line == f"PUT /finesse/api/{path}"


async def test_only_given_fields_are_sent() -> None:
    async with scripted() as (client, server):
        await change_object(client, "WrapUpReason", "61", {"label": "Sold"}, request_id="r")
        await change_object(client, "WrapUpReason", 61, WrapUpReasonContent(for_all=True), request_id="r")
    assert [request.body for request in server.requests] == [
        b"<WrapUpReason><label>Sold</label></WrapUpReason>",
        b"<WrapUpReason><forAll>true</forAll></WrapUpReason>",
    ]


async def test_object_read_before_is_sent_without_read_only_fields() -> None:
    async with scripted() as (client, server):
        read = Contact(id=3, uri="/finesse/api/PhoneBook/7/Contact/3", last_name="Moe", phone_number="1")
        await change_object(client, "Contact", 3, read, request_id="r", parent=7)
    assert (
        server.requests[0].body == b"<Contact><lastName>Moe</lastName><phoneNumber>1</phoneNumber></Contact>"
    )


@pytest.mark.parametrize("kind", CREATABLE)
async def test_delete_sends_no_body(kind: str) -> None:
    async with scripted() as (client, server):
        await ask(kind, Verb.DELETE)(client)
    assert server.requests[0].method == "DELETE"
    assert server.requests[0].body == b""


async def test_default_layout_can_be_read_and_changed_but_not_deleted() -> None:
    kind = "MediaPropertiesLayout"
    async with scripted(xml("<MediaPropertiesLayout><name>Default</name></MediaPropertiesLayout>")) as (
        client,
        server,
    ):
        await get_object(client, kind, "default")
        await change_object(client, kind, "default", {"name": "x"}, request_id="r")
    assert {request.target for request in server.requests} == {"/finesse/api/MediaPropertiesLayout/default"}
    assert "cannot be deleted" in await refusal(lambda c: delete_object(c, kind, "default", request_id="r"))


async def test_layout_config_may_be_addressed_as_default() -> None:
    async with scripted(xml("<LayoutConfig/>")) as (client, server):
        await get_object(client, "LayoutConfig", "default")
    assert server.requests[0].line == "GET /finesse/api/LayoutConfig/default"


# Rejected before sending


@pytest.mark.parametrize("kind", CREATABLE)
async def test_missing_required_field_is_named(kind: str) -> None:
    for name in CONFIGURATION[kind].required:
        values = {key: value for key, value in GOOD[kind].items() if key != name}
        words = await refusal(lambda c, v=values: create_object(c, kind, v, request_id="r", **place(kind)))  # type: ignore[misc]
        assert f"A new {kind} requires {name}." in words


@pytest.mark.parametrize("kind", WRITABLE)
@pytest.mark.parametrize("values", [{}, {"extra": {}}, None])
async def test_change_without_values_is_rejected(kind: str, values: Any) -> None:
    empty = dict.fromkeys(changeable(kind)) if values is None else values
    assert "already has these values" in await refusal(change(kind, empty))


@pytest.mark.parametrize("kind", WRITABLE)
@pytest.mark.parametrize(
    "values", [{"colour": "red"}, {"id": 5}, {"uri": "x"}, {"extra": {"a": 1}}, [], "x", 5]
)
async def test_unknown_or_read_only_field_is_rejected(kind: str, values: Any) -> None:
    assert "These fields cannot be set" in await refusal(change(kind, values))


async def test_fixed_field_cannot_be_changed() -> None:
    assert "category of a ReasonCode cannot be changed" in await refusal(
        change("ReasonCode", GOOD["ReasonCode"])
    )


LONG = "x" * 20_000


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("ReasonCode", {"label": LONG}, "label has 20000 characters; the limit is 40"),
        ("ReasonCode", {"label": ""}, "label is empty"),
        ("ReasonCode", {"code": -1}, "code is -1; it must be 1 to 65535"),
        ("ReasonCode", {"code": 65536}, "code is 65536; it must be 1 to 65535"),
        ("ReasonCode", {"code": "x"}, "code: Input should be a valid integer"),
        ("WrapUpReason", {"label": "é" * 20}, "label has 40 bytes in UTF-8; the limit is 39"),
        ("WrapUpReason", {"for_all": "some"}, "for_all: Input should be a valid boolean"),
        ("PhoneBook", {"type": "PRIVATE"}, "type is 'PRIVATE'; it must be GLOBAL or TEAM"),
        ("PhoneBook", {"name": " "}, "name is empty"),
        ("Contact", {"phone_number": "1" * 33}, "phone_number has 33 characters; the limit is 32"),
        ("Contact", {"first_name": LONG}, "first_name has 20000 characters; the limit is 128"),
        ("Contact", {"description": 5}, "description: Input should be a valid string"),
        ("MediaPropertiesLayout", {"name": LONG}, "name has 20000 characters; the limit is 40"),
        ("MediaPropertiesLayout", {"header": {}}, "header: media_property is missing"),
        ("MediaPropertiesLayout", {"header": []}, "header: Input should be"),
        ("Workflow", {"description": LONG}, "description has 20000 characters; the limit is 128"),
        ("Workflow", {"trigger_set": "x"}, "trigger_set: Input should be"),
        ("WorkflowAction", {"name": LONG}, "name has 20000 characters; the limit is 64"),
        ("WorkflowAction", {"type": "EMAIL"}, "type is 'EMAIL'; it must be BROWSER_POP or HTTP_REQUEST"),
        ("WorkflowAction", {"handled_by": "ME"}, "handled_by is 'ME'"),
        ("LayoutConfig", {"layoutxml": "<a/>"}, "layoutxml is a <a>"),
        ("ChatConfig", {"primary_node": "http://c"}, "primary_node is 'http://c'"),
        ("SystemConfig", {"cti": {"port": 0}}, "cti.port is 0; it must be 1 to 65535"),
        ("ClusterConfig", {"secondary_node": {"host": "a b"}}, "secondary_node.host is 'a b'"),
        ("EnterpriseDatabaseConfig", {"password": "geheim"}, "password: Extra inputs are not permitted"),
    ],
)
async def test_value_beyond_a_limit_is_rejected(kind: str, values: dict[str, Any], words: str) -> None:
    told = await refusal(change(kind, values))
    assert words in told
    assert len(told) < 400
    assert "geheim" not in told


WITH_ID = [
    (kind, verb)
    for kind, known in CONFIGURATION.items()
    for verb in (Verb.GET, Verb.CHANGE, Verb.DELETE)
    if verb in known.verbs and not known.single
]


def with_id(kind: str, verb: Verb, number: Any) -> Ask:
    """A request on the object with this id, valid otherwise."""
    where, values = place(kind), changeable(kind)
    asks: dict[Verb, Ask] = {
        Verb.GET: lambda client: get_object(client, kind, number, **where),
        Verb.CHANGE: lambda client: change_object(client, kind, number, values, request_id="r", **where),
        Verb.DELETE: lambda client: delete_object(client, kind, number, request_id="r", **where),
    }
    return asks[verb]


@pytest.mark.parametrize(("kind", "verb"), WITH_ID)
@pytest.mark.parametrize("number", ["-1", -1, "", None, "1/2", "x", "default ", "٣", "9" * 19, "1" * 400])
async def test_invalid_id_is_rejected(kind: str, verb: Verb, number: Any) -> None:
    told = await refusal(with_id(kind, verb, number))
    assert f"{kind} id is" in told
    assert len(told) < 250


def test_every_kind_with_ids_is_tested_with_invalid_ids() -> None:
    with_ids = {known.name for known in CONFIGURATION.values() if not known.single}
    assert {kind for kind, _ in WITH_ID} == with_ids


async def test_contacts_require_a_phone_book_and_workflows_have_no_parent() -> None:
    assert "PhoneBook id is None" in await refusal(lambda c: list_objects(c, "Contact"))
    assert "not part of another" in await refusal(lambda c: get_object(c, "Workflow", 1, parent=7))


@pytest.mark.parametrize(
    "kind", [kind for kind, known in CONFIGURATION.items() if known.single and known.path]
)
async def test_singleton_kind_takes_no_id(kind: str) -> None:
    assert f"There is only one {kind}" in await refusal(lambda c: get_object(c, kind, 5))


async def test_error_for_unknown_kind_lists_the_known_kinds() -> None:
    told = await refusal(lambda c: list_objects(c, "Tea"))
    assert "'Tea' is not a kind" in told
    assert all(kind in told for kind in CONFIGURATION)


@pytest.mark.parametrize(
    ("asking", "words"),
    [
        (lambda c: list_objects(c, "SystemConfig"), "cannot list SystemConfig"),
        (lambda c: get_object(c, "ECCVariableConfig"), "cannot get ECCVariableConfig"),
        (lambda c: create_object(c, "ChatConfig", {}, request_id="r"), "cannot create ChatConfig"),
        (lambda c: change_object(c, "ConfigInfo", None, {}, request_id="r"), "cannot change ConfigInfo"),
        (lambda c: delete_object(c, "LayoutConfig", "1", request_id="r"), "cannot delete LayoutConfig"),
    ],
)
async def test_unsupported_operation_is_rejected(asking: Ask, words: str) -> None:
    assert words in await refusal(asking)


async def test_unknown_category_is_rejected() -> None:
    assert "'LUNCH' is not a category" in await refusal(
        lambda c: list_objects(c, "ReasonCode", category="LUNCH")
    )


@pytest.mark.parametrize(
    "kind", ["SystemConfig", "ClusterConfig", "EnterpriseDatabaseConfig", "ECCVariableConfig"]
)
async def test_kind_unavailable_on_uccx_is_rejected_there(kind: str) -> None:
    reading = list_objects if kind == "ECCVariableConfig" else get_object
    assert "does not exist on UCCX" in await refusal(lambda c: reading(c, kind, platform=Platform.UCCX))
    async with scripted(xml("<x/>")) as (client, _):
        await reading(client, kind, platform=Platform.UCCE)


async def test_reason_codes_are_limited_to_999_on_uccx() -> None:
    def asking(platform: Platform | None) -> Ask:
        return lambda c: change_object(c, "ReasonCode", 1, {"code": 1000}, request_id="r", platform=platform)

    assert "code is 1000; on UCCX it must be 1 to 999" in await refusal(asking(Platform.UCCX))
    async with scripted() as (client, _):
        await asking(Platform.UCCE)(client)
        await asking(None)(client)
        await change_object(client, "ReasonCode", 1, {"label": "x"}, request_id="r", platform=Platform.UCCX)


async def test_only_the_first_of_many_problems_are_listed() -> None:
    told = await refusal(change("Workflow", {"workflow_actions": [{"uri": 1}] * 1000}))
    assert "... and 995 more." in told
    assert len(told) < 700
    told = await refusal(change("Workflow", {"workflow_actions": [{"uri": "x"}] * 1000}))
    assert "... and 996 more." in told
    assert len(told) < 700


async def test_control_characters_are_rejected() -> None:
    assert "control character" in await refusal(change("WrapUpReason", {"label": "a\x00b"}))


# The table


def test_writable_kinds_have_content_with_all_required_fields() -> None:
    for known in CONFIGURATION.values():
        writes = bool(known.verbs & {Verb.CREATE, Verb.CHANGE})
        assert writes == (known.content is not None)
        if known.content is not None:
            assert {*known.required, *known.fixed} <= set(known.content.model_fields)
        assert (Verb.LIST in known.verbs) == bool(known.list_path)


def test_every_operation_of_the_table_is_declared() -> None:
    functions = (list_objects, get_object, create_object, change_object, delete_object)
    declared = {each.name: each for each in operations_of(*functions)}
    defaults = [declared.pop(f"MediaPropertiesLayout: {verb} default") for verb in ("get", "change")]
    assert {each.path for each in defaults} == {"/finesse/api/MediaPropertiesLayout/default"}
    assert {name.replace(": ", " ") for name in declared} == {
        f"{known.name} {verb}" for known in CONFIGURATION.values() for verb in known.verbs
    }
    assert len(OBJECTS) == len(declared)
    assert declared["ReasonCode: get"].role is Role.AGENT
    assert declared["ReasonCode: list"].role is Role.ADMINISTRATOR
    assert declared["Contact: create"].path == "/finesse/api/PhoneBook/{phoneBookId}/Contact"
    assert declared["SystemConfig: get"].platforms == {"UCCE"}


def test_wrap_up_reason_is_read_into_its_own_model() -> None:
    assert CONFIGURATION["WrapUpReason"].read is WrapUpReason
