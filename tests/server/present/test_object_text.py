"""Objects and notifications as text: sufficient for hosts that show only text, without repetition."""

from __future__ import annotations

from datetime import timedelta

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import (
    Dialog,
    Participant,
    Queue,
    QueueStatistics,
    SystemInfo,
    TeamMessage,
    Update,
    parse_update,
)
from mcp_finesse.server.present.journal_view import entry_summary
from mcp_finesse.server.present.notification_text import changes, entry_line, entry_lines
from mcp_finesse.server.present.object_text import dialog_line, dialog_parts
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.server.present.summaries import dialog_summary
from mcp_finesse.session import DifferenceInfo, ErrorInfo, Outcome, OutcomeStatus
from tests.benchmarks.stanzas import update
from tests.server.support import (
    WHEN,
    ScriptedSession,
    agent,
    call,
    confirmed,
    connected,
    signed_in,
    tell,
)

SOURCE = "/finesse/api/Dialog/331"


def shown(update: Update, feed: str = "dialogs") -> str:
    return entry_line(entry_summary(ScriptedSession().hear(feed, update), "4501"))


def test_call_text_contains_parties_associated_dialog_and_callback() -> None:
    parties = [
        *call(mine="FAILED").participants,
        Participant(media_address="4502", media_address_type="AGENT_DEVICE", state="HELD"),
        Participant(media_address="0815", state="FAILED", state_cause="BUSY"),
    ]
    parties[0] = parties[0].model_copy(update={"state_cause": "BAD_DESTINATION", "state_change_time": WHEN})
    dialog = Dialog.model_validate(
        call().model_dump()
        | {
            "participants": [party.model_dump() for party in parties],
            "associated_dialog_uri": "/finesse/api/Dialog/330",
            "scheduled_callback": {"callback_time": "2026-12-01T09:30", "callback_number": "+49 30 7"},
        }
    )
    line = dialog_line(dialog_summary(dialog, "4501"))
    assert "you FAILED (BAD_DESTINATION), since 2026-11-22T12:00:00Z" in line
    assert 'parties: caller ACTIVE, 4502 HELD, caller-supplied "0815" FAILED (BUSY)' in line
    assert "associated call 330, callback 2026-12-01T09:30" in line
    assert line.endswith('; caller-supplied: from "+49301234", callback number "+49 30 7"')


async def test_single_requested_call_shows_caller_text_in_full() -> None:
    session, long = signed_in(), "a" * 500
    session.have(call("331", callVariable1=long), call("332"))
    async with connected(session) as client:
        assert long in await tell(client, "get_dialogs", dialog_id="331")
        assert long not in await tell(client, "get_dialogs")


def test_second_notification_of_a_call_shows_only_changes() -> None:
    session = ScriptedSession()
    first = call(callVariable1="Gold", callVariable2="x")
    second = call(mine="HELD", actions=("RETRIEVE",), callVariable1="Gold", callVariable3="new")
    entries = [
        session.hear("dialogs", Update(event="PUT", source=SOURCE, dialog=each)) for each in (first, second)
    ]
    lines = entry_lines(entry_summary(entry, "4501") for entry in entries)
    assert 'callVariable1="Gold"' in lines[0]
    assert lines[1].endswith(
        "call 331 changed: you HELD, allowed now: RETRIEVE, removed: callVariable2; "
        'caller-supplied: callVariable3="new"'
    )
    assert changes(session.journal, entries[1], "4501") == [
        "you",
        "allowed",
        "caller-supplied callVariable3",
        "caller-supplied callVariable2",
    ]
    assert changes(session.journal, entries[0], "4501") is None


def test_twenty_notifications_of_one_call_take_less_than_4000_characters() -> None:
    session = ScriptedSession()
    entries = [session.hear("dialogs", parse_update(update(number))) for number in range(1, 21)]
    text = "\n".join(entry_lines(entry_summary(entry, "4501") for entry in entries))
    assert text.count("callVariable1=") == 1
    assert len(text) < 4_000


def test_missing_fields_in_a_team_event_are_not_changes() -> None:
    session = ScriptedSession()
    full = agent(state="READY")
    lines = entry_lines(
        entry_summary(session.hear(feed, Update(event="PUT", source="/u", user=user)), "4501")
        for feed, user in (("user", full), ("team:310", full.model_copy(update={"team_name": None})))
    )
    assert "no longer" not in lines[1]


