"""Nonvoice tasks: routing, actions, interrupts, and notifications."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcp_finesse.simulator.tasks.tasks import media_state
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support import Stage

CHAT, MAIL = "5001", "5002"
RONA = 30.0


def media(stage: Stage, user_id: str = "1001", media_id: str = CHAT) -> str:
    return str(stage.center.truth()["media"][user_id][media_id]["state"])


def tasks(stage: Stage, user_id: str = "1001", media_id: str = CHAT) -> list[str]:
    return list(stage.center.truth()["media"][user_id][media_id]["dialogs"])


def change(stage: Stage, user_id: str = "1001", media_id: str = CHAT, **fields: str) -> None:
    stage.center.colleague(user_id).change_media(media_id, **fields)
    stage.settle()


def sign_in(
    stage: Stage, user_id: str = "1001", media_id: str = CHAT, ready: bool = True, **more: str | int
) -> None:
    stage.center.colleague(user_id).sign_in_to_media(media_id, **more)  # type: ignore[arg-type]
    stage.settle()
    if ready:
        change(stage, user_id, media_id, state="READY")
    stage.published.clear()


def act(stage: Stage, *actions: str, user_id: str = "1001", media_id: str = CHAT, to: str = "") -> None:
    """Perform these actions, in order, on the agent's first task."""
    for action in actions:
        stage.center.colleague(user_id).act_on_task(action, tasks(stage, user_id, media_id)[0], to)
        stage.settle()


def working(stage: Stage, state: str = "ACTIVE", media_id: str = CHAT, **more: str | int) -> None:
    """Give agent 1001 one task in this state."""
    sign_in(stage, media_id=media_id, **more)
    stage.center.customers.send_task(media_id)
    way = {"OFFERED": (), "ACCEPTED": ("ACCEPT",), "ACTIVE": ("ACCEPT", "START")}
    more_way = {"PAUSED": "PAUSE", "WRAPPING_UP": "WRAP_UP"}
    steps = way.get(state) or (("ACCEPT", "START", more_way[state]) if state in more_way else ())
    act(stage, *steps, media_id=media_id)
    stage.published.clear()


class TestSignIn:
    def test_media_sign_in_sets_not_ready_and_routable(self) -> None:
        stage = Stage()
        stage.center.colleague("1001").sign_in_to_media(CHAT, 5, "IGNORE", "TRANSFER")
        stage.settle()
        (received,) = stage.received()
        assert (received.node, received.source) == (
            "/finesse/api/User/1001/Media",
            f"/finesse/api/User/1001/Media/{CHAT}",
        )
        texts = {child.tag: child.text for child in received.data}
        assert texts == {
            "uri": f"/finesse/api/User/1001/Media/{CHAT}",
            "description": "Chat & messages",
            "id": CHAT,
            "interruptible": "false",
            "name": "Cisco_Chat",
            "dialogLogoutAction": "TRANSFER",
            "interruptAction": "IGNORE",
            "maxDialogLimit": "5",
            "mediaConnected": "true",
            "reasonCodeId": "-1",
            "routable": "true",
            "state": "NOT_READY",
            "stateChangeTime": "2030-01-01T00:00:00.000Z",
        }

    def test_second_media_sign_in_is_an_error_but_changes_the_settings(self) -> None:
        stage = Stage()
        sign_in(stage)
        stage.center.colleague("1001").sign_in_to_media(CHAT, 7, "IGNORE")
        stage.settle()
        assert stage.summaries() == ["MEDIA READY", "ERROR Agent already logged into MRD 1"]
        assert stage.center.truth()["media"]["1001"][CHAT]["maxDialogLimit"] == 7

    @pytest.mark.parametrize(
        ("user_id", "media_id", "error"),
        [
            ("1001", "1", "Generic Error 11"),  # voice
            ("1001", "4711", "Generic Error 3"),
            ("1003", CHAT, "Generic Error 2"),
        ],
    )
    def test_media_sign_in_where_impossible_fails(self, user_id: str, media_id: str, error: str) -> None:
        stage = Stage()
        stage.center.colleague(user_id).sign_in_to_media(media_id)
        stage.settle()
        (received,) = stage.received()
        assert received.summary == f"ERROR {error}"
        assert received.node == f"/finesse/api/User/{user_id}/Media"
        assert received.data.findtext("apiError/errorMedia") == media_id
        assert received.data.findtext("apiError/errorMessage").startswith("E_ARM_STAT_")


