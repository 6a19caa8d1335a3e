"""Actions for media and tasks of digital channels: the requests, and the state changes that confirm them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import CallAction, Dialog, DialogState, Media, MediaState, Participant
from mcp_finesse.rest.api import media, tasks
from mcp_finesse.session.actions.action import Action, PreparedRequest, Send, action
from mcp_finesse.session.actions.completion import Completion, Difference, Evaluation, View
from mcp_finesse.session.actions.evidence import EventCarriesRequestId, Evidence, History, Weak
from mcp_finesse.session.state.media_settings import MediaSettings

# -- completions

# The states that a READY agent has, depending on the tasks (guide p.180). INTERRUPTED is omitted, because an
# INTERRUPTED agent may be NOT_READY.
_READY = frozenset(
    {
        MediaState.READY,
        MediaState.RESERVED,
        MediaState.ACTIVE,
        MediaState.PAUSED,
        MediaState.WORK_READY,
    }
)
# The states of tasks that an interrupt pauses. A task that has not started is not interrupted.
_INTERRUPTIBLE = frozenset(
    {DialogState.ACTIVE, DialogState.PAUSED, DialogState.WRAPPING_UP, DialogState.INTERRUPTED}
)
_NOT_STARTED = frozenset({DialogState.OFFERED, DialogState.ACCEPTED})
_NOT_ROUTABLE = (
    "The agent is not routable: no new tasks are offered until change_media_state requests ROUTABLE."
)
_STILL_ROUTABLE = (
    "the agent is still routable: Finesse makes the agent not routable when no task is in state OFFERED "
    "or ACCEPTED"
)


@dataclass(frozen=True, slots=True)
class MediaSignedIn:
    """The completion of a media sign-in with settings. Finesse chooses the settings that are None.

    Attributes:
        before: The settings at the time when the request was prepared. None if the agent was not signed in.
    """

    media_id: str
    settings: MediaSettings
    before: MediaSettings | None = None

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when Finesse reports the requested settings.

        Not every node reports the settings (guide p.168). A missing setting is provisionally accepted if the
        request signed the agent in, or if another setting changed as requested.
        """
        media = view.media.get(self.media_id)
        if media is None or is_signed_out(media):
            return None
        lacking = self.settings.lacking_in(MediaSettings.of(media))
        if any(now for _, now in lacking.values()):
            return None
        if not lacking:
            return Evaluation()
        if self.before is not None and len(self.settings.lacking_in(self.before)) == len(lacking):
            return None
        return Evaluation(note=f"Finesse does not report {', '.join(lacking)}.", provisional=True)

    def state_differences(self, view: View) -> tuple[Difference, ...]:
        """Return a difference for each setting that is not the requested one."""
        media = view.media.get(self.media_id)
        if media is None or is_signed_out(media):
            return (Difference("state", "signed in", "signed out"),)
        lacking = self.settings.lacking_in(MediaSettings.of(media))
        return tuple(Difference(name, asked, now) for name, (asked, now) in lacking.items())


@dataclass(frozen=True, slots=True)
class MediaStateReached:
    """The agent's state on a media is the requested one: READY, NOT_READY or LOGOUT."""

    media_id: str
    state: str
    reason_code_id: int | None = None

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the state is reached. For READY, accept every state that only a READY agent has."""
        media = view.media.get(self.media_id)
        if media is None:
            return None
        if self.state == MediaState.READY:
            note = _NOT_ROUTABLE if media.routable is False else ""
            return Evaluation(note=note) if media.state in _READY else None
        reason = self.reason_code_id
        done = media.state == self.state and (reason is None or media.reason_code_id == reason)
        return Evaluation() if done else None

    def state_differences(self, view: View) -> tuple[Difference, ...]:
        """Return a difference if the state, or the reason code of the state, is not the requested one."""
        media = view.media.get(self.media_id)
        if media is None:
            return ()
        if media.state != self.state:
            return (Difference("state", self.state, str(media.state)),)
        asked, got = self.reason_code_id, media.reason_code_id
        return (Difference("reason_code_id", str(asked), str(got)),) if asked not in (None, got) else ()


@dataclass(frozen=True, slots=True)
class MediaRoutable:
    """The completion of a change of routability: whether the agent receives new tasks on a media."""

    media_id: str
    routable: bool

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm the routable flag. Finesse clears it only when no unstarted task remains (guide p.171)."""
        media = view.media.get(self.media_id)
        if media is None or is_signed_out(media):
            return None
        if media.routable == self.routable:
            return Evaluation()
        waiting = any(
            task.state in _NOT_STARTED and task.media_id == self.media_id for task in view.tasks.values()
        )
        return Evaluation(weak=True) if waiting and not self.routable else None

    def evidence(self, _: History) -> Evidence:
        """Return no support. While a task waits, the agent stays routable, and no field shows the pending change."""
        return Evidence(otherwise=_STILL_ROUTABLE, contradicted=True)


