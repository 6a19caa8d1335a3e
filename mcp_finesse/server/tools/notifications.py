"""Tools that read the journal of notifications, and wait for the next one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.privacy import quoted
from mcp_finesse.server.arguments import Limit, Text
from mcp_finesse.server.entries import (
    about,
    entry_summary,
    has_value,
    is_kind,
    is_news,
    kind_named,
    known_fields,
    page_summary,
)
from mcp_finesse.server.entry_text import changes, entry_line, entry_lines
from mcp_finesse.server.feed_names import feed_named, feed_that_comes, silence
from mcp_finesse.server.limits import MAX_WAIT_SECONDS
from mcp_finesse.server.results import Result
from mcp_finesse.session import Entry, FinesseSession
from mcp_finesse.session.journal import SESSION

_PROGRESS_SECONDS = 5.0
"""Hosts that show progress stay patient when it comes this often."""

Cursor = Annotated[Text | None, Field(description="Cursor of an earlier result")]
Feed = Annotated[Text | None, Field(description="Slug, e.g. user, dialogs")]


class NotificationsResult(Result):
    """A page of the journal."""

    notifications: list[dict[str, Any]]
    cursor: str
    left_out: int
    gap: bool
    note: str | None = None

    def __str__(self) -> str:
        lines = entry_lines(self.notifications) or ["No notifications."]
        if self.left_out:
            lines.append(f"{self.left_out} more were left out.")
        if self.gap:
            lines.append(
                "There was a gap: notifications may be missing. Read the state with get_user and get_dialogs."
            )
        if self.note:
            lines.append(self.note)
        lines.append(f"Cursor: {self.cursor}")
        return "\n".join(lines)


async def get_notifications(
    session: FinesseSession, after: Cursor = None, feed: Feed = None, limit: Limit = 20
) -> NotificationsResult:
    """Read recent notifications (events), the newest, or those after a cursor.

    Use for what has happened; get_user and get_dialogs tell how it is now. Needs nothing.
    Returns notifications, oldest first, and the cursor to go on from.
    """
    page = session.journal.read(after, limit, feed and feed_named(session, feed))
    return NotificationsResult(**page_summary(page, session.mirror.extension), note=silence(session))


class WaitResult(Result):
    """What the wait ended with: ``matched``, ``nothing_yet``, or ``gap`` (it may have been missed)."""

    status: Literal["matched", "nothing_yet", "gap"]
    cursor: str
    notification: dict[str, Any] | None = None
    changed: list[str] | None = None
    note: str | None = None

    def __str__(self) -> str:
        said = {
            "matched": "Matched.",
            "nothing_yet": "Nothing yet. To keep waiting, call again with this cursor.",
            "gap": "Notifications were lost, perhaps this one too. Read the state with get_user and get_dialogs.",
        }[self.status]
        entry = entry_line(self.notification) if self.notification else ""
        changed = f"Changed since the last notification: {', '.join(self.changed)}" if self.changed else ""
        lines = [said, entry, changed, self.note or "", f"Cursor: {self.cursor}"]
        return "\n".join(line for line in lines if line)


async def wait_for_notification(
    session: FinesseSession,
    ctx: Context,
    feed: Feed = None,
    kind: Annotated[Text | None, Field(description="user, dialog, error, system_info ...")] = None,
    object_id: Annotated[Text | None, Field(description="E.g. the dialog id")] = None,
    field: Annotated[Text | None, Field(description="E.g. state, participants.state")] = None,
    value: Annotated[Text | None, Field(description="What field must be")] = None,
    after: Cursor = None,
    timeout: Annotated[float, Field(ge=0, le=MAX_WAIT_SECONDS, description="Seconds")] = 20,
) -> WaitResult:
    """Wait for a notification that fits all that is given, such as kind dialog, field state, value ALERTING.

    Use for what is still to come; get_notifications has what came. Needs a feed that is received
    (list_feeds). Returns status, notification and the cursor to wait on from.
    """
    wanted = _Wanted(
        feed and feed_that_comes(session, feed), kind and kind_named(kind), object_id, field, value
    )
    after = after or session.journal.cursor
    if session.journal.read(after, 0).gap:
        return WaitResult(status="gap", cursor=session.journal.cursor)
    started = time.monotonic()
    while True:
        checked = session.journal.cursor  # all up to here is in what the wait below looks at
        left = timeout - (time.monotonic() - started)
        over = session.status.state.final
        limit = 0 if over else min(max(left, 0), _PROGRESS_SECONDS)
        entry = await session.journal.wait(after, wanted.ends, limit)
        if entry is not None:
            return _ended(session, wanted, entry)
        if over:
            await session.ready(0)  # says why nothing will ever come
        if over or left <= _PROGRESS_SECONDS:
            return WaitResult(status="nothing_yet", cursor=checked, note=silence(session))
        await ctx.report_progress(time.monotonic() - started, timeout, "Nothing yet")


@dataclass(frozen=True)
class _Wanted:
    """The notification that is waited for. A gap ends the wait too, since what was wanted may lie in it."""

    feed: str | None
    kind: str | None
    object_id: str | None
    field: str | None
    value: str | None

    def __post_init__(self) -> None:
        if self.field is None:
            if self.value is not None:
                raise InvalidRequestError("value needs field, the name of what should have it.")
            return
        known = known_fields(self.kind, self.feed)
        if known and self.field.partition(".")[0] not in known:
            raise InvalidRequestError(
                f"there is no field {quoted(self.field)}.", advice=f"Fields: {', '.join(known)}."
            )

    def ends(self, entry: Entry) -> bool:
        """Whether the wait ends with this entry."""
        return (entry.kind == "gap" and entry.feed in (SESSION, self.feed or entry.feed)) or self.fits(entry)

    def fits(self, entry: Entry) -> bool:
        """Whether it is the one; what is replayed is not, for it says nothing new."""
        if entry.kind == "gap":
            return self.kind == "gap"
        return (
            is_news(entry)
            and (self.feed is None or entry.feed == self.feed)
            and (self.kind is None or is_kind(entry, self.kind))
            and (self.object_id is None or about(entry, self.object_id))
            and (self.field is None or has_value(entry, self.field, self.value))
        )


def _ended(session: FinesseSession, wanted: _Wanted, entry: Entry) -> WaitResult:
    return WaitResult(
        status="matched" if wanted.fits(entry) else "gap",
        cursor=f"{session.journal.epoch}:{entry.number}",
        notification=entry_summary(entry, session.mirror.extension),
        changed=changes(session.journal, entry, session.mirror.extension),
    )
