"""Puts together what is told of a session: how far it is, where, and what its user should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_finesse.session.media_notes import notes_on_media
from mcp_finesse.session.mirror import Mirror
from mcp_finesse.session.status import LinkStatus, SessionStatus
from mcp_finesse.xmpp import NotificationLink

if TYPE_CHECKING:
    from mcp_finesse.session.session import FinesseSession

_MAX_NAMED, _MAX_NAME = 10, 200
"""Sessions that a note names, and characters of each name."""
_SIGNED_OUT = ("LOGOUT", "UNKNOWN", None)


def status_of(session: FinesseSession, link: NotificationLink | None) -> SessionStatus:
    """The status of a session with this link."""
    user, info, progress = session.mirror.user, session.mirror.system, session.progress
    nodes = session.nodes
    return SessionStatus(
        state=progress.state,
        detail=progress.detail,
        since=progress.since,
        url=nodes.current.url,
        other_url=nodes.other.url if nodes.other is not None else None,
        user_id=session.mirror.user_id if session.config.agent else "",
        agent_state=str(user.state) if user is not None and user.state else None,
        extension=session.mirror.extension,
        platform=str(info.deployment_type) if info is not None and info.deployment_type else None,
        read_only=session.config.read_only,
        link=_link_status(link),
        cursor=session.journal.cursor,
        reconnects=session.reconnects,
        moves=nodes.moves,
        gaps=session.gaps,
        notes=(*_storage_notes(session), *_notes(session.mirror, link)),
    )


def is_signed_in(mirror: Mirror) -> bool:
    """Whether the agent is known to be signed in."""
    return mirror.user is not None and mirror.user.state not in _SIGNED_OUT


def _storage_notes(session: FinesseSession) -> list[str]:
    notes = (session.nodes.folder.note, session.administration.note)
    return list(dict.fromkeys(filter(None, notes)))


def _notes(mirror: Mirror, link: NotificationLink | None) -> list[str]:
    notes = []
    if link is not None and link.siblings:
        notes.append(
            f"Other sessions of this agent are connected: {_named(sorted(link.siblings))}. "
            f"The presence priority of this session is {link.priority.priority}: {link.priority.reason}."
        )
    notes += notes_on_media(mirror)
    if mirror.refused:
        notes.append(
            f"Finesse reported more objects than this server keeps: {mirror.refused} updates of calls, tasks, agents "
            "or queues were not applied. The notifications themselves are in the journal."
        )
    if link is not None and is_signed_in(mirror):
        notes.append(
            "If this server stops, and no other client of the agent is connected, Finesse signs the agent "
            "out after 60 s (or when the call ends); a restart within that time prevents it."
        )
    return notes


def _named(jids: list[str]) -> str:
    shown = [jid[:_MAX_NAME] for jid in jids[:_MAX_NAMED]]
    more = len(jids) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _link_status(link: NotificationLink | None) -> LinkStatus | None:
    if link is None:
        return None
    return LinkStatus(
        transport=link.transport,
        address=link.full_jid,
        connected=link.connected,
        siblings=tuple(sorted(link.siblings)),
        priority=link.priority.priority,
        priority_reason=link.priority.reason,
    )
