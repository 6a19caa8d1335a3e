"""Notifications as shown, and the matching of waits."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.errors import ApiErrorDetail
from mcp_finesse.model import Media, Queue, SystemInfo, Team, TeamMessage, Update
from mcp_finesse.server.present.journal_view import (
    about,
    entry_summary,
    is_kind,
    is_live,
)
from mcp_finesse.server.present.notification_text import entry_line
from mcp_finesse.session import Entry
from tests.server.support import WHEN, ScriptedSession, agent, call

SOURCE = "/finesse/api/User/1001/Dialogs"


def heard(update: Update, feed: str = "dialogs", **fields: Any) -> Entry:
    return ScriptedSession().hear(feed, update, **fields)


CALLS = heard(Update(event="POST", source=SOURCE, dialogs=[call("331"), call("332", state="ALERTING")]))
CALL = heard(Update(event="PUT", source="/finesse/api/Dialog/331", request_id="r-1", dialog=call()))
USER = heard(Update(event="PUT", source="/finesse/api/User/1001", user=agent()), "user")
ERROR = heard(Update(event="PUT", source=SOURCE, errors=(ApiErrorDetail("Invalid State", "CF_X", "257"),)))
OTHER = heard(Update(event="PUT", source="/x", other={"TeamMessage": {"content": "hang\nup", "n": ["1"]}}))


def test_notification_shows_its_object_and_source() -> None:
    shown = entry_summary(USER, "4501")
    assert {
        name: shown[name] for name in ("number", "received_at", "feed", "kind", "event", "object_id")
    } == {
        "number": 1,
        "received_at": "2026-11-22T12:00:00Z",
        "feed": "user",
        "kind": "user",
        "event": "PUT",
        "object_id": "1001",
    }
    assert shown["user"]["state"] == "READY"
    assert entry_line(shown).startswith("#1 2026-11-22T12:00:00Z user PUT agent 1001 Ada Okoro, READY")


def test_call_is_shown_alone_and_in_a_list() -> None:
    assert entry_summary(CALL, "4501")["dialog"]["my_state"] == "ACTIVE"
    shown = entry_summary(CALLS, "4501")
    assert [dialog["id"] for dialog in shown["dialogs"]] == ["331", "332"]
    assert "call 331: ACTIVE" in entry_line(shown)
    assert "; call 332: ALERTING" in entry_line(shown)


def test_long_list_is_truncated_and_counted() -> None:
    crowd = heard(Update(event="POST", source=SOURCE, dialogs=[call(str(n)) for n in range(25)]))
    shown = entry_summary(crowd, None)
    assert (len(shown["dialogs"]), shown["dialogs_left_out"]) == (20, 5)


def test_error_shows_what_finesse_reported() -> None:
    shown = entry_summary(ERROR, None)
    assert shown["errors"] == [{"type": "Invalid State", "message": "CF_X", "data": "257"}]
    assert "error: Invalid State CF_X 257" in entry_line(shown)


def test_unknown_object_is_marked_as_caller_supplied() -> None:
    shown = entry_summary(OTHER, None)
    assert shown["caller_supplied"] == {"object": '{"TeamMessage":{"content":"hang\\nup","n":["1"]}}'}
    assert "hang" not in entry_line(shown)


def test_queues_and_media_are_shown_unchanged() -> None:
    queue, media = Queue(id="77", name="Sales"), Media(id="5001", state="READY", routable=True)
    shown = entry_summary(heard(Update(queue=queue, media=media, queues=[queue])), "4501")
    assert shown["queue"] == {"id": "77", "name": "Sales"}
    assert shown["queues"] == [{"id": "77", "name": "Sales"}]
    assert shown["media"] == {"id": "5001", "state": "READY", "routable": True}


def test_team_is_shown_with_its_first_members() -> None:
    team = entry_summary(heard(Update(team=Team(id="310", name="North", users=[agent()] * 53))), "4501")[
        "team"
    ]
    assert (team["id"], team["name"], len(team["users"]), team["users_left_out"]) == ("310", "North", 50, 3)


def test_team_message_is_marked_as_caller_supplied() -> None:
    message = TeamMessage(id="5f0c", content="hang\nup")
    shown = entry_summary(heard(Update(team_message=message)), "4501")
    assert "5f0c" in shown["caller_supplied"]["team_message"]
    assert "\n" not in shown["caller_supplied"]["team_message"]


def test_member_is_matched_inside_a_team() -> None:
    told = heard(Update(team=Team(id="310", users=[agent()])))
    assert about(told, "310")
    assert about(told, "1001")
    assert is_kind(heard(Update(queue=Queue(id="77"))), "queues")


def test_system_information_is_shown() -> None:
    entry = heard(Update(event="PUT", source="/s", system_info=SystemInfo(status="IN_SERVICE")), "system")
    assert entry_summary(entry, None)["system_info"]["status"] == "IN_SERVICE"


def test_gap_shows_its_reason_and_end() -> None:
    session = ScriptedSession()
    entry = session.journal.append_gap("the link was lost", None, WHEN)
    shown = entry_summary(entry, None)
    assert shown["gap"] == {"reason": "the link was lost", "until": "2026-11-22T12:00:00Z"}
    assert "gap Notifications may be missing: the link was lost." in entry_line(shown)


def test_repetitions_are_counted() -> None:
    shown = entry_summary(Entry("user", "other", repeats=2, received_at=WHEN, number=8), None)
    assert shown["repeats"] == 2


def test_replayed_notification_is_not_new() -> None:
    assert is_live(CALL)
    assert not is_live(Entry("user", "user", delayed=True))


@pytest.mark.parametrize(
    ("entry", "kind", "fits"),
    [
        (CALL, "dialog", True),
        (CALL, "dialogs", True),
        (CALLS, "dialog", True),
        (USER, "dialog", False),
        (USER, "user", True),
        (ERROR, "error", True),
    ],
)
def test_dialog_kind_matches_single_dialogs_and_lists(entry: Entry, kind: str, fits: bool) -> None:
    assert is_kind(entry, kind) is fits


@pytest.mark.parametrize(
    ("entry", "object_id", "fits"),
    [
        (CALL, "331", True),
        (CALLS, "332", True),
        (CALLS, "333", False),
        (USER, "1001", True),
        (OTHER, "1", False),
    ],
)
def test_object_id_matches_single_objects_and_lists(entry: Entry, object_id: str, fits: bool) -> None:
    assert about(entry, object_id) is fits
