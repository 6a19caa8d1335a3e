"""The mirror of the user, calls, tasks, teams and queues. Notifications update the mirror, and REST reads correct it.

The session first subscribes, then reads the state and merges it into the mirror. Events are applied as they
arrive. A merge skips objects that events changed after the read was sent (see ``store``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from mcp_finesse.model import (
    Dialog,
    Media,
    Platform,
    Queue,
    SystemInfo,
    Team,
    TeamMessage,
    Update,
    User,
    platform_of,
)
from mcp_finesse.session.state import agents, calls
from mcp_finesse.session.state.agents import AGENT_VERSIONS
from mcp_finesse.session.state.calls import CALL_VERSIONS
from mcp_finesse.session.state.pending_reason import PendingReason
from mcp_finesse.session.state.queues import Queues
from mcp_finesse.session.state.store import StoreChange, VersionedStore
from mcp_finesse.session.state.tasks import TaskStore
from mcp_finesse.session.state.team_messages import TeamMessages
from mcp_finesse.session.state.teams import Teams
from mcp_finesse.session.state.update_order import CloseUpdates

log = logging.getLogger(__name__)
OWN_FEEDS = frozenset({"user", "dialogs", "media", "media_dialogs"})
"""The slugs of the agent's own feeds. Only these feeds change the agent's state."""
_USER = "user"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an object in the mirror, or of the session.

    Attributes:
        kind: ``session``, ``system``, ``user``, ``dialogs`` (the list of calls), ``dialog`` (one call), ``tasks``
            (the list of tasks), ``task`` (one task), ``media``, ``team`` or ``queue``.
        id: The id of the changed call, task, media, team or queue.
    """

    kind: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The objects that events changed since a read of the agent and the calls was sent."""

    user: set[str]
    dialogs: set[str]


class Mirror:
    """The known state of one agent.

    Args:
        user_id: The agent's id. Other agents are mirrored only as members of a team.

    Attributes:
        task_store: Media and tasks. A task is a dialog, but not a phone call.
        team_store: Teams and their members.
        queue_store: Queues.
        message_store: Team messages.
        ecc_lengths: Maximum bytes of each ECC variable, or None if unknown. The keys are names without an
            index.
        pending_reason: The reason code of the agent's pending state.
        close_updates: Reports updates of one object that cannot be ordered.
    """

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.system: SystemInfo | None = None
        self.ecc_lengths: Mapping[str, int] | None = None
        self.pending_reason = PendingReason()
        self._listeners: list[Callable[[Change], None]] = []
        self.close_updates = CloseUpdates()
        self._user = VersionedStore(AGENT_VERSIONS, self._user_changed, self.close_updates)
        self._calls = VersionedStore(CALL_VERSIONS, self._call_changed, self.close_updates)
        self.task_store = TaskStore(
            lambda kind, object_id: self.changed(Change(kind, object_id)), self.close_updates
        )
        self.team_store = Teams(lambda team_id: self.changed(Change("team", team_id)))
        self.queue_store = Queues(lambda queue_id: self.changed(Change("queue", queue_id)))
        self.message_store = TeamMessages()

    @property
    def user(self) -> User | None:
        """The agent, or None before the first read."""
        return self._user.items.get(_USER)

    @property
    def dialogs(self) -> Mapping[str, Dialog]:
        """Calls by dialog id, oldest first."""
        return self._calls.items

    @property
    def tasks(self) -> Mapping[str, Dialog]:
        """The agent's tasks by dialog id, oldest first."""
        return self.task_store.tasks

    @property
    def media(self) -> Mapping[str, Media]:
        """The agent's state on each nonvoice media. The keys are media ids."""
        return self.task_store.media

    @property
    def teams(self) -> Mapping[str, Team]:
        """The teams that were read, by id."""
        return self.team_store.known

    @property
    def queues(self) -> Mapping[str, Queue]:
        """The queues that were read or reported, by id."""
        return self.queue_store.known

    @property
    def messages(self) -> Mapping[str, TeamMessage]:
        """The team messages that were shown when last read, by id."""
        return self.message_store.known

    @property
    def refused(self) -> int:
        """How many calls, tasks, media, agents and queues were rejected because a limit was reached."""
        # no loop, because this property is read with every notification
        return (
            self._calls.refused + self.task_store.refused + self.team_store.refused + self.queue_store.refused
        )

    @property
    def extension(self) -> str | None:
        """The extension that the agent is signed in to, which identifies the agent's participant."""
        return self.user.extension if self.user is not None else None

    @property
    def platform(self) -> Platform | None:
        """The contact-center platform behind Finesse, or None if it is not known yet."""
        return platform_of(self.system)

    def listen(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``callback`` after every change. Return a function that removes ``callback``."""
        self._listeners.append(callback)

        def end() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return end

    def changed(self, change: Change) -> None:
        """Notify all listeners. A failing listener does not stop the other listeners."""
        for listener in tuple(self._listeners):
            try:
                listener(change)
            except Exception:
                log.exception("A listener of the mirror failed")

    # -- events

    def apply(self, update: Update, feed: str, size: int = 0) -> None:
        """Apply one notification.

        Args:
            update: The notification.
            feed: Slug of the notification's feed. On a team feed the agent is an ordinary member. A
                notification from an unknown feed or a feed of another agent changes nothing.
            size: Length of the notification in characters.
        """
        kind, _, object_id = feed.partition(":")
        if kind == "team":
            self.team_store.apply(object_id, update, size)
        elif kind in ("queue", "queues"):
            self.queue_store.apply(update, size)
        elif feed in OWN_FEEDS and not self.task_store.apply(update, size):
            self._apply_own(update, size)

    def _apply_own(self, update: Update, size: int) -> None:
        if update.user is not None:
            if self._is_own_user(update) and update.event != "DELETE":
                self._user.upsert(_USER, update.user)
        elif update.dialog is not None:
            self._calls.upsert(update.dialog.id, update.dialog, size=size)
        elif update.kind == "dialogs":
            for dialog in update.dialogs:
                if update.event == "DELETE":
                    self._calls.remove(dialog.id)
                else:
                    self._calls.upsert(dialog.id, dialog, revive=True, size=size // len(update.dialogs))
            self.changed(Change("dialogs"))

    def _is_own_user(self, update: Update) -> bool:
        return update.source.rpartition("/")[2].casefold() == self.user_id.casefold()

    def _user_changed(self, change: StoreChange[User]) -> None:
        if change.after is None:
            return
        # An event without a change may result from a request of another client. A read without a change does
        # not indicate such a request.
        if not change.by_read or AGENT_VERSIONS.is_news(change.before, change.after):
            self.pending_reason.see(change.after, change.before)
        self.changed(Change("user"))

    def _call_changed(self, change: StoreChange[Dialog]) -> None:
        self.changed(Change("dialog", change.id))
        if change.changes_list:
            self.changed(Change("dialogs"))

    # -- reads

    def forget_times(self) -> None:
        """Forget times of state changes after a node change, because the other node's clock differs."""
        self._user.rewrite(agents.without_times)
        self._calls.rewrite(calls.without_times)
        self.task_store.forget_times()

    def forget_teams_and_queues(self) -> None:
        """Discard teams and queues, because events may have been lost. Keep team messages, which no event updates."""
        self.team_store.forget()
        self.queue_store.forget()

    def begin_reading(self) -> Reading:
        """Start a read, before the request is sent. Pass the result to one merge method, or to ``end_reading``."""
        return Reading(self._user.begin_reading(), self._calls.begin_reading())

    def end_reading(self, reading: Reading) -> None:
        """End a read, which has failed or whose result was merged."""
        self._user.end_reading(reading.user)
        self._calls.end_reading(reading.dialogs)

    def merge_user(self, user: User, reading: Reading) -> set[str]:
        """Merge a user that was read. Return the user's id if the read showed a change that no event had reported."""
        return {self.user_id} if self._user.merge({_USER: user}, reading.user) else set()

    def merge_dialogs(self, dialogs: Iterable[Dialog], reading: Reading) -> set[str]:
        """Merge a list of dialogs that was read. Return the ids of changes that no event had reported."""
        return self._calls.merge({call.id: call for call in dialogs if call.is_voice}, reading.dialogs)
