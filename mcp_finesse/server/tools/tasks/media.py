"""Tools for nonvoice media such as chat and e-mail: sign-in, sign-out, state and routability (UCCE)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import InterruptAction, Media
from mcp_finesse.model.limits import TASKS_AT_A_TIME
from mcp_finesse.privacy import quoted
from mcp_finesse.server.arguments.arguments import Reason, Text, Word
from mcp_finesse.server.present.limits import MAX_MEDIA, READY_SECONDS
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import bounded, listed
from mcp_finesse.server.present.task_summaries import media_line, media_summary
from mcp_finesse.server.tools.freshness import stale_line
from mcp_finesse.server.tools.reasons import choose_reason
from mcp_finesse.server.tools.task_targeting import TaskOutcome, perform_on_task, refresh_tasks_if_stale
from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions import tasks
from mcp_finesse.session.actions.tasks import is_signed_out
from mcp_finesse.session.state.media_notes import notes_on_media
from mcp_finesse.session.state.media_settings import MediaSettings

MediaName = Annotated[Text | None, Field(description="Id or name. Omit if there is only one")]
State = Annotated[
    Literal["READY", "NOT_READY", "ROUTABLE", "NOT_ROUTABLE"], Word, Field(description="New state")
]
MaxDialogs = Annotated[
    int | None,
    Field(ge=1, le=TASKS_AT_A_TIME, description="Maximum tasks at a time. Omit to keep the setting"),
]
Interrupt = Annotated[
    Literal["ACCEPT", "IGNORE"] | None,
    Word,
    Field(description="Whether calls can interrupt tasks. Omit to keep the setting"),
]
Logout = Annotated[
    Literal["CLOSE", "TRANSFER"] | None,
    Word,
    Field(description="What sign-out does with open tasks. Omit to keep the setting"),
]


class MediaResult(Result):
    """The agent's state in every nonvoice media that the agent serves."""

    media: list[dict[str, Any]]
    left_out: int
    not_served: list[str] | None = None
    notes: list[str] | None = None
    stale: str | None = None

    def __str__(self) -> str:
        lines = [media_line(item) for item in self.media] or ["No media is assigned to the agent."]
        if self.left_out:
            lines.append(f"{self.left_out} more media were left out.")
        lines += self.notes or []
        if self.stale:
            lines.append(stale_line(self.stale))
        return "\n".join(lines)


async def get_media(session: FinesseSession) -> MediaResult:
    """Get the agent's state on each media (chat, e-mail), with settings and number of tasks.

    Use before sign_in_media or change_media_state; for calls use get_user. Requires UCCE. Returns media,
    and notes after a failover.
    """
    stale = await refresh_tasks_if_stale(session)
    mirror = session.mirror
    assigned = [each for each in mirror.media.values() if each.state is not None]
    shown, left_out = bounded(assigned, MAX_MEDIA)
    others, more = bounded(
        [_media_label(each) for each in mirror.media.values() if each.state is None], MAX_MEDIA
    )
    return MediaResult(
        media=[media_summary(each, mirror) for each in shown],
        left_out=left_out + more,
        not_served=others or None,
        notes=notes_on_media(mirror) or None,
        stale=stale,
    )


async def sign_in_media(
    session: FinesseSession,
    media: MediaName = None,
    max_dialog_limit: MaxDialogs = None,
    interrupt_action: Interrupt = None,
    dialog_logout_action: Logout = None,
) -> TaskOutcome:
    """Sign the agent in to a media, or change its settings; omitted settings keep their values (at first 1 and ACCEPT).

    Use for chats and e-mails, also to resend settings after a failover; for calls use sign_in. Requires UCCE,
    and an agent assigned to the media. Returns status and media; use change_media_state next to become READY.
    """
    chosen = await find_media(session, media, signed_in=False)
    asked = MediaSettings(max_dialog_limit, interrupt_action, dialog_logout_action)
    known = asked.over(session.mirror.task_store.settings.of(chosen))
    settings = known.over(MediaSettings(1, InterruptAction.ACCEPT))
    return await perform_on_task(session, tasks.sign_in_media(session.mirror.user_id, chosen, settings))


