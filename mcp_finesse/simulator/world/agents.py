"""The state of one agent: what may be asked from where, pending wishes, wrap-up (guide p.41 to 50)."""

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

Asked = dict[str, tuple[str, ...]]

AT_ONCE: Asked = {
    "NOT_READY": ("READY", "NOT_READY"),
    "READY": ("READY", "NOT_READY"),
    "WORK": ("READY", "NOT_READY"),
    "WORK_READY": ("READY", "NOT_READY"),
    "RESERVED_OUTBOUND": ("READY", "NOT_READY"),
}
"""State to the states an agent may ask for with immediate effect; LOGOUT is the platform's matter."""

AT_CALL_END: Asked = dict.fromkeys(("TALKING", "HOLD", "RESERVED_OUTBOUND_PREVIEW"), ("READY", "NOT_READY"))
"""State to the wishes that are kept as ``pendingState`` until the call or the reservation ends."""

SUPERVISOR_AT_ONCE: Asked = {
    "READY": ("READY", "NOT_READY", "LOGOUT"),
    "NOT_READY": ("READY", "LOGOUT"),
    "RESERVED": ("LOGOUT",),
    "RESERVED_OUTBOUND": ("LOGOUT",),
    "RESERVED_OUTBOUND_PREVIEW": ("LOGOUT",),
    "WORK": ("READY", "NOT_READY", "LOGOUT"),
    "WORK_READY": ("READY", "NOT_READY", "LOGOUT"),
}
SUPERVISOR_AT_CALL_END: Asked = {"TALKING": ("READY", "LOGOUT"), "HOLD": ("READY", "LOGOUT")}
"""Guide p.47. LOGOUT during a call: whether at once or pending is not documented; pending here."""


class Phase(Enum):
    """What an agent's calls add up to."""

    IDLE = "no call"
    OFFERED = "a call is ringing"
    PREVIEWED = "a campaign shows a record"
    DIALLING = "off hook, or a call that failed: the agent's state stays"
    TALKING = "on a call"
    HOLD = "every call is on hold"


@dataclass(frozen=True, slots=True)
class Wish:
    """A state to go to, with its reason. ``reason_id`` is the text of ``reasonCodeId``."""

    state: str
    reason: ReasonCode | None = None
    reason_id: str = ""

    @classmethod
    def because(cls, state: str, reason: ReasonCode | None) -> Wish:
        """A state with its reason code; NOT_READY and LOGOUT without one carry -1."""
        if reason is not None:
            return cls(state, reason, str(reason.id))
        return cls(state, None, "" if state == "READY" else NO_REASON)


