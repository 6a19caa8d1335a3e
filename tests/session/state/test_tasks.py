"""Media and tasks in the mirror: separate from calls, newest wins, and only the media report an interrupt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mcp_finesse.model import CallVariable, Dialog, Media, MediaProperties, Participant, Update
from mcp_finesse.session.actions.tasks import is_interrupted, task_actions
from mcp_finesse.session.state.media_notes import notes_on_media
from mcp_finesse.session.state.mirror import Change, Mirror

CHAT = "5001"
TASKS = f"/finesse/api/User/1001/Media/{CHAT}/Dialogs"
START = datetime(2026, 1, 1, tzinfo=UTC)


def task(
    task_id: str = "1_2_3", state: str = "ACTIVE", seconds: float | None = 0, **variables: str
) -> Dialog:
    when = None if seconds is None else START + timedelta(seconds=seconds)
    actions = {"OFFERED": ["ACCEPT"], "ACTIVE": ["PAUSE", "CLOSE"]}.get(state, [])
    return Dialog(
        id=task_id,
        state=state,
        media_type="Cisco_Chat",
        participants=[
            Participant(media_address="1001", state=state, state_change_time=when, actions=actions)
        ],
        media_properties=MediaProperties(
            media_id=CHAT,
            call_variables=[CallVariable(name=name, value=value) for name, value in variables.items()],
        ),
    )


def media(state: str | None = "READY", seconds: float = 0, **more: object) -> Media:
    when = START + timedelta(seconds=seconds)
    return Media(id=CHAT, name="Cisco_Chat", state=state, state_change_time=when, **more)  # type: ignore[arg-type]


def told_list(event: str, *tasks: Dialog) -> Update:
    return Update(event=event, source=TASKS, dialogs=list(tasks))


def told(one: Dialog) -> Update:
    return Update(event="PUT", source=f"/finesse/api/Dialog/{one.id}", dialog=one)


def told_media(one: Media, event: str = "PUT") -> Update:
    return Update(event=event, source=f"/finesse/api/User/1001/Media/{CHAT}", media=one)


def read(mirror: Mirror, *tasks: Dialog, on: Media | None = None) -> set[str]:
    reading = mirror.task_store.begin_reading()
    try:
        return mirror.task_store.merge([on or media()], tasks, reading)
    finally:
        mirror.task_store.end_reading(reading)


@pytest.fixture
def mirror() -> Mirror:
    return Mirror("1001")


def states(mirror: Mirror) -> dict[str, str]:
    return {one.id: str(one.state) for one in mirror.tasks.values()}


def test_tasks_are_added_and_removed_separately_from_calls(mirror: Mirror) -> None:
    seen: list[Change] = []
    mirror.listen(seen.append)
    mirror.apply(told_list("POST", task(state="OFFERED")), "user")
    mirror.apply(told(task(state="ACCEPTED", seconds=1)), "user")
    assert (states(mirror), dict(mirror.dialogs)) == ({"1_2_3": "ACCEPTED"}, {})
    mirror.apply(told_list("DELETE", task(state="CLOSED")), "user")
    assert states(mirror) == {}
    assert seen == [
        Change("task", "1_2_3"),
        Change("tasks"),
        Change("task", "1_2_3"),
        Change("task", "1_2_3"),
        Change("tasks"),
    ]


def test_read_of_calls_does_not_affect_tasks(mirror: Mirror) -> None:
    mirror.apply(told_list("POST", task()), "user")
    reading = mirror.begin_reading()
    mirror.merge_dialogs([task("4_5_6")], reading)
    assert (states(mirror), dict(mirror.dialogs)) == ({"1_2_3": "ACTIVE"}, {})


def test_dialog_with_voice_media_id_is_a_call_whatever_its_media_type(mirror: Mirror) -> None:
    call = Dialog(id="77", media_type="Cisco_Voice", media_properties=MediaProperties(media_id="1"))
    mirror.apply(Update(event="POST", source="/finesse/api/User/1001/Dialogs", dialogs=[call]), "user")
    assert (list(mirror.dialogs), states(mirror)) == (["77"], {})


def test_older_task_update_is_ignored_and_ended_task_is_not_restored(mirror: Mirror) -> None:
    mirror.apply(told_list("POST", task(seconds=5)), "user")
    mirror.apply(told(task(state="OFFERED", seconds=1)), "user")
    assert states(mirror) == {"1_2_3": "ACTIVE"}
    mirror.apply(told(task(state="PAUSED", seconds=None)), "user")
    assert states(mirror) == {"1_2_3": "PAUSED"}
    mirror.apply(told_list("DELETE", task()), "user")
    mirror.apply(told(task(seconds=9)), "user")
    assert states(mirror) == {}
    mirror.apply(told_list("POST", task(seconds=10)), "user")
    assert states(mirror) == {"1_2_3": "ACTIVE"}


def test_number_of_remembered_ended_tasks_is_bounded(mirror: Mirror) -> None:
    for number in range(70):
        mirror.apply(told_list("DELETE", task(f"1_{number}_1")), "user")
    mirror.apply(told(task("1_0_1")), "user")
    mirror.apply(told(task("1_69_1")), "user")
    assert list(states(mirror)) == ["1_0_1"]


def test_first_read_reports_nothing_and_later_reads_report_missed_changes(mirror: Mirror) -> None:
    assert read(mirror, task()) == set()
    assert read(mirror, task()) == set()
    assert read(mirror, task(state="PAUSED", seconds=1)) == {"1_2_3"}
    assert read(mirror, task("4_5_6")) == {"1_2_3", "4_5_6"}
    assert read(mirror, task("4_5_6", callVariable1="x")) == set()
    assert read(mirror, task("4_5_6"), on=media("NOT_READY", 1)) == {CHAT}
    assert list(states(mirror)) == ["4_5_6"]


def test_read_does_not_undo_events_received_since_it_was_sent(mirror: Mirror) -> None:
    read(mirror, task())
    reading = mirror.task_store.begin_reading()
    mirror.apply(told_list("DELETE", task()), "user")
    mirror.apply(told_list("POST", task("4_5_6")), "user")
    mirror.apply(told_media(media("ACTIVE", 3)), "user")
    assert mirror.task_store.merge([media("READY")], [task()], reading) == set()
    mirror.task_store.end_reading(reading)
    mirror.task_store.end_reading(reading)
    assert list(states(mirror)) == ["4_5_6"]
    assert mirror.media[CHAT].state == "ACTIVE"


def test_older_task_read_is_ignored(mirror: Mirror) -> None:
    mirror.apply(told_list("POST", task(state="PAUSED", seconds=5)), "user")
    read(mirror, task(seconds=1))
    assert states(mirror) == {"1_2_3": "PAUSED"}


def test_media_are_replaced_by_newer_ones_and_removed_when_deleted(mirror: Mirror) -> None:
    mirror.apply(told_media(media("READY", 2)), "user")
    mirror.apply(told_media(media("NOT_READY", 1)), "user")
    assert mirror.media[CHAT].state == "READY"
    mirror.apply(told_media(media(), "DELETE"), "user")
    assert dict(mirror.media) == {}
    mirror.apply(told_media(Media(state="READY")), "user")
    assert dict(mirror.media) == {}


def test_interrupt_removes_the_actions_of_started_tasks_only(mirror: Mirror) -> None:
    mirror.apply(told_list("POST", task(), task("4_5_6", "OFFERED")), "user")
    mirror.apply(told_media(media("INTERRUPTED", 1)), "user")
    started, offered = mirror.tasks["1_2_3"], mirror.tasks["4_5_6"]
    assert (is_interrupted(mirror, started), task_actions(mirror, started)) == (True, [])
    assert (is_interrupted(mirror, offered), task_actions(mirror, offered)) == (False, ["ACCEPT"])
    assert task_actions(mirror, Dialog(id="7_8_9", state="ACTIVE")) == []


def test_read_of_interrupted_task_reports_nothing(mirror: Mirror) -> None:
    read(mirror, task())
    mirror.apply(told_media(media("INTERRUPTED", 1)), "user")
    assert read(mirror, task(state="INTERRUPTED"), on=media("INTERRUPTED", 1)) == set()
    assert states(mirror) == {"1_2_3": "ACTIVE"}
    assert read(mirror, task(state="INTERRUPTED", seconds=2), on=media("INTERRUPTED", 1)) == set()
    assert states(mirror) == {"1_2_3": "INTERRUPTED"}


def test_task_read_as_interrupted_is_read_again_when_the_interrupt_ends(mirror: Mirror) -> None:
    asked: list[int] = []
    mirror.task_store.on_stale = lambda: asked.append(1)
    read(mirror, task(state="INTERRUPTED"), on=media("INTERRUPTED"))
    mirror.apply(told_media(media("INTERRUPTED", 1)), "user")
    assert asked == []
    mirror.apply(told_media(media("ACTIVE", 2)), "user")
    assert asked == [1]
    mirror.apply(told(task(seconds=3)), "user")
    mirror.apply(told_media(media("INTERRUPTED", 4)), "user")
    mirror.apply(told_media(media("ACTIVE", 5)), "user")
    assert asked == [1]


SIGNED_IN = {"max_dialog_limit": 3, "interrupt_action": "ACCEPT", "dialog_logout_action": "TRANSFER"}


@pytest.mark.parametrize(
    ("later", "lost"),
    [
        pytest.param(media("READY", 1, **SIGNED_IN), {}, id="all there"),
        pytest.param(
            media("WORK", 1, **(SIGNED_IN | {"max_dialog_limit": None})),
            {"max_dialog_limit": ("3", "")},
            id="one not known any more",
        ),
        pytest.param(
            media("READY", 1, **(SIGNED_IN | {"interrupt_action": "IGNORE"})),
            {"interrupt_action": ("ACCEPT", "IGNORE")},
            id="one otherwise",
        ),
        pytest.param(media("LOGOUT", 1), {}, id="signed out"),
        pytest.param(media(None, 1), {}, id="served no longer"),
    ],
)
def test_media_settings_changed_in_a_read_are_reported_as_lost(
    mirror: Mirror, later: Media, lost: dict[str, tuple[str, str]]
) -> None:
    mirror.apply(told_media(media("READY", **SIGNED_IN)), "user")
    read(mirror, on=later)
    assert mirror.task_store.settings.lost.get(CHAT, {}) == lost
    mirror.apply(told_media(media("READY", 2, **(SIGNED_IN | {"max_dialog_limit": 9}))), "user")
    assert dict(mirror.task_store.settings.lost) == {}
    assert mirror.task_store.settings.of(CHAT).max_dialog_limit == 9


def test_notes_report_what_a_failover_changed(mirror: Mirror) -> None:
    assert notes_on_media(mirror) == []
    mirror.apply(told_media(media("READY", **SIGNED_IN)), "user")
    read(mirror, task(state="UNKNOWN"), on=media("WORK", 1, interrupt_action="ACCEPT"))
    settings, state, tasks = notes_on_media(mirror)
    assert settings.startswith(
        "Media Cisco_Chat (5001): the agent signed in with max_dialog_limit 3 (now not known), "
        "dialog_logout_action TRANSFER (now not known)."
    )
    assert state == "Media Cisco_Chat (5001) is WORK, as after a failover."
    assert "UNKNOWN now: 1_2_3." in tasks
