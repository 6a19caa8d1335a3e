"""The known teams with their members. Versions of an agent are ordered by ``stateChangeTime``.

A team whose feed is not subscribed is not updated, so callers read the team again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from mcp_finesse.model import Team, Update, User
from mcp_finesse.session.state.agents import AGENT_VERSIONS
from mcp_finesse.session.state.room import MAX_MEMBERS, MAX_TEAMS, Budget, Room
from mcp_finesse.session.state.store import StoreChange, VersionedStore


class Teams:
    """The teams that a supervisor works with.

    Args:
        changed: A function that is called with the id of every changed team.
    """

    def __init__(self, changed: Callable[[str], None]) -> None:
        self._changed = changed
        self._budget = Budget()
        self._teams: dict[str, Team] = {}
        self._members: dict[str, _Members] = {}
        self._refused = 0  # members rejected in teams that are no longer known

    @property
    def known(self) -> Mapping[str, Team]:
        """The teams that were read, by id."""
        return MappingProxyType(self._teams)

    @property
    def refused(self) -> int:
        """How many members were rejected because a limit was reached."""
        if not self._members:
            return self._refused
        return self._refused + sum(members.store.refused for members in self._members.values())

    def apply(self, team_id: str, update: Update, size: int) -> None:
        """Apply a notification of ``size`` characters from the feed of a team. A team that was not read is ignored."""
        members = self._members.get(team_id)
        users = update.team.users if update.team is not None else [update.user]
        users = [user for user in users if user is not None and user.id]
        if members is None or not users:
            return
        for user in users:
            members.store.upsert(_key(user), user, revive=True, size=size // len(users))
        if members.take_changed() and team_id in self._teams:
            self._teams[team_id] = self._teams[team_id].model_copy(update={"users": members.users()})
            self._changed(team_id)

    def begin_reading(self, team_id: str) -> set[str]:
        """Start a read of a team. Call this before the request is sent."""
        return self._members.setdefault(team_id, _Members(self._budget)).store.begin_reading()

    def end_reading(self, team_id: str, reading: set[str]) -> None:
        """End a read of a team, which has failed or whose result was merged."""
        if (members := self._members.get(team_id)) is None:
            return
        members.store.end_reading(reading)
        if team_id not in self._teams and not members.store.is_being_read:
            self._drop(team_id)

    def merge(self, team_id: str, team: Team, reading: Collection[str] = ()) -> Team:
        """Merge a team that was read. Return the team with the newest version of each member.

        Events may have reported newer versions of members than the read. At most ``MAX_TEAMS`` teams are kept,
        with at most ``MAX_MEMBERS`` members each.
        """
        known = self._teams.pop(team_id, None)  # the team that was read last moves to the end
        members = self._members.setdefault(team_id, _Members(self._budget))
        read = {_key(user) or f"#{number}": user for number, user in enumerate(team.users)}
        members.store.merge(read, reading)
        members.take_changed()
        current = members.store.items
        joined = [user for key, user in current.items() if key not in read]
        team = team.model_copy(
            update={"users": [current.get(key, user) for key, user in read.items()] + joined}
        )
        self._teams[team_id] = team.model_copy(update={"users": members.users()})
        if len(self._teams) > MAX_TEAMS:
            self._drop(next(iter(self._teams)))
        if team != known:
            self._changed(team_id)
        return team

    def forget(self) -> None:
        """Discard all teams, because events may have been lost."""
        forgotten = list(self._teams)
        for team_id in forgotten:
            self._drop(team_id)
        for team_id in forgotten:
            self._changed(team_id)

    def _drop(self, team_id: str) -> None:
        self._teams.pop(team_id, None)
        members = self._members.pop(team_id)
        self._refused += members.store.refused
        members.store.clear()


class _Members:
    """The members of one team, and whether they changed."""

    def __init__(self, budget: Budget) -> None:
        self.store = VersionedStore(AGENT_VERSIONS, self._note, room=Room(MAX_MEMBERS, budget))
        self._have_changed = False

    def _note(self, _: StoreChange[User]) -> None:
        self._have_changed = True

    def take_changed(self) -> bool:
        """Return whether a member changed since the last call."""
        changed, self._have_changed = self._have_changed, False
        return changed

    def users(self) -> list[User]:
        """Return the members."""
        return list(self.store.items.values())


def _key(user: User) -> str:
    return (user.id or "").casefold()