class TestStates:
    def test_media_become_ready_and_not_ready_with_a_reason(self) -> None:
        stage = Stage()
        sign_in(stage, ready=False)
        change(stage, state="READY")
        change(stage, state="NOT_READY", reason_code_id="23")
        ready, not_ready = stage.received()
        assert (ready.summary, not_ready.summary) == ("MEDIA READY", "MEDIA NOT_READY")
        assert not_ready.data.findtext("ReasonCode/label") == "Lunch"

    def test_ready_while_ready_is_ignored(self) -> None:
        stage = Stage()
        sign_in(stage)
        change(stage, state="READY")
        assert stage.received() == []

    def test_ready_with_open_tasks_is_rejected(self) -> None:
        stage = Stage()
        working(stage)
        change(stage, state="READY")
        assert stage.summaries() == ["ERROR Invalid State 19"]

    @pytest.mark.parametrize("fields", [{"state": "READY"}, {"routable": "true"}])
    def test_media_change_without_sign_in_is_rejected(self, fields: dict[str, str]) -> None:
        stage = Stage()
        change(stage, **fields)
        assert stage.summaries() == ["ERROR Agent is not logged in 6"]

    def test_not_ready_lets_tasks_continue_and_no_new_ones_arrive(self) -> None:
        stage = Stage()
        working(stage)
        change(stage, state="NOT_READY", reason_code_id="23")
        stage.center.customers.send_task(CHAT)
        assert media(stage) == "NOT_READY"
        act(stage, "PAUSE", "RESUME")
        assert len(tasks(stage)) == 1
        change(stage, state="READY")
        assert (media(stage), len(tasks(stage))) == ("ACTIVE", 2)

    @pytest.mark.parametrize(("action", "waits"), [("", False), ("CLOSE", False), ("TRANSFER", True)])
    def test_sign_out_closes_or_transfers_tasks(self, action: str, waits: bool) -> None:
        stage = Stage()
        working(stage, logout_action=action)
        (dialog_id,) = tasks(stage)
        change(stage, state="LOGOUT", reason_code_id="31")
        deleted, logged_out = stage.received()
        assert (deleted.event, deleted.data.findtext("Dialog/id")) == ("DELETE", dialog_id)
        assert deleted.data.findtext("Dialog/mediaProperties/dispositionCode") == (
            "" if waits else "AGENT_LOGOUT"
        )
        assert logged_out.summary == "MEDIA LOGOUT"
        assert len(stage.center.truth()["tasks"]) == waits


class TestRouting:
    def test_not_routable_stops_tasks_and_keeps_the_state(self) -> None:
        stage = Stage()
        sign_in(stage)
        change(stage, routable="false")
        (received,) = stage.received()
        assert (received.summary, received.data.findtext("routable")) == ("MEDIA READY", "false")
        stage.center.customers.send_task(CHAT)
        assert tasks(stage) == []
        change(stage, routable="true")
        assert len(tasks(stage)) == 1

    @pytest.mark.parametrize("before", ["true", "false"])
    def test_unchanged_routability_is_an_error(self, before: str) -> None:
        stage = Stage()
        sign_in(stage)
        if before == "false":
            change(stage, routable="false")
        stage.published.clear()
        change(stage, routable=before)
        assert stage.summaries() == ["ERROR Agent already in requested mode 0"]

    @pytest.mark.parametrize("state", ["OFFERED", "ACCEPTED"])
    def test_not_routable_waits_for_tasks_that_are_not_started(self, state: str) -> None:
        stage = Stage()
        working(stage, state)
        change(stage, routable="false")
        assert stage.center.truth()["media"]["1001"][CHAT]["routable"]
        stage.center.customers.send_task(CHAT)
        act(stage, *(("ACCEPT", "START") if state == "OFFERED" else ("START",)))
        assert not stage.center.truth()["media"]["1001"][CHAT]["routable"]
        assert len(tasks(stage)) == 1

    def test_ready_makes_media_routable(self) -> None:
        stage = Stage()
        sign_in(stage, ready=False)
        change(stage, routable="false")
        change(stage, state="READY")
        assert stage.center.truth()["media"]["1001"][CHAT]["routable"]

    def test_least_busy_agent_gets_the_task_up_to_the_limit(self) -> None:
        stage = Stage()
        sign_in(stage, "1001", limit=2)
        sign_in(stage, "1002", limit=1)
        for _ in range(4):
            stage.center.customers.send_task(CHAT)
        assert (len(tasks(stage, "1001")), len(tasks(stage, "1002"))) == (2, 1)
        assert [task["agent"] for task in stage.center.truth()["tasks"].values()].count("") == 1

    def test_task_for_one_agent_is_offered_only_to_that_agent(self) -> None:
        stage = Stage()
        sign_in(stage, "1001")
        stage.center.customers.send_task(CHAT, user_id="1002")
        assert tasks(stage, "1001") == []
        sign_in(stage, "1002")
        assert len(tasks(stage, "1002")) == 1

    def test_task_not_accepted_in_time_makes_the_agent_not_routable_and_is_offered_to_another(self) -> None:
        stage = Stage()
        sign_in(stage, "1001")
        stage.center.customers.send_task(CHAT)
        (first,) = tasks(stage)
        stage.time.advance(RONA)
        assert stage.summaries()[-2:] == ["DELETE CLOSED: 1001 CLOSED", "MEDIA READY"]
        assert not stage.center.truth()["media"]["1001"][CHAT]["routable"]
        sign_in(stage, "1002")
        (second,) = tasks(stage, "1002")
        assert (first, second) == ("152201_88_1", "152201_88_2")

    def test_task_accepted_in_time_stays_with_the_agent(self) -> None:
        stage = Stage()
        working(stage, "ACCEPTED")
        stage.time.advance(RONA * 2)
        assert len(tasks(stage)) == 1


