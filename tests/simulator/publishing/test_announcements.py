"""Notification format: node, source, event, element names, request id."""

from __future__ import annotations

from lxml import etree

from mcp_finesse.simulator.requests.calls import DialogRequest
from tests.simulator.support import Stage, parse_notification

USER, DIALOGS = "/finesse/api/User/1001", "/finesse/api/User/1001/Dialogs"


def act(stage: Stage, action: str, dialog_id: str, request_id: str) -> None:
    agent = stage.center.state.agents["1001"]
    request = DialogRequest(action, agent.extension, to_address="4502")
    stage.center.carry_out(stage.center.calls.act(agent, dialog_id, request), request_id)
    stage.settle()


def test_user_event_carries_the_request_id() -> None:
    stage = Stage()
    stage.sign_in("1001")
    agent = stage.center.state.agents["1001"]
    stage.center.carry_out(stage.center.users.change_state(agent, "1001", "READY"), "id-1")
    stage.settle()
    own, team = (parse_notification(each) for each in stage.published)
    assert (own.node, own.source, own.event, own.request_id) == (USER, USER, "PUT", "id-1")
    assert (own.kind, own.user_id) == ("user", "1001")
    assert (team.node, team.source, team.user_id) == ("/finesse/api/Team/310/Users", USER, None)
    assert team.data.findtext("state") == "READY"


def test_user_event_contains_all_fields() -> None:
    stage = Stage()
    stage.sign_in("1001")
    stage.change("1001", "NOT_READY", "23")
    (received,) = stage.received()
    texts = {child.tag: child.text for child in received.data if len(child) == 0}
    assert texts == {
        "dialogs": DIALOGS,
        "extension": "4501",
        "firstName": "Ada",
        "id": "1001",
        "lastName": "Okoro",
        "loginId": "1001",
        "loginName": "aokoro",
        "mediaType": "1",
        "pendingState": None,
        "reasonCodeId": "23",
        "state": "NOT_READY",
        "stateChangeTime": "2030-01-01T00:00:00.000Z",
        "teamId": "310",
        "teamName": "North",
        "wrapUpTimer": "30",
        "uri": USER,
    }
    assert {child.tag: child.text for child in received.data.find("ReasonCode")} == {
        "uri": "/finesse/api/ReasonCode/23",
        "category": "NOT_READY",
        "code": "41",
        "label": "Lunch",
        "forAll": "true",
        "systemCode": "false",
        "id": "23",
    }
    assert received.data.findtext("settings/wrapUpOnIncoming") == "REQUIRED"
    assert [role.text for role in received.data.iterfind("roles/role")] == ["Agent"]


def test_supervisor_event_contains_the_teams() -> None:
    stage = Stage()
    stage.center.colleague("1000").sign_in()
    stage.settle()
    (received,) = stage.received()
    assert [team.findtext("name") for team in received.data.iterfind("teams/Team")] == ["North"]


def test_new_dialog_is_a_collection_event() -> None:
    stage = Stage()
    stage.sign_in("1001", ready=True)
    dialog_id = stage.center.customers.call("8800", "+13125550142", {"callVariable1": "A & B <Ltd> \x00"})
    (received, _) = stage.received()
    assert (received.node, received.source, received.event, received.kind) == (
        DIALOGS,
        DIALOGS,
        "POST",
        "dialogs",
    )
    dialog = received.data.find("Dialog")
    assert dialog.findtext("id") == dialog_id
    assert dialog.findtext("mediaType") == "Voice"
    properties = {child.tag: child.text for child in dialog.find("mediaProperties") if len(child) == 0}
    assert properties == properties | {
        "mediaId": "1",
        "DNIS": "8800",
        "callType": "ACD_IN",
        "queueNumber": "77",
        "queueName": "North.Sales",
        "wrapUpReason": None,
    }
    assert dialog.findtext("mediaProperties/callvariables/CallVariable/value") == "A & B <Ltd> ?"
    customer, agent = dialog.iterfind("participants/Participant")
    assert (customer.findtext("mediaAddressType"), agent.findtext("mediaAddressType")) == ("", "AGENT_DEVICE")
    assert [action.text for action in agent.iterfind("actions/action")] == ["ANSWER"]
    assert agent.findtext("startTime") == "2030-01-01T00:00:00.000Z"


def test_changed_dialog_is_an_item_event() -> None:
    stage = Stage()
    dialog_id = stage.talking()
    act(stage, "HOLD", dialog_id, "id-2")
    dialog, user = stage.received()
    assert (dialog.node, dialog.source) == (DIALOGS, f"/finesse/api/Dialog/{dialog_id}")
    assert (dialog.event, dialog.kind, dialog.request_id) == ("PUT", "dialog", "id-2")
    assert (user.summary, user.request_id) == ("USER HOLD", "")


def test_deleted_dialog_has_no_actions() -> None:
    stage = Stage()
    stage.talking()
    stage.change("1001", "READY")
    dialog_id = stage.user("1001")["dialogs"][0]
    stage.center.customers.hang_up(dialog_id)
    stage.time.advance(30)
    deleted = [each for each in stage.received() if each.event == "DELETE"]
    assert [(each.node, each.source, each.kind) for each in deleted] == [(DIALOGS, DIALOGS, "dialogs")]
    assert list(deleted[0].data.iter("action")) == []


def test_error_carries_the_request_id() -> None:
    stage = Stage()
    dialog_id = stage.talking()
    act(stage, "RETRIEVE", dialog_id, "id-3")
    (error,) = stage.received()
    assert (error.event, error.request_id, error.kind) == ("PUT", "id-3", "apiErrors")
    assert [(child.tag, child.text) for child in error.data.find("apiError")] == [
        ("errorData", "25"),
        ("errorMessage", "CF_NO_HELD_CALL"),
        ("errorType", "Generic Error"),
    ]


def test_update_is_a_plain_document() -> None:
    stage = Stage()
    stage.talking()
    stage.change("1001", "READY")
    root = etree.fromstring(stage.published[0].xml)
    assert [child.tag for child in root] == ["data", "event", "requestId", "source"]


def test_agent_signed_out_by_leaving_the_call_receives_it_as_dropped() -> None:
    stage = Stage()
    original, _ = stage.consulting()
    agents = stage.center.state.agents
    stage.center.carry_out(stage.center.users.change_state(agents["1000"], "1001", "LOGOUT"))
    stage.settle()
    stage.published.clear()
    stage.act("1001", "TRANSFER", original)
    assert stage.state("1001") == "LOGOUT"
    dialogs = [
        received.data.find("Dialog") for received in stage.received("1001") if received.event == "DELETE"
    ]
    assert len(dialogs) == 2
    for dialog in dialogs:
        (own,) = [
            party
            for party in dialog.iterfind("participants/Participant")
            if party.findtext("mediaAddress") == "4501"
        ]
        assert (own.findtext("state"), len(own.find("actions"))) == ("DROPPED", 0)
