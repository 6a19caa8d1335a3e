"""Remembers the reason code of the agent's pending state, because Finesse does not report it.

During a phone call Finesse keeps a requested state as pending, and reports the state without its reason code.
The reason code is taken from this session's last accepted request, as long as no other change of the pending
state was seen.
"""

from __future__ import annotations

from mcp_finesse.model import User
from mcp_finesse.session.state.agents import significant_fields


class PendingReason:
    """Remembers the reason code of this session's last request, until another client may have changed it."""

    def __init__(self) -> None:
        self._known: tuple[str, int] | None = None

    def of(self, state: str) -> int | None:
        """Return the database id of the reason code of this pending state, or None if unknown."""
        return self._known[1] if self._known is not None and self._known[0] == state else None

    def record(self, state: str, reason_code_id: int | None) -> None:
        """Record a request that Finesse accepted. ``reason_code_id`` is None if the reason code is unknown."""
        self._known = (state, reason_code_id) if reason_code_id is not None else None

    def see(self, user: User, before: User | None) -> None:
        """Process a report of the agent. A report without a change may follow a request with another reason code."""
        if self._known is None:
            return
        same = before is not None and significant_fields(user) == significant_fields(before)
        if same or user.pending_state != self._known[0]:
            self._known = None
