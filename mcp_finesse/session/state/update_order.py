"""Determines the order of two updates of one object from their content, and reports updates that cannot be ordered.

Finesse sends whole objects without a sequence number. Times and states order most of them. Two updates of one call
with equal times and different call variables do not show their order: the later received one is kept, and the state is
read again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from enum import Enum, auto
from typing import TypeVar

from mcp_finesse.model import Dialog, Participant, User
from mcp_finesse.session.state.freshness import significant_fields_of_dialog, significant_fields_of_user

T = TypeVar("T")

_MAX_OBJECTS = 256
_MAX_CANDIDATES = 8
# Progress of a participant. States with the same number can follow each other in either order.
_PROGRESS = {
    "INITIATING": 0,
    "INITIATED": 1,
    "ALERTING": 2,
    "ACTIVE": 3,
    "HELD": 3,
    "WRAP_UP": 4,
    "DROPPED": 5,
    "FAILED": 5,
}


class Order(Enum):
    """The order of a received update and the known one."""

    NEWER = auto()
    OLDER = auto()
    SAME = auto()
    """Both have the same content."""
    UNORDERED = auto()
    """The content differs, and nothing in it shows which is newer."""


def order_of_dialogs(new: Dialog, known: Dialog) -> Order:
    """Order two updates of one dialog by the times and states of its participants.

    A state decides only where the times are equal: a participant who was dropped may come back later.
    """
    held = {party.media_address: party for party in known.participants}
    signs = {
        sign
        for party in new.participants
        if party.media_address in held and (sign := _sign(party, held[party.media_address]))
    }
    if len(signs) == 1:
        return Order.NEWER if signs == {1} else Order.OLDER
    if not signs and _joined_later(new, known):
        return Order.NEWER
    return Order.SAME if not signs and content_of_dialog(new) == content_of_dialog(known) else Order.UNORDERED


def order_of_users(new: User, known: User) -> Order:
    """Order two updates of one agent by the time of the state."""
    same = significant_fields_of_user(new) == significant_fields_of_user(known)
    return order_by_time(_seconds(new.state_change_time), _seconds(known.state_change_time), same=same)


def _seconds(when: datetime | None) -> float | None:
    return when.timestamp() if when is not None else None


def order_by_time(new: float | None, known: float | None, *, same: bool) -> Order:
    """Order two updates by the time of the change. None means an unknown time, as of an object that never changed."""
    if new is not None and new != known:
        return Order.NEWER if known is None or new > known else Order.OLDER
    return Order.SAME if same else Order.UNORDERED


def _sign(new: Participant, known: Participant) -> int:
    """Return 1 for newer, -1 for older, 0 if unknown."""
    if new.state_change_time is None or known.state_change_time is None:
        return int(new.state_change_time is not None)
    if new.state_change_time != known.state_change_time:
        return 1 if new.state_change_time > known.state_change_time else -1
    told, held = _PROGRESS.get(str(new.state)), _PROGRESS.get(str(known.state))
    if told is None or held is None or told == held:
        return 0
    return 1 if told > held else -1


def _joined_later(new: Dialog, known: Dialog) -> bool:
    """Return whether a participant joined later than all known ones. An earlier one may come from a conference."""
    addresses = {party.media_address for party in known.participants}
    known_times = [party.state_change_time for party in known.participants if party.state_change_time]
    joined = [
        party.state_change_time
        for party in new.participants
        if party.media_address not in addresses and party.state_change_time
    ]
    return bool(known_times and joined) and max(joined) > max(known_times)


def content_of_dialog(dialog: Dialog) -> tuple[object, ...]:
    """Return the content by which two updates of one dialog are compared."""
    actions = {(party.media_address, frozenset(party.actions)) for party in dialog.participants}
    return (significant_fields_of_dialog(dialog), actions)


class CloseUpdates:
    """Remembers recent updates, and reports those that arrived close together and cannot be ordered.

    Attributes:
        window: Seconds between two updates within which they may have been sent in the wrong order.
        on_unordered: Called when the state must be read to determine which of two updates is newer.
        on_settled: Called when a read matched one of two such updates, possibly not the later received one.
    """

    def __init__(self, window: float = 0.5, clock: Callable[[], float] = time.monotonic) -> None:
        self.window = window
        self.on_unordered: Callable[[], None] = lambda: None
        self.on_settled: Callable[[], None] = lambda: None
        self._clock = clock
        self._taken: OrderedDict[Hashable, float] = OrderedDict()
        self._candidates: dict[Hashable, list[object]] = {}

    def take(
        self, key: Hashable, order: Order, new: T, known: T | None, content: Callable[[T], object]
    ) -> None:
        """Record an update that was kept.

        Args:
            key: Identifies the object.
            order: The order of the update and the known state.
            new: The update.
            known: The known state; never None for an update that cannot be ordered.
            content: Returns what is compared with a read. Called only if needed, because most updates are ordered.
        """
        last = self._taken.get(key)
        if order is Order.UNORDERED and last is not None and self._clock() - last <= self.window:
            if key not in self._candidates and known is not None:
                self._candidates[key] = [content(known)]
            candidates = self._candidates.setdefault(key, [])
            candidates.append(content(new))
            del candidates[:-_MAX_CANDIDATES]
            self.on_unordered()
        elif order is Order.NEWER:
            self._candidates.pop(key, None)
        self._note(key)

    def settle(self, key: Hashable, read: object) -> bool:
        """Record that the object was read. Return whether the read equals an unordered update."""
        self._note(key)
        settled = read in self._candidates.pop(key, ())
        if settled:
            self.on_settled()
        return settled

    def forget(self, key: Hashable) -> None:
        """Forget an object that no longer exists."""
        self._taken.pop(key, None)
        self._candidates.pop(key, None)

    def _note(self, key: Hashable) -> None:
        self._taken[key] = self._clock()
        self._taken.move_to_end(key)
        if len(self._taken) > _MAX_OBJECTS:
            self.forget(next(iter(self._taken)))
