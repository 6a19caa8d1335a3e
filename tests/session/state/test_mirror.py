"""Mirror: the newest state wins, an ended call stays ended, and a read never undoes an event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mcp_finesse.model import Dialog, Media, Participant, Update, User
from mcp_finesse.session.state.mirror import Change, Mirror

START = datetime(2026, 1, 1, tzinfo=UTC)
DIALOGS = "/finesse/api/User/1001/Dialogs"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def user(state: str, seconds: float | None = 0) -> User:
    return User(login_id="1001", state=state, state_change_time=None if seconds is None else at(seconds))


def call(call_id: str = "7", state: str = "ACTIVE", seconds: float = 0, other: float | None = None) -> Dialog:
    parties = [Participant(media_address="4501", state=state, state_change_time=at(seconds))]
    if other is not None:
        parties.append(Participant(media_address="0170", state="ACTIVE", state_change_time=at(other)))
    return Dialog(id=call_id, state="ACTIVE", participants=parties)


def told_user(state: str, seconds: float | None = 0, event: str = "PUT", owner: str = "1001") -> Update:
    return Update(event=event, source=f"/finesse/api/User/{owner}", user=user(state, seconds))


def told_call(dialog: Dialog) -> Update:
    return Update(event="PUT", source=f"/finesse/api/Dialog/{dialog.id}", dialog=dialog)


def told_list(event: str, dialog: Dialog) -> Update:
    return Update(event=event, source=DIALOGS, dialogs=[dialog])


def told_media(state: str, seconds: float) -> Update:
    media = Media(id="5001", state=state, state_change_time=at(seconds))
    return Update(event="PUT", source="/finesse/api/User/1001/Media/5001", media=media)


def task(task_id: str, state: str, seconds: float) -> Dialog:
    parties = [Participant(media_address="1001", state=state, state_change_time=at(seconds))]
    return Dialog(id=task_id, state=state, media_type="Chat", participants=parties)


@pytest.fixture
def mirror() -> Mirror:
    return Mirror("1001")


def states(mirror: Mirror) -> dict[str, str]:
    return {dialog.id: str(dialog.participants[0].state) for dialog in mirror.dialogs.values()}


def test_event_replaces_the_user(mirror: Mirror) -> None:
    mirror.apply(told_user("NOT_READY", 1), "user")
    mirror.apply(told_user("READY", 2), "user")
    assert mirror.user is not None
    assert mirror.user.state == "READY"


def test_older_user_is_ignored_and_user_without_time_is_applied(mirror: Mirror) -> None:
    mirror.apply(told_user("READY", 2), "user")
    mirror.apply(told_user("NOT_READY", 1), "user")
    assert mirror.user is not None
    assert mirror.user.state == "READY"
    mirror.apply(told_user("TALKING", None), "user")
    assert mirror.user.state == "TALKING"


def test_other_agents_are_not_mirrored(mirror: Mirror) -> None:
    mirror.apply(told_user("READY", owner="1002"), "user")
    assert mirror.user is None
    assert mirror.extension is None


def test_own_id_is_matched_case_insensitively() -> None:
    mirror = Mirror("JDoe")
    mirror.apply(told_user("READY", owner="jdoe"), "user")
    assert mirror.user is not None


def test_delete_event_keeps_the_last_user_state(mirror: Mirror) -> None:
    mirror.apply(told_user("READY", 1), "user")
    mirror.apply(told_user("LOGOUT", 2, event="DELETE"), "user")
    assert mirror.user is not None
    assert mirror.user.state == "READY"


def test_call_is_added_updated_and_removed_by_events(mirror: Mirror) -> None:
    mirror.apply(told_list("POST", call(state="ALERTING")), "user")
    assert states(mirror) == {"7": "ALERTING"}
    mirror.apply(told_call(call(state="ACTIVE", seconds=1)), "user")
    assert states(mirror) == {"7": "ACTIVE"}
    mirror.apply(told_list("DELETE", call()), "user")
    assert states(mirror) == {}


def test_update_of_unknown_call_adds_it_and_its_deletion_is_ignored(mirror: Mirror) -> None:
    mirror.apply(told_list("DELETE", call("9")), "user")
    mirror.apply(told_call(call("8")), "user")
    assert states(mirror) == {"8": "ACTIVE"}


def test_late_update_does_not_restore_an_ended_call_but_a_new_post_does(mirror: Mirror) -> None:
    mirror.apply(told_list("POST", call()), "user")
    mirror.apply(told_list("DELETE", call()), "user")
    mirror.apply(told_call(call(seconds=5)), "user")
    assert states(mirror) == {}
    mirror.apply(told_list("POST", call(seconds=6)), "user")
    assert states(mirror) == {"7": "ACTIVE"}


@pytest.mark.parametrize(
    ("new", "taken"),
    [
        (call(state="HELD", seconds=1, other=1), False),
        (call(state="HELD", seconds=2, other=2), True),
        (call(state="HELD", seconds=3, other=1), True),
        (call(state="HELD", seconds=1), False),
    ],
    ids=["all older", "all equal", "one newer", "the known one older"],
)
def test_older_call_is_ignored(mirror: Mirror, new: Dialog, taken: bool) -> None:
    mirror.apply(told_list("POST", call(seconds=2, other=2)), "user")
    mirror.apply(told_call(new), "user")
    assert (states(mirror)["7"] == "HELD") is taken


def test_first_read_fills_the_mirror(mirror: Mirror) -> None:
    reading = mirror.begin_reading()
    assert mirror.merge_user(user("READY"), reading) == set()
    assert mirror.merge_dialogs([call()], reading) == {"7"}
    assert states(mirror) == {"7": "ACTIVE"}


def test_read_removes_ended_calls_and_reports_them(mirror: Mirror) -> None:
    mirror.apply(told_list("POST", call()), "user")
    reading = mirror.begin_reading()
    assert mirror.merge_dialogs([], reading) == {"7"}
    assert states(mirror) == {}


def test_read_of_known_state_reports_nothing(mirror: Mirror) -> None:
    mirror.apply(told_user("READY", 1), "user")
    mirror.apply(told_list("POST", call()), "user")
    reading = mirror.begin_reading()
    assert mirror.merge_user(user("READY", 1), reading) == set()
    assert mirror.merge_dialogs([call()], reading) == set()


def test_events_during_a_read_take_precedence(mirror: Mirror) -> None:
    mirror.apply(told_list("POST", call("7")), "user")
    mirror.apply(told_list("POST", call("8")), "user")
    reading = mirror.begin_reading()
    mirror.apply(told_list("DELETE", call("7")), "user")
    mirror.apply(told_call(call("8", "HELD", 5)), "user")
    mirror.apply(told_list("POST", call("9")), "user")
    mirror.apply(told_user("READY", 5), "user")
    assert mirror.merge_dialogs([call("7"), call("8")], reading) == set()
    assert mirror.merge_user(user("NOT_READY", 1), reading) == set()
    assert states(mirror) == {"8": "HELD", "9": "ACTIVE"}
    mirror.end_reading(reading)
    mirror.end_reading(reading)


@pytest.mark.parametrize("event", ["PUT", "DELETE"])
def test_ignored_event_during_a_read_does_not_suppress_the_read(mirror: Mirror, event: str) -> None:
    mirror.apply(told_user("READY", 5), "user")
    reading = mirror.begin_reading()
    mirror.apply(told_user("NOT_READY", 1, event), "user")
    assert mirror.merge_user(user("TALKING", 9), reading) == {"1001"}
    assert mirror.user is not None
    assert mirror.user.state == "TALKING"


def test_times_are_not_compared_across_nodes(mirror: Mirror) -> None:
    mirror.apply(told_user("READY", 100), "user")
    mirror.apply(told_list("POST", call(seconds=100)), "user")
    mirror.apply(told_media("READY", 100), "user")
    mirror.apply(told_list("POST", task("7_1", "ACTIVE", 100)), "user")
    mirror.forget_times()
    mirror.apply(told_media("NOT_READY", 1), "user")
    mirror.apply(told_call(task("7_1", "PAUSED", 1)), "user")
    reading = mirror.begin_reading()
    assert mirror.merge_user(user("NOT_READY", 1), reading) == {"1001"}
    assert mirror.merge_dialogs([call(state="HELD", seconds=1)], reading) == {"7"}
    assert states(mirror) == {"7": "HELD"}
    assert mirror.media["5001"].state == "NOT_READY"
    assert mirror.tasks["7_1"].participants[0].state == "PAUSED"


def test_older_read_is_ignored(mirror: Mirror) -> None:
    mirror.apply(told_user("READY", 5), "user")
    mirror.apply(told_list("POST", call(seconds=5)), "user")
    reading = mirror.begin_reading()
    assert mirror.merge_user(user("NOT_READY", 1), reading) == set()
    assert mirror.merge_dialogs([call(state="HELD", seconds=1)], reading) == set()
    assert states(mirror) == {"7": "ACTIVE"}


def test_number_of_remembered_ended_calls_is_bounded(mirror: Mirror) -> None:
    for number in range(70):
        mirror.apply(told_list("DELETE", call(str(number))), "user")
    mirror.apply(told_call(call("0")), "user")
    mirror.apply(told_call(call("69")), "user")
    assert list(mirror.dialogs) == ["0"]


def test_number_of_remembered_calls_ended_by_reads_is_bounded(mirror: Mirror) -> None:
    for number in range(70):
        mirror.apply(told_list("POST", call(str(number))), "user")
        mirror.merge_dialogs([], mirror.begin_reading())
    mirror.apply(told_call(call("0")), "user")
    mirror.apply(told_call(call("69")), "user")
    assert list(mirror.dialogs) == ["0"]


def test_listener_hears_changes_and_failing_listener_does_not_stop_others(mirror: Mirror) -> None:
    heard: list[Change] = []

    def fail(_: Change) -> None:
        raise RuntimeError("broken")

    mirror.listen(fail)
    end = mirror.listen(heard.append)
    mirror.apply(told_list("POST", call()), "user")
    mirror.apply(told_user("READY"), "user")
    end()
    end()
    mirror.apply(told_user("NOT_READY"), "user")
    assert set(heard) == {Change("dialog", "7"), Change("dialogs"), Change("user")}
