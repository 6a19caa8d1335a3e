"""Teams with their agents, queues with their figures, and messages to teams, as far as they have been read.

A read replaces; events of the feeds of a team or a queue go on top. An agent is as new as its
``stateChangeTime``. While no feed is received nothing of this is kept up, so who needs it reads it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from mcp_finesse.model import Queue, Team, TeamMessage, Update, User
from mcp_finesse.session.state.room import MAX_MEMBERS

Changed = Callable[[str, str | None], None]


class Groups:
    """What a supervisor looks at beside the own calls.

    Args:
        changed: told of every change: ``team`` or ``queue``, and the id.

    Attributes:
        refused: how many agents and queues of notifications were not taken in, because too many are held.
    """

    def __init__(self, changed: Changed) -> None:
        self.refused = 0
        self._changed = changed
        self._teams: dict[str, Team] = {}
        self._queues: dict[str, Queue] = {}
        self._messages: dict[str, TeamMessage] = {}

    @property
    def teams(self) -> Mapping[str, Team]:
        """Teams that have been read, by id."""
        return MappingProxyType(self._teams)

    @property
    def queues(self) -> Mapping[str, Queue]:
        """Queues that have been read or told of, by id."""
        return MappingProxyType(self._queues)

    @property
    def messages(self) -> Mapping[str, TeamMessage]:
        """Messages to teams that were shown when last read, by id."""
        return MappingProxyType(self._messages)

    # -- events

    def apply(self, feed: str, update: Update) -> bool:
        """Take a notification in, if it is one of a team or a queue.

        Args:
            feed: the slug it came by, which alone tells an agent of a team from the agent of the session.
            update: the notification.

        Returns:
            Whether it was one, and is no notification about the agent.
        """
        kind, _, group_id = feed.partition(":")
        if kind == "team":
            for user in update.team.users if update.team is not None else [update.user]:
                if user is not None:
                    self._take_agent(group_id, user)
            return True
        if kind not in ("queue", "queues"):
            return False
        for queue in [update.queue] if update.queue is not None else update.queues:
            self._take_queue(queue, gone=update.event == "DELETE")
        return True

    def _take_agent(self, team_id: str, user: User) -> None:
        team = self._teams.get(team_id)
        known = team.member(user.id or "") if team is not None else None
        if team is None or _is_older(user, known):
            return
        if known is None and len(team.users) >= MAX_MEMBERS:
            self.refused += 1
            return
        users = [user if each is known else each for each in team.users]
        if known is None:
            users.append(user)
        self._teams[team_id] = team.model_copy(update={"users": users})
        self._changed("team", team_id)

    def _take_queue(self, queue: Queue, *, gone: bool) -> None:
        if not queue.id:
            return
        if gone:
            self._queues.pop(queue.id, None)
        elif queue.id not in self._queues and len(self._queues) >= MAX_MEMBERS:
            self.refused += 1
            return
        else:
            self._queues[queue.id] = queue
        self._changed("queue", queue.id)

    # -- reads

    def merge_team(self, team_id: str, team: Team) -> Team:
        """Take a team that was read; an agent of whom an event has told something newer stays so."""
        known = self._teams.get(team_id)
        if known is not None:
            team = team.model_copy(update={"users": [_newer(user, known) for user in team.users]})
        self._teams[team_id] = team
        if team != known:
            self._changed("team", team_id)
        return team

    def merge_queues(self, queues: Iterable[Queue]) -> None:
        """Take queues that were read."""
        for queue in queues:
            if queue.id and queue != self._queues.get(queue.id):
                self._take_queue(queue, gone=False)

    def merge_messages(self, team_id: str, messages: Iterable[TeamMessage]) -> None:
        """Take the messages to a team that were read: all that it is shown now."""
        listed = {message.id: message for message in messages}
        gone = [i for i, known in self._messages.items() if team_id in known.teams and i not in listed]
        for message_id in gone:
            del self._messages[message_id]
        self._messages.update(listed)

    def forget(self) -> None:
        """Events may have been missed: nothing of this counts any more until it is read again."""
        changed = [("team", team_id) for team_id in self._teams]
        changed += [("queue", queue_id) for queue_id in self._queues]
        self._teams.clear()
        self._queues.clear()
        for kind, group_id in changed:
            self._changed(kind, group_id)


def _newer(user: User, known: Team) -> User:
    held = known.member(user.id or "")
    return held if held is not None and _is_older(user, held) else user


def _is_older(new: User, known: User | None) -> bool:
    """An empty or equal time is not older."""
    if known is None or new.state_change_time is None or known.state_change_time is None:
        return False
    return new.state_change_time < known.state_change_time
