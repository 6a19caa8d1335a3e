"""What differs between the platforms, as data (guide p.48 to 50, 84 to 114; CTI and CCX guides)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mcp_finesse.model.states import AgentState, CallAction
from mcp_finesse.model.system_info import SystemInfo


class Platform(StrEnum):
    """The contact centre behind Finesse, as SystemInfo names it: Enterprise (CCE) or Express (CCX)."""

    UCCE = "UCCE"
    UCCX = "UCCX"


@dataclass(frozen=True, slots=True)
class PlatformTraits:
    """What a client has to know about a platform.

    Attributes:
        platform: which one.
        sign_out_from: states from which an agent may sign out.
        pending_ready: whether READY requested during a call is kept until the call ends.
        hold_changes_agent_state: whether holding a call makes the agent HOLD; if not, TALKING stays.
        reports_other_calls: whether calls outside the routed ones (non-ICD) change the agent's state.
        work_ready: whether wrap-up that leads back to READY is a state of its own.
        queue_feeds: whether queues publish notifications and statistics.
        media_feeds: whether nonvoice media and tasks exist.
        variables_on_make_call: whether MAKE_CALL may carry call variables.
        several_wrap_up_reasons: whether a call may hold more than one wrap-up reason.
        dtmf_characters: what SEND_DTMF accepts.
        forced_not_ready_code: the reason code when a supervisor makes an agent not ready.
        largest_reason_code: upper bound of a reason code.
        foreign_actions: actions that only the other platform has.
    """

    platform: Platform
    sign_out_from: frozenset[AgentState]
    pending_ready: bool
    hold_changes_agent_state: bool
    reports_other_calls: bool
    work_ready: bool
    queue_feeds: bool
    media_feeds: bool
    variables_on_make_call: bool
    several_wrap_up_reasons: bool
    dtmf_characters: str
    forced_not_ready_code: int
    largest_reason_code: int
    foreign_actions: frozenset[CallAction]


_TRAITS = {
    Platform.UCCE: PlatformTraits(
        platform=Platform.UCCE,
        sign_out_from=frozenset({AgentState.NOT_READY}),
        pending_ready=True,
        hold_changes_agent_state=True,
        reports_other_calls=True,
        work_ready=True,
        queue_feeds=True,
        media_feeds=True,
        variables_on_make_call=True,
        several_wrap_up_reasons=False,
        dtmf_characters="0123456789*#ABCD",
        forced_not_ready_code=999,
        largest_reason_code=65535,
        foreign_actions=frozenset({CallAction.START_RECORDING}),
    ),
    Platform.UCCX: PlatformTraits(
        platform=Platform.UCCX,
        sign_out_from=frozenset({AgentState.NOT_READY, AgentState.READY}),
        pending_ready=False,
        hold_changes_agent_state=False,
        reports_other_calls=False,
        work_ready=False,
        queue_feeds=False,
        media_feeds=False,
        variables_on_make_call=False,
        several_wrap_up_reasons=True,
        dtmf_characters="0123456789*#",
        forced_not_ready_code=33,
        largest_reason_code=999,
        foreign_actions=frozenset({CallAction.PARTICIPANT_DROP}),
    ),
}


def platform_of(system: SystemInfo | None) -> Platform | None:
    """The platform that SystemInfo names, or None when it is not known (yet)."""
    name = (system.deployment_type or "").strip().upper() if system else ""
    return next((platform for platform in Platform if platform.value == name), None)


def traits_of(platform: Platform) -> PlatformTraits:
    """What a client has to know about this platform."""
    return _TRAITS[platform]
