"""The allowed actions of a participant, which depend on its state, its role, the platform and the kind of call."""

from __future__ import annotations

from mcp_finesse.simulator.calls.calls import Call, Party, allowed_actions
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import generic

MONITORING = ("DROP", "BARGE_CALL")
"""Actions of the supervisor on the monitoring dialog. The monitored agent has no actions on that dialog."""

PREVIEW = ("ACCEPT", "CLOSE", "REJECT")
"""Actions of the agent on a reservation, until the agent requests one of them."""

REFUSED: dict[str, tuple[int, str]] = {
    "ANSWER": (28, "CF_NO_CALL_TO_ANSWER"),
    "HOLD": (24, "CF_NO_ACTIVE_CALL"),
    "RETRIEVE": (25, "CF_NO_HELD_CALL"),
    "DROP": (27, "CF_NO_CONNECTION_TO_CLEAR"),
    "CONSULT_CALL": (24, "CF_NO_ACTIVE_CALL"),
    "TRANSFER": (29, "CF_NO_CALL_TO_COMPLETE"),
    "CONFERENCE": (29, "CF_NO_CALL_TO_COMPLETE"),
    "TRANSFER_SST": (24, "CF_NO_ACTIVE_CALL"),
    "SEND_DTMF": (24, "CF_NO_ACTIVE_CALL"),
}
"""The CTI code and constant of the Generic Error, by the action that is not allowed."""

OTHERWISE_REFUSED = (22, "CF_INVALID_OBJECT_STATE")
"""The code and constant for the actions that ``REFUSED`` does not contain."""


def actions_now(state: ContactCenterState, call: Call, party: Party) -> tuple[str, ...]:
    """Return the participant's ``actions``. A party that is not an agent has no actions (p.126)."""
    if party.agent_id is None or party.passive:
        return ()
    if call.reservation:
        return PREVIEW if party.state == "ALERTING" else ()
    recording = _recording(state, party)
    if call.monitors:
        return (*MONITORING, *recording) if party.state == "ACTIVE" else ("DROP",)
    actions = allowed_actions(party, state.active_elsewhere(call, party))
    return (*actions, *_drop_actions(state, call, party), *recording, *_outbound(call, party))


def _recording(state: ContactCenterState, party: Party) -> tuple[str, ...]:
    return ("START_RECORDING",) if state.rules.records and party.state == "ACTIVE" else ()


def _drop_actions(state: ContactCenterState, call: Call, party: Party) -> tuple[str, ...]:
    """Return PARTICIPANT_DROP if a server property allows this action for this participant (guide p.104)."""
    if not state.rules.drops_participants or call.call_type != "CONFERENCE" or party.state != "ACTIVE":
        return ()
    allowed_to = state.world.properties.drop_participant_for
    supervisor = bool(state.agents[party.agent_id or ""].record.supervises)
    controller = call.controller == party.address and allowed_to == "conference_controller_and_supervisor"
    return ("PARTICIPANT_DROP",) if supervisor or controller or allowed_to == "all" else ()


def _outbound(call: Call, party: Party) -> tuple[str, ...]:
    """Return the actions for a campaign's call. These actions are also available in wrap-up (guide p.111 to 114)."""
    if not call.campaign_mode or party.state not in ("ACTIVE", "HELD", "WRAP_UP"):
        return ()
    cancel = ("CANCEL_SCHEDULED_CALLBACK",) if call.callback else ()
    reclassify = ("RECLASSIFY",) if call.campaign_mode == "DIRECT_PREVIEW" else ()
    return ("UPDATE_SCHEDULED_CALLBACK", *cancel, *reclassify)


def require_action(state: ContactCenterState, call: Call, party: Party, action: str) -> None:
    """Check that the participant's ``actions`` contain the action when it is executed (guide p.126).

    Raises:
        CtiError: the action is not allowed, or the call is over.
    """
    if call.id not in state.calls or action not in actions_now(state, call, party):
        raise generic(*REFUSED.get(action, OTHERWISE_REFUSED))
