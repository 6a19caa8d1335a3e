"""Teams, queues and messages in the mirror: reads replace, newer events are applied, older ones ignored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mcp_finesse.model import Queue, QueueStatistics, Team, TeamMessage, Update, User
from mcp_finesse.session import Mirror
from mcp_finesse.session.state.room import MAX_CHARACTERS, MAX_MEMBERS, MAX_MESSAGES, MAX_TEAMS

WHEN = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def ada(state: str = "READY", minutes: float | None = 0) -> User:
    when = None if minutes is None else WHEN + timedelta(minutes=minutes)
    return User(id="1001", login_id="1001", state=state, state_change_time=when)


def ben(state: str = "READY") -> User:
    return User(id="1002", login_id="1002", state=state, state_change_time=WHEN)


def north(*users: User) -> Team:
    return Team(id="310", name="North", users=list(users))


def told(user: User) -> Update:
    return Update(event="PUT", source=f"/finesse/api/User/{user.id}", user=user)


class Watched(Mirror):
    """A mirror that records its change notifications."""

    def __init__(self) -> None:
        super().__init__("1000")
        self.told: list[tuple[str, str | None]] = []
        self.listen(lambda change: self.told.append((change.kind, change.id)))

    def state(self, user_id: str = "1001") -> Any:
        member = self.teams["310"].member(user_id)
        return member.state if member is not None else None


@pytest.fixture
def mirror() -> Watched:
    made = Watched()
    made.team_store.merge("310", north(ada(), ben()))
    made.told.clear()
    return made


# -- teams


def test_team_event_changes_only_its_member(mirror: Watched) -> None:
    mirror.apply(told(ada("TALKING", 1)), "team:310")
    assert (mirror.state(), mirror.state("1002")) == ("TALKING", "READY")
    assert mirror.told == [("team", "310")]
    assert mirror.user is None


@pytest.mark.parametrize(
    ("minutes", "taken"),
    [(-1, False), (0, True), (1, True), (None, True)],
    ids=["older", "same", "newer", "none"],
)
def test_older_team_event_is_ignored(mirror: Watched, minutes: float | None, taken: bool) -> None:
    mirror.apply(told(ada("TALKING", minutes)), "team:310")
    assert (mirror.state() == "TALKING") is taken
    assert bool(mirror.told) is taken


def test_new_member_is_added_by_an_event(mirror: Watched) -> None:
    mirror.apply(told(User(id="1009", state="READY")), "team:310")
    assert mirror.state("1009") == "READY"


def test_team_event_with_all_members_updates_each_member(mirror: Watched) -> None:
    update = Update(event="PUT", source="/finesse/api/Team/310", team=north(ada("HOLD", 2), ben("TALKING")))
    mirror.apply(update, "team:310")
    assert (mirror.state(), mirror.state("1002")) == ("HOLD", "TALKING")


def test_event_of_a_team_that_was_never_read_is_ignored(mirror: Watched) -> None:
    mirror.apply(told(ada()), "team:320")
    assert "320" not in mirror.teams
    assert mirror.told == []


def test_sessions_own_user_is_updated_only_by_the_user_feed(mirror: Watched) -> None:
    whole = User(id="1000", state="NOT_READY", roles=["Supervisor"], state_change_time=WHEN)
    mirror.apply(told(whole), "user")
    mirror.apply(told(User(id="1000", state="NOT_READY", state_change_time=WHEN)), "team:310")
    assert mirror.user == whole


def test_read_replaces_members_except_those_with_newer_events(mirror: Watched) -> None:
    mirror.apply(told(ada("TALKING", 5)), "team:310")
    mirror.team_store.merge("310", north(ada("READY", 0)))
    assert mirror.state() == "TALKING"
    assert mirror.state("1002") is None


def test_event_during_a_read_takes_precedence_also_before_the_team_is_known(mirror: Watched) -> None:
    for team_id in ("310", "320"):
        reading = mirror.team_store.begin_reading(team_id)
        mirror.apply(told(ada("TALKING", None)), f"team:{team_id}")
        mirror.team_store.merge(team_id, north(ada("READY", None), ben()), reading)
        mirror.team_store.end_reading(team_id, reading)
        assert [(user.id, user.state) for user in mirror.teams[team_id].users] == [
            ("1001", "TALKING"),
            ("1002", "READY"),
        ]


def test_failed_first_read_of_a_team_leaves_nothing_behind(mirror: Watched) -> None:
    first, second = mirror.team_store.begin_reading("320"), mirror.team_store.begin_reading("320")
    mirror.team_store.end_reading("320", first)
    mirror.apply(told(ada("TALKING")), "team:320")
    assert second == {"1001"}
    mirror.team_store.end_reading("320", second)
    assert "320" not in mirror.teams
    assert list(mirror.team_store._members) == ["310"]


def test_read_of_same_team_reports_no_change(mirror: Watched) -> None:
    mirror.team_store.merge("310", north(ada(), ben()))
    assert mirror.told == []


# -- queues


def sales(waiting: int) -> Queue:
    return Queue(id="77", name="Sales", statistics=QueueStatistics(calls_in_queue=waiting))


def test_queues_are_added_updated_and_removed(mirror: Watched) -> None:
    mirror.queue_store.merge([sales(0), Queue(name="without id")])
    mirror.queue_store.merge([sales(0)])
    mirror.apply(Update(event="PUT", source="/finesse/api/Queue/77", queue=sales(3)), "queue:77")
    mirror.apply(Update(event="PUT", source="/finesse/api/Queue/", queue=Queue(name="without id")), "queue:7")
    mirror.apply(Update(event="DELETE", source="/finesse/api/Team/310/Users"), "team:310")
    assert mirror.queues["77"].statistics == QueueStatistics(calls_in_queue=3)
    mirror.apply(Update(event="DELETE", source="/finesse/api/User/1000/Queues", queues=[sales(3)]), "queues")
    assert dict(mirror.queues) == {}
    mirror.apply(Update(event="POST", source="/finesse/api/User/1000/Queues", queues=[sales(1)]), "queues")
    assert list(mirror.queues) == ["77"]
    assert mirror.told == [("queue", "77")] * 4


def test_queues_missing_from_a_complete_read_are_removed(mirror: Watched) -> None:
    mirror.queue_store.merge([sales(0), Queue(id="91")])
    mirror.queue_store.merge([Queue(id="78")], complete=False)
    assert list(mirror.queues) == ["77", "91", "78"]
    mirror.queue_store.merge([sales(0)])
    assert list(mirror.queues) == ["77"]


# -- messages


def test_messages_are_those_of_the_newest_read_of_each_team(mirror: Watched) -> None:
    both, north_only = TeamMessage(id="a", teams=["310", "320"]), TeamMessage(id="b", teams=["310"])
    mirror.message_store.merge("310", [both, north_only])
    mirror.message_store.merge("320", [both])
    assert list(mirror.messages) == ["a", "b"]
    mirror.message_store.merge("310", [both])
    assert list(mirror.messages) == ["a"]


# -- a lost connection


def test_teams_and_queues_are_forgotten_until_read_again(mirror: Watched) -> None:
    mirror.queue_store.merge([sales(0)])
    mirror.told.clear()
    mirror.forget_teams_and_queues()
    assert not mirror.teams
    assert not mirror.queues
    assert mirror.told == [("team", "310"), ("queue", "77")]


# -- limits


def test_members_beyond_the_limit_are_dropped_and_counted(mirror: Watched) -> None:
    for number in range(MAX_MEMBERS):
        mirror.apply(told(User(id=f"9{number}", state="READY")), "team:310")
    assert len(mirror.teams["310"].users) == MAX_MEMBERS
    assert mirror.refused == 2  # Ada and Ben are also members
    mirror.apply(told(ada("TALKING", 1)), "team:310")
    assert mirror.state() == "TALKING"


def test_queues_beyond_the_limit_are_dropped_and_counted(mirror: Watched) -> None:
    queues = [Queue(id=f"{number}") for number in range(MAX_MEMBERS + 3)]
    mirror.apply(Update(event="PUT", source="/finesse/api/User/1000/Queues", queues=queues), "queues")
    assert (len(mirror.queues), mirror.refused) == (MAX_MEMBERS, 3)
    mirror.apply(Update(event="DELETE", source="", queues=queues[:1]), "queues")
    mirror.apply(Update(event="PUT", source="", queues=queues[-1:]), "queues")
    assert queues[-1].id in mirror.queues


def test_members_and_queues_beyond_the_total_size_limit_are_dropped(mirror: Watched) -> None:
    size = MAX_CHARACTERS // 4 + 1
    for number in range(6):
        mirror.apply(told(User(id=f"9{number}", state="READY")), "team:310", size)
        mirror.apply(Update(event="PUT", source="", queues=[Queue(id=f"{number}")]), "queues", size)
    assert len(mirror.teams["310"].users) == 2 + 3
    assert len(mirror.queues) == 3
    assert mirror.refused == 6
    mirror.forget_teams_and_queues()
    mirror.team_store.merge("310", north(ada(), ben()))
    mirror.apply(told(User(id="90", state="READY")), "team:310", size)
    assert mirror.state("90") == "READY"


def test_read_team_is_returned_whole_and_mirrored_up_to_the_limit(mirror: Watched) -> None:
    users = [User(id=f"{number}", state="READY") for number in range(MAX_MEMBERS + 1)]
    assert len(mirror.team_store.merge("320", Team(id="320", users=users)).users) == MAX_MEMBERS + 1
    assert len(mirror.teams["320"].users) == MAX_MEMBERS
    assert mirror.refused == 1


def test_oldest_teams_and_messages_are_dropped_beyond_the_limit(mirror: Watched) -> None:
    for number in range(MAX_TEAMS):
        mirror.team_store.merge(f"team {number}", north())
    assert len(mirror.teams) == MAX_TEAMS
    assert "310" not in mirror.teams
    messages = [TeamMessage(id=f"{number}", teams=["310"]) for number in range(MAX_MESSAGES + 5)]
    mirror.message_store.merge("310", messages)
    assert list(mirror.messages) == [message.id for message in messages[5:]]


def test_member_without_id_is_ignored(mirror: Watched) -> None:
    mirror.apply(told(User(state="READY")), "team:310")
    assert len(mirror.teams["310"].users) == 2
