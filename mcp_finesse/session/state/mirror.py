"""The mirror: the newest known user, calls, tasks and system, updated by notifications and corrected by reads.

The order is subscribe, buffer, read, merge, then apply events. The mirror itself is the buffer: events are applied as
they arrive, ``Reading`` records what they changed since the read was sent, and the merge skips those objects
(resilience rules of the developer guide: whole objects replace, a DELETE takes precedence over a read that still lists
the dialog, a user is as new as its ``stateChangeTime``).
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mcp_finesse.model import Dialog, Media, Platform, SystemInfo, Update, User, platform_of
from mcp_finesse.session.state.freshness import (
    is_older_dialog,
    is_older_user,
    significant_fields_of_dialog,
    significant_fields_of_user,
    timeless_dialog,
    timeless_user,
)
from mcp_finesse.session.state.pending_reason import PendingReason
from mcp_finesse.session.state.room import MAX_ID, Room
from mcp_finesse.session.state.tasks import TasksMirror
from mcp_finesse.session.state.teams_and_queues import Groups
from mcp_finesse.session.state.update_order import (
    CloseUpdates,
    Order,
    content_of_dialog,
    order_of_dialogs,
    order_of_users,
)

log = logging.getLogger(__name__)
_TOMBSTONES = 64
_OWN_FEEDS = frozenset({"", "user", "dialogs", "media", "media_dialogs"})
"""The agent's own feeds, which alone change the agent's state. Empty: the caller has checked the feed."""
_USER = "user"


@dataclass(frozen=True, slots=True)
class Change:
    """A change in the mirror, or of the session itself.

    Attributes:
        kind: ``session``, ``system``, ``user``, ``dialogs`` (the list of calls), ``dialog`` (one call), ``tasks``
            (the list of tasks), ``task`` (one task), ``media``, ``team`` or ``queue``.
        id: The id of the call, task, media, team or queue.
    """

    kind: str
    id: str | None = None


@dataclass(slots=True)
class Reading:
    """The objects that events changed since a read was sent."""

    user: bool = False
    dialogs: set[str] = field(default_factory=set)


class Mirror:
    """The known state of one agent.

    Args:
        user_id: The agent. Others are recorded in the journal, and mirrored only as members of a team.

    Attributes:
        work: Media and tasks. Tasks are dialogs too, but not calls.
        ecc_lengths: Maximum bytes of each ECC variable by name without index, or None if unknown.
        groups: Teams, queues, and team messages.
        pending_reason: The reason of the agent's pending state.
        close_updates: Reports updates of one object that cannot be ordered.
    """

    def __init__(self, user_id: str) -> None:
        self.user_id = user_id
        self.user: User | None = None
        self.system: SystemInfo | None = None
        self.ecc_lengths: Mapping[str, int] | None = None
        self.pending_reason = PendingReason()
        self._dialogs: dict[str, Dialog] = {}
        self._room = Room()
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._readings: list[Reading] = []
        self._listeners: list[Callable[[Change], None]] = []
        self.close_updates = CloseUpdates()
        self.work = TasksMirror(
            lambda kind, object_id: self.changed(Change(kind, object_id)), self.close_updates
        )
        self.groups = Groups(lambda kind, group_id: self.changed(Change(kind, group_id)))

    @property
    def dialogs(self) -> Mapping[str, Dialog]:
        """Calls by dialog id, oldest first."""
        return MappingProxyType(self._dialogs)

    @property
    def tasks(self) -> Mapping[str, Dialog]:
        """The agent's tasks by dialog id, oldest first."""
        return self.work.tasks

    @property
    def media(self) -> Mapping[str, Media]:
        """The agent's state on each nonvoice media, by media id."""
        return self.work.media

    @property
    def refused(self) -> int:
        """How many calls, tasks, media, agents and queues were rejected because a limit was reached."""
        return self._room.refused + self.work.refused + self.groups.refused

    @property
    def extension(self) -> str | None:
        """The extension that the agent is signed in to, which identifies the agent's participant."""
        return self.user.extension if self.user is not None else None

    @property
    def platform(self) -> Platform | None:
        """The platform behind Finesse, or None if not known yet."""
        return platform_of(self.system)

    def listen(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``callback`` after every change. Return a function that removes it."""
        self._listeners.append(callback)

        def end() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return end

    def changed(self, change: Change) -> None:
        """Notify all listeners. A failing listener does not stop the others."""
        for listener in tuple(self._listeners):
            try:
                listener(change)
            except Exception:
                log.exception("a listener of the mirror failed")

    # -- events

    def apply(self, update: Update, feed: str = "", size: int = 0) -> None:
        """Apply one notification.

        Args:
            update: The notification.
            feed: Slug of its feed. On a team feed the agent is an ordinary member. An unknown feed, or one of another
                agent, changes nothing.
            size: Characters of the notification.
        """
        if self.groups.apply(feed, update, size):
            return
        if feed not in _OWN_FEEDS or self.work.apply(update, size):
            return
        if update.user is not None:
            if self._is_own_user(update):
                self._take_user(update.user, update.event == "DELETE")
        elif update.dialog is not None:
            self._take_dialog(update.dialog, size)
        elif update.kind == "dialogs":
            for dialog in update.dialogs:
                if update.event == "DELETE":
                    self._drop_dialog(dialog.id)
                else:
                    self._gone.pop(dialog.id, None)
                    self._take_dialog(dialog, size // len(update.dialogs))
            self.changed(Change("dialogs"))

    def _is_own_user(self, update: Update) -> bool:
        return update.source.rpartition("/")[2].casefold() == self.user_id.casefold()

    def _take_user(self, user: User, deleted: bool) -> None:
        order = order_of_users(user, self.user) if self.user is not None else Order.NEWER
        if deleted or order is Order.OLDER:
            return
        self.close_updates.take(_USER, order, user, self.user, significant_fields_of_user)
        for reading in self._readings:
            reading.user = True
        self.pending_reason.see(user, self.user)
        self.user = user
        self.changed(Change("user"))

    def _take_dialog(self, dialog: Dialog, size: int) -> None:
        known = self._dialogs.get(dialog.id)
        order = order_of_dialogs(dialog, known) if known is not None else Order.NEWER
        if not dialog.id or dialog.id in self._gone or order is Order.OLDER:
            return
        if not self._room.take(dialog.id, size):
            return
        self.close_updates.take(("dialog", dialog.id), order, dialog, known, content_of_dialog)
        for reading in self._readings:
            reading.dialogs.add(dialog.id)
        self._dialogs[dialog.id] = dialog
        self.changed(Change("dialog", dialog.id))
        if known is None:
            self.changed(Change("dialogs"))

    def _drop_dialog(self, dialog_id: str) -> None:
        for reading in self._readings:
            reading.dialogs.add(dialog_id)
        self._bury(dialog_id)
        self._room.free(dialog_id)
        self.close_updates.forget(("dialog", dialog_id))
        if self._dialogs.pop(dialog_id, None) is not None:
            self.changed(Change("dialog", dialog_id))

    def _bury(self, dialog_id: str) -> None:
        """Prevent a late PUT from restoring an ended dialog. A POST may restore it, when a call returns."""
        if len(dialog_id) > MAX_ID:
            return  # such an object is never held
        self._gone[dialog_id] = None
        if len(self._gone) > _TOMBSTONES:
            self._gone.popitem(last=False)

    # -- reads

    def forget_times(self) -> None:
        """Forget times of state changes after a node change, because the other node's clock differs."""
        self.user = self.user and timeless_user(self.user)
        self._dialogs = {dialog_id: timeless_dialog(dialog) for dialog_id, dialog in self._dialogs.items()}
        self.work.forget_times()

    def begin_reading(self) -> Reading:
        """Start a read: call before it is sent, and pass the result to one merge, or to ``end_reading``."""
        reading = Reading()
        self._readings.append(reading)
        return reading

    def end_reading(self, reading: Reading) -> None:
        """End a read that failed or was merged."""
        # By identity: two readings during which events changed the same objects are equal.
        self._readings = [other for other in self._readings if other is not reading]

    def merge_user(self, user: User, reading: Reading) -> set[str]:
        """Merge a user that was read. Return the id if the read showed a change that no event had reported."""
        if reading.user or is_older_user(user, self.user):
            return set()
        told = self.close_updates.settle(_USER, significant_fields_of_user(user))
        changed = self.user is not None and significant_fields_of_user(user) != significant_fields_of_user(
            self.user
        )
        if changed:
            self.pending_reason.see(user, self.user)
        news = changed and not told
        self.user = user
        self.changed(Change("user"))
        return {self.user_id} if news else set()

    def merge_dialogs(self, dialogs: Iterable[Dialog], reading: Reading) -> set[str]:
        """Merge a list of dialogs that was read. Return the ids of changes that no event had reported."""
        news: set[str] = set()
        listed = {dialog.id: dialog for dialog in dialogs if dialog.is_voice}
        for dialog_id in [i for i in self._dialogs if i not in listed and i not in reading.dialogs]:
            del self._dialogs[dialog_id]
            self._room.free(dialog_id)
            self._bury(dialog_id)
            news.add(dialog_id)
            self.changed(Change("dialog", dialog_id))
        for dialog_id, dialog in listed.items():
            if dialog_id not in reading.dialogs and self._merge_dialog(dialog):
                news.add(dialog_id)
        if news:
            self.changed(Change("dialogs"))
        return news

    def _merge_dialog(self, dialog: Dialog) -> bool:
        self._gone.pop(dialog.id, None)
        known = self._dialogs.get(dialog.id)
        if known == dialog or is_older_dialog(dialog, known) or not self._room.take(dialog.id):
            return False
        told = self.close_updates.settle(("dialog", dialog.id), content_of_dialog(dialog))
        self._dialogs[dialog.id] = dialog
        self.changed(Change("dialog", dialog.id))
        return known is None or (
            significant_fields_of_dialog(known) != significant_fields_of_dialog(dialog) and not told
        )
