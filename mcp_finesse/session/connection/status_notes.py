"""Computes parts of the session status: the status of the link, and notes for the user."""

from __future__ import annotations

from collections.abc import Iterable

from mcp_finesse.redaction import truncated
from mcp_finesse.session.state.media_notes import notes_on_media
from mcp_finesse.session.state.mirror import Mirror
from mcp_finesse.session.status import LinkStatus
from mcp_finesse.xmpp import NotificationLink

_MAX_NAMED, _MAX_NAME = 10, 200
"""Maximum sessions named in a note, and maximum characters of each name."""
_SIGNED_OUT_STATES = ("LOGOUT", "UNKNOWN", None)


def is_signed_in(mirror: Mirror) -> bool:
    """Return whether the agent is known to be signed in."""
    return mirror.user is not None and mirror.user.state not in _SIGNED_OUT_STATES


def notes_of(mirror: Mirror, link: NotificationLink | None, warnings: Iterable[str]) -> tuple[str, ...]:
    """Return notes about the session for its user.

    ``warnings`` are sentences about settings and folders. Empty and repeated notes are omitted.
    """
    notes = list(dict.fromkeys(filter(None, warnings)))
    if link is not None and link.siblings:
        notes.append(
            f"Other sessions of this agent are connected: {_join_names(sorted(link.siblings))}. "
            f"The presence priority of this session is {link.priority.priority}: {link.priority.reason}."
        )
    notes += notes_on_media(mirror)
    if mirror.refused:
        notes.append(
            f"Finesse reported more objects than this MCP server stores: {mirror.refused} updates of "
            "calls, tasks, agents "
            "or queues were not applied. The notifications themselves are in the journal."
        )
    if link is not None and is_signed_in(mirror):
        notes.append(
            "If no other client of the agent is connected, Finesse signs the agent out 60 s after this "
            "MCP server stops (or when the call ends). A restart within 60 s prevents the sign-out."
        )
    return tuple(notes)


def _join_names(jids: list[str]) -> str:
    shown = [truncated(jid, _MAX_NAME) for jid in jids[:_MAX_NAMED]]
    more = len(jids) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def link_status_of(link: NotificationLink | None) -> LinkStatus | None:
    """Return the status of a link, or None if there is no link."""
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
