"""What the tools of the toolset tasks would do, for policy rules and for questions to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.privacy import caller_text
from mcp_finesse.server.policy.intent import AskReason, Intent, IntentOf
from mcp_finesse.server.present.limits import READY_SECONDS
from mcp_finesse.server.tools.tasks.media import find_media
from mcp_finesse.server.tools.tasks.tasks import only_task
from mcp_finesse.session import FinesseSession

_NAME = 100
_TEXT = 500


async def sign_out_media(session: FinesseSession, media: str | None = None, **_: Any) -> Intent:
    """Return the intent to sign the user out of a medium, such as chat."""
    text, chosen = await _medium(session, media, signed_in=True)
    return Intent(f"Sign out agent {session.mirror.user_id} of {text}.", AskReason.SIGN_OUT, chosen=chosen)


def on_media(title: str, *, signed_in: bool) -> IntentOf:
    """Return a function that returns the intent to change the user's state or settings on a medium.

    Args:
        title: The tool's name for people.
        signed_in: Whether the tool prefers media that the user is signed in to.
    """

    async def intent(session: FinesseSession, media: str | None = None, **given: Any) -> Intent:
        text, chosen = await _medium(session, media, signed_in=signed_in)
        return Intent(f"{title}: {text}{_listed(given)}.", chosen=chosen)

    return intent


def on_task(title: str, action_name: str | None = None) -> IntentOf:
    """Return a function that returns the intent to perform an action on one of the user's tasks.

    Args:
        title: The tool's name for people.
        action_name: Finesse's name of the action; None if it is the tool's argument ``action``.
    """

    async def intent(session: FinesseSession, dialog_id: str | None = None, **given: Any) -> Intent:
        await session.ready(READY_SECONDS)
        chosen = dialog_id or await only_task(session, action_name or given["action"])
        return Intent(
            f"{title}: {_task_text(session, chosen)}{_listed(given)}.", chosen={"dialog_id": chosen}
        )

    return intent


async def _medium(
    session: FinesseSession, given: str | None, *, signed_in: bool
) -> tuple[str, Mapping[str, Any]]:
    """Return a text for the medium that the tool would act on, and the argument that chooses it."""
    media_id = await find_media(session, given, signed_in=signed_in)
    name = session.mirror.media[media_id].name or "without name"
    return f"medium {caller_text(media_id, _NAME)} ({caller_text(name, _NAME)})", {"media": media_id}


def _task_text(session: FinesseSession, task_id: str) -> str:
    """Return a text that names a task, its medium and its queue."""
    task = session.mirror.tasks.get(task_id)
    queue = task.media_properties.queue_name if task is not None and task.media_properties else None
    known = [task.media_type if task is not None else None, f"queue {queue}" if queue else None]
    listed = ", ".join(caller_text(each, _NAME) for each in known if each)
    return f"task {caller_text(task_id, _NAME)}" + (f" ({listed})" if listed else "")


def _listed(given: Mapping[str, Any]) -> str:
    text = "".join(f", {name}: {value}" for name, value in given.items() if value is not None)
    return caller_text(text, _TEXT)
