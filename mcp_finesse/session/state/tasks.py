"""The known nonvoice media and tasks of the agent (UCCE).

Events show an interrupt only in the state of the media: no event of a task removes its allowed actions (guide
p.186). A read, however, shows the task as INTERRUPTED. An interrupt that a read shows is therefore never a missed
change. When the interrupt ends, a task that was read as INTERRUPTED must be read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from mcp_finesse.model import Dialog, DialogState, Media, MediaState, Update
from mcp_finesse.session.state.calls import without_times
from mcp_finesse.session.state.media_settings import SettingsMemory
from mcp_finesse.session.state.store import StoreChange, VersionedStore, Versions
from mcp_finesse.session.state.update_order import CloseUpdates, Order, order_by_time


@dataclass(slots=True)
class TaskReading:
    """The objects that events changed since a read of media and tasks was sent."""

    media: set[str]
    tasks: set[str]


class TaskStore:
    """The nonvoice media and the tasks of one agent.

    Args:
        changed: A function that is called with every change: ``media`` or ``task`` with an id, or ``tasks``
            (the list) without an id.
        close_updates: Reports updates of one object that cannot be ordered.

    Attributes:
        known: Whether media and tasks have been read since the session started.
        settings: For each media, the settings with which the agent signed in.
        on_stale: A function that is called when a task must be read again because no event will report the
            state of the task.
    """

    def __init__(
        self, changed: Callable[[str, str | None], None], close_updates: CloseUpdates | None = None
    ) -> None:
        self.known = False
        self.settings = SettingsMemory()
        self.on_stale: Callable[[], None] = lambda: None
        self._changed = changed
        self._media = VersionedStore(_MEDIA_VERSIONS, self._media_changed, close_updates)
        self._tasks = VersionedStore(_TASK_VERSIONS, self._task_changed, close_updates)

    @property
    def media(self) -> Mapping[str, Media]:
        """The agent's state on each media routing domain. The keys are media ids."""
        return self._media.items

    @property
    def tasks(self) -> Mapping[str, Dialog]:
        """The agent's tasks by dialog id, oldest first."""
        return self._tasks.items

    def _media_changed(self, change: StoreChange[Media]) -> None:
        self._changed("media", change.id)

    def _task_changed(self, change: StoreChange[Dialog]) -> None:
        self._changed("task", change.id)
        if change.changes_list:
            self._changed("tasks", None)

    # -- events

    @property
    def refused(self) -> int:
        """How many media and tasks were rejected because a limit was reached."""
        return self._media.refused + self._tasks.refused

    def apply(self, update: Update, size: int = 0) -> bool:
        """Apply a notification of ``size`` characters.

        Returns:
            Whether the notification concerned media or tasks.
        """
        if update.media is not None:
            self._apply_media(update.media, update.event == "DELETE", size)
            return True
        tasks = update.dialogs if update.dialog is None else [update.dialog]
        if not tasks or tasks[0].is_voice:
            return False
        for task in tasks:
            if not task.id:
                continue
            if update.event == "DELETE":
                self._tasks.remove(task.id)
            else:
                self._tasks.upsert(task.id, task, revive=update.event == "POST", size=size // len(tasks))
        return True

    def _apply_media(self, media: Media, deleted: bool, size: int) -> None:
        if media.id is None:
            return
        before = self.media.get(media.id)
        if deleted:
            self._media.remove(media.id)
        else:
            self._media.upsert(media.id, media, revive=True, size=size)
            if media.id in self.media:
                self.settings.apply_event(media)
        if before is not None and before.state == MediaState.INTERRUPTED != media.state:
            self._ended_interrupt(media.id)

    def _ended_interrupt(self, media_id: str) -> None:
        held = (task for task in self.tasks.values() if task.media_id == media_id)
        if any(task.state == DialogState.INTERRUPTED for task in held):
            self.on_stale()

    def forget_times(self) -> None:
        """Forget times of state changes, so that no later report is treated as older."""
        self._media.rewrite(lambda media: media.model_copy(update={"state_change_time": None}))
        self._tasks.rewrite(without_times)

    # -- reads

    def begin_reading(self) -> TaskReading:
        """Start a read, before the request is sent. Pass the result to ``merge`` and ``end_reading``."""
        return TaskReading(self._media.begin_reading(), self._tasks.begin_reading())

    def end_reading(self, reading: TaskReading) -> None:
        """End a read, which has failed or whose result was merged."""
        self._media.end_reading(reading.media)
        self._tasks.end_reading(reading.tasks)

    def merge(self, media: Iterable[Media], tasks: Iterable[Dialog], reading: TaskReading) -> set[str]:
        """Merge all media and tasks as they were read.

        Returns:
            The ids of the media and tasks with a change that no event had reported. Empty at the first read.
        """
        listed = {each.id: each for each in media if each.id is not None}
        for each in listed.values():
            self.settings.apply_read(each)
        news = self._media.merge(listed, reading.media)
        found = {task.id: self._without_interrupt(task) for task in tasks}
        news |= self._tasks.merge(found, reading.tasks)
        first, self.known = not self.known, True
        return set() if first else news

    def _without_interrupt(self, task: Dialog) -> Dialog:
        """Return the known task if ``task`` differs only by the interrupt. Otherwise return ``task``."""
        known = self.tasks.get(task.id)
        if (
            known is None
            or task.state != DialogState.INTERRUPTED
            or _time_of_task(task) != _time_of_task(known)
        ):
            return task
        return known


def _time_of_task(task: Dialog) -> float | None:
    """Return the time when the state of the task's only participant, the agent, changed (guide p.186)."""
    when = task.participants[0].state_change_time if task.participants else None
    return when.timestamp() if when is not None else None


def _is_news_of_media(known: Media | None, read: Media) -> bool:
    """Return whether an event should have reported a change. No event reports an added or removed domain."""
    if known is None:
        return False
    return (known.state, known.routable, known.reason_code_id) != (
        read.state,
        read.routable,
        read.reason_code_id,
    )


def _is_news_of_task(known: Dialog | None, read: Dialog) -> bool:
    if known is None:
        return True
    return read.state not in (known.state, DialogState.INTERRUPTED)


def _order_of_media(new: Media, known: Media) -> Order:
    return order_by_time(_time_of_media(new), _time_of_media(known), same=new == known)


def _order_of_tasks(new: Dialog, known: Dialog) -> Order:
    return order_by_time(_time_of_task(new), _time_of_task(known), same=new == known)


def _time_of_media(media: Media) -> float | None:
    return media.state_change_time.timestamp() if media.state_change_time else None


_MEDIA_VERSIONS: Versions[Media] = Versions(_order_of_media, is_news=_is_news_of_media)
_TASK_VERSIONS: Versions[Dialog] = Versions(_order_of_tasks, is_news=_is_news_of_task)
