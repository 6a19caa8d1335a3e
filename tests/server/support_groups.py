"""Scripted teams, queues and messages: the part of the session's reader the server uses, with the real mirror."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mcp_finesse.errors import FinesseError
from mcp_finesse.model import Author, Dialog, Queue, QueueStatistics, Team, TeamMessage, User
from mcp_finesse.session import Mirror
from mcp_finesse.session.reading.teams import TeamReader

SINCE = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


class ScriptedGroups(TeamReader):
    """Answers from lists, or raises the given error."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self.known: dict[str, Team] = {}
        self.listed: list[Queue] = []
        self.others: dict[str, Queue] = {}
        self.shown: list[TeamMessage] = []
        self.calls: dict[str, list[Dialog] | FinesseError] = {}
        self.error: FinesseError | None = None
        self.read: list[str] = []

    async def team(self, team_id: str) -> Team:
        self.read.append(f"team {team_id}")
        if self.error is not None:
            raise self.error
        return self._mirror.team_store.merge(team_id, self.known[team_id])

    async def queues(self) -> list[Queue]:
        return self.listed

    async def queue(self, queue_id: str) -> Queue:
        if self.error is not None:
            raise self.error
        return self.others[queue_id]

    async def messages(self, team_ids: Sequence[str]) -> list[TeamMessage]:
        self.read.append(f"messages {','.join(team_ids)}")
        return self.shown

    async def calls_of(self, user_id: str) -> list[Dialog]:
        told = self.calls.get(user_id, [])
        if isinstance(told, FinesseError):
            raise told
        return told


def member(user_id: str, name: str, state: str, minutes: float = 0, **fields: Any) -> User:
    """Return an agent who entered the state so many minutes after 12:00."""
    first, _, last = name.partition(" ")
    known: dict[str, Any] = {
        "id": user_id,
        "login_id": user_id,
        "first_name": first,
        "last_name": last,
        "state": state,
        "state_change_time": SINCE + timedelta(minutes=minutes),
        "extension": None if state == "LOGOUT" else f"45{user_id[-2:]}",
    }
    return User(**known | fields)


def team(team_id: str, name: str, *users: User) -> Team:
    return Team(id=team_id, name=name, users=list(users))


def queue(queue_id: str, name: str, **figures: Any) -> Queue:
    return Queue(id=queue_id, name=name, statistics=QueueStatistics(**figures))


def message(message_id: str, content: str, *teams: str, minutes: float = 0) -> TeamMessage:
    return TeamMessage(
        id=message_id,
        created_by=Author(id="1000", first_name="Dana", last_name="Kim"),
        created_at=SINCE + timedelta(minutes=minutes),
        duration=600,
        content=content,
        teams=list(teams),
    )
