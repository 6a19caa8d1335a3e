"""Tools that read the journal of notifications and wait for the next notification."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from pydantic import Field, PrivateAttr

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Queue, User
from mcp_finesse.server.arguments.arguments import Limit, Text, TextList
from mcp_finesse.server.arguments.conditions import LONGEST_WAIT, Condition, check, conditions
from mcp_finesse.server.arguments.conditions import Context as Conditions
from mcp_finesse.server.arguments.deadlines import deadline
from mcp_finesse.server.arguments.notification_matcher import NotificationMatcher, current_objects
from mcp_finesse.server.policy.reading import entry_filter, may_read
from mcp_finesse.server.present.feed_names import feed_named, received_feed, unavailable_reason
from mcp_finesse.server.present.journal_view import (
    entry_summary,
    in_slices,
    kind_named,
    objects_of,
    page_summary,
)
from mcp_finesse.server.present.limits import MAX_WAIT_SECONDS
from mcp_finesse.server.present.notification_text import changes, entry_line, entry_lines
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.team_summaries import agent_line, agent_summary, queue_line, queue_summary
from mcp_finesse.server.present.times import timestamp
from mcp_finesse.server.sdk.client_cursors import newest_given
from mcp_finesse.session import Entry, FinesseSession

MAX_DIGITS = 20
"""A cursor with this many digits is greater than the number of any entry, and is not converted to an integer."""
_PROGRESS_SECONDS = 5.0
"""Interval of progress notifications, for hosts that extend their timeout on progress."""
_WAIT_SECONDS = 20.0
_TICK_SECONDS = 1.0
"""Seconds between two checks of conditions that can become true without a notification, as time passes."""

Cursor = Annotated[Text | None, Field(description="Cursor of an earlier result")]
Feed = Annotated[Text | None, Field(description="Name from list_feeds, such as dialogs")]
Limit20 = Annotated[Limit, Field(description="Default 20")]


class NotificationsResult(Result):
    """A page of the journal."""

    notifications: list[dict[str, Any]]
    cursor: str
    left_out: int
    gap: bool
    note: str | None = None
    _after: str | None = PrivateAttr(default=None)

    def __str__(self) -> str:
        lines = entry_lines(self.notifications) or ["No notifications."]
        if self.left_out and self._after is None:
            lines.append(f"{self.left_out} older notifications were left out.")
        elif self.left_out:
            lines.append(
                f"{self.left_out} more notifications were left out. For the next ones, call "
                "get_notifications again with the cursor as `after`."
            )
        if self.gap:
            lines.append("Notifications may be missing (gap). Read the state with get_user and get_dialogs.")
        if self.note:
            lines.append(self.note)
        lines.append(f"Cursor: {self.cursor}")
        return "\n".join(lines)


async def get_notifications(
    session: FinesseSession, after: Cursor = None, feed: Feed = None, limit: Limit20 = 20
) -> NotificationsResult:
    """Read recent notifications (events), or notifications after a cursor.

    Use to see what happened; get_user and get_dialogs return the current state. Returns notifications,
    oldest first, and cursor.
    """
    page = session.journal.read(after, limit, feed and feed_named(session, feed), shown=entry_filter())
    result = NotificationsResult(
        **await page_summary(page, session.mirror.extension), note=unavailable_reason(session)
    )
    result._after = after
    return result


class WaitResult(Result):
    """How the wait ended: ``matched``, ``nothing_yet``, ``time_reached``, or ``gap`` (the match may be lost)."""

    status: Literal["matched", "nothing_yet", "time_reached", "gap"]
    cursor: str
    until: str | None = None
    notification: dict[str, Any] | None = None
    object: dict[str, Any] | None = None
    changed: list[str] | None = None
    note: str | None = None

    def __str__(self) -> str:
        again = f"`until` {self.until} and `after` {self.cursor}" if self.until else f"`after` {self.cursor}"
        said = {
            "matched": "Matched." if self.notification else "Matched by the current state.",
            "nothing_yet": f"Nothing yet. To keep waiting, call wait_for_notification again with {again}.",
            "time_reached": f"The time {self.until} was reached.",
            "gap": (
                "Notifications may have been lost, possibly the expected one. Check with get_user and "
                "get_dialogs."
            ),
        }[self.status]
        lines = [
            said,
            entry_line(self.notification) if self.notification else "",
            f"Changed since the last notification: {', '.join(self.changed)}" if self.changed else "",
            _object_line(self.object) if self.object else "",
            self.note or "",
            f"Cursor: {self.cursor}",
        ]
        return "\n".join(line for line in lines if line)


async def wait_for_notification(
    session: FinesseSession,
    ctx: Context,
    feed: Feed = None,
    kind: Annotated[
        Text | None, Field(description="Kind of notification: user, dialog, queue, error ...")
    ] = None,
    object_id: Annotated[Text | None, Field(description="Id of the object, such as a dialog id")] = None,
    field: Annotated[
        Text | None,
        Field(description="Field of the object, such as state, participants.state, longest_wait_seconds"),
    ] = None,
    value: Annotated[
        Text | None, Field(description="Required value: ALERTING, >=180, !=READY or changed")
    ] = None,
    also: Annotated[
        TextList | None, Field(description="More conditions on the object, such as calls_in_queue >= 5")
    ] = None,
    until: Annotated[
        Text | None, Field(description="End of the wait: 2 minutes, or a time with zone")
    ] = None,
    after: Annotated[
        Text | None, Field(description="Wait after this cursor. Default: your last cursor")
    ] = None,
    timeout: Annotated[
        float | None,
        Field(
            ge=0,
            le=MAX_WAIT_SECONDS,
            description="Maximum seconds to wait. Default 20; with `until`, 50",
        ),
    ] = None,
) -> WaitResult:
    """Wait for a notification that meets every condition, such as kind dialog, field state, value ALERTING.

    Use instead of repeated reads; get_notifications returns past notifications. Requires a received feed (list_feeds).
    Returns status, notification and cursor. If nothing arrived, call again.
    """
    started = time.monotonic()
    wanted = conditions(field, value, also or [])
    feed = feed and received_feed(session, feed)
    kind = kind and kind_named(kind)
    check(wanted, kind, feed)
    end = deadline(until, session.now()) if until else None
    matcher = NotificationMatcher(
        feed,
        kind,
        object_id,
        wanted,
        lambda: Conditions(session.now(), session.mirror.extension),
        readable=entry_filter(),
    )
    after = after or newest_given() or session.journal.cursor
    if session.journal.read(after, 0).gap:
        return WaitResult(status="gap", cursor=session.journal.cursor)
    if matcher.grows:
        await _read_groups(session, feed, wanted)
    await _start(matcher, session, after, _readable_objects(session, feed, kind))
    if timeout is None:
        timeout = MAX_WAIT_SECONDS if end else _WAIT_SECONDS
    limits = _Limits(session, started + timeout, end, _TICK_SECONDS if matcher.grows else _PROGRESS_SECONDS)
    reported = started
    while True:
        checked = session.journal.cursor  # the wait below checks all entries up to this cursor
        if matcher.grows and (found := matcher.find(_readable_objects(session, feed, kind))) is not None:
            return WaitResult(status="matched", cursor=checked, object=_object_summary(session, found))
        over = session.status.state.final
        entry = await session.journal.wait(after, matcher.ends, 0 if over else limits.next_slice())
        if entry is not None:
            return _ended(session, matcher, entry)
        if over:
            await session.ready(0)  # raises the permanent error of the session
        if limits.deadline_reached():
            return WaitResult(status="time_reached", cursor=checked, until=timestamp(end))
        if over or limits.time_left() <= 0:
            note = unavailable_reason(session)
            return WaitResult(status="nothing_yet", cursor=checked, until=timestamp(end), note=note)
        if time.monotonic() - reported >= _PROGRESS_SECONDS:
            reported = time.monotonic()
            await ctx.report_progress(reported - started, timeout, "Nothing yet")


@dataclass(frozen=True)
class _Limits:
    """The limits at which a wait returns without a match."""

    session: FinesseSession
    ends: float
    deadline: datetime | None
    slice_seconds: float

    def time_left(self) -> float:
        """Return the seconds until the timeout, measured with the monotonic clock."""
        return self.ends - time.monotonic()

    def deadline_reached(self) -> bool:
        """Return whether the time given as ``until`` has been reached."""
        return self.deadline is not None and self.session.now() >= self.deadline

    def next_slice(self) -> float:
        """Return the seconds to wait before the next check."""
        left = self.time_left()
        if self.deadline is not None:
            left = min(left, (self.deadline - self.session.now()).total_seconds())
        return min(max(left, 0), self.slice_seconds)


async def _read_groups(session: FinesseSession, feed: str | None, wanted: Iterable[Condition]) -> None:
    """Read the queues or the team that the conditions concern, because the known values may be outdated.

    Raises:
        InvalidRequestError: the session receives no feed that reports the values.
        FinesseError: the queues or the team could not be read.
    """
    group, _, group_id = (feed or "").partition(":")
    if any(condition.field == LONGEST_WAIT for condition in wanted):
        received = [each.slug for each in session.feeds() if each.subscribed]
        if not any(slug.partition(":")[0] in ("queue", "queues") for slug in received):
            raise InvalidRequestError(
                f"{LONGEST_WAIT} requires the feed queues or queue:ID; neither feed is received.",
                advice="Use subscribe_feed first.",
            )
        await (session.team_reader.queue(group_id) if group == "queue" else session.team_reader.queues())
    elif group == "team":
        await session.team_reader.team(group_id)


async def _start(
    matcher: NotificationMatcher, session: FinesseSession, after: str, current: Iterable[object]
) -> None:
    """Initialize the matcher with the entry after which the wait begins, and with the previous state of objects.

    Objects that have entries after the start of the wait are omitted from ``current``, because their current state
    already includes the changes in those entries.
    """
    digits = after.rpartition(":")[2]
    number = int(digits) if len(digits) < MAX_DIGITS else session.journal.newest
    matcher.start_after(number)
    if not matcher.needs_previous:
        return
    entries, current = list(session.journal), list(current)
    later = {
        _key(target)
        async for entry in in_slices(each for each in entries if each.number > number)
        for target in objects_of(entry.payload)
    }
    matcher.remember(target for target in current if _key(target) not in later)
    async for entry in in_slices(each for each in entries if each.number <= number):
        matcher.remember(objects_of(entry.payload))


def _readable_objects(session: FinesseSession, feed: str | None, kind: str | None) -> list[object]:
    """Return the current objects of a feed and kind, without queues that the policy does not allow to read."""
    found = current_objects(session, feed, kind)
    return [each for each in found if not isinstance(each, Queue) or may_read(f"queue:{each.id}")]


def _key(target: object) -> tuple[type, object]:
    return type(target), getattr(target, "id", None)


def _ended(session: FinesseSession, matcher: NotificationMatcher, entry: Entry) -> WaitResult:
    return WaitResult(
        status="matched" if matcher.matched else "gap",
        cursor=f"{session.journal.epoch}:{entry.number}",
        notification=entry_summary(entry, session.mirror.extension),
        object=_object_summary(session, matcher.target) if matcher.grows and matcher.matched else None,
        changed=changes(session.journal, entry, session.mirror.extension),
    )


def _object_summary(session: FinesseSession, target: object) -> dict[str, Any]:
    if isinstance(target, Queue):
        return {"queue": queue_summary(target, session.now())}
    assert isinstance(target, User)  # noqa: S101  (only queues and users have fields that grow)
    return {"user": agent_summary(target, session.now())}


def _object_line(shown: dict[str, Any]) -> str:
    return queue_line(shown["queue"]) if "queue" in shown else agent_line(shown["user"])
