"""What proves that the agent signed in or out, or changed the state."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import User
from mcp_finesse.session.goals.goal import Verdict, View


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The agent is signed in, at this extension."""

    extension: str

    def verdict(self, view: View) -> Verdict | None:
        """Signing in again keeps the state (guide p.23), so any state but LOGOUT will do."""
        user = view.user
        if user is None or user.state in ("LOGOUT", "UNKNOWN") or not user.extension:
            return None
        return Verdict() if user.extension == self.extension else None


# A READY agent may be given a call before anybody sees the READY.
_READY = frozenset({"READY", "RESERVED", "RESERVED_OUTBOUND", "RESERVED_OUTBOUND_PREVIEW"})
_BUSY = frozenset({"TALKING", "HOLD", "RESERVED_OUTBOUND_PREVIEW"})


@dataclass(frozen=True, slots=True)
class StateIs:
    """The agent's state (or, during a call, the pending state) is the one asked for."""

    state: str
    reason_code_id: int | None = None

    def verdict(self, view: View) -> Verdict | None:
        """Done at once, or pending: then Finesse applies it when the call ends."""
        return self.verdict_on(view.user) if view.user is not None else None

    def verdict_on(self, user: User) -> Verdict | None:
        """The same of any agent."""
        wanted = _READY if self.state == "READY" else {self.state}
        if user.state in wanted:
            asked = self.reason_code_id
            return Verdict() if asked is None or user.reason_code_id == asked else None
        if user.state in _BUSY and user.pending_state == self.state:
            return Verdict(note=f"Finesse keeps it as the pending state: {self.state} when the call ends.")
        return None
