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
        member = self.groups.teams["310"].member(user_id)
        return member.state if member is not None else None


@pytest.fixture
def mirror() -> Watched:
    made = Watched()
    made.groups.merge_team("310", north(ada(), ben()))
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
    assert "320" not in mirror.groups.teams
    assert mirror.told == []


def test_sessions_own_user_is_updated_only_by_the_user_feed(mirror: Watched) -> None:
    whole = User(id="1000", state="NOT_READY", roles=["Supervisor"], state_change_time=WHEN)
    mirror.apply(told(whole), "user")
    mirror.apply(told(User(id="1000", state="NOT_READY", state_change_time=WHEN)), "team:310")
    assert mirror.user == whole


def test_read_replaces_members_except_those_with_newer_events(mirror: Watched) -> None:
    mirror.apply(told(ada("TALKING", 5)), "team:310")
    mirror.groups.merge_team("310", north(ada("READY", 0)))
    assert mirror.state() == "TALKING"
    assert mirror.state("1002") is None


def test_read_of_same_team_reports_no_change(mirror: Watched) -> None:
    mirror.groups.merge_team("310", north(ada(), ben()))
    assert mirror.told == []


# -- queues


def sales(waiting: int) -> Queue:
    return Queue(id="77", name="Sales", statistics=QueueStatistics(calls_in_queue=waiting))


def test_queues_are_added_updated_and_removed(mirror: Watched) -> None:
    mirror.groups.merge_queues([sales(0), Queue(name="without id")])
    mirror.groups.merge_queues([sales(0)])
    mirror.apply(Update(event="PUT", source="/finesse/api/Queue/77", queue=sales(3)), "queue:77")
    mirror.apply(Update(event="PUT", source="/finesse/api/Queue/", queue=Queue(name="without id")), "queue:7")
    mirror.apply(Update(event="DELETE", source="/finesse/api/Team/310/Users"), "team:310")
    assert mirror.groups.queues["77"].statistics == QueueStatistics(calls_in_queue=3)
    mirror.apply(Update(event="DELETE", source="/finesse/api/User/1000/Queues", queues=[sales(3)]), "queues")
    assert dict(mirror.groups.queues) == {}
    mirror.apply(Update(event="POST", source="/finesse/api/User/1000/Queues", queues=[sales(1)]), "queues")
    assert list(mirror.groups.queues) == ["77"]
    assert mirror.told == [("queue", "77")] * 4


# -- messages


def test_messages_are_those_of_the_newest_read_of_each_team(mirror: Watched) -> None:
    both, north_only = TeamMessage(id="a", teams=["310", "320"]), TeamMessage(id="b", teams=["310"])
    mirror.groups.merge_messages("310", [both, north_only])
    mirror.groups.merge_messages("320", [both])
    assert list(mirror.groups.messages) == ["a", "b"]
    mirror.groups.merge_messages("310", [both])
    assert list(mirror.groups.messages) == ["a"]


# -- a lost connection


def test_teams_and_queues_are_forgotten_until_read_again(mirror: Watched) -> None:
    mirror.groups.merge_queues([sales(0)])
    mirror.told.clear()
    mirror.groups.forget()
    assert not mirror.groups.teams
    assert not mirror.groups.queues
    assert mirror.told == [("team", "310"), ("queue", "77")]


# -- limits


def test_members_beyond_the_limit_are_dropped_and_counted(mirror: Watched) -> None:
    for number in range(MAX_MEMBERS):
        mirror.apply(told(User(id=f"9{number}", state="READY")), "team:310")
    assert len(mirror.groups.teams["310"].users) == MAX_MEMBERS
    assert mirror.refused == 2  # Ada and Ben are also members
    mirror.apply(told(ada("TALKING", 1)), "team:310")
    assert mirror.state() == "TALKING"


def test_queues_beyond_the_limit_are_dropped_and_counted(mirror: Watched) -> None:
    queues = [Queue(id=f"{number}") for number in range(MAX_MEMBERS + 3)]
    mirror.apply(Update(event="PUT", source="/finesse/api/User/1000/Queues", queues=queues), "queues")
    assert (len(mirror.groups.queues), mirror.refused) == (MAX_MEMBERS, 3)
    mirror.apply(Update(event="DELETE", source="", queues=queues[:1]), "queues")
    mirror.apply(Update(event="PUT", source="", queues=queues[-1:]), "queues")
    assert queues[-1].id in mirror.groups.queues


def test_members_and_queues_beyond_the_total_size_limit_are_dropped(mirror: Watched) -> None:
    size = MAX_CHARACTERS // 4 + 1
    for number in range(6):
        mirror.apply(told(User(id=f"9{number}", state="READY")), "team:310", size)
        mirror.apply(Update(event="PUT", source="", queues=[Queue(id=f"{number}")]), "queues", size)
    assert len(mirror.groups.teams["310"].users) == 2 + 3
    assert len(mirror.groups.queues) == 3
    assert mirror.refused == 6
    mirror.groups.forget()
    mirror.groups.merge_team("310", north(ada(), ben()))
    mirror.apply(told(User(id="90", state="READY")), "team:310", size)
    assert mirror.state("90") == "READY"


def test_read_team_is_returned_whole_and_mirrored_up_to_the_limit(mirror: Watched) -> None:
    users = [User(id=f"{number}", state="READY") for number in range(MAX_MEMBERS + 1)]
    assert len(mirror.groups.merge_team("320", Team(id="320", users=users)).users) == MAX_MEMBERS + 1
    assert len(mirror.groups.teams["320"].users) == MAX_MEMBERS
    assert mirror.refused == 1


def test_oldest_teams_and_messages_are_dropped_beyond_the_limit(mirror: Watched) -> None:
    for number in range(MAX_TEAMS):
        mirror.groups.merge_team(f"team {number}", north())
    assert len(mirror.groups.teams) == MAX_TEAMS
    assert "310" not in mirror.groups.teams
    messages = [TeamMessage(id=f"{number}", teams=["310"]) for number in range(MAX_MESSAGES + 5)]
    mirror.groups.merge_messages("310", messages)
    assert list(mirror.groups.messages) == [message.id for message in messages[5:]]


def test_member_without_id_is_ignored(mirror: Watched) -> None:
    mirror.apply(told(User(state="READY")), "team:310")
    assert len(mirror.groups.teams["310"].users) == 2