async def sign_out_media(
    session: FinesseSession, media: MediaName = None, reason: Reason = None
) -> TaskOutcome:
    """Sign the agent out of a media; open tasks are closed or transferred, as set at sign-in.

    Use at the end of work; to stop new tasks only, use change_media_state. Requires UCCE, and an agent signed
    in to the media; a reason may be required. Returns status and media.
    """
    chosen = await find_media(session, media, signed_in=True)
    reason_id, hint = await choose_reason(session, "LOGOUT", reason)
    action = tasks.sign_out_media(session.mirror.user_id, chosen, reason_id)
    return await perform_on_task(session, action, hint=hint)


async def change_media_state(
    session: FinesseSession, state: State, media: MediaName = None, reason: Reason = None
) -> TaskOutcome:
    """Make the agent READY or NOT_READY on a media, or stop (NOT_ROUTABLE) or allow (ROUTABLE) new tasks.

    Use after sign_in_media; for calls use change_state. Requires UCCE, and an agent signed in to the media;
    NOT_READY may require a reason. Returns status and media.
    """
    if reason and state != "NOT_READY":
        raise InvalidRequestError(f"{state} takes no reason. Nothing was sent.")
    chosen = await find_media(session, media, signed_in=True)
    user_id = session.mirror.user_id
    if state in ("ROUTABLE", "NOT_ROUTABLE"):
        return await perform_on_task(session, tasks.make_routable(user_id, chosen, state == "ROUTABLE"))
    reason_id, hint = await choose_reason(session, state, reason)
    return await perform_on_task(
        session, tasks.change_media_state(user_id, chosen, state, reason_id), hint=hint
    )


async def find_media(session: FinesseSession, given: str | None, *, signed_in: bool) -> str:
    """Return the id of the media that a text identifies by id or name. Without a text, use the only media.

    Args:
        session: the agent's session.
        given: the text given by the client, or None.
        signed_in: whether to prefer media that the agent is signed in to, if several match.

    Raises:
        InvalidRequestError: the media is ambiguous or unknown. The error lists the media.
    """
    await session.ready(READY_SECONDS)
    if not _assigned_media(session):
        await session.refresh_tasks()
    assigned = _assigned_media(session)
    fitting = _matching_media(assigned, given) if given else _preferred_media(assigned, signed_in)
    if len(fitting) == 1:
        return str(fitting[0].id)
    what = f"{quoted(given)} is not one of the agent's media" if given else "More than one media matches"
    if not assigned:
        what = "No media is assigned to the agent"
    elif given and fitting:
        what = f"{quoted(given)} matches more than one media"
    known = listed([_media_label(each) for each in fitting or assigned])
    raise InvalidRequestError(f"{what}. Nothing was sent.", advice=f"Media: {known}." if known else "")


def _assigned_media(session: FinesseSession) -> list[Media]:
    return [each for each in session.mirror.media.values() if each.state is not None]


def _matching_media(assigned: list[Media], given: str) -> list[Media]:
    """Return the media that match by id, or else by name, or else by part of the name or description."""
    wanted = given.strip().casefold()
    exact = [
        each for each in assigned if wanted in ((each.id or "").casefold(), (each.name or "").casefold())
    ]
    return exact or [
        each for each in assigned if wanted in f"{each.name or ''}\n{each.description or ''}".casefold()
    ]


def _preferred_media(assigned: list[Media], signed_in: bool) -> list[Media]:
    return (
        [each for each in assigned if not is_signed_out(each)]
        if signed_in and len(assigned) > 1
        else assigned
    )


def _media_label(media: Media) -> str:
    return f"{media.name} ({media.id})" if media.name else str(media.id)
