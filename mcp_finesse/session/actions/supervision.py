"""What supervisors do to other agents and their calls: what is sent, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import ACTION_RULES, CallAction, Dialog, User, may_ask_for, own_participant, traits_of
from mcp_finesse.rest.api import supervision
from mcp_finesse.session.actions.action import Action, Step, normalized, own_extension
from mcp_finesse.session.actions.agent import StateIs
from mcp_finesse.session.actions.completion import Evaluation, Unseen, View
from mcp_finesse.session.actions.evidence import Evidence, History

# -- completions

_MONITOR = "SUPERVISOR_MONITOR"
_FIRST_STEPS = ("INITIATING", "INITIATED", "ALERTING")


def agent_of(view: View, team_id: str, agent_id: str) -> User | None:
    """An agent of a team, or None when the team has not been read or has no such member."""
    team = view.groups.teams.get(team_id)
    return team.member(agent_id) if team is not None else None


@dataclass(frozen=True, slots=True)
class AgentStateIs:
    """Another agent's state (or, during a call, the pending state) is the one asked for.

    Attributes:
        before: the agent when the request was planned.
    """

    agent_id: str
    team_id: str
    state: str
    before: User | None = None

    def verdict(self, view: View) -> Evaluation | None:
        """Done at once, or pending. Whoever is not on the list of the team any more has been signed out.

        Some releases list only members who are signed in, whatever was asked for.
        """
        agent = agent_of(view, self.team_id, self.agent_id)
        if agent is None:
            gone = self.state == "LOGOUT" and self.team_id in view.groups.teams
            return Evaluation(note="The agent is no longer listed in the team.") if gone else None
        return StateIs(self.state, before=self.before).verdict_on(agent)


@dataclass(frozen=True, slots=True)
class Monitoring:
    """A dialog that was not there before, on which the supervisor hears the agent at this extension."""

    to_address: str
    before: frozenset[str]

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the supervisor's own side is active, failed when it says so.

        An ordinary call to the same extension, made at the desktop, is no monitoring.
        """
        for dialog in view.dialogs.values():
            participant = own_participant(dialog, view.extension)
            if participant is None or dialog.id in self.before or not _is_to(view, dialog, self.to_address):
                continue
            if _call_type(dialog) not in (_MONITOR, ""):
                continue
            if participant.state == "FAILED" or dialog.state == "FAILED":
                return _failed(dialog, participant.state_cause)
            if participant.state == "ACTIVE" and dialog.state == "ACTIVE":
                return Evaluation(dialog.id)
        return None


@dataclass(frozen=True, slots=True)
class BargedIn:
    """The supervisor is on a call with the agent and somebody else; the dialog of the monitoring does not count."""

    monitor_id: str
    to_address: str
    before: frozenset[str]

    def verdict(self, view: View) -> Evaluation | None:
        """Done when the conference is there, failed when the consult that leads to it fails."""
        for dialog in view.dialogs.values():
            participant = own_participant(dialog, view.extension)
            if participant is None or dialog.id == self.monitor_id:
                continue
            if participant.state == "ACTIVE" and self._is_conference(dialog):
                return Evaluation(dialog.id)
            consult = dialog.id not in self.before and _is_to(view, dialog, self.to_address)
            if consult and (participant.state == "FAILED" or dialog.state == "FAILED"):
                return _failed(dialog, participant.state_cause)
        return None

    def _is_conference(self, dialog: Dialog) -> bool:
        live = {party.media_address for party in dialog.participants if not party.has_left}
        return self.to_address in live and len(live) > 2


@dataclass(frozen=True, slots=True)
class ParticipantGone:
    """This address is no longer on the call, and the supervisor still is.

    When the whole call is over, the address may have been removed before or not: that is weak.
    """

    dialog_id: str
    address: str

    def verdict(self, view: View) -> Evaluation | None:
        """Strong when the participant has left a call that goes on."""
        dialog = view.dialogs.get(self.dialog_id)
        own = own_participant(dialog, view.extension)
        if dialog is None or (own is not None and own.has_left):
            return Evaluation(self.dialog_id, weak=True)
        participant = dialog.participant(self.address)
        return Evaluation(self.dialog_id) if participant is None or participant.has_left else None

    def evidence(self, history: History) -> Evidence:
        """A report of the call in which the address has left and the supervisor has not."""
        for each in history.of(self.dialog_id):
            dialog, own = each.dialog, history.extension
            party = dialog.participant(own) if dialog is not None and own is not None else None
            if dialog is None or party is None or party.has_left:
                continue
            removed = dialog.participant(self.address)
            if removed is None or removed.has_left:
                return Evidence(supported=True, limits="The call has ended.")
        return Evidence(otherwise="the whole call has ended", contradicted=True)


def _is_to(view: View, dialog: Dialog, address: str) -> bool:
    """Whether it goes from the supervisor to this address; on its first steps it may have no address yet."""
    if dialog.from_address != view.extension:
        return False
    return dialog.to_address == address or (not dialog.to_address and dialog.state in _FIRST_STEPS)


def _call_type(dialog: Dialog) -> str:
    properties = dialog.media_properties
    return (properties.call_type or "").upper() if properties is not None else ""


def _failed(dialog: Dialog, cause: str | None) -> Evaluation:
    return Evaluation(dialog.id, failed=f"The call to the agent failed: {cause or 'no cause given'}.")


# -- actions


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