@dataclass(frozen=True, slots=True)
class TaskReached:
    """The completion of an action after which a task has one of the given states."""

    dialog_id: str
    states: frozenset[str]

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the task has one of the states. Fail when the agent no longer has the task."""
        task = view.tasks.get(self.dialog_id)
        if task is None:
            return Evaluation(self.dialog_id, failed="The agent no longer has this task.")
        return Evaluation(self.dialog_id) if task.state in self.states else None


@dataclass(frozen=True, slots=True)
class TaskLeft:
    """The completion of an action after which the agent no longer has the task, whatever the reason."""

    dialog_id: str

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the agent no longer has the task, or the task is CLOSED."""
        task = view.tasks.get(self.dialog_id)
        gone = task is None or task.state == DialogState.CLOSED
        return Evaluation(self.dialog_id) if gone else None


@dataclass(frozen=True, slots=True)
class TaskClosed:
    """The completion of closing a task. Any client may have closed the task.

    A task that moved to another agent is also reported to its former agent as CLOSED. Only the disposition code
    distinguishes a closed task from a moved one.
    """

    dialog_id: str

    def evaluate(self, view: View) -> Evaluation | None:
        """Return a weak evaluation when the agent no longer has the task. ``evidence`` then decides."""
        task = view.tasks.get(self.dialog_id)
        if task is None or task.state == DialogState.CLOSED:
            return Evaluation(self.dialog_id, weak=True)
        return None

    def evidence(self, history: History) -> Evidence:
        """Require a disposition code, which proves that the task was closed, or at least the request id."""
        seen = [each.dialog for each in history.of(self.dialog_id) if each.dialog is not None]
        if any(map(_has_ended, seen)):
            return Evidence(supported=True, immediate=True)
        supported = EventCarriesRequestId((self.dialog_id,)).seen_in(history)
        return Evidence(
            supported,
            otherwise="the agent no longer has the task, and no notification showed that it was closed",
        )


def _has_ended(task: Dialog) -> bool:
    """Return whether a task that left the agent has ended. CLOSED alone is no proof: see ``TaskClosed``."""
    media = task.media_properties
    code = task.disposition_code or str(
        (media.extra.get("dispositionCode") or "") if media is not None else ""
    )
    return task.state == DialogState.CLOSED and bool(code.strip()) and "TRANSFER" not in code.upper()


def is_signed_out(media: Media) -> bool:
    """Return whether the agent is signed out of a media, or does not serve the media at all."""
    return media.state in (None, MediaState.LOGOUT)


def task_participant(task: Dialog) -> Participant | None:
    """Return the agent's participant, which is the only participant of a task (guide p.186)."""
    return task.participants[0] if task.participants else None


def is_interrupted(view: View, task: Dialog) -> bool:
    """Return whether a task is interrupted. Only events about the state of its media show this (guide p.186)."""
    media = view.media.get(task.media_id or "")
    interrupted = media is not None and media.state == MediaState.INTERRUPTED
    return task.state == DialogState.INTERRUPTED or (interrupted and task.state in _INTERRUPTIBLE)


def task_actions(view: View, task: Dialog) -> list[str]:
    """Return the allowed actions of a task. An interrupted task has none."""
    participant = task_participant(task)
    return [] if participant is None or is_interrupted(view, task) else list(participant.actions)


# -- actions

# Errors which mean that the requested state is already in effect. Finesse applies the settings of a repeated
# sign-in although it returns an error (guide p.168).
_SIGNED_IN_ALREADY = frozenset({"E_ARM_STAT_AGENT_ALREADY_LOGGED_IN", "Agent already logged into MRD"})
_ROUTABLE_ALREADY = frozenset(
    {"E_ARM_STAT_ALREADY_IN_REQUESTED_AGENT_MODE", "Agent already in requested mode"}
)
_RESULTING_STATES: dict[str, frozenset[str]] = {
    CallAction.ACCEPT: frozenset(
        {DialogState.ACCEPTED, DialogState.ACTIVE, DialogState.PAUSED, DialogState.WRAPPING_UP}
    ),
    CallAction.START: frozenset({DialogState.ACTIVE}),
    CallAction.PAUSE: frozenset({DialogState.PAUSED}),
    CallAction.RESUME: frozenset({DialogState.ACTIVE}),
    CallAction.WRAP_UP: frozenset({DialogState.WRAPPING_UP}),
}


@action(media.sign_in)
def sign_in_media(user_id: str, media_id: str, settings: MediaSettings) -> Action:
    """Sign in to a media, or change the settings there. Nothing is sent if Finesse already reports these settings.

    Args:
        user_id: The agent.
        media_id: The media routing domain.
        settings: Task limit and interrupt behavior. ``dialog_logout_action`` may be None.
    """

    def prepare(view: View) -> PreparedRequest:
        said = ", ".join(f"{name} {value}" for name, value in settings.known().items())
        known = view.media.get(media_id)
        before = MediaSettings.of(known) if known is not None and not is_signed_out(known) else None
        return PreparedRequest(
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
            source=media.SIGN_IN.path_of(user_id, media_id),
            already_errors=_SIGNED_IN_ALREADY,
            already_changes=True,
            already_text=f"The agent was already signed in. Changed settings: {said}.",
        )

    return _on_media("LOGIN", media_id, prepare)


