"""The actions on nonvoice media and tasks: for each what to send, and which change proves it (UCCE)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import CallAction, DialogState
from mcp_finesse.rest.api import media, tasks
from mcp_finesse.session.actions.action import Action, Send, Step, normalized
from mcp_finesse.session.completion.completion import Completion, View
from mcp_finesse.session.completion.evidence import Weak
from mcp_finesse.session.completion.tasks import (
    MediaIs,
    MediaRoutable,
    MediaSignedIn,
    TaskClosed,
    TaskIs,
    TaskLeft,
    is_out,
)
from mcp_finesse.session.state.media_settings import MediaSettings

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
