"""Teams with their agents, queues with their statistics, and team messages, as they were last read.

A read replaces the known state, and events of team and queue feeds update it. An agent is as new as its
``stateChangeTime``. Without a subscription nothing is updated, so callers read the object again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from mcp_finesse.model import Queue, Team, TeamMessage, Update, User
from mcp_finesse.session.state.room import MAX_MEMBERS, MAX_MESSAGES, MAX_TEAMS, Room

Changed = Callable[[str, str | None], None]


class Groups:
    """The teams, queues and team messages that a supervisor works with.

    Args:
        changed: Called after every change with ``team`` or ``queue``, and the id.
    """

    def __init__(self, changed: Changed) -> None:
        self._refused = 0
        self._agents = Room(MAX_TEAMS * MAX_MEMBERS)
        self._figures = Room(MAX_MEMBERS)
        self._changed = changed
        self._teams: dict[str, Team] = {}
        self._queues: dict[str, Queue] = {}
        self._messages: dict[str, TeamMessage] = {}

    @property
    def teams(self) -> Mapping[str, Team]:
        """The teams that have been read, by id."""
        return MappingProxyType(self._teams)

    @property
    def queues(self) -> Mapping[str, Queue]:
        """The queues that have been read or reported, by id."""
        return MappingProxyType(self._queues)

    @property
    def messages(self) -> Mapping[str, TeamMessage]:
        """The team messages that were shown when last read, by id."""
        return MappingProxyType(self._messages)

    @property
    def refused(self) -> int:
        """How many agents and queues were rejected because a limit was reached."""
        return self._refused + self._agents.refused + self._figures.refused

    # -- events

    def apply(self, feed: str, update: Update, size: int = 0) -> bool:
        """Apply a notification if it belongs to a team or a queue.

        Args:
            feed: Slug of its feed, which alone distinguishes a member of a team from the agent of the session.
            update: The notification.
            size: Characters of the notification.

        Returns:
            Whether it was one of these, and so does not concern the session's agent.
        """
        kind, _, group_id = feed.partition(":")
        if kind == "team":
            users = update.team.users if update.team is not None else [update.user]
            self._take_agents(group_id, [user for user in users if user is not None and user.id], size)
            return True
        if kind not in ("queue", "queues"):
            return False
        queues = [update.queue] if update.queue is not None else update.queues
        for queue in queues:
            self._take_queue(queue, gone=update.event == "DELETE", size=size // len(queues))
        return True

    def _take_agents(self, team_id: str, users: list[User], size: int) -> None:
        team = self._teams.get(team_id)
        if team is None or not users:
            return
        held = {_name(user) or number: user for number, user in enumerate(team.users)}
        changed = False
        for user in users:
            known = held.get(_name(user))
            if _is_older(user, known):
                continue
            if known is None and len(held) >= MAX_MEMBERS:
                self._refused += 1
            elif self._agents.take(_key(team_id, user), size // len(users)):
                held[_name(user)] = user
                changed = True
        if changed:
            self._teams[team_id] = team.model_copy(update={"users": list(held.values())})
            self._changed("team", team_id)

    def _take_queue(self, queue: Queue, *, gone: bool, size: int = 0) -> None:
        if not queue.id:
            return
        if gone:
            self._queues.pop(queue.id, None)
            self._figures.free(queue.id)
        elif self._figures.take(queue.id, size):
            self._queues[queue.id] = queue
        else:
            return
        self._changed("queue", queue.id)

    # -- reads

    def merge_team(self, team_id: str, team: Team) -> Team:
        """Merge a team that was read. An agent for whom an event reported a newer state keeps that state."""
        known = self._teams.pop(team_id, None)
        if known is not None:
            for user in known.users:
                self._agents.free(_key(team_id, user))
            held = {_name(user): user for user in known.users}
            newer = [_newer(user, held.get(_name(user))) for user in team.users]
            team = team.model_copy(update={"users": newer})
        self._refused += max(0, len(team.users) - MAX_MEMBERS)
        self._teams[team_id] = team.model_copy(update={"users": team.users[:MAX_MEMBERS]})
        if len(self._teams) > MAX_TEAMS:
            self._drop_team(next(iter(self._teams)))
        if team != known:
            self._changed("team", team_id)
        return team

    def _drop_team(self, team_id: str) -> None:
        for user in self._teams.pop(team_id).users:
            self._agents.free(_key(team_id, user))

    def merge_queues(self, queues: Iterable[Queue]) -> None:
        """Merge queues that were read."""
        for queue in queues:
            if queue.id and queue != self._queues.get(queue.id):
                self._take_queue(queue, gone=False)

    def merge_messages(self, team_id: str, messages: Iterable[TeamMessage]) -> None:
        """Merge the messages to a team that were read, which are all that it is shown now."""
        listed = {message.id: message for message in messages}
        gone = [i for i, known in self._messages.items() if team_id in known.teams and i not in listed]
        for message_id in gone:
            del self._messages[message_id]
        self._messages.update(listed)
        for message_id in list(self._messages)[:-MAX_MESSAGES]:
            del self._messages[message_id]

    def forget(self) -> None:
        """Discard teams and queues, because events may have been missed. Messages stay: only reads update them."""
        changed = [("team", team_id) for team_id in self._teams]
        changed += [("queue", queue_id) for queue_id in self._queues]
        for team_id in tuple(self._teams):
            self._drop_team(team_id)
        for queue_id in self._queues:
            self._figures.free(queue_id)
        self._queues.clear()
        for kind, group_id in changed:
            self._changed(kind, group_id)


def _name(user: User) -> str:
    return (user.id or "").casefold()


def _key(team_id: str, user: User) -> str:
    return f"{team_id}/{_name(user)}"


def _newer(user: User, known: User | None) -> User:
    return known if known is not None and _is_older(user, known) else user


def _is_older(new: User, known: User | None) -> bool:
    """Return whether a report is older than the known one. A missing or equal time is not older."""
    if known is None or new.state_change_time is None or known.state_change_time is None:
        return False
    return new.state_change_time < known.state_change_time
