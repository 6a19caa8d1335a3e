"""What a participant may do now: the state's own actions, and those of role, platform and kind of call."""

from __future__ import annotations

from mcp_finesse.simulator.calls.calls import Call, Party, allowed_actions
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import generic

MONITORING = ("DROP", "BARGE_CALL")
"""Actions of the supervisor who listens; the agent listened to has none on that dialog."""

PREVIEW = ("ACCEPT", "CLOSE", "REJECT")
"""Actions on a reservation until one of them is taken."""

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
"""The CTI code for an action that is not in the participant's list now (type: Generic Error)."""

OTHERWISE_REFUSED = (22, "CF_INVALID_OBJECT_STATE")
"""The code for every other action."""


def actions_now(floor: ContactCenterState, call: Call, party: Party) -> tuple[str, ...]:
    """The participant's ``actions``. Only agents have any: those of others are not reliable (p.126)."""
    if party.agent_id is None or party.passive:
        return ()
    if call.reservation:
        return PREVIEW if party.state == "ALERTING" else ()
    recording = _recording(floor, party)
    if call.monitors:
        return (*MONITORING, *recording) if party.state == "ACTIVE" else ("DROP",)
    actions = allowed_actions(party, floor.active_elsewhere(call, party))
    return (*actions, *_dropping(floor, call, party), *recording, *_outbound(call, party))


def _recording(floor: ContactCenterState, party: Party) -> tuple[str, ...]:
    return ("START_RECORDING",) if floor.rules.records and party.state == "ACTIVE" else ()


def _dropping(floor: ContactCenterState, call: Call, party: Party) -> tuple[str, ...]:
    """Who may take others out of a conference is a setting of the server (guide p.104)."""
    if not floor.rules.drops_participants or call.call_type != "CONFERENCE" or party.state != "ACTIVE":
        return ()
    allowed_to = floor.world.properties.drop_participant_for
    supervisor = bool(floor.agents[party.agent_id or ""].record.supervises)
    controller = call.controller == party.address and allowed_to == "conference_controller_and_supervisor"
    return ("PARTICIPANT_DROP",) if supervisor or controller or allowed_to == "all" else ()


def _outbound(call: Call, party: Party) -> tuple[str, ...]:
    """What may be noted on a campaign's call, in wrap-up too (guide p.111 to 114)."""
    if not call.campaign_mode or party.state not in ("ACTIVE", "HELD", "WRAP_UP"):
        return ()
    cancel = ("CANCEL_SCHEDULED_CALLBACK",) if call.callback else ()
    reclassify = ("RECLASSIFY",) if call.campaign_mode == "DIRECT_PREVIEW" else ()
    return ("UPDATE_SCHEDULED_CALLBACK", *cancel, *reclassify)


def require_action(floor: ContactCenterState, call: Call, party: Party, action: str) -> None:
    """Only what ``actions`` lists may be done (guide p.126); asked when the request's turn comes.

    Raises:
        CtiError: it is not in the list, or the call is over.
    """
    if call.id not in floor.calls or action not in actions_now(floor, call, party):
        raise generic(*REFUSED.get(action, OTHERWISE_REFUSED))
