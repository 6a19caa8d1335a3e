"""Media and tasks of digital channels: what is sent, and what proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import CallAction, Dialog, DialogState, Media, MediaState, Participant
from mcp_finesse.rest.api import media, tasks
from mcp_finesse.session.actions.action import Action, Send, Step, normalized
from mcp_finesse.session.actions.completion import Completion, Difference, Evaluation, View
from mcp_finesse.session.actions.evidence import EventCarriesRequestId, Evidence, History, Weak
from mcp_finesse.session.state.media_settings import MediaSettings

# -- completions

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


# -- actions

# Errors that say that it is so already; the settings of a sign-in are taken all the same (guide p.168).
_SIGNED_IN_ALREADY = frozenset({"E_ARM_STAT_AGENT_ALREADY_LOGGED_IN", "1"})
_ROUTABLE_ALREADY = frozenset(
    {"E_ARM_STAT_ALREADY_IN_REQUESTED_AGENT_MODE", "Agent already in requested mode"}
)
_LEADS_TO: dict[str, frozenset[str]] = {
    CallAction.ACCEPT: frozenset(
        {DialogState.ACCEPTED, DialogState.ACTIVE, DialogState.PAUSED, DialogState.WRAPPING_UP}
    ),
    CallAction.START: frozenset({DialogState.ACTIVE}),
    CallAction.PAUSE: frozenset({DialogState.PAUSED}),
    CallAction.RESUME: frozenset({DialogState.ACTIVE}),
    CallAction.WRAP_UP: frozenset({DialogState.WRAPPING_UP}),
}


@normalized
def sign_in_media(user_id: str, media_id: str, settings: MediaSettings) -> Action:
    """Sign in to a media, or give it new settings; nothing is sent when it shows exactly these already.

    Args:
        user_id: the agent.
        media_id: the media routing domain.
        settings: how many tasks, and what an interrupt does; ``dialog_logout_action`` may be None.
    """

    def plan(view: View) -> Step:
        said = ", ".join(f"{name} {value}" for name, value in settings.known().items())
        known = view.media.get(media_id)
        before = MediaSettings.of(known) if known is not None and not is_out(known) else None
        return Step(
            MediaSignedIn(media_id, settings, before),
            lambda rest, rid: media.sign_in(
                rest,
                user_id,
                media_id,
                settings.max_dialog_limit or 0,
                settings.interrupt_action or "",
                settings.dialog_logout_action,
                request_id=rid,
            ),
            source=_path(user_id, media_id),
            already=_SIGNED_IN_ALREADY,
            already_changes=True,
            already_text=f"The agent was already signed in. Changed settings: {said}.",
        )

    return _on_media("LOGIN", media_id, plan, operation="media.sign_in")


@normalized
def sign_out_media(user_id: str, media_id: str, reason_code_id: int | None = None) -> Action:
    """Sign out of a media; Finesse may demand a reason."""

    def plan(_: View) -> Step:
        return Step(
            MediaIs(media_id, "LOGOUT"),
            lambda rest, rid: media.sign_out(rest, user_id, media_id, reason_code_id, request_id=rid),
            source=_path(user_id, media_id),
        )

    return _on_media("LOGOUT", media_id, plan, operation="media.sign_out")


@normalized
def change_media_state(user_id: str, media_id: str, state: str, reason_code_id: int | None = None) -> Action:
    """Make the agent READY or NOT_READY on a media."""

    def plan(view: View) -> Step:
        _require_signed_in(view, media_id)
        return Step(
            MediaIs(media_id, state, reason_code_id),
            lambda rest, rid: media.change_state(
                rest, user_id, media_id, state, reason_code_id, request_id=rid
            ),
            source=_path(user_id, media_id),
        )

    return _on_media(state, media_id, plan, operation="media.change_state")


@normalized
def make_routable(user_id: str, media_id: str, routable: bool) -> Action:
    """Let new tasks come, or stop them while the agent finishes what is there."""

    def plan(view: View) -> Step:
        _require_signed_in(view, media_id)
        return Step(
            MediaRoutable(media_id, routable),
            lambda rest, rid: media.change_routable(rest, user_id, media_id, routable, request_id=rid),
            source=_path(user_id, media_id),
            already=_ROUTABLE_ALREADY,
        )

    name = "ROUTABLE" if routable else "NOT_ROUTABLE"
    return _on_media(name, media_id, plan, operation="media.change_routable")


@normalized
def act_on_task(dialog_id: str, action: str) -> Action:
    """ACCEPT, START, PAUSE, RESUME, WRAP_UP or CLOSE a task."""
    states = _LEADS_TO.get(action)
    goal: Completion = TaskIs(dialog_id, states) if states is not None else TaskClosed(dialog_id)
    return _on_task(
        str(action),
        dialog_id,
        goal,
        lambda rest, rid: tasks.take_action(rest, dialog_id, action, request_id=rid),
        operation="tasks.take_action",
    )


@normalized
def transfer_task(dialog_id: str, to_address: str) -> Action:
    """Hand a task over to a script selector; when that fails later, the agent keeps it."""
    return _on_task(
        CallAction.TRANSFER.value,
        dialog_id,
        Weak(TaskLeft(dialog_id), (), "the agent no longer has the task", unreported=True),
        lambda rest, rid: tasks.transfer(rest, dialog_id, to_address, request_id=rid),
        operation="tasks.transfer",
    )


def _on_media(name: str, media_id: str, plan: Callable[[View], Step], **more: Any) -> Action:
    return Action(
        name, f"media {media_id}", plan, reads="tasks", shows=lambda view: view.media.get(media_id), **more
    )


def _on_task(name: str, dialog_id: str, goal: Completion, send: Send, **more: Any) -> Action:
    return Action(
        name, dialog_id, lambda _: Step(goal, send, dialog_id, name, task=True), reads="tasks", **more
    )


def _require_signed_in(view: View, media_id: str) -> None:
    known = view.media.get(media_id)
    if known is None or is_out(known):
        raise InvalidRequestError(
            f"The agent is not signed in to media {media_id}. Nothing was sent.",
            advice="Sign in to it first (sign_in_media).",
        )


def _path(user_id: str, media_id: str) -> str:
    return f"/finesse/api/User/{user_id}/Media/{media_id}"
