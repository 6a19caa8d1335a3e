"""What proves that the agent signed in or out, or changed the state."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import MobileAgent, User
from mcp_finesse.session.completion.completion import Difference, Evaluation, View
from mcp_finesse.session.completion.evidence import Evidence, History


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The agent is signed in, at this extension.

    Attributes:
        mode: of a mobile agent, or None.
        dial_number: where a mobile agent is called.
        device_id: the phone of a shared line, or None.
        again: the agent was signed in when the request was sent, so being signed in proves nothing.
    """

    extension: str
    mode: str | None = None
    dial_number: str | None = None
    device_id: str | None = None
    again: bool = False

    def verdict(self, view: View) -> Evaluation | None:
        """Signing in again keeps the state (guide p.23), so any state but LOGOUT will do.

        Only the node of the sign-in knows how it was done (guide p.33). What is shown otherwise is not done; what is
        not shown at all will do after a new sign-in.
        """
        user = view.user
        if user is None or user.state in ("LOGOUT", "UNKNOWN") or user.extension != self.extension:
            return None
        differences = self._differences(user)
        unseen = [each.field for each in differences if not each.got]
        if len(unseen) < len(differences) or (unseen and self.again):
            return None
        note = f"Finesse does not show {', '.join(unseen)}." if unseen else ""
        return Evaluation(note=note, provisional=bool(unseen))

    def shortfall(self, view: View) -> tuple[Difference, ...]:
        """The extension and the settings that are not as asked."""
        user = view.user
        if user is None:
            return ()
        extension = user.extension if user.state != "LOGOUT" else ""
        elsewhere = extension != self.extension
        first = (Difference("extension", self.extension, extension or ""),) if elsewhere else ()
        return first + self._differences(user)

    def _differences(self, user: User) -> tuple[Difference, ...]:
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
_REASON_UNSEEN = "Finesse does not show the reason of a pending state."


@dataclass(frozen=True, slots=True)
class StateIs:
    """The agent's state (or, during a call, the pending state) is the one asked for.

    Attributes:
        before: the agent when the request was planned. What it showed then proves nothing of the request.
    """

    state: str
    reason_code_id: int | None = None
    before: User | None = None

    def verdict(self, view: View) -> Evaluation | None:
        """Done at once, or pending: then Finesse applies it when the call ends."""
        if view.user is None:
            return None
        return self.verdict_on(view.user, view.pending_reason.of(self.state))

    def verdict_on(self, user: User, pending_reason: int | None = None) -> Evaluation | None:
        """The same of any agent; ``pending_reason`` is the known reason of the pending state."""
        asked = self.reason_code_id
        if user.state == self.state:
            return Evaluation() if asked is None or user.reason_code_id == asked else None
        if self.state == "READY" and user.state in _READY and self._was_in_another_state_than(user):
            return Evaluation()
        if user.state in _BUSY and user.pending_state == self.state:
            note = f"{self.state} is pending and takes effect when the call ends."
            if asked is None or asked == pending_reason:
                return Evaluation(note=note)
            if self.before is not None and self.before.pending_state != self.state:
                return Evaluation(note=f"{note} {_REASON_UNSEEN}", unseen=True)
            return Evaluation(note=note, weak=True)
        return None

    def evidence(self, history: History) -> Evidence:
        """A state that was pending before with a reason that is not known."""
        own = history.request_id
        supported = bool(own) and any(each.request_id == own for each in history.sightings)
        was_pending = self.before is not None and self.before.pending_state == self.state
        as_before = ", as it was before" if was_pending else ""
        otherwise = f"{self.state} is pending{as_before}. Finesse does not report the reason that is pending"
        return Evidence(supported, otherwise=otherwise, unreported=True)

    def shortfall(self, view: View) -> tuple[Difference, ...]:
        """The state, or its reason."""
        user = view.user
        if user is None:
            return ()
        if user.state != self.state:
            return (Difference("state", self.state, str(user.state)),)
        asked, got = self.reason_code_id, user.reason_code_id
        return (Difference("reason_code_id", str(asked), str(got)),) if asked not in (None, got) else ()

    def _was_in_another_state_than(self, user: User) -> bool:
        """A reserved agent is not READY, but one who became reserved was READY before (guide p.41)."""
        return self.before is not None and self.before.state != user.state
