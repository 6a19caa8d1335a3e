"""Feeds the call log from the mirror and the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mcp_finesse.model import Update
from mcp_finesse.session.state.call_log import CallLog
from mcp_finesse.session.state.journal import SESSION, Entry
from mcp_finesse.session.state.mirror import Change, Mirror

_OWN_CALLS = "dialogs"


class CallWatch:
    """Passes every change of the agent's calls to the call log. The changes come from notifications and reads.

    Args:
        log: The call log, which records the changes.
        mirror: Holds the agent's calls. A notification updates the mirror before the journal records it.
        now: A function that returns the current time of the local clock.
    """

    def __init__(self, log: CallLog, mirror: Mirror, now: Callable[[], datetime]) -> None:
        self._log = log
        self._mirror = mirror
        self._now = now
        self._extension: str | None = None

    def on_change(self, change: Change) -> None:
        """Record the new state of a call in the mirror."""
        if change.kind == "user":
            self._log.watch_from(self._now())
            # sign-out clears the extension, but the record of the last call may still need the extension
            self._extension = self._mirror.extension or self._extension
        if change.kind != "dialog" or change.id is None:
            return
        dialog = self._mirror.dialogs.get(change.id)
        if dialog is None:
            self._log.remove(change.id, self._now())
        else:
            self._log.update(dialog, self._mirror.extension or self._extension, self._now())

    def on_entry(self, entry: Entry) -> None:
        """Record the last update of an ended call, which the mirror no longer holds."""
        if entry.kind == "gap":
            self._log.gaps += entry.feed in (SESSION, _OWN_CALLS)
            return
        update = entry.payload
        if entry.feed != _OWN_CALLS or entry.delayed or not isinstance(update, Update):
            return
        extension = self._mirror.extension or self._extension
        for dialog in [update.dialog] if update.dialog is not None else update.dialogs:
            if dialog.id not in self._mirror.dialogs:
                self._log.update(dialog, extension, entry.received_at, current=False)
