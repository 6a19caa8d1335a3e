"""What proves the actions on media and tasks: a state, settings, being routable, a task that has gone."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import Dialog, DialogState, Media, MediaState, Participant
from mcp_finesse.session.completion.completion import Difference, Evaluation, View
from mcp_finesse.session.completion.evidence import EventCarriesRequestId, Evidence, History
from mcp_finesse.session.state.media_settings import MediaSettings

# What only a READY agent is shown as, depending on the tasks there are (guide p.180). INTERRUPTED may be NOT_READY.
_READY = frozenset(
    {
        MediaState.READY,
        MediaState.RESERVED,
        MediaState.ACTIVE,
        MediaState.PAUSED,
        MediaState.WORK_READY,
    }
)
# What gives way to an interrupt; what is not started yet does not.
_GIVES_WAY = frozenset(
    {DialogState.ACTIVE, DialogState.PAUSED, DialogState.WRAPPING_UP, DialogState.INTERRUPTED}
)
_NOT_STARTED = frozenset({DialogState.OFFERED, DialogState.ACCEPTED})
_NOT_ROUTABLE = "It is not routable: no new tasks arrive until change_media_state makes it routable."
_STILL_ROUTABLE = (
    "the agent is still routable: Finesse changes that when no task is offered, or accepted but not started"
)


@dataclass(frozen=True, slots=True)
class MediaSignedIn:
    """The agent is signed in to a media with these settings; those that are None are Finesse's to choose.

    Attributes:
        before: the settings that showed when the request was planned and the agent was signed in; None otherwise.
    """

    media_id: str
    settings: MediaSettings
    before: MediaSettings | None = None

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the settings show.

        Not every node shows them (guide p.168). What is not shown will do when the request made the agent signed in,
        or when another setting has changed as asked.
        """
        media = view.media.get(self.media_id)
        if media is None or is_out(media):
            return None
        lacking = self.settings.lacking_in(MediaSettings.of(media))
        if any(now for _, now in lacking.values()):
            return None
        if not lacking:
            return Evaluation()
        if self.before is not None and len(self.settings.lacking_in(self.before)) == len(lacking):
            return None
        return Evaluation(note=f"Finesse does not show {', '.join(lacking)}.", provisional=True)

    def shortfall(self, view: View) -> tuple[Difference, ...]:
        """The settings that are not as asked."""
        media = view.media.get(self.media_id)
        if media is None or is_out(media):
            return (Difference("state", "signed in", "signed out"),)
        lacking = self.settings.lacking_in(MediaSettings.of(media))
        return tuple(Difference(name, asked, now) for name, (asked, now) in lacking.items())


@dataclass(frozen=True, slots=True)
class MediaIs:
    """The agent's state on a media is the one asked for: READY, NOT_READY or LOGOUT."""

    media_id: str
    state: str
    reason_code_id: int | None = None

    def verdict(self, view: View) -> Evaluation | None:
        """READY is proved by every state that only a READY agent has."""
        media = view.media.get(self.media_id)
        if media is None:
            return None
        if self.state == MediaState.READY:
            note = _NOT_ROUTABLE if media.routable is False else ""
            return Evaluation(note=note) if media.state in _READY else None
        reason = self.reason_code_id
        done = media.state == self.state and (reason is None or media.reason_code_id == reason)
        return Evaluation() if done else None

    def shortfall(self, view: View) -> tuple[Difference, ...]:
        """The state, or its reason."""
        media = view.media.get(self.media_id)
        if media is None:
            return ()
        if media.state != self.state:
            return (Difference("state", self.state, str(media.state)),)
        asked, got = self.reason_code_id, media.reason_code_id
        return (Difference("reason_code_id", str(asked), str(got)),) if asked not in (None, got) else ()


@dataclass(frozen=True, slots=True)
class MediaRoutable:
    """New tasks come on a media, or none do."""

    media_id: str
    routable: bool

    def verdict(self, view: View) -> Evaluation | None:
        """To become not routable waits for tasks that are not started (guide p.171)."""
        media = view.media.get(self.media_id)
        if media is None or is_out(media):
            return None
        if media.routable == self.routable:
            return Evaluation()
        waiting = any(
            task.state in _NOT_STARTED and task.media_id == self.media_id for task in view.tasks.values()
        )
        return Evaluation(weak=True) if waiting and not self.routable else None

    def evidence(self, _: History) -> Evidence:
        """As long as a task waits, the agent is routable and nothing shows that this will change."""
        return Evidence(otherwise=_STILL_ROUTABLE, contradicted=True)


@dataclass(frozen=True, slots=True)
class TaskIs:
    """A task reaches one of these states."""

    dialog_id: str
    states: frozenset[str]

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the state is reached; failed when the agent no longer has the task."""
        task = view.tasks.get(self.dialog_id)
        if task is None:
            return Evaluation(self.dialog_id, failed="The agent no longer has this task.")
        return Evaluation(self.dialog_id) if task.state in self.states else None


@dataclass(frozen=True, slots=True)
class TaskLeft:
    """The agent has a task no longer, for whatever reason."""

    dialog_id: str

    def verdict(self, view: View) -> Evaluation | None:
        """Done when it has gone."""
        task = view.tasks.get(self.dialog_id)
        gone = task is None or task.state == DialogState.CLOSED
        return Evaluation(self.dialog_id) if gone else None


@dataclass(frozen=True, slots=True)
class TaskClosed:
    """A task is closed, whoever closed it.

    A task that somebody else gets is reported to its former agent as CLOSED too; only the disposition code tells.
    """

    dialog_id: str

    def verdict(self, view: View) -> Evaluation | None:
        """Weak when the agent has it no longer; the notification about it decides."""
        task = view.tasks.get(self.dialog_id)
        if task is None or task.state == DialogState.CLOSED:
            return Evaluation(self.dialog_id, weak=True)
        return None

    def evidence(self, history: History) -> Evidence:
        """A disposition code proves that it ended; our request id supports it."""
        seen = [each.dialog for each in history.of(self.dialog_id) if each.dialog is not None]
        if any(map(_has_ended, seen)):
            return Evidence(supported=True, immediate=True)
        supported = EventCarriesRequestId((self.dialog_id,)).seen_in(history)
        return Evidence(
            supported, otherwise="the agent no longer has the task, and nothing shows that it was closed"
        )


def _has_ended(task: Dialog) -> bool:
    """Whether a task that left the agent is over. One that goes on elsewhere is shown as CLOSED as well."""
    media = task.media_properties
    code = task.disposition_code or str(
        (media.extra.get("dispositionCode") or "") if media is not None else ""
    )
    return task.state == DialogState.CLOSED and bool(code.strip()) and "TRANSFER" not in code.upper()


def is_out(media: Media) -> bool:
    """Whether the agent is signed out of a media, or does not serve it: then it has no state."""
    return media.state in (None, MediaState.LOGOUT)


def task_participant(task: Dialog) -> Participant | None:
    """The agent's side of a task, its only participant (guide p.186)."""
    return task.participants[0] if task.participants else None


def is_interrupted(view: View, task: Dialog) -> bool:
    """Whether other work has interrupted a task: only the state of its media tells it (guide p.186)."""
    media = view.media.get(task.media_id or "")
    interrupted = media is not None and media.state == MediaState.INTERRUPTED
    return task.state == DialogState.INTERRUPTED or (interrupted and task.state in _GIVES_WAY)


def task_actions(view: View, task: Dialog) -> list[str]:
    """What the agent may do with a task now: nothing while it is interrupted."""
    participant = task_participant(task)
    return [] if participant is None or is_interrupted(view, task) else list(participant.actions)
