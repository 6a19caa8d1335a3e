"""Supervisor tools for an agent's state, monitoring, barging, intercepting and recording."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import AgentState, Dialog, own_participant
from mcp_finesse.server.arguments.arguments import DialogId, Text
from mcp_finesse.server.present.results import OutcomeResult
from mcp_finesse.server.tools.agent.agent_state import State
from mcp_finesse.server.tools.agent_lookup import find_agent
from mcp_finesse.server.tools.call_targeting import READY_SECONDS, act_on_call, perform
from mcp_finesse.session import FinesseSession, OutcomeStatus
from mcp_finesse.session.actions import supervision

Agent = Annotated[Text, Field(description="Id, extension or part of the name")]

_STEP_SECONDS = 22.0
"""Maximum seconds for each of the two steps of an intercept, so that both end before the host's timeout."""
DROP_PROPERTY = "enableDropParticipantFor"
"""The setting that decides who may drop participants: ``supervisor_only`` by default (guide p.104)."""
_DONE = (OutcomeStatus.CONFIRMED, OutcomeStatus.UNCHANGED)


async def change_agent_state(session: FinesseSession, agent: Agent, state: State) -> OutcomeResult:
    """Make another agent READY, or NOT_READY with a system reason.

    Use for an agent of your teams; for your own state use change_state. Requires the role supervisor;
    NOT_READY is possible only from READY or wrap-up. Returns status and user (that agent).
    """
    await session.ready(READY_SECONDS)
    member = await find_agent(session, agent)
    return await perform(session, supervision.change_agent_state(member.id, member.team_id, state))


async def sign_out_agent(session: FinesseSession, agent: Agent) -> OutcomeResult:
    """Sign out another agent; during a call, this may take effect after the call.

    Use for an agent of your teams who is away; for yourself use sign_out. Requires the role supervisor and an
    agent who is signed in. Returns status and user (that agent).
    """
    await session.ready(READY_SECONDS)
    member = await find_agent(session, agent)
    return await perform(session, supervision.sign_out_agent(member.id, member.team_id))


async def monitor_call(session: FinesseSession, agent: Agent) -> OutcomeResult:
    """Listen silently to an agent's call; the other parties cannot hear you.

    Use before barge_call or start_recording; end_call ends monitoring. Requires the role supervisor, NOT_READY
    without a call, and an agent of your teams on a call. Returns status and dialog (the new monitoring
    call).
    """
    await session.ready(READY_SECONDS)
    user = session.mirror.user
    if user is not None and user.state == AgentState.LOGOUT:  # the "user" in the session is the supervisor
        raise InvalidRequestError(
            f"Agent {session.mirror.user_id} is not signed in and cannot monitor. Nothing was sent.",
            advice="Use sign_in first.",
        )
    member = await find_agent(session, agent)
    if not member.user.extension:
        raise InvalidRequestError(f"{member} is not signed in to a phone. Nothing was sent.")
    return await perform(
        session,
        supervision.monitor_call(session.mirror.user_id, member.user.extension),
        hint="The agent must be connected on a call. get_team shows the agents' states.",
        hint_if=lambda outcome: outcome.status == OutcomeStatus.FAILED,
    )