class TestActions:
    def test_task_is_notified_from_offer_to_close(self) -> None:
        stage = Stage()
        sign_in(stage)
        stage.center.customers.send_task(CHAT, {"callVariable1": "A & B"})
        (offered, reserved) = stage.received()
        assert (offered.node, offered.source, offered.event) == (
            "/finesse/api/User/1001/Dialogs/Media",
            f"/finesse/api/User/1001/Media/{CHAT}/Dialogs",
            "POST",
        )
        dialog = offered.data.find("Dialog")
        assert [dialog.findtext(name) for name in ("id", "mediaType", "state")] == [
            "152201_88_1",
            "Cisco_Chat",
            "OFFERED",
        ]
        assert dialog.findtext("mediaProperties/mediaId") == CHAT
        assert dialog.findtext("mediaProperties/callvariables/CallVariable/value") == "A & B"
        assert dialog.find("fromAddress") is None
        assert reserved.summary == "MEDIA RESERVED"
        act(stage, "ACCEPT", "START", "PAUSE", "RESUME", "WRAP_UP", "CLOSE")
        received = stage.received()
        assert [each.summary for each in received] == [
            "PUT ACCEPTED: 1001 ACCEPTED",
            "MEDIA ACTIVE",
            "PUT ACTIVE: 1001 ACTIVE",
            "PUT PAUSED: 1001 PAUSED",
            "MEDIA PAUSED",
            "PUT ACTIVE: 1001 ACTIVE",
            "MEDIA ACTIVE",
            "PUT WRAPPING_UP: 1001 WRAPPING_UP",
            "MEDIA WORK_READY",
            "DELETE CLOSED: 1001 CLOSED",
            "MEDIA READY",
        ]
        assert received[0].source == "/finesse/api/Dialog/152201_88_1"
        assert received[-2].data.findtext("Dialog/mediaProperties/dispositionCode") == "CLOSED_BY_AGENT"

    @pytest.mark.parametrize(
        ("state", "allowed"),
        [
            ("OFFERED", ["ACCEPT"]),
            ("ACCEPTED", ["START", "CLOSE", "TRANSFER"]),
            ("ACTIVE", ["PAUSE", "WRAP_UP", "CLOSE", "TRANSFER"]),
            ("PAUSED", ["RESUME", "WRAP_UP", "CLOSE", "TRANSFER"]),
            ("WRAPPING_UP", ["CLOSE"]),
        ],
    )
    def test_task_state_determines_the_allowed_actions(self, state: str, allowed: list[str]) -> None:
        stage = Stage()
        working(stage, state)
        (task,) = stage.center.truth()["tasks"].values()
        assert (task["state"], task["actions"]) == (state, allowed)
        refused = next(action for action in ("ACCEPT", "RESUME") if action not in allowed)
        act(stage, refused)
        (received,) = stage.received()
        assert (received.summary, received.node) == (
            "ERROR Invalid State 19",
            "/finesse/api/User/1001/Dialogs/Media",
        )

    def test_transferred_task_never_returns_to_the_agent(self) -> None:
        stage = Stage()
        working(stage)
        act(stage, "TRANSFER", to="chat.service")
        assert stage.summaries() == ["DELETE CLOSED: 1001 CLOSED", "MEDIA READY"]
        sign_in(stage, "1002")
        assert (tasks(stage, "1001"), tasks(stage, "1002")) == ([], ["152201_88_2"])

    def test_transfer_to_an_unknown_selector_leaves_the_task(self) -> None:
        stage = Stage()
        working(stage)
        act(stage, "TRANSFER", to="nowhere")
        assert stage.summaries() == ["ERROR Generic Error 404"]
        assert len(tasks(stage)) == 1

    def test_action_on_a_task_withdrawn_after_the_202_fails(self) -> None:
        stage = Stage()
        sign_in(stage)
        task = stage.center.customers.send_task(CHAT)
        stage.center.colleague("1001").act_on_task("ACCEPT", task.id)
        stage.center.customers.withdraw_task(task)
        stage.settle()
        (received,) = [each for each in stage.received() if each.kind == "apiErrors"]
        assert received.data.findtext("apiError/errorMessage") == f"INVALID_DIALOG_ID: {task.id}"

    def test_a_closed_task_cannot_be_withdrawn(self) -> None:
        stage = Stage()
        task = stage.center.customers.send_task(CHAT)
        stage.center.customers.withdraw_task(task)
        closed = (task.state, task.disposition)
        with pytest.raises(ValueError, match="closed already"):
            stage.center.customers.withdraw_task(task)
        assert (task.state, task.disposition) == closed

    def test_number_of_remembered_dispositions_is_bounded(self) -> None:
        stage = Stage()
        for _ in range(120):
            stage.center.customers.withdraw_task(stage.center.customers.send_task(CHAT))
        assert len(stage.center.tasks.dispositions) == 100


