"""The one place where a notification comes in: parsed once, journalled once, mirrored once.

Runs inside the read of the socket, so it must not wait and must not raise.
"""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.errors import PayloadError
from mcp_finesse.model import SystemInfo, Update, parse_update
from mcp_finesse.session.duplicates import Duplicates
from mcp_finesse.session.journal import UNREADABLE, Entry, Journal, bounded
from mcp_finesse.session.mirror import Mirror
from mcp_finesse.xmpp import FeedEvent, slug_of

_OWN_FEEDS = frozenset({"user", "dialogs", "media", "media_dialogs"})
_LONGEST_REASON = 300


class Receiver:
    """Takes feed events in.

    Args:
        on_update: called with every update before it is mirrored.
        on_errors: called with an update that carries errors; may return a sentence for its journal entry.
        on_system: called with a SystemInfo, which is a hint only.
        on_loss: called with a sentence when an event of the agent could not be read.
    """

    def __init__(
        self,
        journal: Journal,
        mirror: Mirror,
        *,
        on_update: Callable[[Update], None] = lambda _: None,
        on_errors: Callable[[Update], str | None],
        on_system: Callable[[SystemInfo], None],
        on_loss: Callable[[str], None],
    ) -> None:
        self._journal = journal
        self._mirror = mirror
        self._on_update = on_update
        self._on_errors = on_errors
        self._on_system = on_system
        self._on_loss = on_loss
        self._duplicates = Duplicates()

    def take(self, event: FeedEvent) -> None:
        """Take one notification in."""
        node, payload = event.node.casefold(), event.payload
        earlier = self._duplicates.earlier(node, event.item_id, payload)
        if earlier is not None and (event.delayed or not earlier.delayed):  # a replay was not mirrored
            earlier.repeats += 1
            return
        try:
            update = parse_update(payload)
        except PayloadError as error:
            self._duplicates.remember(node, event.item_id, self._unreadable(event, error))
            return
        feed = slug_of(event.node)
        # State first, then the journal: who is woken by an entry finds the mirror as the entry says.
        text = None
        if not event.delayed:
            self._on_update(update)
            self._mirror.apply(update, feed)
            text = self._on_errors(update) if update.errors else None
        entry = Entry(
            feed,
            update.kind,
            object_id=update.object_id or "",
            event=str(update.event),
            request_id=update.request_id or "",
            payload=update,
            raw=payload,
            delayed=event.delayed,
            text=text or "",
            received_at=event.received_at,
        )
        self._journal.append(entry)
        self._duplicates.remember(node, event.item_id, entry)
        if not event.delayed and update.system_info is not None and not update.errors:
            self._on_system(update.system_info)

    def forget_newest(self) -> None:
        """The state is not as the newest notifications left it: what reads like them may be news."""
        self._duplicates.forget_newest()

    def _unreadable(self, event: FeedEvent, error: PayloadError) -> Entry:
        entry = Entry(
            slug_of(event.node),
            UNREADABLE,
            raw=bounded(event.payload),
            delayed=event.delayed,
            text=error.message[:_LONGEST_REASON],
            received_at=event.received_at,
        )
        self._journal.append(entry)
        if entry.feed in _OWN_FEEDS and not event.delayed:
            self._on_loss("a notification could not be read")
        return entry
