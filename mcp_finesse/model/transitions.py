"""The meanings of an agent's voice states, and the transitions between the states (guide p.42 to 50)."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model.platform import Platform
from mcp_finesse.model.states import AgentState

_S = AgentState
_BOTH = (Platform.UCCE, Platform.UCCX)
_CCE = (Platform.UCCE,)
_CCX = (Platform.UCCX,)

AGENT_STATES: dict[AgentState, str] = {
    _S.LOGIN: "used only in requests; the agent becomes NOT_READY",
    _S.LOGOUT: "signed out",
    _S.NOT_READY: "signed in, receives no calls (UCCX: also during a call that was not routed)",
    _S.READY: "waiting for calls",
    _S.RESERVED: "a call is being offered",
    _S.RESERVED_OUTBOUND: "reserved for a call that the dialer makes",
    _S.RESERVED_OUTBOUND_PREVIEW: "a campaign preview is shown before the customer is dialed",
    _S.TALKING: "on a call (UCCX: on a routed call)",
    _S.HOLD: "all calls are on hold (UCCE; on UCCX the state stays TALKING)",
    _S.WORK: "in wrap-up; NOT_READY follows",
    _S.WORK_READY: "in wrap-up; READY follows (UCCE)",
    _S.UNKNOWN: "Finesse does not know the state; read the state again",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """A normal state transition. In a failover, any state can change to any other state.

    Attributes:
        start: the states before the transition.
        end: the possible states after the transition.
        cause: the cause of the transition.
        asked: whether an agent requests the transition. If not, the system causes the transition.
        platforms: the platforms that have the transition.
    """

    start: tuple[AgentState, ...]
    end: tuple[AgentState, ...]
    cause: str
    asked: bool = False
    platforms: tuple[Platform, ...] = _BOTH


_ON_CALL = (_S.TALKING, _S.HOLD)
_WRAP_UP = (_S.WORK, _S.WORK_READY)
_CHOICE = (_S.READY, _S.NOT_READY)

TRANSITIONS = (
    Transition((_S.LOGOUT,), (_S.NOT_READY,), "sign-in", asked=True),
    Transition((_S.NOT_READY,), (_S.LOGOUT,), "sign-out", asked=True),
    Transition((_S.READY,), (_S.LOGOUT,), "sign-out", asked=True, platforms=_CCX),
    Transition((_S.NOT_READY,), (_S.READY,), "request", asked=True),
    Transition((_S.NOT_READY,), (_S.NOT_READY,), "NOT_READY with another reason", asked=True),
    Transition((_S.READY,), (_S.NOT_READY,), "request", asked=True),
    Transition((_S.NOT_READY,), (_S.TALKING,), "the agent makes a call", platforms=_CCE),
    Transition((_S.READY,), (_S.NOT_READY,), "the agent makes a call (reason code 50006)", platforms=_CCE),
    Transition((_S.READY,), (_S.RESERVED, _S.RESERVED_OUTBOUND, _S.RESERVED_OUTBOUND_PREVIEW),
               "a call, the dialer or a preview reserves the agent"),
    Transition((_S.RESERVED,), (_S.TALKING,), "the call is answered"),
    Transition((_S.RESERVED,), _CHOICE, "the call is not answered"),
    Transition((_S.RESERVED_OUTBOUND,), (_S.TALKING,), "the dialer connects the customer"),
    Transition((_S.RESERVED_OUTBOUND,), _CHOICE,
               "request, or the customer was not reached", asked=True, platforms=_CCE),
    Transition((_S.RESERVED_OUTBOUND,), _CHOICE, "the customer was not reached; an agent cannot request this "
    "transition", platforms=_CCX),
    Transition((_S.RESERVED_OUTBOUND_PREVIEW,), (_S.TALKING,), "the preview is accepted, and the customer answers"),
    Transition((_S.RESERVED_OUTBOUND_PREVIEW,), _CHOICE, "the preview is closed or rejected, or times out"),
    Transition((_S.RESERVED_OUTBOUND_PREVIEW,), (_S.NOT_READY,),
               "request, which is pending until the preview or its call ends", asked=True,
               platforms=_CCE),
    Transition((_S.TALKING,), (_S.HOLD,), "hold", platforms=_CCE),
    Transition((_S.HOLD,), (_S.TALKING,), "retrieve", platforms=_CCE),
    Transition(_ON_CALL, _CHOICE, "request, which is pending until the call ends; the last request applies",
               asked=True, platforms=_CCE),
    Transition((_S.TALKING,), (_S.NOT_READY,),
               "request (NOT_READY only, once per call), which is pending until the call ends",
               asked=True, platforms=_CCX),
    Transition(_ON_CALL, _CHOICE, "the call ends without wrap-up; the pending state follows, or else "
    "the state before the call"),
    Transition(_ON_CALL, (_S.WORK,), "the call ends with wrap-up; NOT_READY follows"),
    Transition(_ON_CALL, (_S.WORK_READY,), "the call ends with wrap-up; READY follows", platforms=_CCE),
    Transition(_WRAP_UP, _CHOICE, "request", asked=True),
    Transition((_S.WORK,), (_S.NOT_READY,), "the wrap-up time is over"),
    Transition((_S.WORK_READY,), (_S.READY,), "the wrap-up time is over", platforms=_CCE),
)  # fmt: skip


def may_ask_for(state: str | None, platform: Platform | None) -> list[AgentState]:
    """Return the states that an agent can request in a given state, in table order. Empty for an unknown state.

    Args:
        state: the agent's state.
        platform: the platform. None for both platforms.
    """
    found = (
        end
        for step in TRANSITIONS
        if step.asked and state in step.start and (platform is None or platform in step.platforms)
        for end in step.end
    )
    return list(dict.fromkeys(found))
