"""System reason codes of UCCE and UCCX (guide p.47, 80; UCCE Database Schema Handbook; UCCX CTI developer pages).

The same number has different meanings on the two platforms. The labels are those that Finesse shows. If only
one source reports a code, ``unconfirmed`` names that source.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from mcp_finesse.model.code_tables.meaning import ASK_ADMINISTRATOR, CHECK_PHONE, CodeMeaning

_CHOOSE = "There is no error. Choose a state to continue."
_LINK = "Check the phone, the network and Finesse, then choose a state."
_SIGN_IN = "Sign in again."
_CHECK_LINK = "Check the client's connection, then sign in again."
_READY_AFTER = "Become ready after the call."
_READY_AGAIN = "Become ready again as soon as the agent can answer calls."
_CONTROL = "Ask the administrator to allow applications to control the phone."
_NONE = "No action is required."
_FORCED = "A supervisor or the system signed the agent out."
_NO_CONTROL = "The phone system does not let applications control this phone."

_Row: TypeAlias = tuple[int, str, str, str, str, str]

# The columns are: code, constant, label, meaning, likely cause, what to do.
_BOTH: tuple[_Row, ...] = (
    (-1, "", "", "There is no reason code.", "No reason is configured, the agent has just signed in, or a "
    "failover lost the reason.",
     "No action is required."),
    (255, "", "Connection Failure", "Signed out or made not ready: Finesse lost the connection to the agent's client.",
     "The client was closed, asleep or disconnected for more than a minute.", _CHECK_LINK),
)  # fmt: skip

_UCCE: tuple[_Row, ...] = (
    (999, "", "Supervisor Initiated", "Made not ready, or signed out, by a supervisor.",
     "A supervisor changed the agent's state.", _CHOOSE),
    (20001, "", "Starting Force Logout", "Made not ready: a forced sign-out begins.", _FORCED, _SIGN_IN),
    (20002, "", "Force Logout", "Signed out by force.", _FORCED, _SIGN_IN),
    (20003, "", "Agent Logout Request", "Made not ready: the agent requested sign-out.",
     "UCCE makes the agent not ready before a sign-out.", _NONE),
    (32762, "", "Offhook", "Not ready: the agent went off-hook to place a call.", "The agent is about to make a call.",
     _READY_AFTER),
    (32767, "", "Call Not Answered", "Not ready: the agent did not answer a routed call, which was redirected (RONA).",
     "The agent was away, or the phone did not ring.", _READY_AGAIN),
    (50001, "", "System Disconnect", "Signed out: the CTI client disconnected.", "The desktop or its server stopped.",
     _CHECK_LINK),
    (50002, "", "System Failure / Connection Failure",
     "Signed out (System Failure) or made not ready (Connection Failure): a CTI component or the desktop failed.",
     "The desktop was closed, a heartbeat timed out, or a CTI client such as Finesse failed.", _CHECK_LINK),
    (50003, "", "Device Error", "Signed out: Unified CM reports the phone out of service.",
     "The phone lost its registration.", CHECK_PHONE),
    (50004, "", "Inactivity Timeout", "Signed out: the agent was inactive for too long.",
     "The inactivity limit of the agent desk settings was reached.", _SIGN_IN),
    (50005, "", "Non ACD Busy", "Not ready: the agent has a call on a line that receives no routed calls.",
     "The agent answered or made a call on another line.", _READY_AFTER),
    (50006, "", "", "Not ready because the agent made a call.", "The agent went off-hook while ready.",
     _READY_AFTER),
    (50010, "", "Call Overlap", "Not ready: several routed calls in a row did not reach the agent.",
     "The phone is unreachable or busy. By default, the limit is two such calls.", CHECK_PHONE),
    (50020, "", "Queue Change", "Signed out: the agent's skill group assignment changed.",
     "An administrator changed the assignment while the agent was signed in.", _SIGN_IN),
    (50030, "", "Device Conflict", "Signed out: another sign-in uses the agent's phone.",
     "Two sign-ins used the same phone.", "Use another extension, or end the other sign-in."),
    (50040, "", "Mobile Agent Call Fail", "Signed out: the call to the mobile agent failed.",
     "The agent's number could not be reached.", "Check the dial number, then sign in again."),
    (50041, "", "Mobile Agent Call Not Answered", "Not ready: the mobile agent's phone was busy or not answered.",
     "The agent was away, or on another call.", _READY_AGAIN),
    (50042, "", "Mobile Agent Disconnect", "Signed out: the nailed connection to the mobile agent dropped.",
     "The agent hung up, or the line failed.", "Sign in again and keep the call open."),
    (51004, "", "", "Not ready: the extension already had a call at sign-in.",
     "A call was active at sign-in, or the peripheral gateway restarted during a call.", _READY_AFTER),
    (65533, "", "Extension Modified", "Not ready: the agent's extension was changed.",
     "An administrator changed the extension.", _SIGN_IN),
    (65534, "", "System Reset", "Not ready: the peripheral was reset.", "A peripheral gateway failed.", _LINK),
    (65535, "", "System Reinitialized", "Not ready: the peripheral was reinitialized.",
     "A peripheral restarted.", _LINK),
)  # fmt: skip

_UCCX: tuple[_Row, ...] = (
    (33, "SUP_AGT_TO_NOT_READY", "Supervisor Initiated", "Made not ready by a supervisor.",
     "A supervisor changed the agent's state.", _CHOOSE),
    (22, "SUP_AGT_TO_LOGOUT", "Supervisor Initiated", "Signed out by a supervisor.",
     "A supervisor signed the agent out.", _SIGN_IN),
    (32767, "AGT_RELOGON", "", "Signed in again elsewhere.", "The agent signed in a second time.", _CHOOSE),
    (32765, "AGT_CONN_DOWN", "", "The connection to the agent's client was lost.", "The client or the network failed.",
     _LINK),
    (32764, "CCX_FAILURE", "", "UCCX failed.", "The UCCX server failed over.", _LINK),
    (32763, "AGT_RNA", "", "The agent did not answer a routed call (ring no answer).", "The phone rang too long.",
     _READY_AGAIN),
    (32762, "AGT_OFFHOOK", "", "The phone went off-hook.", "The agent is about to make a call.", _CHOOSE),
    (32761, "AGT_NON_ICD", "", "The agent is on a call that was not routed.",
     "The agent answered a direct call.", _READY_AFTER),
    (32760, "AGT_LOGON", "", "The agent has just signed in.", "The agent signed in.", _CHOOSE),
    (32759, "AGT_PHONE_DOWN", "", "The phone is down.", "The phone lost its registration.", CHECK_PHONE),
    (32758, "AGT_WORK_TIMER_EXP", "", "The time for wrap-up is over.", "The wrap-up timer expired.", _CHOOSE),
    (32757, "CM_FAILOVER", "", "Unified CM failed over.", "The phone moved to another Unified CM server.", _LINK),
    (32756, "AGT_PHONE_UP", "", "The phone is available again.", "The phone registered again.", _CHOOSE),
    (32755, "AGT_CALL_ENDED", "", "A call has ended.", "A direct call, which was not routed, has ended.", _CHOOSE),
    (32754, "AGT_DEVICE_RESTRICTED", "", "The device is restricted.", _NO_CONTROL, _CONTROL),
    (32753, "AGT_LINE_RESTRICTED", "", "The line is restricted.", _NO_CONTROL, _CONTROL),
    (32752, "AGT_CANCEL_RESERVATION", "", "The reservation for a preview call was cancelled.",
     "The agent cancelled the reservation.", _CHOOSE),
    (32751, "AGT_SKIPS", "", "A preview call was skipped.", "The agent skipped the call.", _CHOOSE),
    (32750, "AGT_ICD_EXTENSION_CHANGED", "", "The extension was changed.", "The administrator changed "
    "the extension.", _SIGN_IN),
    (32749, "AGT_CANCEL_CONSULT", "", "A consultation was cancelled.", "The consult call ended.", _CHOOSE),
    (32748, "AGENT_DELETED", "Agent Deleted", "Signed out: the agent was deleted.",
     "Unified CM no longer has the agent; UCCX noticed when it synchronized.", ASK_ADMINISTRATOR),
    (32747, "AGT_RESERVED_OUTBOUND", "Outbound - Agent Reserved",
     "Reserved for a progressive or predictive outbound call.", "A dialer campaign reserved the agent.", _NONE),
    (32746, "AGT_RESERVED_OUTBOUND_DIRECT_PREVIEW", "Outbound - Agent Reserved Direct Preview",
     "Reserved for a direct preview call.", "A preview campaign reserved the agent.",
     "Accept, reject or close the preview."),
    (32745, "OUTBOUND_WORK_REASONCODE", "Outbound - Work Reason Code",
     "The agent is in wrap-up after an outbound call.",
     "The call of a campaign ended.", "Set the wrap-up reason, then become ready."),
    (32743, "EMAIL_CONTACT_NOT_ACCEPTED", "", "An e-mail was not accepted automatically.",
     "Automatic acceptance failed.", _CHOOSE),
    (32742, "AGT_SEC_LINE_OFFHOOK", "Non ACD Offhook",
     "Not ready: the agent has a call on a line that receives no routed calls.",
     "The agent uses another line.", _READY_AFTER),
    (32741, "AGT_EXTENSION_CONFLICT", "Extension Conflict", "Signed out: another agent signed in with this extension.",
     "Two agents signed in with the same extension.", "Use another extension, or have the other agent sign out."),
    (32740, "", "System Initiated Relogin", "Signed out: the same agent signed in elsewhere.",
     "A second session used the same credentials.", "Use one session only."),
)  # fmt: skip


_ADMINISTRATION_GUIDE = (
    "Reported by the Unified CCX administration guide, not confirmed by Cisco's CTI documentation."
)

_UNCONFIRMED = {
    ("UCCX", 32740): _ADMINISTRATION_GUIDE,
    ("UCCX", 32745): _ADMINISTRATION_GUIDE,
    (
        "UCCX",
        32748,
    ): f"{_ADMINISTRATION_GUIDE} A second list in that guide gives AGT_RESERVED_OUTBOUND the code 32748 "
    "instead of 32747.",
}
"""The source of each code that is not in the CTI documentation of its platform."""


def _meanings(platform: str, rows: Iterable[_Row]) -> tuple[CodeMeaning, ...]:
    return tuple(
        CodeMeaning(
            str(code),
            constant,
            meaning,
            cause,
            advice,
            "reason",
            label,
            platform,
            _UNCONFIRMED.get((platform, code), ""),
        )
        for code, constant, label, meaning, cause, advice in rows
    )


REASONS = (*_meanings("", _BOTH), *_meanings("UCCE", _UCCE), *_meanings("UCCX", _UCCX))
