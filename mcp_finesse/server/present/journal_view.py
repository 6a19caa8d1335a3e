"""Presents journal entries for tools and resources, and contains functions with which a wait matches entries."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Dialog, Media, Queue, SystemInfo, Team, TeamMessage, Update, User
from mcp_finesse.privacy import caller_text, quoted
from mcp_finesse.server.present.limits import MAX_DIALOGS_OF_NOTIFICATION as _MAX_DIALOGS
from mcp_finesse.server.present.limits import MAX_ERRORS, MAX_ITEMS
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.summaries import (
    Summary,
    clipped,
    compact,
    dialog_summary,
    plain,
    user_summary,
)
from mcp_finesse.server.present.times import exact_timestamp
from mcp_finesse.session import Entry, Page

logger = logging.getLogger(__name__)
_SLICE = 0.05
"""Seconds of work after which ``in_slices`` lets the event loop run."""

# The keys are kinds of notification. "system" is the feed of the kind "system_info".
MODELS: dict[str, type[BaseModel]] = {
    "user": User,
    "dialog": Dialog,
    "dialogs": Dialog,
    "media_dialog": Dialog,
    "media_dialogs": Dialog,
    "system_info": SystemInfo,
    "system": SystemInfo,
    "queue": Queue,
    "queues": Queue,
    "media": Media,
    "team": Team,
    "team_message": TeamMessage,
}
"""The type of object for each kind of notification. ``system`` is the feed of the kind ``system_info``."""
_KINDS = sorted({*MODELS, "error", "gap", "other", "unreadable"} - {"system"})
# Objects arrive individually or in lists. A wait treats an object and a list of such objects as the same kind.
_SAME_OBJECT = ({"dialog", "dialogs"}, {"media_dialog", "media_dialogs"}, {"queue", "queues"})


async def in_slices(entries: Iterable[Entry]) -> AsyncIterator[Entry]:
    """Yield the entries. Let the event loop run regularly, because accessing an old entry parses its XML again."""
    began = time.monotonic()
    for entry in entries:
        yield entry
        if time.monotonic() - began > _SLICE:
            await asyncio.sleep(0)
            began = time.monotonic()


async def page_summary(page: Page, extension: str | None) -> Summary:
    """Return a page of the journal with its entries, the next cursor, the number of omitted entries, and any gap."""
    return {
        "notifications": [entry_summary(entry, extension) async for entry in in_slices(page.entries)],
        "cursor": page.cursor,
        "left_out": page.left_out,
        "gap": page.gap,
    }


def entry_summary(entry: Entry, extension: str | None) -> Summary:
    """Return a notification, without its raw XML."""
    try:
        payload = _payload(entry.payload, extension)
    except Exception as error:  # one bad notification must not hide the other notifications
        logger.exception("Notification %s cannot be shown", entry.number)
        payload = {
            "text": f"This notification cannot be shown ({type(error).__name__}). get_raw_notification returns its XML."
        }
    # The feed name is empty if Finesse did not send one.
    head = {"number": entry.number, "feed": entry.feed, "kind": entry.kind}
    shown: Summary = clipped(head | _about(entry) | payload)
    return shown


def _about(entry: Entry) -> Summary:
    return compact(
        received_at=exact_timestamp(entry.received_at),
        event=entry.event and str(entry.event),
        object_id=entry.object_id,
        request_id=entry.request_id,
        repeats=entry.repeats or None,
        delayed=entry.delayed or None,
        gap=plain(entry.gap) if entry.gap else None,
        text=entry.text,
    )


def _payload(update: Update | None, extension: str | None) -> Summary:
    if update is None:
        return {}
    return compact(
        errors=plain(update.errors[:MAX_ERRORS]),
        errors_left_out=max(0, len(update.errors) - MAX_ERRORS) or None,
        user=user_summary(update.user) if update.user else None,
        dialog=dialog_summary(update.dialog, extension) if update.dialog else None,
        dialogs=[dialog_summary(item, extension) for item in update.dialogs[:_MAX_DIALOGS]],
        dialogs_left_out=max(0, len(update.dialogs) - _MAX_DIALOGS) or None,
        system_info=plain(update.system_info) if update.system_info else None,
        queue=plain(update.queue) if update.queue else None,
        queues=plain(update.queues[:MAX_ITEMS]),
        queues_left_out=max(0, len(update.queues) - MAX_ITEMS) or None,
        media=plain(update.media) if update.media else None,
        team=_team(update.team) if update.team else None,
        # messages and unknown objects may contain text from callers, so all of their text is marked
        caller_supplied=compact(
            team_message=caller_text(to_json(plain(update.team_message)).decode())
            if update.team_message
            else None,
            object=caller_text(to_json(redacted(update.other)).decode()) if update.other else None,
        ),
    )


def _team(team: Team) -> Summary:
    return compact(
        id=team.id,
        name=team.name,
        users=[user_summary(user) for user in team.users[:MAX_ITEMS]],
        users_left_out=max(0, len(team.users) - MAX_ITEMS) or None,
    )


def kind_named(name: str) -> str:
    """Return the kind of notification with the given name.

    Raises:
        InvalidRequestError: no kind has this name. The error lists the kinds.
    """
    kind = name.strip().lower()
    if kind not in _KINDS:
        raise InvalidRequestError(
            f"There is no notification kind {quoted(name)}.", advice=f"Kinds: {', '.join(_KINDS)}."
        )
    return kind


def is_live(entry: Entry) -> bool:
    """Return whether an entry is a new notification. A notification that the XMPP server replayed is not new."""
    return not entry.delayed


def is_kind(entry: Entry, kind: str) -> bool:
    """Return whether an entry is of this kind. A list of objects counts as the same kind as a single object."""
    return entry.kind == kind or {entry.kind, kind} in _SAME_OBJECT


def about(entry: Entry, object_id: str) -> bool:
    """Return whether an entry contains this object, either alone or in a list."""
    return entry.object_id == object_id or any(
        getattr(item, "id", None) == object_id for item in objects_of(entry.payload)
    )


def objects_of(update: Update | None) -> list[Any]:
    """Return the objects that the notification contains."""
    if update is None:
        return []
    own = (
        update.user,
        update.dialog,
        update.system_info,
        update.queue,
        update.media,
        update.team,
        update.team_message,
        update.other,
    )
    members = update.team.users if update.team is not None else []
    return [item for item in own if item is not None] + [
        *update.dialogs,
        *update.queues,
        *members,
        *update.errors,
    ]


def values_at(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield the values at a path of field names. For a list, yield the values of every item."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from values_at(item, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping):
        yield from values_at(value.get(path[0]), path[1:])
    elif value is not None:
        yield from values_at(getattr(value, path[0], None), path[1:])
