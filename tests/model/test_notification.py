"""Updates: every documented shape of a notification, and what a hostile one costs."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import ApiErrorDetail, PayloadError
from mcp_finesse.model import AgentState, DialogState, EventKind, Update, parse_update

_DIALOG = "<id>33100421</id><state>ACTIVE</state><mediaType>Voice</mediaType>"
_ERROR = (
    "<apiErrors><apiError><errorData>22</errorData><errorMessage>CF_INVALID_OBJECT_STATE</errorMessage>"
    "<errorType>Invalid State</errorType></apiError></apiErrors>"
)


def update(data: str, event: str = "PUT", source: str = "/finesse/api/X/1", request_id: str = "") -> Update:
    return parse_update(
        f"<Update><data>{data}</data><event>{event}</event><requestId>{request_id}</requestId>"
        f"<source>{source}</source></Update>"
    )


@pytest.mark.parametrize("name", ["user", "User"])
def test_a_user_event(name: str) -> None:
    got = update(
        f"<{name}><loginId>1001</loginId><state>READY</state></{name}>", source="/finesse/api/User/1001"
    )

    assert got.kind == "user"
    assert got.object_id == "1001"
    assert got.user is not None
    assert got.user.state is AgentState.READY
    assert got.event is EventKind.PUT
    assert got.source == "/finesse/api/User/1001"
    assert got.request_id is None


@pytest.mark.parametrize("name", ["dialog", "Dialog"])
def test_a_dialog_event_of_the_item_form(name: str) -> None:
    got = update(f"<{name}>{_DIALOG}</{name}>", source="/finesse/api/Dialog/33100421", request_id="r-1")

    assert got.kind == "dialog"
    assert got.object_id == "33100421"
    assert got.dialog is not None
    assert got.dialog.state is DialogState.ACTIVE
    assert got.request_id == "r-1"


@pytest.mark.parametrize("name", ["dialogs", "Dialogs"])
@pytest.mark.parametrize("item", ["dialog", "Dialog"])
@pytest.mark.parametrize("event", ["POST", "DELETE", "post", " delete "])
def test_a_dialog_event_of_the_collection_form(name: str, item: str, event: str) -> None:
    got = update(
        f"<{name}><{item}>{_DIALOG}</{item}></{name}>", event=event, source="/finesse/api/User/1001/Dialogs"
    )

    assert got.kind == "dialogs"
    assert got.event is EventKind(event.strip().upper())
    assert [dialog.id for dialog in got.dialogs] == ["33100421"]
    assert got.object_id == "33100421"
    assert got.dialog is None


def test_a_collection_of_several_dialogs_has_no_one_id() -> None:
    got = update("<dialogs><Dialog><id>1</id></Dialog><Dialog><id>2</id></Dialog></dialogs>", event="POST")

    assert [dialog.id for dialog in got.dialogs] == ["1", "2"]
    assert got.kind == "dialogs"
    assert got.object_id is None


def test_system_info() -> None:
    got = update("<systemInfo><status>OUT_OF_SERVICE</status></systemInfo>", source="/finesse/api/SystemInfo")

    assert got.kind == "system_info"
    assert got.system_info is not None
    assert not got.system_info.in_service


def test_an_asynchronous_error() -> None:
    got = update(_ERROR, source="/finesse/api/Dialog/33100421", request_id="r-9")

    assert got.kind == "error"
    assert got.errors == (ApiErrorDetail("Invalid State", "CF_INVALID_OBJECT_STATE", "22"),)
    assert got.object_id == "33100421"
    assert got.request_id == "r-9"


def test_a_single_error_without_envelope_is_an_error_too() -> None:
    assert update("<apiError><errorType>x</errorType></apiError>").errors == (ApiErrorDetail("x"),)


@pytest.mark.parametrize(
    ("data", "source", "kind", "object_id"),
    [
        (
            "<Queue><uri>/finesse/api/Queue/77</uri><statistics><callsInQueue>3</callsInQueue></statistics></Queue>",
            "/finesse/api/Queue/77",
            "queue",
            "77",
        ),
        ("<queue><name>Sales</name></queue>", "/finesse/api/Queue/77", "queue", "77"),
        (
            "<Queues><Queue><uri>/finesse/api/Queue/77</uri></Queue></Queues>",
            "/finesse/api/User/1001/Queues",
            "queues",
            "77",
        ),
        (
            "<queues><queue><name>a</name></queue><queue><name>b</name></queue></queues>",
            "/finesse/api/User/1001/Queues",
            "queues",
            None,
        ),
        (
            "<team><id>310</id><users><User><loginId>1001</loginId></User></users></team>",
            "/finesse/api/Team/310",
            "team",
            "310",
        ),
        ("<Team><name>North</name></Team>", "/finesse/api/Team/310/Users", "team", "310"),
        ("<Media><state>READY</state></Media>", "/finesse/api/User/1001/Media/5001", "media", "5001"),
        (
            "<media><uri>/finesse/api/User/1001/Media/5001</uri><id>1001</id></media>",
            "/finesse/api/User/1001/Media",
            "media",
            "5001",
        ),
        ("<media><state>READY</state></media>", "/finesse/api/User/1001/Media", "media", None),
        (
            "<TeamMessage><id>5f0c</id><content>Plan B</content></TeamMessage>",
            "/finesse/api/TeamMessage/5f0c",
            "team_message",
            "5f0c",
        ),
        (
            "<dialog><id>152201_88_1</id><mediaType>Chat</mediaType></dialog>",
            "/finesse/api/Dialog/152201_88_1",
            "media_dialog",
            "152201_88_1",
        ),
        (
            "<dialogs><Dialog><id>152201_88_1</id><mediaType>Chat</mediaType></Dialog></dialogs>",
            "/finesse/api/User/1001/Media5001/Dialogs",
            "media_dialogs",
            "152201_88_1",
        ),
    ],
)
def test_every_object_of_finesse_has_its_kind_and_its_id(
    data: str, source: str, kind: str, object_id: str | None
) -> None:
    got = update(data, source=source)

    assert (got.kind, got.object_id) == (kind, object_id)
    assert got.other is None


def test_a_team_has_its_members() -> None:
    got = update("<team><id>310</id><users><User><loginId>1001</loginId></User></users></team>")

    assert got.team is not None
    assert [user.login_id for user in got.team.users] == ["1001"]


def test_any_other_object_is_a_mapping() -> None:
    got = update("<Layout><name>x</name></Layout>", source="/finesse/api/Layout/7")

    assert (got.kind, got.object_id) == ("other", "7")
    assert got.other == {"layout": {"name": "x"}}


@pytest.mark.parametrize("data", ["", "<data/>", "<data></data>"])
@pytest.mark.parametrize(
    ("source", "kind", "object_id"),
    [
        ("/finesse/api/User/1001", "user", "1001"),
        ("/finesse/api/Dialog/33", "dialog", "33"),
        ("/finesse/api/User/1001/Dialogs", "dialogs", None),
        ("/finesse/api/SystemInfo", "system_info", "SystemInfo"),
        ("/finesse/api/Queue/77", "queue", "77"),
        ("/finesse/api/User/1001/Queues", "queues", None),
        ("/finesse/api/Dialog/152201_88_1", "media_dialog", "152201_88_1"),
        ("/finesse/api/User/1001/Media/5001/Dialogs", "media_dialogs", None),
        ("/finesse/api/User/1001/Dialogs/Media", "media_dialogs", None),
        ("/finesse/api/User/1001/Media/5001", "media", "5001"),
        ("/finesse/api/Team/310", "team", "310"),
        ("/finesse/api/TeamMessage/5f0c", "team_message", "5f0c"),
        ("/finesse/api/Team/310/TeamMessages", "team_message", None),
        ("/finesse/api/Layout/7", "other", "7"),
    ],
)
def test_an_event_without_data_is_known_by_its_source(
    data: str, source: str, kind: str, object_id: str | None
) -> None:
    got = parse_update(f"<Update><event>DELETE</event><source>{source}</source>{data}</Update>")

    assert got.event is EventKind.DELETE
    assert got.kind == kind
    assert got.object_id == object_id


def test_order_namespace_case_and_layout_do_not_matter() -> None:
    plain = update(f"<dialog>{_DIALOG}</dialog>", source="/finesse/api/Dialog/33100421", request_id="r")
    other = parse_update(
        f"""<?xml version="1.0" encoding="utf-16"?>
        <update xmlns='urn:x'>
          <Source> /finesse/api/Dialog/33100421 </Source> <requestId> r </requestId> <Event> put </Event>
          <Data> <Dialog>{_DIALOG}</Dialog> </Data>
        </update>"""
    )

    assert other == plain


def test_an_unknown_event_word_and_unknown_children_are_kept() -> None:
    got = parse_update("<Update><event>ERROR</event><source>/s</source><when>now</when></Update>")

    assert got.event == "ERROR"
    assert got.extra == {"when": "now"}


def test_an_empty_update_is_still_one() -> None:
    got = parse_update("<Update/>")

    assert got == Update()
    assert (got.kind, got.object_id, got.event) == ("other", None, "")


@pytest.mark.parametrize("payload", ["", "{}", "<Update>", "<html><body/></html>", '{"a": "<Update/>"}'])
def test_what_is_not_an_update_is_a_payload_error(payload: str) -> None:
    with pytest.raises(PayloadError):
        parse_update(payload)


def test_the_name_of_a_foreign_document_is_cut_short() -> None:
    with pytest.raises(PayloadError) as caught:
        parse_update(f"<{'x' * 500}/>")

    assert len(caught.value.message) < 120


def test_the_dump_holds_what_came_in_snake_case() -> None:
    got = update(f"<dialog>{_DIALOG}</dialog>", source="/finesse/api/Dialog/33100421")

    dump = got.model_dump(mode="json", exclude_none=True, exclude_defaults=True)

    assert dump == {
        "event": "PUT",
        "source": "/finesse/api/Dialog/33100421",
        "dialog": {"id": "33100421", "state": "ACTIVE", "media_type": "Voice"},
    }


def test_errors_can_be_dumped() -> None:
    [dumped] = update(_ERROR).model_dump(mode="json")["errors"]
    assert {name: text for name, text in dumped.items() if text} == {
        "type": "Invalid State",
        "message": "CF_INVALID_OBJECT_STATE",
        "data": "22",
    }
