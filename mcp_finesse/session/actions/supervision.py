"""What supervisors do: to the state of their agents, and to the calls of those (guide p.41 to 50, 97 to 108)."""

from __future__ import annotations

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import ACTION_RULES, CallAction, Dialog, User, may_ask_for, own_participant, traits_of
from mcp_finesse.rest.api import supervision
from mcp_finesse.session.actions.action import Action, Step, normalized, own_extension
from mcp_finesse.session.completion.completion import Unseen, View
from mcp_finesse.session.completion.supervision import (
    AgentStateIs,
    BargedIn,
    Monitoring,
    ParticipantGone,
    agent_of,
)

_MONITOR = "SUPERVISOR_MONITOR"


@normalized
def change_agent_state(agent_id: str, team_id: str, state: str) -> Action:
    """Make an agent of a supervised team READY or NOT_READY; a supervisor gives no reason."""
    return _change(agent_id, team_id, state, "supervision.change_agent_state")


@normalized
def sign_out_agent(agent_id: str, team_id: str) -> Action:
    """Sign an agent of a supervised team out, also during a call."""
    return _change(agent_id, team_id, "LOGOUT", "supervision.sign_out_agent")


def _change(agent_id: str, team_id: str, state: str, operation: str) -> Action:
    """The team tells it: the agent's own feed is not for others."""

    def plan(view: View) -> Step:
        agent = agent_of(view, team_id, agent_id)
        if agent is None:
            raise InvalidRequestError(
                f"Team {team_id} does not contain agent {agent_id} now. Nothing was sent.",
                advice="See get_team for its agents.",
            )
        goal = AgentStateIs(agent_id, team_id, state, agent)
        if goal.verdict(view) is None:
            supervision.check_present_state(state, agent.state)
            _check_call(view, agent, state)
        return Step(
            goal,
            lambda rest, rid: supervision.change_agent_state(rest, agent_id, state, request_id=rid),
            source=f"/finesse/api/User/{agent_id}",
        )

    return Action(
        state,
        f"agent {agent_id}",
        plan,
        operation=operation,
        reads=f"team:{team_id}",
        feed=f"team:{team_id}",
        shows=lambda view: agent_of(view, team_id, agent_id),
    )


def _check_call(view: View, agent: User, state: str) -> None:
    """Where READY is not kept until the call ends, the refusal would go to the agent alone (guide p.49)."""
    keeps = view.platform is None or traits_of(view.platform).pending_ready
    if state == "READY" and agent.state in ("TALKING", "HOLD") and not keeps:
        raise InvalidRequestError(
            f"{view.platform} cannot make an agent READY during a call. Nothing was sent.",
            advice="Wait until the call has ended.",
        )


@normalized
def monitor_call(user_id: str, agent_extension: str) -> Action:
    """Listen to the call of the agent at this extension, unheard; a dialog of the supervisor's own."""

    def plan(view: View) -> Step:
        extension = own_extension(view)
        state = view.user.state if view.user is not None else None
        if state != "NOT_READY" or _calls(view):
            having = f"on dialog {', '.join(_calls(view))}" if _calls(view) else str(state)
            raise InvalidRequestError(
                f"A supervisor who is {having} cannot monitor. Nothing was sent.",
                advice=_way_to_monitor(view),
            )
        return Step(
            Monitoring(agent_extension, frozenset(view.dialogs)),
            lambda rest, rid: supervision.silent_monitor(
                rest, user_id, extension, agent_extension, request_id=rid
            ),
            new_dialog=True,
        )

    return Action(
        "SILENT_MONITOR", "dialogs", plan, call_control=True, operation="supervision.silent_monitor"
    )


@normalized
def barge_call(user_id: str, monitor_id: str) -> Action:
    """Join the call that is being monitored; it becomes a conference that the agent controls."""

    def plan(view: View) -> Step:
        extension = own_extension(view)
        monitor = view.dialogs.get(monitor_id)
        agent_extension = (monitor.to_address if monitor is not None else None) or ""
        return Step(
            BargedIn(monitor_id, agent_extension, frozenset(view.dialogs)),
            lambda rest, rid: supervision.barge_call(
                rest, user_id, extension, agent_extension, monitor_id, request_id=rid
            ),
            monitor_id,
            "BARGE_CALL",
            new_dialog=True,
        )

    return Action("BARGE_CALL", monitor_id, plan, call_control=True, operation="supervision.barge_call")


@normalized
def drop_participant(dialog_id: str, address: str) -> Action:
    """Remove one party from a conference; the others stay."""

    def plan(view: View) -> Step:
        dialog = view.dialogs.get(dialog_id)
        if dialog is not None and address == view.extension:
            raise InvalidRequestError(
                f"{address} is your own extension. Nothing was sent.",
                advice="To leave the call yourself, use end_call.",
            )
        if dialog is not None and dialog.participant(address) is None:
            present = ", ".join(party.media_address or "?" for party in dialog.participants)
            raise InvalidRequestError(
                f"{address!r} is not on dialog {dialog_id}. Nothing was sent.",
                advice=f"On the call: {present}.",
            )
        return Step(
            ParticipantGone(dialog_id, address),
            lambda rest, rid: supervision.drop_participant(rest, dialog_id, address, request_id=rid),
            dialog_id,
            "PARTICIPANT_DROP",
        )

    return Action(
        "PARTICIPANT_DROP", dialog_id, plan, call_control=True, operation="supervision.drop_participant"
    )


@normalized
def start_recording(dialog_id: str) -> Action:
    """Record a call, or the one that is being monitored. Finesse never tells that it does (guide p.106)."""

    def plan(view: View) -> Step:
        own = own_extension(view)
        recorded = recorded_extension(view.dialogs.get(dialog_id), own)
        return Step(
            Unseen(dialog_id),
            lambda rest, rid: supervision.start_recording(rest, dialog_id, recorded, request_id=rid),
            dialog_id,
            "START_RECORDING",
        )

    return Action(
        "START_RECORDING",
        dialog_id,
        plan,
        call_control=True,
        confirmed=ACTION_RULES[CallAction.START_RECORDING].confirmed,
        operation="supervision.start_recording",
    )


def recorded_extension(dialog: Dialog | None, own: str) -> str:
    """Whose call is recorded: that of the agent who is listened to, or else one's own."""
    media = dialog.media_properties if dialog is not None else None
    monitored = media is not None and (media.call_type or "").upper() == _MONITOR
    return (dialog.to_address if dialog is not None and monitored else None) or own


def _way_to_monitor(view: View) -> str:
    """Return what a supervisor does before monitoring a call, given the supervisor's own calls and state."""
    own = [own_participant(view.dialogs[each], view.extension) for each in _calls(view)]
    if any(party is not None and party.state == "ALERTING" for party in own):
        return "A call is ringing at your phone. Answer and end it, or wait until it stops ringing."
    if own:
        return "Use end_call first, then change_state with NOT_READY if you are not NOT_READY after the call."
    state = view.user.state if view.user is not None else None
    if "NOT_READY" in may_ask_for(state, view.platform):
        return "Use change_state with NOT_READY first."
    return "Wait until you are READY or NOT_READY."


def _calls(view: View) -> list[str]:
    """The supervisor's own calls that are not over."""
    own = ((dialog.id, own_participant(dialog, view.extension)) for dialog in view.dialogs.values())
    return [id_ for id_, party in own if party is not None and not party.has_left]