class TestInterrupts:
    """E-mail is interruptible. Chat and calls are not."""

    def test_call_interrupts_a_task_and_only_the_media_state_shows_it(self) -> None:
        stage = Stage()
        working(stage, media_id=MAIL)
        dialog_id = stage.talking()
        assert media(stage, media_id=MAIL) == "INTERRUPTED"
        (task,) = stage.center.truth()["tasks"].values()
        assert (task["actions"], task["interrupted"]) == ([], True)
        act(stage, "PAUSE", media_id=MAIL)
        assert stage.summaries() == ["ERROR Generic Error 30"]
        stage.center.customers.hang_up(dialog_id)
        told = [each.summary for each in stage.received() if "Media" in each.node]
        assert told == ["MEDIA ACTIVE"]

    def test_chat_interrupts_when_it_is_accepted(self) -> None:
        stage = Stage()
        working(stage, media_id=MAIL)
        sign_in(stage)
        stage.center.customers.send_task(CHAT)
        assert media(stage, media_id=MAIL) == "ACTIVE"
        act(stage, "ACCEPT")
        assert media(stage, media_id=MAIL) == "INTERRUPTED"
        act(stage, "CLOSE")
        assert media(stage, media_id=MAIL) == "ACTIVE"

    def test_interrupts_are_ignored_where_configured(self) -> None:
        stage = Stage()
        working(stage, media_id=MAIL, interrupt_action="IGNORE")
        stage.talking()
        assert media(stage, media_id=MAIL) == "ACTIVE"

    def test_no_task_is_offered_while_interrupted(self) -> None:
        stage = Stage()
        sign_in(stage, media_id=MAIL)
        stage.talking()
        stage.center.customers.send_task(MAIL)
        assert tasks(stage, media_id=MAIL) == []
        stage.change("1001", "NOT_READY", "23")
        stage.center.customers.hang_up(stage.user("1001")["dialogs"][0])
        assert len(tasks(stage, media_id=MAIL)) == 1


@pytest.mark.parametrize(
    ("base", "interrupted", "states", "state"),
    [
        ("LOGOUT", False, (), "LOGOUT"),
        ("LOGOUT", True, ("ACTIVE",), "LOGOUT"),
        ("NOT_READY", False, ("ACTIVE",), "NOT_READY"),
        ("READY", False, (), "READY"),
        ("READY", True, ("PAUSED",), "INTERRUPTED"),
        ("READY", False, ("OFFERED",), "RESERVED"),
        ("READY", False, ("OFFERED", "PAUSED"), "RESERVED"),
        ("READY", False, ("ACCEPTED", "PAUSED"), "ACTIVE"),
        ("READY", False, ("ACTIVE", "WRAPPING_UP"), "ACTIVE"),
        ("READY", False, ("PAUSED", "WRAPPING_UP"), "WORK_READY"),
        ("READY", False, ("PAUSED", "PAUSED"), "PAUSED"),
    ],
)
def test_media_state_follows_from_task_states(
    base: str, interrupted: bool, states: tuple[str, ...], state: str
) -> None:
    assert media_state(base, interrupted, states) == state


def test_media_and_tasks_do_not_exist_on_ccx() -> None:
    stage = Stage(platform="UCCX")
    assert stage.center.truth()["media"] == {}
    with pytest.raises(KeyError):
        stage.center.customers.send_task(CHAT)


def test_world_without_media_domains_has_no_media() -> None:
    assert Stage(world=replace(default_world(), media_domains=())).center.truth()["media"] == {}
