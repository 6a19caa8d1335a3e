"""The differences between Unified CCE and Unified CCX, as data (guide p.42 to 50)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mcp_finesse.simulator.errors import CtiError, generic, wrong_state


@dataclass(frozen=True, slots=True)
class PlatformRules:
    """The rules of one platform.

    Attributes:
        name: the name of the platform, as in SystemInfo.
        sign_out_from: states from which agents may sign out.
        signed_out_code: the CTI code and constant of the error for a signed-out agent who requests READY or
            NOT_READY.
        direct_calls_show: whether an agent becomes TALKING on a call that is not routed.
        hold_shows: whether an agent who holds a call has the state HOLD. If not, the agent stays TALKING.
        work_ready: whether an agent in wrap-up who becomes READY afterwards has the state WORK_READY.
        one_pending_not_ready: whether NOT_READY can be requested only once per call.
        call_variables_on_make_call: whether MAKE_CALL may carry ``mediaProperties``.
        supervisor_codes: the system reason code for each state that a supervisor forces.
        signs_out_the_lost: whether a lost connection forces LOGOUT instead of NOT_READY (LOAD = 0).
        queue_and_media_feeds: whether the feeds of queues and media exist.
        e164_extensions: whether agents may sign in at extensions like +12125550100 (guide p.30).
        mobile_agents: whether mobile agents are supported (guide p.30).
        user_auth_mode: whether the authentication mode of a user can be read without credentials (new in 12.5,
            CCE).
        logins_everywhere: whether every path accepts login names as well as ids, not only User—Get (p.1).
        off_hook_code: the system reason code of a READY agent who makes a call.
        dtmf_digits: the digits that SEND_DTMF accepts (guide p.92).
        wrap_up_items: whether a call can have several wrap-up reasons.
        call_keys: whether calls have the router's keys, such as ``callKeyCallId``.
        campaign_modes: the supported modes of outbound campaigns (guide p.109).
        records: whether START_RECORDING exists (guide p.106).
        drops_participants: whether PARTICIPANT_DROP exists (guide p.104).
        not_talking_code: the ErrorType of SILENT_MONITOR when the agent is not talking (guide p.99).
        team_media_state: whether members of a Team have a ``mediaState`` (guide p.147).
    """

    name: str
    sign_out_from: frozenset[str]
    signed_out_code: tuple[int, str]
    direct_calls_show: bool
    hold_shows: bool
    work_ready: bool
    one_pending_not_ready: bool
    call_variables_on_make_call: bool
    supervisor_codes: Mapping[str, int]
    signs_out_the_lost: bool
    queue_and_media_feeds: bool
    e164_extensions: bool
    mobile_agents: bool
    user_auth_mode: bool
    logins_everywhere: bool
    off_hook_code: int
    dtmf_digits: frozenset[str]
    wrap_up_items: bool
    call_keys: bool
    campaign_modes: frozenset[str]
    records: bool
    drops_participants: bool
    not_talking_code: str
    team_media_state: bool

    def pending_ready_refused(self, routed: bool) -> CtiError | None:
        """Return the error for READY during a call. None on CCE, where READY becomes the pending state (guide p.49)."""
        if self.name == "UCCE":
            return None
        return wrong_state() if routed else wrong_state(33, "CF_RESOURCE_BUSY")

    def not_controller(self) -> CtiError:
        """Return the error for a conference that another party controls (guide p.86)."""
        if self.name == "UCCX":
            return wrong_state(22, "CF_INVALID_OBJECT_STATE")
        return generic(20999, "CF_GENERIC_UNSPECIFIED")

    def refused_in(self, state: str) -> CtiError | None:
        """Return the error for any state change in this state, or None. CCX has an error for reservations (p.50)."""
        if self.name == "UCCE" or not state.startswith("RESERVED_OUTBOUND"):
            return None
        preview = state == "RESERVED_OUTBOUND_PREVIEW"
        return wrong_state() if preview else CtiError("Internal Server Error", "CF_GENERIC_UNSPECIFIED", "0")


UCCE = PlatformRules(
    name="UCCE",
    sign_out_from=frozenset({"NOT_READY"}),
    signed_out_code=(257, "CF_INVALID_PASSWORD_SPECIFIED"),
    direct_calls_show=True,
    hold_shows=True,
    work_ready=True,
    one_pending_not_ready=False,
    call_variables_on_make_call=True,
    supervisor_codes={"NOT_READY": 999},
    signs_out_the_lost=False,
    queue_and_media_feeds=True,
    e164_extensions=False,
    mobile_agents=True,
    user_auth_mode=True,
    logins_everywhere=False,
    off_hook_code=50006,
    dtmf_digits=frozenset("0123456789*#ABCD"),
    wrap_up_items=False,
    call_keys=True,
    campaign_modes=frozenset({"PREVIEW", "DIRECT_PREVIEW", "PROGRESSIVE", "PREDICTIVE"}),
    records=False,
    drops_participants=True,
    not_talking_code="13145",
    team_media_state=False,
)

UCCX = PlatformRules(
    name="UCCX",
    sign_out_from=frozenset({"NOT_READY", "READY"}),
    signed_out_code=(1010, "CF_INVALID_PARAMETER"),
    direct_calls_show=False,
    hold_shows=False,
    work_ready=False,
    one_pending_not_ready=True,
    call_variables_on_make_call=False,
    supervisor_codes={"NOT_READY": 33, "LOGOUT": 22},
    signs_out_the_lost=True,
    queue_and_media_feeds=False,
    e164_extensions=True,
    mobile_agents=False,
    user_auth_mode=False,
    logins_everywhere=True,
    off_hook_code=32762,
    dtmf_digits=frozenset("0123456789*#"),
    wrap_up_items=True,
    call_keys=False,
    campaign_modes=frozenset({"DIRECT_PREVIEW", "PROGRESSIVE", "PREDICTIVE"}),
    records=True,
    drops_participants=False,
    not_talking_code="88049",
    team_media_state=True,
)

PLATFORMS = {rules.name: rules for rules in (UCCE, UCCX)}