class Agent:
    """One agent, signed in or not. Knows nothing of calls but their phase.

    Attributes:
        record: how the agent is configured.
        state: as in the User object.
        changed_at: when it became so, epoch seconds; ``None`` until a change was seen.
        extension: the device in use, empty when signed out.
        device_id: the phone of a shared line, if one was chosen.
        mobile: how and where a mobile agent is called.
        mobile_known_to: the life of the only node that knows it (guide p.33).
        pending: the wish to be granted when the call ends.
        lost: where to force the agent when the call ends, after the connection was lost.
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
        self.pending: Wish | None = None
        self.lost: Wish | None = None
        self._afterwards = Wish("NOT_READY", None, NO_REASON)

    @property
    def id(self) -> str:
        """The agent id, which is the login id too."""
        return self.record.id

    @property
    def signed_in(self) -> bool:
        """Whether the agent is in any state but LOGOUT."""
        return self.state != "LOGOUT"

    @property
    def pending_state(self) -> str:
        """``pendingState`` as it shows: on CCX the sign-out after a lost connection too (devnet: user)."""
        wish = (self.lost if self._rules.signs_out_the_lost else None) or self.pending
        return wish.state if wish else ""

    def wraps_up(self, direction: str) -> bool:
        """Whether wrap-up follows a call of this direction by itself. OPTIONAL does not."""
        if self.lost or (self.pending and self.pending.state == "LOGOUT"):
            return False
        incoming = direction == "incoming"
        mode = self.record.wrap_up_on_incoming if incoming else self.record.wrap_up_on_outgoing
        return mode in ("REQUIRED", "REQUIRED_WITH_WRAP_UP_DATA")

    def sign_in(
        self, extension: str, device_id: str = "", mobile: Mobile | None = None, node: object = None
    ) -> None:
        """LOGIN: leads to NOT_READY; an agent who is signed in keeps the state (guide p.29)."""
        if self.signed_in:
            if extension != self.extension:
                raise generic(259, "CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON")
            return
        self.extension, self.device_id, self.mobile = extension, device_id, mobile
        self.mobile_known_to = node
        self._move(Wish("NOT_READY", None, NO_REASON))

    def ask(self, wish: Wish, call: str | None, by_supervisor: bool = False) -> None:
        """READY, NOT_READY or LOGOUT is asked for. ``call`` is ``routed``, ``direct`` or ``None``.

        Raises:
            CtiError: the transition is not allowed.
        """
        if not self.signed_in:
            code, constant = self._rules.signed_out_code
            raise wrong_state(code, constant)
        at_once, at_call_end = (
            (SUPERVISOR_AT_ONCE, SUPERVISOR_AT_CALL_END) if by_supervisor else (AT_ONCE, AT_CALL_END)
        )
        if not by_supervisor and (refused := self._rules.refused_in(self.state)):
            raise refused
        if (
            call
            and wish.state == "READY"
            and (refused := self._rules.pending_ready_refused(call == "routed"))
        ):
            raise refused
        if wish.state in at_call_end.get(self.state, ()):
            self._remember(wish)
        elif wish.state in at_once.get(self.state, ()) or self._may_sign_out(wish, call):
            self._move(wish)
        else:
            raise wrong_state()

    def _may_sign_out(self, wish: Wish, call: str | None) -> bool:
        return wish.state == "LOGOUT" and call is None and self.state in self._rules.sign_out_from

    def _remember(self, wish: Wish) -> None:
        if self._rules.one_pending_not_ready and self.pending and self.pending != wish:
            raise wrong_state()
        self.pending = wish

    def go_off_hook(self, reason: ReasonCode) -> None:
        """A READY agent who makes a call becomes NOT_READY first (CCE 12.5)."""
        if self.state == "READY":
            self._move(Wish.because("NOT_READY", reason))

    def follow(self, phase: Phase, wrap_up: bool) -> None:
        """Adapt to the calls. ``wrap_up``: the call that ended is still to be wrapped up."""
        if phase is Phase.TALKING or (phase is Phase.HOLD and not self._rules.hold_shows):
            self._engage("TALKING")
        elif phase is Phase.HOLD:
            self._engage("HOLD")
        elif phase is Phase.OFFERED and self.state == "READY":
            self._reserve("RESERVED")
        elif phase is Phase.PREVIEWED and self.state == "READY":
            self._reserve("RESERVED_OUTBOUND_PREVIEW")
        elif phase is Phase.IDLE and self.state == "RESERVED":
            self._move(Wish("READY"))
        elif phase is Phase.IDLE and self.state == "RESERVED_OUTBOUND_PREVIEW":
            self.release_outbound()
        elif phase is Phase.IDLE and self.state in IN_CALL:
            self._end_call(wrap_up)

    def _reserve(self, state: str) -> None:
        self._afterwards = Wish("READY")
        self._change(Wish(state))

    def reserve_outbound(self) -> None:
        """The dialer calls somebody for this READY agent."""
        self._reserve("RESERVED_OUTBOUND")

    def release_outbound(self) -> None:
        """The dialer has nothing for its agent any more: READY again, or what was wished for."""
        self._move(self.pending or self._afterwards)

    def _engage(self, state: str) -> None:
        if self.state in ("READY", "NOT_READY"):
            self._afterwards = Wish(self.state, self.reason, self.reason_id)
        self._change(Wish(state))

    def _end_call(self, wrap_up: bool) -> None:
        afterwards = self.lost or self.pending or self._afterwards
        if wrap_up:
            self.pending, self._afterwards = None, afterwards
            self._change(
                Wish("WORK_READY" if afterwards.state == "READY" and self._rules.work_ready else "WORK")
            )
        else:
            self._move(afterwards)

    def end_wrap_up(self) -> None:
        """The wrap-up timer ran out: to the state chosen for afterwards."""
        if self.state in WRAPPING_UP:
            self._move(self._afterwards)

    def force(self, wish: Wish) -> None:
        """The system decides: at once, or, during a call, when it ends."""
        if self.state in IN_CALL:
            self.lost = wish
        elif self.signed_in:
            self._move(wish)

    def _move(self, wish: Wish) -> None:
        self.pending = self.lost = None
        if wish.state == "LOGOUT":
            self.extension, self.device_id, self.mobile = "", "", None
        self._change(wish)

    def _change(self, wish: Wish) -> None:
        if wish.state != self.state:
            self.changed_at = self._clock()
        self.state, self.reason, self.reason_id = wish.state, wish.reason, wish.reason_id
