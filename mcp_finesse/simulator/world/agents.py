"""The state machine of one agent: allowed state changes, pending states, wrap-up (guide p.41 to 50)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mcp_finesse.simulator.errors import generic, wrong_state
from mcp_finesse.simulator.timing import Clock
from mcp_finesse.simulator.world.devices import Mobile
from mcp_finesse.simulator.world.platforms import PlatformRules
from mcp_finesse.simulator.world.world import AgentRecord, ReasonCode

REQUESTABLE = ("LOGIN", "LOGOUT", "READY", "NOT_READY")
STATES = (
    *REQUESTABLE,
    *("RESERVED", "RESERVED_OUTBOUND", "RESERVED_OUTBOUND_PREVIEW"),
    *("TALKING", "HOLD", "WORK", "WORK_READY", "UNKNOWN"),
)
IN_CALL = ("TALKING", "HOLD")
WRAPPING_UP = ("WORK", "WORK_READY")
NO_REASON = "-1"

RequestableStates = dict[str, tuple[str, ...]]

IMMEDIATE: RequestableStates = {
    "NOT_READY": ("READY", "NOT_READY"),
    "READY": ("READY", "NOT_READY"),
    "WORK": ("READY", "NOT_READY"),
    "WORK_READY": ("READY", "NOT_READY"),
    "RESERVED_OUTBOUND": ("READY", "NOT_READY"),
}
"""States an agent may request with immediate effect, by current state. LOGOUT depends on the platform."""

PENDING: RequestableStates = dict.fromkeys(
    ("TALKING", "HOLD", "RESERVED_OUTBOUND_PREVIEW"), ("READY", "NOT_READY")
)
"""States an agent may request that are pending until the call or the reservation ends, by current state."""

SUPERVISOR_IMMEDIATE: RequestableStates = {
    "READY": ("READY", "NOT_READY", "LOGOUT"),
    "NOT_READY": ("READY", "LOGOUT"),
    "RESERVED": ("LOGOUT",),
    "RESERVED_OUTBOUND": ("LOGOUT",),
    "RESERVED_OUTBOUND_PREVIEW": ("LOGOUT",),
    "WORK": ("READY", "NOT_READY", "LOGOUT"),
    "WORK_READY": ("READY", "NOT_READY", "LOGOUT"),
}
SUPERVISOR_PENDING: RequestableStates = {"TALKING": ("READY", "LOGOUT"), "HOLD": ("READY", "LOGOUT")}
"""Pending states a supervisor may request, by current state. That LOGOUT is pending is a guess (guide p.47)."""


class Phase(Enum):
    """A summary of an agent's calls."""

    IDLE = "no call"
    OFFERED = "a call is ringing"
    PREVIEWED = "a campaign shows a record"
    DIALLING = "off hook, or a call that failed: the agent's state does not change"
    TALKING = "on a call"
    HOLD = "every call is on hold"


@dataclass(frozen=True, slots=True)
class TargetState:
    """A target state with its reason. ``reason_id`` is the text of ``reasonCodeId``."""

    state: str
    reason: ReasonCode | None = None
    reason_id: str = ""

    @classmethod
    def with_reason(cls, state: str, reason: ReasonCode | None) -> TargetState:
        """Return a target state with its reason code. NOT_READY or LOGOUT without a reason has the reason code -1."""
        if reason is not None:
            return cls(state, reason, str(reason.id))
        return cls(state, None, "" if state == "READY" else NO_REASON)


