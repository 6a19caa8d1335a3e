"""The call log computed from updates: outcomes, seconds per state, limits and sources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mcp_finesse.model import Dialog, MediaProperties, Participant, Update, User
from mcp_finesse.session import Entry, Journal, Mirror
from mcp_finesse.session.state.call_log import MAX_OPEN, CallLog, CallOutcome, CallRecord
from mcp_finesse.session.state.call_watch import CallWatch

BEGIN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ME, CALLER, OTHER = "4501", "3125550142", "4502"
Step = tuple[float, str, dict[str, str]]
"""Seconds since the beginning, the agent's state, and the states of the others. An empty state is a DELETE.
"""


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def dialog(
    mine: str,
    others: dict[str, str] | None = None,
    *,
    dialog_id: str = "331",
    changed: datetime | None = None,
    cause: str | None = None,
    from_address: str = CALLER,
) -> Dialog:
    parties = {CALLER: "ACTIVE"} if others is None else others
    return Dialog(
        id=dialog_id,
        media_type="Voice",
        from_address=from_address,
        to_address="8800",
        media_properties=MediaProperties(call_type="ACD_IN", queue_name="Sales", dialed_number="2065550177"),
        participants=[
            Participant(media_address=ME, state=mine, state_change_time=changed),
            *(
                Participant(
                    media_address=address, state=state, state_cause=cause if state == "FAILED" else None
                )
                for address, state in parties.items()
            ),
        ],
    )


def play(*steps: Step, from_address: str = CALLER, cause: str | None = None) -> CallRecord:
    log = CallLog()
    for seconds, mine, others in steps:
        if mine:
            log.update(dialog(mine, others, from_address=from_address, cause=cause), ME, at(seconds))
        else:
            log.remove("331", at(seconds))
    (record,) = log.records
    return record


TALKING: dict[str, str] = {CALLER: "ACTIVE"}
GONE: dict[str, str] = {CALLER: "DROPPED"}


@pytest.mark.parametrize(
    ("steps", "outcome", "seconds"),
    [
        (
            [(0, "ALERTING", TALKING), (5, "ACTIVE", TALKING), (65, "DROPPED", GONE)],
            "completed",
            {"ALERTING": 5, "ACTIVE": 60},
        ),
        (
            [
                (0, "ALERTING", TALKING),
                (5, "ACTIVE", TALKING),
                (15, "HELD", TALKING),
                (45, "ACTIVE", TALKING),
                (50, "WRAP_UP", GONE),
                (62, "DROPPED", GONE),
            ],
            "completed",
            {"ALERTING": 5, "ACTIVE": 15, "HELD": 30, "WRAP_UP": 12},
        ),
        ([(0, "ALERTING", TALKING), (20, "DROPPED", TALKING)], "missed", {"ALERTING": 20}),
        ([(0, "ALERTING", TALKING), (20, "", {})], "missed", {"ALERTING": 20}),
        (
            [(0, "ALERTING", TALKING), (4, "ACTIVE", TALKING), (9, "", {})],
            "completed",
            {"ALERTING": 4, "ACTIVE": 5},
        ),
        (
            [
                (0, "ALERTING", TALKING),
                (4, "ACTIVE", TALKING),
                (9, "DROPPED", {CALLER: "ACTIVE", OTHER: "ACTIVE"}),
            ],
            "left",
            {"ALERTING": 4, "ACTIVE": 5},
        ),
        (
            [
                (0, "ALERTING", TALKING),
                (4, "ACTIVE", TALKING),
                (9, "WRAP_UP", {CALLER: "ACTIVE", OTHER: "ALERTING"}),
                (12, "DROPPED", GONE),
            ],
            "left",
            {"ALERTING": 4, "ACTIVE": 5, "WRAP_UP": 3},
        ),
        ([(0, "ALERTING", TALKING), (4, "ACTIVE", TALKING)], "in_progress", {"ALERTING": 4}),
        (
            [(0, "ALERTING", TALKING), (1, "ALERTING", TALKING), (4, "ACTIVE", TALKING)],
            "in_progress",
            {"ALERTING": 4},
        ),
    ],
)
def test_incoming_call_has_an_outcome_and_seconds_per_state(
    steps: list[Step], outcome: str, seconds: dict[str, float]
) -> None:
    record = play(*steps)
    assert (record.direction, str(record.outcome), record.seconds) == ("in", outcome, seconds)
    assert (record.queue, record.from_address) == ("Sales", CALLER)


@pytest.mark.parametrize(
    ("steps", "outcome", "cause"),
    [
        (
            [(0, "INITIATING", {}), (1, "INITIATED", {OTHER: "ALERTING"}), (9, "DROPPED", {})],
            "not_answered",
            "",
        ),
        ([(0, "INITIATED", {OTHER: "FAILED"}), (2, "DROPPED", {OTHER: "FAILED"})], "failed", "BUSY"),
        (
            [(0, "INITIATED", {OTHER: "ALERTING"}), (3, "ACTIVE", {OTHER: "ACTIVE"}), (9, "", {})],
            "completed",
            "",
        ),
    ],
)
def test_outgoing_call_has_an_outcome(steps: list[Step], outcome: str, cause: str) -> None:
    record = play(*steps, from_address=ME, cause="BUSY")
    assert (record.direction, str(record.outcome), record.cause) == ("out", outcome, cause)
    assert record.to_address == "2065550177"


def test_finesse_timestamps_are_used_when_present() -> None:
    log = CallLog()
    for state, changed, received in (("ALERTING", 0, 0), ("ACTIVE", 3, 8), ("DROPPED", 10, 30)):
        log.update(dialog(state, changed=at(changed - 3600)), ME, at(received))
    (record,) = log.records
    assert record.seconds == {"ALERTING": 3, "ACTIVE": 7}
    assert record.started_at == at(0)


def test_seconds_in_the_current_state_include_time_until_now() -> None:
    record = play((0, "ALERTING", TALKING), (4, "ACTIVE", TALKING))
    assert record.seconds_in("ACTIVE", now=at(10)) == 6
    assert record.seconds_in("ALERTING", now=at(10)) == 4


def test_call_first_seen_active_is_not_marked_as_seen_from_start() -> None:
    assert not play((0, "ACTIVE", TALKING), (9, "DROPPED", GONE)).seen_from_start
    assert play((0, "ALERTING", TALKING)).seen_from_start


def test_call_that_returns_to_the_agent_is_a_new_record() -> None:
    log = CallLog()
    for seconds, state in ((0, "ALERTING"), (20, "DROPPED"), (40, "ALERTING"), (45, "ACTIVE")):
        log.update(dialog(state), ME, at(seconds))
    assert [str(record.outcome) for record in log.records] == ["missed", "in_progress"]


def test_late_update_of_an_ended_call_starts_no_record() -> None:
    log = CallLog()
    log.update(dialog("ALERTING"), ME, at(0))
    log.update(dialog("DROPPED"), ME, at(5))
    log.update(dialog("DROPPED"), ME, at(6))
    log.update(dialog("ACTIVE"), ME, at(7), current=False)
    assert len(log.records) == 1


def test_calls_of_others_and_tasks_are_not_logged() -> None:
    log = CallLog()
    log.update(dialog("ACTIVE"), "4999", at(0))
    log.update(dialog("ACTIVE"), None, at(0))
    log.update(
        dialog("ACTIVE").model_copy(update={"media_type": "Chat", "media_properties": None}), ME, at(0)
    )
    assert log.records == []


def test_number_of_records_is_bounded_and_dropped_ones_are_counted() -> None:
    log = CallLog(limit=3)
    for number in range(5):
        log.update(dialog("ALERTING", dialog_id=str(number)), ME, at(number))
        log.update(dialog("DROPPED", dialog_id=str(number)), ME, at(number + 0.5))
    assert [record.dialog_id for record in log.records] == ["2", "3", "4"]
    assert log.forgotten == 2
    for number in range(MAX_OPEN + 10):
        log.update(dialog("ALERTING", dialog_id=f"open-{number}"), ME, at(100 + number))
    assert len(log.records) == MAX_OPEN + 3


def test_caller_text_is_truncated() -> None:
    log = CallLog()
    log.update(dialog("ALERTING", from_address="a" * 100_000), ME, at(0))
    assert len(log.records[0].from_address) == 200


# -- its sources


class Desk:
    """A mirror, a journal and a call log that watches both."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.log, self.mirror, self.journal = CallLog(), Mirror("1001"), Journal(epoch="life")
        watch = CallWatch(self.log, self.mirror, lambda: at(self.seconds))
        self.mirror.listen(watch.on_change)
        self.journal.listen(watch.on_entry)
        self.read_user()

    def read_user(self, extension: str | None = ME) -> None:
        reading = self.mirror.begin_reading()
        self.mirror.merge_user(User(id="1001", extension=extension, state="READY"), reading)
        self.mirror.end_reading(reading)

    def read(self, *dialogs: Dialog) -> None:
        reading = self.mirror.begin_reading()
        self.mirror.merge_dialogs(dialogs, reading)
        self.mirror.end_reading(reading)

    def hear(self, event: str, what: Dialog, feed: str = "dialogs", *, delayed: bool = False) -> None:
        source = "/finesse/api/User/1001/Dialogs"
        update = (
            Update(event=event, source=f"/finesse/api/Dialog/{what.id}", dialog=what)
            if event == "PUT"
            else Update(event=event, source=source, dialogs=[what])
        )
        if not delayed:
            self.mirror.apply(update, feed)
        self.journal.append(
            Entry(feed, update.kind, payload=update, received_at=at(self.seconds), delayed=delayed)
        )


