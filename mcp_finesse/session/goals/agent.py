"""What proves that the agent signed in or out, or changed the state."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import MobileAgent, User
from mcp_finesse.session.goals.goal import Difference, Verdict, View


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The agent is signed in, at this extension.

    Attributes:
        mode: of a mobile agent, or None.
        dial_number: where a mobile agent is called.
        device_id: the phone of a shared line, or None.
    """

    extension: str
    mode: str | None = None
    dial_number: str | None = None
    device_id: str | None = None

    def verdict(self, view: View) -> Verdict | None:
        """Signing in again keeps the state (guide p.23), so any state but LOGOUT will do."""
        user = view.user
        if user is None or user.state in ("LOGOUT", "UNKNOWN") or not user.extension:
            return None
        if user.extension != self.extension:
            return None
        differences = self._differences(user)
        return Verdict(differences=differences, provisional=bool(differences))

    def _differences(self, user: User) -> tuple[Difference, ...]:
        """What of the rest is not so, or not known: only the node of the sign-in knows it (guide p.33)."""
        mobile = user.mobile_agent or MobileAgent()
        shown = (
            ("mode", self.mode, mobile.mode),
            ("dial_number", self.dial_number, mobile.dial_number),
            ("device_id", self.device_id, user.active_device_id),
        )
        return tuple(
            Difference(name, asked, got or "")
            for name, asked, got in shown
            if asked is not None and asked != got
        )


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