class Agent:
    """One agent, who may be signed in or not. This class knows only the phase of the agent's calls.

    Attributes:
        record: the configuration of the agent.
        state: the agent's state, as in the User object.
        changed_at: the time of the last state change, in epoch seconds. ``None`` before the first state change.
        extension: the extension of the device in use. Empty when signed out.
        device_id: the id of the selected phone on a shared line. Empty if no phone was selected.
        mobile: the mode and dial number of a mobile agent.
        mobile_known_to: the ``incarnation`` of the only node that knows ``mobile`` (guide p.33).
        pending: the requested state, which is applied when the call ends.
        forced: the state that is forced when the call ends, because the agent lost the connection.
    """

    def __init__(self, record: AgentRecord, rules: PlatformRules, clock: Clock) -> None:
        self.record = record
        self._rules = rules
        self._clock = clock
        self.state = "LOGOUT"
        self.changed_at: float | None = None
        self.extension = ""
        self.device_id = ""
        self.mobile: Mobile | None = None
        self.mobile_known_to: object = None
        self.reason: ReasonCode | None = None
        self.reason_id = NO_REASON
        self.pending: TargetState | None = None
        self.forced: TargetState | None = None
        self._next_state = TargetState("NOT_READY", None, NO_REASON)

    @property
    def id(self) -> str:
        """The agent id, which is also the login id."""
        return self.record.id

    @property
    def signed_in(self) -> bool:
        """Whether the agent is in any state but LOGOUT."""
        return self.state != "LOGOUT"

    @property
    def pending_state(self) -> str:
        """The displayed ``pendingState``. CCX also displays a sign-out caused by a lost connection (devnet: user)."""
        target = (self.forced if self._rules.signs_out_the_lost else None) or self.pending
        return target.state if target else ""

    def wraps_up(self, direction: str) -> bool:
        """Return whether wrap-up starts automatically after a call of this direction. OPTIONAL wrap-up never does."""
        if self.forced or (self.pending and self.pending.state == "LOGOUT"):
            return False
        incoming = direction == "incoming"
        mode = self.record.wrap_up_on_incoming if incoming else self.record.wrap_up_on_outgoing
        return mode in ("REQUIRED", "REQUIRED_WITH_WRAP_UP_DATA")

    def sign_in(
        self, extension: str, device_id: str = "", mobile: Mobile | None = None, node: object = None
    ) -> None:
        """Apply LOGIN. A signed-out agent becomes NOT_READY. A signed-in agent keeps the state (guide p.29)."""
        if self.signed_in:
            if extension != self.extension:
                raise generic(259, "CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON")
            return
        self.extension, self.device_id, self.mobile = extension, device_id, mobile
        self.mobile_known_to = node
        self._move(TargetState("NOT_READY", None, NO_REASON))

    def request_state(self, target: TargetState, call: str | None, by_supervisor: bool = False) -> None:
        """Apply a request for READY, NOT_READY or LOGOUT. ``call`` is ``routed``, ``direct``, or ``None`` for no call.

        Raises:
            CtiError: the transition is not allowed.
        """
        if not self.signed_in:
            code, constant = self._rules.signed_out_code
            raise wrong_state(code, constant)
        immediate, deferred = (
            (SUPERVISOR_IMMEDIATE, SUPERVISOR_PENDING) if by_supervisor else (IMMEDIATE, PENDING)
        )
        if not by_supervisor and (refused := self._rules.refused_in(self.state)):
            raise refused
        if (
            call
            and target.state == "READY"
            and (refused := self._rules.pending_ready_refused(call == "routed"))
        ):
            raise refused
        if target.state in deferred.get(self.state, ()):
            self._remember(target)
        elif target.state in immediate.get(self.state, ()) or self._may_sign_out(target, call):
            self._move(target)
        else:
            raise wrong_state()

    def _may_sign_out(self, target: TargetState, call: str | None) -> bool:
        return target.state == "LOGOUT" and call is None and self.state in self._rules.sign_out_from

    def _remember(self, target: TargetState) -> None:
        if self._rules.one_pending_not_ready and self.pending:
            raise wrong_state()
        self.pending = target

    def go_off_hook(self, reason: ReasonCode) -> None:
        """Go from READY to NOT_READY when the agent makes a call (CCE 12.5)."""
        if self.state == "READY":
            self._move(TargetState.with_reason("NOT_READY", reason))

    def apply_phase(self, phase: Phase, wrap_up: bool) -> None:
        """Update the state to match the agent's calls. ``wrap_up`` means that the ended call needs wrap-up."""
        if phase is Phase.TALKING or (phase is Phase.HOLD and not self._rules.hold_shows):
            self._enter_call_state("TALKING")
        elif phase is Phase.HOLD:
            self._enter_call_state("HOLD")
        elif phase is Phase.OFFERED and self.state == "READY":
            self._reserve("RESERVED")
        elif phase is Phase.PREVIEWED and self.state == "READY":
            self._reserve("RESERVED_OUTBOUND_PREVIEW")
        elif phase is Phase.IDLE and self.state == "RESERVED":
            self._move(TargetState("READY"))
        elif phase is Phase.IDLE and self.state == "RESERVED_OUTBOUND_PREVIEW":
            self.release_outbound()
        elif phase is Phase.IDLE and self.state in IN_CALL:
            self._end_call(wrap_up)

    def _reserve(self, state: str) -> None:
        self._next_state = TargetState("READY")
        self._change(TargetState(state))

    def reserve_outbound(self) -> None:
        """Reserve this READY agent while the dialer calls a customer."""
        self._reserve("RESERVED_OUTBOUND")

    def release_outbound(self) -> None:
        """End the reservation. Apply the pending state, or return to READY."""
        self._move(self.pending or self._next_state)

    def _enter_call_state(self, state: str) -> None:
        if self.state in ("READY", "NOT_READY"):
            self._next_state = TargetState(self.state, self.reason, self.reason_id)
        self._change(TargetState(state))

    def _end_call(self, wrap_up: bool) -> None:
        next_state = self.forced or self.pending or self._next_state
        if wrap_up:
            self.pending, self._next_state = None, next_state
            self._change(
                TargetState(
                    "WORK_READY" if next_state.state == "READY" and self._rules.work_ready else "WORK"
                )
            )
        else:
            self._move(next_state)

    def end_wrap_up(self) -> None:
        """Apply the state selected for the end of wrap-up when its timer expires."""
        if self.state in WRAPPING_UP:
            self._move(self._next_state)

    def force(self, target: TargetState) -> None:
        """Force a state, either immediately or at the end of the current call."""
        if self.state in IN_CALL:
            self.forced = target
        elif self.signed_in:
            self._move(target)

    def _move(self, target: TargetState) -> None:
        self.pending = self.forced = None
        if target.state == "LOGOUT":
            self.extension, self.device_id, self.mobile = "", "", None
        self._change(target)

    def _change(self, target: TargetState) -> None:
        if target.state != self.state:
            self.changed_at = self._clock()
        self.state, self.reason, self.reason_id = target.state, target.reason, target.reason_id
