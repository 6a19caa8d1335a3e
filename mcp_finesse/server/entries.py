"""Journal entries in the form that tools and resources show, and what a waiter may ask of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Dialog, Media, Queue, SystemInfo, Team, TeamMessage, Update, User
from mcp_finesse.privacy import caller_text, quoted
from mcp_finesse.server.limits import MAX_DIALOGS_OF_NOTIFICATION as _MAX_DIALOGS
from mcp_finesse.server.limits import MAX_ERRORS, MAX_ITEMS
from mcp_finesse.server.summaries import (
    Summary,
    compact,
    dialog_summary,
    plain,
    user_summary,
)
from mcp_finesse.server.times import exact_timestamp
from mcp_finesse.session import Entry, Page

# By kind; "system" is the feed of the kind system_info.
_MODELS: dict[str, type[BaseModel]] = {
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
_KINDS = sorted({*_MODELS, "error", "gap", "other", "unreadable"} - {"system"})
# An object may come alone or in a list: for who waits these are one kind.
_ALIKE = ({"dialog", "dialogs"}, {"media_dialog", "media_dialogs"}, {"queue", "queues"})


def page_summary(page: Page, extension: str | None) -> Summary:
    """A page of the journal: entries, the cursor to read on from, how many were left out, any gap."""
    return {
        "notifications": [entry_summary(entry, extension) for entry in page.entries],
        "cursor": page.cursor,
        "left_out": page.left_out,
        "gap": page.gap,
    }


def entry_summary(entry: Entry, extension: str | None) -> Summary:
    """One notification, without its raw XML."""
    return compact(
        number=entry.number,
        received_at=exact_timestamp(entry.received_at),
        feed=entry.feed,
        kind=entry.kind,
        event=entry.event and str(entry.event),
        object_id=entry.object_id,
        request_id=entry.request_id,
        repeats=entry.repeats or None,
        delayed=entry.delayed or None,
        gap=plain(entry.gap) if entry.gap else None,
        text=entry.text,
        **_payload(entry.payload, extension),
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
        # What people wrote, and whatever else Finesse publishes may carry what a caller said: all of it is marked
        caller_supplied=compact(
            team_message=caller_text(to_json(plain(update.team_message)).decode())
            if update.team_message
            else None,
            object=caller_text(to_json(update.other).decode()) if update.other else None,
        ),
    )


def _team(team: Team) -> Summary:
    return compact(
        id=team.id,
        name=team.name,
        users=[user_summary(user) for user in team.users[:MAX_ITEMS]],
        users_left_out=max(0, len(team.users) - MAX_ITEMS) or None,
    )


def known_fields(kind: str | None, feed: str | None) -> list[str] | None:
    """The fields that a notification of this kind or feed has; None when that cannot be told."""
    model = _MODELS.get(kind or "") or _MODELS.get(feed or "")
    return sorted(model.model_fields) if model else None


def kind_named(name: str) -> str:
    """The kind of notification that is meant.

    Raises:
        InvalidRequestError: there is no such kind; names those there are.
    """
    kind = name.strip().lower()
    if kind not in _KINDS:
        raise InvalidRequestError(
            f"no notification is of the kind {quoted(name)}.", advice=f"Kinds: {', '.join(_KINDS)}."
        )
    return kind


def is_news(entry: Entry) -> bool:
    """Whether the entry tells something new: what the server replays does not."""
    return not entry.delayed


def is_kind(entry: Entry, kind: str) -> bool:
    """Whether the entry is of this kind; that a dialog may come alone or in a list makes no difference."""
    return entry.kind == kind or {entry.kind, kind} in _ALIKE


def about(entry: Entry, object_id: str) -> bool:
    """Whether the entry is about this object, also when it came in a list."""
    return entry.object_id == object_id or any(
        getattr(item, "id", None) == object_id for item in _objects(entry.payload)
    )


def has_value(entry: Entry, path: str, wanted: str | None) -> bool:
    """Whether a field of the entry's object has a value (any, when ``wanted`` is None); case does not matter.

    Args:
        entry: the notification.
        path: the field's name, or names joined by dots; ``participants.state`` holds if one participant fits.
        wanted: the value as text.
    """
    found = [value for value in _values(_objects(entry.payload), path.split(".")) if value is not None]
    return bool(found) if wanted is None else any(str(v).casefold() == wanted.casefold() for v in found)


def _objects(update: Update | None) -> list[Any]:
    """What the notification is about."""
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


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _values(item, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping):
        yield from _values(value.get(path[0]), path[1:])
    elif value is not None:
        yield from _values(getattr(value, path[0], None), path[1:])