def test_error_names_the_object_it_concerns() -> None:
    error = Update(event="PUT", source=SOURCE, errors=(ApiErrorDetail("Generic Error", "CF_X", "21"),))
    assert shown(error).endswith("error about 331: Generic Error CF_X 21")


def test_own_number_is_not_marked_as_caller_supplied() -> None:
    line = dialog_line(dialog_summary(call(from_address="4501"), "4501"))
    assert "from your phone" in line
    assert "caller-supplied: from" not in line


def test_deleted_call_is_shown_as_gone() -> None:
    told = shown(Update(event="DELETE", source="/finesse/api/User/1001/Dialogs", dialogs=[call()]))
    assert told.endswith("DELETE call 331 removed")
    assert shown(Update(event="DELETE", source=SOURCE)).endswith("DELETE dialog 331 removed")


def test_queues_systems_and_messages_are_shown_as_text() -> None:
    figures = QueueStatistics(calls_in_queue=3, agents_ready=0)
    queue = shown(
        Update(event="PUT", source="/finesse/api/Queue/77", queue=Queue(id="77", statistics=figures))
    )
    assert queue.endswith("queue 77: calls in queue 3, agents ready 0")
    system = SystemInfo(status="OUT_OF_SERVICE", status_reason="CTI link lost")
    assert "OUT_OF_SERVICE, CTI link lost" in shown(
        Update(event="PUT", source="/s", system_info=system), "system"
    )
    message = shown(Update(team_message=TeamMessage(id="5f0c", content="hang\nup")))
    assert "written by users: " in message
    assert "\n" not in message


def test_gap_after_failover_names_both_nodes_and_the_reason() -> None:
    because = "the session moved from https://a:8445 to https://b:8445: it is out of service"
    gap = ScriptedSession().journal.append_gap(because, WHEN, WHEN)
    line = entry_line(entry_summary(gap, "4501"))
    assert f"Notifications may be missing: {because}. The state was read again." in line


def test_node_status_change_shows_status_and_reason() -> None:
    session = ScriptedSession()
    lines = entry_lines(
        entry_summary(session.hear("system", Update(event="PUT", source="/s", system_info=info)), "4501")
        for info in (
            SystemInfo(status="IN_SERVICE"),
            SystemInfo(status="OUT_OF_SERVICE", status_reason="CTI link lost"),
        )
    )
    assert lines[0].endswith("IN_SERVICE")
    assert lines[1].endswith("OUT_OF_SERVICE, CTI link lost")


def test_fractions_of_seconds_are_not_changes() -> None:
    own = call().participants[0].model_copy(update={"state_change_time": WHEN + timedelta(milliseconds=250)})
    later = call().model_copy(update={"participants": [own, call().participants[1]]})
    assert "since 2026-11-22T12:00:00.250Z" in dialog_line(dialog_summary(later, "4501"))
    assert dialog_line(dialog_summary(later, "4501"), dialog_parts(dialog_summary(call(), "4501"))) == (
        "call 331 unchanged"
    )


def test_finesse_text_is_not_repeated() -> None:
    error = ErrorInfo(type="Invalid State", message="CF_X", data="22", peripheral_text="Not possible.")
    outcome = Outcome(
        status=OutcomeStatus.FAILED,
        action="HOLD",
        message="Finesse rejected HOLD: Invalid State (CF_X) [22]: Not possible.",
        errors=(error,),
    )
    assert str(OutcomeResult.of(outcome, None)).count("Not possible.") == 1
    short = str(OutcomeResult.of(outcome.model_copy(update={"message": "It failed."}), None))
    assert "Finesse reported: Invalid State CF_X 22 Not possible." in short


def test_surrounding_blanks_are_visible_in_differences() -> None:
    differs = DifferenceInfo(field="callVariable1", asked="abc  ", got="abc")
    result = OutcomeResult.of(confirmed("UPDATE_CALL_DATA", differences=(differs,)), None)
    assert (
        'requested "abc", is "abc" (whitespace before and after the text: requested 0 and 2, is 0 and 0)'
        in str(result)
    )


def test_result_names_the_call_that_ended() -> None:
    assert "Call 331 is no longer one of the agent's calls." in str(
        OutcomeResult.of(confirmed("DROP", dialog_id="331"), None)
    )
