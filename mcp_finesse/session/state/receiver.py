"""Receives notifications. Each one is parsed, recorded in the journal, and applied to the mirror exactly once.

The receiver runs inside the socket read, so it must not block or raise.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from mcp_finesse.errors import PayloadError
from mcp_finesse.model import SystemInfo, Update, parse_update
from mcp_finesse.redaction import truncated
from mcp_finesse.session.state.duplicates import Duplicates
from mcp_finesse.session.state.journal import UNREADABLE, Entry, Journal, bounded
from mcp_finesse.session.state.mirror import OWN_FEEDS, Mirror
from mcp_finesse.xmpp import FeedEvent, own_slug_of

log = logging.getLogger(__name__)
_KNOWN_FEEDS = OWN_FEEDS | {"system", "queues", "queue", "team"}
_LONGEST_REASON = 300
_UNREAD = "a notification could not be read"
_LOG_PAUSE = 10.0
"""Minimum seconds between two log lines about failed events, so that thousands of failures do not fill the disk."""


class Receiver:
    """Receives feed events.

    Args:
        on_update: A function that is called with every update before the update is applied to the mirror.
        on_errors: A function that is called with an update that carries errors. The function may return a
            sentence for the journal entry of the update.
        on_system: A function that is called with a SystemInfo. A SystemInfo in a notification is only a hint.
        on_loss: A function that is called with a sentence when an event of the agent cannot be read.
        on_stale: A function that is called when the XMPP server replayed an event of the agent. A replayed
            event shows an earlier state, so the current state must be read again.
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
        on_stale: Callable[[], None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._mirror = mirror
        self._on_update = on_update
        self._on_errors = on_errors
        self._on_system = on_system
        self._on_loss = on_loss
        self._on_stale = on_stale
        self._duplicates = Duplicates()
        self._logged_at = float("-inf")
        self._not_logged = 0
        self._refused = 0  # how many of the objects that the mirror rejected were already reported

    def take(self, event: FeedEvent) -> None:
        """Process one notification.

        If an exception occurs, the notification still gets an entry in the journal, and the state is read again.
        """
        number = self._journal.newest
        try:
            self._take(event)
        except Exception as error:
            reason = f"This notification could not be processed ({type(error).__name__})."
            self._log(event, error)
            node = event.node.casefold()
            recorded = self._duplicates.earlier(node, event.item_id, event.payload)
            if self._journal.newest == number and recorded is None:
                entry = self._unreadable(event, reason)
                self._duplicates.remember(node, event.item_id, event.payload, entry)
            else:
                self._report_loss(self._slug(event), event, "a notification could not be processed")

    def _take(self, event: FeedEvent) -> None:
        if event.delayed and self._slug(event) in OWN_FEEDS:
            self._on_stale()
        node, payload = event.node.casefold(), event.payload
        earlier = self._duplicates.earlier(node, event.item_id, payload)
        if earlier is not None and (event.delayed or not earlier.delayed):
            earlier.repeats += 1
            return
        replayed = earlier if earlier is not None and earlier.number >= self._journal.oldest else None
        try:
            update = parse_update(payload)
        except PayloadError as error:
            self._log(event, error)
            if replayed is not None:  # the replay already has an entry, but was not reported as a loss
                self._journal.mark_live(replayed)
                self._report_loss(self._slug(event), event, _UNREAD)
            else:
                entry = self._unreadable(event, error.message)
                self._duplicates.remember(node, event.item_id, payload, entry)
            return
        feed = self._slug(event)
        entry = Entry(
            feed,
            update.kind,
            object_id=update.object_id or "",
            event=str(update.event),
            request_id=update.request_id or "",
            payload=update,
            raw=payload,
            delayed=event.delayed,
            received_at=event.received_at,
        )
        known = feed.partition(":")[0] in _KNOWN_FEEDS
        try:
            # Update the mirror before the journal, so that the mirror is up to date when an entry wakes a
            # waiting client.
            if not event.delayed:
                if known:
                    self._on_update(update)
                self._mirror.apply(update, feed, len(payload))
                if known and update.errors:
                    entry.text = self._on_errors(update) or ""
        finally:
            if replayed is not None:  # the replay already has an entry, but did not change the mirror
                replayed.text = entry.text
                self._journal.mark_live(replayed)
                entry = replayed
            else:
                self._journal.append(entry)
            self._duplicates.remember(node, event.item_id, payload, entry)
        if (refused := self._mirror.refused) > self._refused:
            self._refused = refused
            self._report_loss(feed, event, "Finesse reported more objects than this MCP server stores")
        if known and not event.delayed and update.system_info is not None and not update.errors:
            self._on_system(update.system_info)

    def _slug(self, event: FeedEvent) -> str:
        return own_slug_of(event.node, self._mirror.user_id)

    def forget_newest(self) -> None:
        """Forget the newest payloads. The state may have changed, so an equal payload may report a new change."""
        self._duplicates.forget_newest()

    def _unreadable(self, event: FeedEvent, reason: str) -> Entry:
        feed = self._slug(event)
        entry = Entry(
            feed,
            UNREADABLE,
            raw=bounded(event.payload),
            delayed=event.delayed,
            text=truncated(reason, _LONGEST_REASON),
            received_at=event.received_at,
        )
        self._journal.append(entry)
        self._report_loss(feed, event, _UNREAD)
        return entry

    def _report_loss(self, feed: str, event: FeedEvent, reason: str) -> None:
        if event.delayed:
            return
        if feed in OWN_FEEDS:
            self._on_loss(reason)
        elif feed.partition(":")[0] in _KNOWN_FEEDS:
            self._mirror.forget_teams_and_queues()  # the next request for teams or queues reads them again

    def _log(self, event: FeedEvent, error: Exception) -> None:
        now = time.monotonic()
        if now - self._logged_at < _LOG_PAUSE:
            self._not_logged += 1
            return
        more = f" ({self._not_logged} more failures since the last log line)" if self._not_logged else ""
        self._logged_at, self._not_logged = now, 0
        known = isinstance(error, PayloadError)  # log the traceback, because the exception is a bug
        log.warning(
            "A notification of %r could not be processed: %s%s",
            truncated(event.node, 200),
            truncated(str(error), _LONGEST_REASON) if known else type(error).__name__,
            more,
            exc_info=None if known else error,
        )
