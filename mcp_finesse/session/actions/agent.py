"""Actions for sign-in, sign-out and agent state: the requests, and the state changes that confirm them."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import MobileAgent, User
from mcp_finesse.rest.api import users
from mcp_finesse.session.actions.action import Action, PreparedRequest, action
from mcp_finesse.session.actions.completion import Difference, Evaluation, View
from mcp_finesse.session.actions.evidence import Evidence, History

# -- completions


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The agent is signed in at this extension.

    Attributes:
        mode: The mode in which a mobile agent is called, or None for an agent who is not mobile.
        dial_number: The number at which a mobile agent is called.
        device_id: The id of the phone on a shared line, or None if no phone was selected.
        again: Whether the agent was already signed in when the request was sent. If so, a signed-in state
            proves nothing about the request.
    """

    extension: str
    mode: str | None = None
    dial_number: str | None = None
    device_id: str | None = None
    again: bool = False

    def evaluate(self, view: View) -> Evaluation | None:
        """Accept any state except LOGOUT, because an agent who signs in again keeps the current state (guide p.23).

        Only the node that handled the sign-in reports the settings of the sign-in (guide p.33). The sign-in is
        not confirmed while a reported setting differs. After a new sign-in, a setting that is not reported is
        provisionally accepted.
        """
        user = view.user
        if user is None or user.state in ("LOGOUT", "UNKNOWN") or user.extension != self.extension:
            return None
        differences = self._differences(user)
        unreadable = [each.field for each in differences if not each.got]
        if len(unreadable) < len(differences) or (unreadable and self.again):
            return None
        note = f"Finesse does not report {', '.join(unreadable)}." if unreadable else ""
        return Evaluation(note=note, provisional=bool(unreadable))

    def state_differences(self, view: View) -> tuple[Difference, ...]:
        """Return a difference for the extension and for each setting that differs from the request."""
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


# A READY agent may receive a call before the READY state is reported.
_READY = frozenset({"READY", "RESERVED", "RESERVED_OUTBOUND", "RESERVED_OUTBOUND_PREVIEW"})
_BUSY = frozenset({"TALKING", "HOLD", "RESERVED_OUTBOUND_PREVIEW"})
_REASON_UNREADABLE = "Finesse does not report the reason of a pending state."


@dataclass(frozen=True, slots=True)
class StateReached:
    """The agent's state (or, during a call, the pending state) is the requested one.

    Attributes:
        before: The known state of the agent when the request was prepared. A state that the agent already had
            proves nothing about the request.
    """

    state: str
    reason_code_id: int | None = None
    before: User | None = None

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the requested state is the agent's current state or pending state.

        Finesse applies a pending state when the call ends.
        """
        if view.user is None:
            return None
        return self.evaluate_user(view.user, view.pending_reason.of(self.state))

    def evaluate_user(self, user: User, pending_reason: int | None = None) -> Evaluation | None:
        """Evaluate the state of any agent. ``pending_reason`` is the reason code of the pending state, if known."""
        asked = self.reason_code_id
        if user.state == self.state:
            return Evaluation() if asked is None or user.reason_code_id == asked else None
        if self.state == "READY" and user.state in _READY and self._was_in_another_state_than(user):
            return Evaluation()
        if user.state in _BUSY and user.pending_state == self.state:
            note = f"{self.state} is pending and takes effect when the call ends."
            if asked is None or asked == pending_reason:
                return Evaluation(note=note, pending=True)
            if self.before is not None and self.before.pending_state != self.state:
                return Evaluation(note=f"{note} {_REASON_UNREADABLE}", unreadable=True, pending=True)
            return Evaluation(note=note, weak=True, pending=True)
        return None

    def evidence(self, history: History) -> Evidence:
        """Return the evidence for a pending state if its reason code is not known."""
        own = history.request_id
        supported = bool(own) and any(each.request_id == own for each in history.reports)
        was_pending = self.before is not None and self.before.pending_state == self.state
        as_before = ", as it was before" if was_pending else ""
        otherwise = (
            f"{self.state} is pending{as_before}. Finesse does not report the reason of the pending state"
        )
        return Evidence(supported, otherwise=otherwise, unreported=True)

    def state_differences(self, view: View) -> tuple[Difference, ...]:
        """Return a difference if the state, or the reason code of the state, is not the requested one."""
        user = view.user
        if user is None:
            return ()
        if user.state != self.state:
            return (Difference("state", self.state, str(user.state)),)
        asked, got = self.reason_code_id, user.reason_code_id
        return (Difference("reason_code_id", str(asked), str(got)),) if asked not in (None, got) else ()

    def _was_in_another_state_than(self, user: User) -> bool:
        """Return whether the agent's state changed. An agent who is now RESERVED was READY just before (guide p.41)."""
        return self.before is not None and self.before.state != user.state


# -- actions


@action(users.sign_in)
def sign_in(user_id: str, extension: str, device_id: str | None = None) -> Action:
    """Sign the agent in at an extension. ``device_id`` selects the phone of a shared line (UCCE 12.6)."""
    return Action(
        "LOGIN",
        "user",
        lambda view: PreparedRequest(
            SignedIn(extension, device_id=device_id, again=_is_signed_in(view)),
            lambda rest, rid: users.sign_in(
                rest, user_id, extension, device_id, platform=view.platform, request_id=rid
            ),
        ),
    )


@action(users.sign_in_mobile)
def sign_in_mobile(user_id: str, extension: str, mode: str, dial_number: str) -> Action:
    """Sign in a mobile agent, whom Finesse calls at ``dial_number``. The extension belongs to a CTI port (UCCE)."""
    return Action(
        "LOGIN",
        "user",
        lambda view: PreparedRequest(
            SignedIn(extension, mode, dial_number, again=_is_signed_in(view)),
            lambda rest, rid: users.sign_in_mobile(
                rest, user_id, extension, mode, dial_number, request_id=rid
            ),
        ),
    )


@action(users.sign_out)
def sign_out(user_id: str, reason_code_id: int | None = None) -> Action:
    """Sign the agent out. Finesse may require a reason code."""
    return Action(
        "LOGOUT",
        "user",
        lambda _: PreparedRequest(
            StateReached("LOGOUT"),
            lambda rest, rid: users.sign_out(rest, user_id, reason_code_id, request_id=rid),
        ),
    )


@action(users.change_state)
def change_state(user_id: str, state: str, reason_code_id: int | None = None) -> Action:
    """Set the agent's state to READY or NOT_READY."""

    def prepare(view: View) -> PreparedRequest:
        return PreparedRequest(
            StateReached(state, reason_code_id, view.user),
            lambda rest, rid: users.change_state(rest, user_id, state, reason_code_id, request_id=rid),
            on_send=lambda: view.pending_reason.record(state, None),
            on_accepted=lambda: view.pending_reason.record(state, reason_code_id),
        )

    operation = users.CHANGE_STATE if reason_code_id is None else users.CHANGE_STATE_WITH_REASON
    return Action(state, "user", prepare, operation=operation)


def _is_signed_in(view: View) -> bool:
    return view.user is not None and view.user.state not in (None, "LOGOUT", "UNKNOWN")
