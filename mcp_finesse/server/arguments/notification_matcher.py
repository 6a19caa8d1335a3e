"""Matching of notifications and object states against the conditions of a wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mcp_finesse.server.arguments.conditions import CHANGED, Condition, Context
from mcp_finesse.server.present.journal_view import is_kind, is_live, objects_of
from mcp_finesse.session import Entry, FinesseSession
from mcp_finesse.session.state.journal import SESSION


class NotificationMatcher:
    """Matches journal entries in order. A gap entry also ends a wait: the wanted notification may have been lost.

    Args:
        feed: match only notifications of this feed. None for all feeds.
        kind: match only notifications of this kind. None for all kinds.
        object_id: match only notifications about this object. None for all objects.
        conditions: one object of the notification must meet all conditions.
        context: a function that returns the values on which computed fields depend.
        readable: a function that returns whether a notification may be read. None if every notification may be read.

    Attributes:
        matched: whether the wait ended with the wanted notification rather than with a gap.
        target: the object in the notification that met the conditions. None if there are no conditions.
    """

    def __init__(
        self,
        feed: str | None,
        kind: str | None,
        object_id: str | None,
        conditions: tuple[Condition, ...],
        context: Callable[[], Context],
        *,
        readable: Callable[[Entry], bool] | None = None,
    ) -> None:
        self.matched = False
        self.target: object | None = None
        self._feed = feed
        self._kind = kind
        self._object_id = object_id
        self._conditions = conditions
        self._context = context
        self._readable = readable
        self._previous: dict[tuple[type, str], object] = {}
        self._seen = 0

    @property
    def grows(self) -> bool:
        """Whether the wait can end as time passes, without a notification."""
        return any(condition.grows for condition in self._conditions)

    @property
    def needs_previous(self) -> bool:
        """Whether a condition compares an object with its previous state."""
        return any(condition.operator == CHANGED for condition in self._conditions)

    def start_after(self, number: int) -> None:
        """Start the wait with the first entry after ``number``."""
        self._seen = number

    def remember(self, targets: Iterable[object]) -> None:
        """Store the state of objects before the wait. A later state of the same object replaces the stored state."""
        for target in targets:
            self._remember(target)

    def ends(self, entry: Entry) -> bool:
        """Return whether the wait ends with this entry. Each entry is checked only once."""
        if entry.number <= self._seen:
            return False
        self._seen = entry.number
        if self._readable is not None and not self._readable(entry):
            return False
        self.matched = self._fits(entry)
        return self.matched or (entry.kind == "gap" and entry.feed in (SESSION, self._feed or entry.feed))

    def find(self, current: Iterable[object]) -> object | None:
        """Return the first object that currently meets the conditions, or None."""
        context = self._context()
        for target in current:
            if self._object_id in (None, getattr(target, "id", None)) and self._holds(target, context):
                return target
        return None

    def _fits(self, entry: Entry) -> bool:
        if entry.kind == "gap":
            return self._kind == "gap"
        if not is_live(entry):  # a replayed notification describes a past state
            return False
        targets = self._targets(entry)
        holding = [target for target in targets if self._holds(target, self._context())]
        self.target = holding[0] if self._conditions and holding else None
        for target in targets:
            self._remember(target)
        return (
            (self._feed is None or entry.feed == self._feed)
            and (self._kind is None or is_kind(entry, self._kind))
            and (self._object_id is None or entry.object_id == self._object_id or bool(targets))
            and (not self._conditions or bool(holding))
        )

    def _targets(self, entry: Entry) -> list[Any]:
        found = objects_of(entry.payload)
        if self._object_id is None:
            return found
        named = [target for target in found if getattr(target, "id", None) == self._object_id]
        return named or (found if entry.object_id == self._object_id else [])

    def _holds(self, target: object, context: Context) -> bool:
        previous = self._previous.get(_key(target))
        return all(condition.holds(target, context, previous) for condition in self._conditions)

    def _remember(self, target: object) -> None:
        if self.needs_previous:
            self._previous[_key(target)] = target


def _key(target: object) -> tuple[type, str]:
    return type(target), str(getattr(target, "id", ""))


def current_objects(session: FinesseSession, feed: str | None, kind: str | None) -> list[object]:
    """Return the current objects that notifications of this feed and kind describe."""
    mirror = session.mirror
    group, _, group_id = (feed or "").partition(":")
    found: list[object] = []
    if mirror.user is not None and group in ("", "user") and kind in (None, "user"):
        found.append(mirror.user)
    if group in ("", "dialogs") and kind in (None, "dialog", "dialogs"):
        found += mirror.dialogs.values()
    if group == "team" and (team := mirror.teams.get(group_id)) is not None:
        found += team.users
    if group in ("", "queue", "queues") and kind in (None, "queue", "queues"):
        found += [queue for queue in mirror.queues.values() if group_id in ("", queue.id)]
    return found
