"""The differences between the platforms, as data (guide p.48 to 50, 84 to 114; CTI guide; CCX guide)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mcp_finesse.model.states import AgentState, CallAction
from mcp_finesse.model.system_info import SystemInfo


class Platform(StrEnum):
    """The contact center platform as named in SystemInfo, either Enterprise (UCCE) or Express (UCCX)."""

    UCCE = "UCCE"
    UCCX = "UCCX"


@dataclass(frozen=True, slots=True)
class PlatformTraits:
    """The characteristics of a platform.

    Attributes:
        platform: the platform.
        sign_out_from: states from which an agent can sign out.
        pending_ready: whether READY requested during a call is kept as the pending state.
        hold_changes_agent_state: whether holding a call changes the agent's state from TALKING to HOLD.
        reports_other_calls: whether calls that were not routed (non-ICD) change the agent's state.
        work_ready: whether wrap-up has a separate state for an agent who becomes READY afterwards.
        queue_feeds: whether queues publish notifications and statistics.
        media_feeds: whether nonvoice media and tasks exist.
        variables_on_make_call: whether MAKE_CALL can set call variables.
        several_wrap_up_reasons: whether a call can have several wrap-up reasons.
        dtmf_characters: the characters that SEND_DTMF accepts.
        forced_not_ready_code: the reason code for an agent whom a supervisor sets to NOT_READY.
        largest_reason_code: the largest allowed reason code.
        foreign_actions: actions that exist only on the other platform.
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
    """Return the platform named in SystemInfo, or None if unknown."""
    name = (system.deployment_type or "").strip().upper() if system else ""
    return next((platform for platform in Platform if platform.value == name), None)


def traits_of(platform: Platform) -> PlatformTraits:
    """Return the characteristics of a platform."""
    return _TRAITS[platform]