def test_log_is_built_from_notifications() -> None:
    desk = Desk()
    desk.hear("POST", dialog("ALERTING"))
    desk.seconds = 5
    desk.hear("PUT", dialog("ACTIVE"))
    desk.seconds = 30
    desk.hear("DELETE", dialog("DROPPED", GONE))
    (record,) = desk.log.records
    assert (record.outcome, record.end_seen) == (CallOutcome.COMPLETED, True)
    assert record.seconds == {"ALERTING": 5, "ACTIVE": 25}
    assert desk.log.since == BEGIN


def test_delete_event_state_decides_the_outcome() -> None:
    desk = Desk()
    desk.hear("POST", dialog("ALERTING"))
    desk.hear("PUT", dialog("ACTIVE"))
    desk.hear("DELETE", dialog("DROPPED", {CALLER: "ACTIVE", OTHER: "ACTIVE"}))
    assert [record.outcome for record in desk.log.records] == [CallOutcome.LEFT]


def consulting() -> Desk:
    """Return a log of a customer's call on hold and an active consult call."""
    desk = Desk()
    desk.hear("POST", dialog("ALERTING"))
    desk.hear("PUT", dialog("ACTIVE"))
    desk.hear("PUT", dialog("HELD"))
    desk.hear("POST", dialog("INITIATED", {OTHER: "ALERTING"}, dialog_id="332", from_address=ME))
    desk.hear("PUT", dialog("ACTIVE", {OTHER: "ACTIVE"}, dialog_id="332", from_address=ME))
    return desk


