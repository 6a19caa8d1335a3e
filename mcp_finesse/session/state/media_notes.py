"""Status notes about media and tasks after a failover."""

from __future__ import annotations

from mcp_finesse.model import DialogState, MediaState
from mcp_finesse.session.state.mirror import Mirror

_AFTER_FAILOVER = frozenset({MediaState.WORK, MediaState.WORK_NOT_READY})


def notes_on_media(mirror: Mirror) -> list[str]:
    """Return notes about lost media settings, states that only a failover causes, and tasks in state UNKNOWN."""
    notes = []
    for media_id, lost in mirror.task_store.settings.lost.items():
        media = mirror.media.get(media_id)
        name = media.name if media is not None and media.name else media_id
        was = ", ".join(f"{field} {was} (now {now or 'not known'})" for field, (was, now) in lost.items())
        notes.append(
            f"Media {name} ({media_id}): the agent signed in with {was}. Use sign_in_media "
            "to send these settings again; they are not sent again automatically."
        )
    notes += [
        f"Media {media.name} ({media.id}) is {media.state}, as after a failover."
        for media in mirror.media.values()
        if media.state in _AFTER_FAILOVER
    ]
    unknown = [task.id for task in mirror.tasks.values() if task.state == DialogState.UNKNOWN]
    if unknown:
        notes.append(
            f"Tasks that were interrupted when Finesse failed are in state UNKNOWN now: {', '.join(unknown)}. Few "
            "actions are possible on them."
        )
    return notes