@action(media.sign_out)
def sign_out_media(user_id: str, media_id: str, reason_code_id: int | None = None) -> Action:
    """Sign out of a media. Finesse may require a reason code."""

    def prepare(_: View) -> PreparedRequest:
        return PreparedRequest(
            MediaStateReached(media_id, "LOGOUT"),
            lambda rest, rid: media.sign_out(rest, user_id, media_id, reason_code_id, request_id=rid),
            source=media.SIGN_IN.path_of(user_id, media_id),
        )

    return _on_media("LOGOUT", media_id, prepare)


@action(media.change_state)
def change_media_state(user_id: str, media_id: str, state: str, reason_code_id: int | None = None) -> Action:
    """Set the agent's state on a media to READY or NOT_READY."""

    def prepare(view: View) -> PreparedRequest:
        _require_signed_in(view, media_id)
        return PreparedRequest(
            MediaStateReached(media_id, state, reason_code_id),
            lambda rest, rid: media.change_state(
                rest, user_id, media_id, state, reason_code_id, request_id=rid
            ),
            source=media.SIGN_IN.path_of(user_id, media_id),
        )

    operation = media.CHANGE_STATE if reason_code_id is None else media.CHANGE_STATE_WITH_REASON
    return _on_media(state, media_id, prepare, operation=operation)


@action(media.change_routable)
def make_routable(user_id: str, media_id: str, routable: bool) -> Action:
    """Make the agent routable for new tasks, or not routable while finishing the current ones."""

    def prepare(view: View) -> PreparedRequest:
        _require_signed_in(view, media_id)
        return PreparedRequest(
            MediaRoutable(media_id, routable),
            lambda rest, rid: media.change_routable(rest, user_id, media_id, routable, request_id=rid),
            source=media.SIGN_IN.path_of(user_id, media_id),
            already_errors=_ROUTABLE_ALREADY,
        )

    name = "ROUTABLE" if routable else "NOT_ROUTABLE"
    return _on_media(name, media_id, prepare)


@action(tasks.ACCEPT)
def accept_task(dialog_id: str) -> Action:
    """Accept an offered task."""
    return _task_action(
        CallAction.ACCEPT, dialog_id, TaskReached(dialog_id, _RESULTING_STATES[CallAction.ACCEPT])
    )


@action(tasks.START, tasks.PAUSE, tasks.RESUME, tasks.WRAP_UP)
def work_on_task(dialog_id: str, step: str) -> Action:
    """START, PAUSE, RESUME or WRAP_UP a task."""
    states = _RESULTING_STATES.get(step, frozenset())
    return _task_action(step, dialog_id, TaskReached(dialog_id, states))


@action(tasks.CLOSE)
def close_task(dialog_id: str) -> Action:
    """Close a task."""
    return _task_action(CallAction.CLOSE, dialog_id, TaskClosed(dialog_id))


def _task_action(name: str, dialog_id: str, completion: Completion) -> Action:
    return _on_task(
        str(name),
        dialog_id,
        completion,
        lambda rest, rid: tasks.take_action(rest, dialog_id, name, request_id=rid),
        operation=tasks.TASK_ACTIONS.get(name),
    )


@action(tasks.transfer)
def transfer_task(dialog_id: str, to_address: str) -> Action:
    """Transfer a task to a script selector. If the transfer fails later, the agent keeps the task."""
    return _on_task(
        CallAction.TRANSFER.value,
        dialog_id,
        Weak(TaskLeft(dialog_id), (), "the agent no longer has the task", unreported=True),
        lambda rest, rid: tasks.transfer(rest, dialog_id, to_address, request_id=rid),
    )


def _on_media(name: str, media_id: str, prepare: Callable[[View], PreparedRequest], **more: Any) -> Action:
    return Action(
        name,
        f"media {media_id}",
        prepare,
        reads="tasks",
        shown_object=lambda view: view.media.get(media_id),
        **more,
    )


def _on_task(name: str, dialog_id: str, completion: Completion, send: Send, **more: Any) -> Action:
    return Action(
        name,
        dialog_id,
        lambda _: PreparedRequest(completion, send, dialog_id, name, task=True),
        reads="tasks",
        **more,
    )


def _require_signed_in(view: View, media_id: str) -> None:
    known = view.media.get(media_id)
    if known is None or is_signed_out(known):
        raise InvalidRequestError(
            f"The agent is not signed in to media {media_id}. Nothing was sent.",
            advice="Use sign_in_media first.",
        )