def outcomes(desk: Desk) -> dict[str, str]:
    return {record.dialog_id: str(record.outcome) for record in desk.log.records}


def test_consult_transfer_is_logged_as_left_although_each_call_seems_to_have_ended() -> None:
    desk = consulting()
    desk.hear("DELETE", dialog("DROPPED", TALKING))
    desk.hear("DELETE", dialog("DROPPED", {OTHER: "DROPPED"}, dialog_id="332", from_address=ME))
    assert outcomes(desk) == {"331": "left", "332": "left"}


def test_consult_transfer_with_wrap_up_is_logged_as_left() -> None:
    desk = consulting()
    desk.hear("DELETE", dialog("DROPPED", {OTHER: "DROPPED"}, dialog_id="332", from_address=ME))
    desk.hear("PUT", dialog("WRAP_UP", TALKING))
    desk.seconds = 30
    desk.hear("DELETE", dialog("DROPPED", GONE))
    assert outcomes(desk) == {"331": "left", "332": "left"}


def test_calls_that_end_one_after_the_other_are_completed() -> None:
    desk = consulting()
    desk.hear("DELETE", dialog("DROPPED", {OTHER: "DROPPED"}, dialog_id="332", from_address=ME))
    desk.seconds = 2
    desk.hear("PUT", dialog("ACTIVE"))
    desk.seconds = 2.5
    desk.hear("DELETE", dialog("DROPPED", GONE))
    assert outcomes(desk) == {"331": "completed", "332": "completed"}


def test_held_and_active_call_missing_in_a_read_are_completed() -> None:
    """Only their absence is known, not that the agent left both at the same time."""
    desk = consulting()
    desk.read()
    assert outcomes(desk) == {"331": "completed", "332": "completed"}


def test_consult_call_joined_to_a_conference_is_completed() -> None:
    desk = consulting()
    desk.hear("DELETE", dialog("DROPPED", {OTHER: "DROPPED"}, dialog_id="332", from_address=ME))
    desk.hear("PUT", dialog("ACTIVE", {CALLER: "ACTIVE", OTHER: "ACTIVE"}))
    assert outcomes(desk) == {"331": "in_progress", "332": "completed"}


def test_log_is_built_from_reads() -> None:
    desk = Desk()
    desk.read(dialog("ACTIVE"))
    desk.seconds = 30
    desk.read()
    (record,) = desk.log.records
    assert (record.outcome, record.seen_from_start, record.end_seen) == (CallOutcome.COMPLETED, False, False)
    assert record.seconds == {"ACTIVE": 30}


def test_call_that_ends_after_sign_out_has_its_end_recorded() -> None:
    desk = Desk()
    desk.hear("POST", dialog("ALERTING"))
    desk.hear("PUT", dialog("ACTIVE"))
    desk.read_user(extension=None)
    desk.seconds = 9
    desk.hear("PUT", dialog("DROPPED", GONE))
    assert desk.log.records[0].seconds == {"ALERTING": 0, "ACTIVE": 9}


def test_replayed_notifications_and_other_feeds_are_not_logged() -> None:
    desk = Desk()
    desk.hear("POST", dialog("ALERTING"), delayed=True)
    desk.hear("POST", dialog("ALERTING", dialog_id="9"), feed="team:310")
    assert [record.dialog_id for record in desk.log.records] == []


def test_gaps_of_the_agents_own_feeds_are_counted() -> None:
    desk = Desk()
    desk.journal.append_gap("the link was lost", BEGIN, BEGIN)
    desk.journal.append_gap("the feed does not come", BEGIN, None, "team:310")
    assert desk.log.gaps == 1


def test_campaign_preview_is_not_logged_as_a_call() -> None:
    log = CallLog()
    offered = dialog("ALERTING", {}).model_copy(
        update={"media_properties": MediaProperties(call_type="OUTBOUND_DIRECT_PREVIEW")}
    )
    log.update(offered, ME, at(0))
    log.remove("331", at(1))
    assert log.records == []
