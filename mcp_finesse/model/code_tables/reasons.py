"""Reason codes that the system sets by itself (guide p.47, 80; CCX CTI guide)."""

from __future__ import annotations

from mcp_finesse.model.code_tables.meaning import CHECK_PHONE, Row, table

_CHOOSE = "Nothing is wrong; choose a state when ready to go on."
_LINK = "Check phone, network and server; then choose a state again."

_ROWS: tuple[Row, ...] = (
    (-1, "", "No reason code.", "None is configured, the agent has just signed in, or a failover lost it.",
     "Nothing is wrong."),
    (999, "", "Made not ready by a supervisor (UCCE).", "A supervisor changed the agent's state.", _CHOOSE),
    (33, "", "Made not ready by a supervisor (UCCX).", "A supervisor changed the agent's state.", _CHOOSE),
    (22, "", "Signed out by a supervisor (UCCX).", "A supervisor signed the agent out.", "Sign in again."),
    (255, "", "Signed out or made not ready after a lost connection.",
     "The client's presence was gone for more than a minute: closed, asleep, or cut off.",
     "Check the client's connection, then sign in again."),
    (50006, "", "Not ready because the agent made a call (UCCE).", "The agent went off-hook while ready.",
     _CHOOSE),
    (32767, "AGT_RELOGON", "Signed in again elsewhere (UCCX).", "The agent signed in a second time.",
     _CHOOSE),
    (32765, "", "The connection to the agent's client was lost (UCCX).", "The client or the network failed.",
     _LINK),
    (32764, "", "UCCX failed.", "The server failed over.", _LINK),
    (32763, "", "The agent did not answer a routed call (UCCX).", "The phone rang too long.",
     "Become ready again when able to answer."),
    (32762, "", "The phone went off-hook (UCCX).", "The agent is about to make a call.", _CHOOSE),
    (32761, "", "On a call that was not routed (UCCX).", "A direct call was taken.",
     "Become ready after the call."),
    (32760, "", "The agent has just signed in (UCCX).", "A sign-in.", _CHOOSE),
    (32759, "", "The phone is down (UCCX).", "The phone lost its registration.", CHECK_PHONE),
    (32758, "", "The time for wrap-up is over (UCCX).", "The wrap-up timer expired.", _CHOOSE),
    (32757, "", "Unified CM failed over (UCCX).", "The phone moved to another server.", _LINK),
    (32756, "", "The phone is back (UCCX).", "The phone registered again.", _CHOOSE),
    (32755, "", "A call has ended (UCCX).", "A call that was not routed is over.", _CHOOSE),
    (32754, "", "The device is restricted (UCCX).", "The phone system does not let applications control it.",
     "Tell the administrator: the phone must allow control by applications."),
    (32753, "", "The line is restricted (UCCX).", "The phone system does not let applications control it.",
     "Tell the administrator: the line must allow control by applications."),
    (32752, "", "A reservation was cancelled (UCCX).", "The dialer gave the call up.", _CHOOSE),
    (32751, "", "A preview call was skipped (UCCX).", "The agent skipped it.", _CHOOSE),
    (32750, "", "The extension was changed (UCCX).", "The administrator changed it.", "Sign in again."),
    (32749, "", "A consultation was cancelled (UCCX).", "The consult call ended.", _CHOOSE),
)  # fmt: skip

REASONS = table("reason", _ROWS)