async def barge_call(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Join the call you monitor: everybody hears you, and the call becomes a conference.

    Use to help in the call; to take the call over, use intercept_call. Requires the role supervisor, and
    BARGE_CALL to be allowed after monitor_call. Returns status and dialog (the conference).
    """
    return await _barge(session, dialog_id)


async def intercept_call(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Take over an agent's call: barge in, then drop the agent.

    Use to talk to the caller alone; to keep the agent on the call, use barge_call. Requires UCCE and the role
    supervisor. BARGE_CALL (after monitor_call) or PARTICIPANT_DROP must be allowed. Returns status and dialog
    of the last step.
    """
    await session.ready(READY_SECONDS)
    joined = session.mirror.dialogs.get(dialog_id) if dialog_id else _conference(session)
    if joined is not None and _allows(session, joined, "PARTICIPANT_DROP"):
        return await _drop_other_agent(session, joined)
    barged = await _barge(session, dialog_id, _STEP_SECONDS)
    if barged.status not in _DONE or barged.dialog is None:
        return barged
    joined = session.mirror.dialogs.get(str(barged.dialog["id"]))
    if joined is None:
        raise InvalidRequestError(
            "The supervisor joined the call, but the call ended before the agent was removed."
        )
    try:
        return await _drop_other_agent(session, joined)
    except InvalidRequestError as error:
        raise InvalidRequestError(
            f"The supervisor joined the call. The agent was not removed: {error.message}",
            advice="To remove the agent, use drop_participant; to leave the call, use end_call.",
        ) from error


async def _drop_other_agent(session: FinesseSession, joined: Dialog) -> OutcomeResult:
    action = supervision.drop_participant(joined.id, _other_agent(session, joined))
    return await perform(session, action, seconds=_STEP_SECONDS)


async def drop_participant(
    session: FinesseSession,
    participant: Annotated[Text, Field(description="Extension or number from get_dialogs")],
    dialog_id: DialogId = None,
) -> OutcomeResult:
    """Remove one participant from a conference; the others stay connected.

    Use after conference_call; to leave the call yourself, use end_call. Requires UCCE. PARTICIPANT_DROP must be
    allowed (by default only to supervisors). Returns status and dialog.
    """
    try:
        result = await act_on_call(
            session, "PARTICIPANT_DROP", dialog_id, lambda id_: supervision.drop_participant(id_, participant)
        )
    except InvalidRequestError as error:
        hint = _drop_permission_advice(session)
        raise InvalidRequestError(error.message, advice=f"{error.advice} {hint}".strip()) from error
    if result.status is OutcomeStatus.FAILED:
        result.advice = (
            " ".join(part for part in (result.advice, _drop_permission_advice(session)) if part) or None
        )
    return result


async def start_recording(session: FinesseSession, dialog_id: DialogId = None) -> OutcomeResult:
    """Record a call until it ends; you cannot stop the recording earlier.

    Use for your own call, or after monitor_call for an agent's call. Requires UCCX, and START_RECORDING to
    be allowed. Returns status unreported: Finesse never confirms a recording.
    """
    return await act_on_call(session, "START_RECORDING", dialog_id, supervision.start_recording)


async def _barge(
    session: FinesseSession, dialog_id: str | None, seconds: float | None = None
) -> OutcomeResult:
    return await act_on_call(
        session,
        "BARGE_CALL",
        dialog_id,
        lambda id_: supervision.barge_call(session.mirror.user_id, id_),
        seconds=seconds,
    )


def _drop_permission_advice(session: FinesseSession) -> str:
    """Return advice that names the setting which prevents agents from dropping participants. Empty for supervisors."""
    user = session.mirror.user
    if user is not None and user.is_supervisor:
        return ""
    return (
        "By default only supervisors may drop participants. An administrator can allow agents to drop "
        f"participants with the Finesse property {DROP_PROPERTY} (conference_controller_and_supervisor, or all)."
    )


def _allows(session: FinesseSession, dialog: Dialog, action_name: str) -> bool:
    own = own_participant(dialog, session.mirror.extension)
    return own is not None and action_name in own.actions


def _conference(session: FinesseSession) -> Dialog | None:
    """Return the call that the supervisor has barged into, if there is exactly one."""
    found = [item for item in session.mirror.dialogs.values() if _allows(session, item, "PARTICIPANT_DROP")]
    return found[0] if len(found) == 1 else None


def _other_agent(session: FinesseSession, dialog: Dialog) -> str:
    """Return the extension of the only other agent on the supervisor's conference.

    Raises:
        InvalidRequestError: the conference has no other agent, or more than one other agent.
    """
    others = [
        party.media_address
        for party in dialog.participants
        if party.media_address_type == "AGENT_DEVICE"
        and party.media_address not in (None, session.mirror.extension)
        and not party.has_left
    ]
    if len(others) == 1 and others[0]:
        return others[0]
    if not others:
        raise InvalidRequestError(
            f"No other agent is on call {dialog.id}. No participant was removed.",
            advice="To leave the call, use end_call.",
        )
    raise InvalidRequestError(
        f"{len(others)} other agents are on call {dialog.id}. No participant was removed.",
        advice=f"Use drop_participant with one of their extensions: {', '.join(map(str, others))}.",
    )
