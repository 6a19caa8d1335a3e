"""Supervisor actions on other agents and their calls: the requests, and the state changes that confirm them."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Dialog, Participant, User, may_ask_for, own_participant, traits_of
from mcp_finesse.privacy import quoted
from mcp_finesse.rest.api import supervision
from mcp_finesse.session.actions.action import Action, PreparedRequest, action, own_extension
from mcp_finesse.session.actions.agent import StateReached
from mcp_finesse.session.actions.completion import Evaluation, NeverReported, View
from mcp_finesse.session.actions.evidence import Evidence, History

# -- completions

_MONITOR = "SUPERVISOR_MONITOR"
_FIRST_STEPS = ("INITIATING", "INITIATED", "ALERTING")


def find_agent(view: View, team_id: str, agent_id: str) -> User | None:
    """Return an agent of a team, or None if the team has not been read or has no such member."""
    team = view.teams.get(team_id)
    return team.member(agent_id) if team is not None else None


@dataclass(frozen=True, slots=True)
class AgentStateReached:
    """Another agent's state (or, during a call, the pending state) is the requested one.

    Attributes:
        before: The known state of the agent when the request was prepared.
    """

    agent_id: str
    team_id: str
    state: str
    before: User | None = None

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the requested state is the agent's state or pending state.

        An agent who is no longer listed in the team was signed out. Some releases list only signed-in members,
        even if the request asks for all members.
        """
        agent = find_agent(view, self.team_id, self.agent_id)
        if agent is None:
            gone = self.state == "LOGOUT" and self.team_id in view.teams
            return Evaluation(note="The agent is no longer listed in the team.") if gone else None
        return StateReached(self.state, before=self.before).evaluate_user(agent)


@dataclass(frozen=True, slots=True)
class Monitoring:
    """The completion of monitoring: the supervisor has a new dialog that monitors the agent at an extension."""

    to_address: str
    before: frozenset[str]

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the supervisor's participant is ACTIVE. Fail when the participant is FAILED.

        Ignore ordinary phone calls to the same extension, which the supervisor may make at the desktop.
        """
        for dialog in view.dialogs.values():
            participant = own_participant(dialog, view.extension)
            if (
                participant is None
                or dialog.id in self.before
                or not _is_call_to(view, dialog, self.to_address)
            ):
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
    """The completion of a barge-in: the supervisor is on a phone call with the agent and a third party."""

    monitor_id: str
    to_address: str
    before: frozenset[str]

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the conference exists. Fail when its consult call fails. Ignore the monitoring dialog."""
        for dialog in view.dialogs.values():
            participant = own_participant(dialog, view.extension)
            if participant is None or dialog.id == self.monitor_id:
                continue
            if participant.state == "ACTIVE" and self._is_conference(dialog):
                return Evaluation(dialog.id)
            consult = dialog.id not in self.before and _is_call_to(view, dialog, self.to_address)
            if consult and (participant.state == "FAILED" or dialog.state == "FAILED"):
                return _failed(dialog, participant.state_cause)
        return None

    def _is_conference(self, dialog: Dialog) -> bool:
        live = {party.media_address for party in dialog.participants if not party.has_left}
        return self.to_address in live and len(live) > 2


@dataclass(frozen=True, slots=True)
class ParticipantRemoved:
    """The completion of removing a party: the address has left the phone call, and the supervisor has not.

    The end of the whole phone call is weak evidence, because the address may not have been removed before the
    end.
    """

    dialog_id: str
    address: str

    def evaluate(self, view: View) -> Evaluation | None:
        """Confirm when the participant has left a phone call that continues."""
        dialog = view.dialogs.get(self.dialog_id)
        own = own_participant(dialog, view.extension)
        if dialog is None or (own is not None and own.has_left):
            return Evaluation(self.dialog_id, weak=True)
        participant = dialog.participant(self.address)
        return Evaluation(self.dialog_id) if participant is None or participant.has_left else None

    def evidence(self, history: History) -> Evidence:
        """Require a report of the phone call in which the address has left and the supervisor is still present."""
        for each in history.of(self.dialog_id):
            dialog, own = each.dialog, history.extension
            party = dialog.participant(own) if dialog is not None and own is not None else None
            if dialog is None or party is None or party.has_left:
                continue
            removed = dialog.participant(self.address)
            if removed is None or removed.has_left:
                return Evidence(supported=True, limits="The call has ended.")
        return Evidence(otherwise="the whole call has ended", contradicted=True)


def _is_call_to(view: View, dialog: Dialog, address: str) -> bool:
    """Return whether the supervisor called this address. The first reports of a call may lack the address."""
    if dialog.from_address != view.extension:
        return False
    return dialog.to_address == address or (not dialog.to_address and dialog.state in _FIRST_STEPS)


def _call_type(dialog: Dialog) -> str:
    properties = dialog.media_properties
    return (properties.call_type or "").upper() if properties is not None else ""


def _failed(dialog: Dialog, cause: str | None) -> Evaluation:
    return Evaluation(dialog.id, failed=f"The call to the agent failed: {cause or 'no cause given'}.")


# -- actions


@action(supervision.CHANGE_AGENT_STATE)
def change_agent_state(agent_id: str, team_id: str, state: str) -> Action:
    """Set the state of an agent of a supervised team to READY or NOT_READY, without a reason code."""
    return _change(agent_id, team_id, state)


@action(supervision.SIGN_OUT_AGENT)
def sign_out_agent(agent_id: str, team_id: str) -> Action:
    """Sign out an agent of a supervised team, even while the agent is on a phone call."""
    return _change(agent_id, team_id, "LOGOUT")


def _change(agent_id: str, team_id: str, state: str) -> Action:
    """Return an action that a report of the team confirms, because the agent's own feed is not available."""

    def prepare(view: View) -> PreparedRequest:
        agent = find_agent(view, team_id, agent_id)
        if agent is None:
            raise InvalidRequestError(
                f"Team {team_id} does not contain agent {agent_id} now. Nothing was sent.",
                advice="Use get_team to list the agents of the team.",
            )
        completion = AgentStateReached(agent_id, team_id, state, agent)
        if completion.evaluate(view) is None:
            supervision.check_present_state(state, agent.state)
            _check_call(view, agent, state)
        return PreparedRequest(
            completion,
            lambda rest, rid: supervision.change_agent_state(rest, agent_id, state, request_id=rid),
            source=supervision.CHANGE_AGENT_STATE.path_of(agent_id),
        )

    return Action(
        state,
        f"agent {agent_id}",
        prepare,
        reads=f"team:{team_id}",
        feed=f"team:{team_id}",
        shown_object=lambda view: find_agent(view, team_id, agent_id),
    )


def _check_call(view: View, agent: User, state: str) -> None:
    """Reject READY during a phone call if the platform cannot keep READY pending until the phone call ends.

    Finesse reports the error only to the agent, not to the supervisor (guide p.49).
    """
    keeps = view.platform is None or traits_of(view.platform).pending_ready
    if state == "READY" and agent.state in ("TALKING", "HOLD") and not keeps:
        raise InvalidRequestError(
            f"{view.platform} cannot make an agent READY during a call. Nothing was sent.",
            advice="Wait until the call has ended.",
        )


@action(supervision.silent_monitor)
def monitor_call(user_id: str, agent_extension: str) -> Action:
    """Silently monitor the phone call of the agent at this extension. The supervisor gets a new dialog."""

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        state = view.user.state if view.user is not None else None
        if state != "NOT_READY" or _calls(view):
            having = f"on call {', '.join(_calls(view))}" if _calls(view) else str(state)
            raise InvalidRequestError(
                f"A supervisor who is {having} cannot monitor. Nothing was sent.",
                advice=_advice_for_monitoring(view),
            )
        return PreparedRequest(
            Monitoring(agent_extension, frozenset(view.dialogs)),
            lambda rest, rid: supervision.silent_monitor(
                rest, user_id, extension, agent_extension, request_id=rid
            ),
            new_dialog=True,
        )

    return Action("SILENT_MONITOR", "dialogs", prepare, call_control=True)


@action(supervision.barge_call)
def barge_call(user_id: str, monitor_id: str) -> Action:
    """Barge in on the monitored phone call, which becomes a conference that the agent controls."""

    def prepare(view: View) -> PreparedRequest:
        extension = own_extension(view)
        monitor = view.dialogs.get(monitor_id)
        agent_extension = (monitor.to_address if monitor is not None else None) or ""
        return PreparedRequest(
            BargedIn(monitor_id, agent_extension, frozenset(view.dialogs)),
            lambda rest, rid: supervision.barge_call(
                rest, user_id, extension, agent_extension, monitor_id, request_id=rid
            ),
            monitor_id,
            "BARGE_CALL",
            new_dialog=True,
        )

    return Action("BARGE_CALL", monitor_id, prepare, call_control=True)


@action(supervision.drop_participant)
def drop_participant(dialog_id: str, address: str) -> Action:
    """Remove one party from a conference. The others stay connected."""

    def prepare(view: View) -> PreparedRequest:
        dialog = view.dialogs.get(dialog_id)
        if dialog is not None and address == view.extension:
            raise InvalidRequestError(
                f"{address} is the agent's own extension. Nothing was sent.",
                advice="To leave the call, use end_call.",
            )
        if dialog is not None and dialog.participant(address) is None:
            present = ", ".join(map(_shown_address, dialog.participants))
            raise InvalidRequestError(
                f"{address!r} is not on call {dialog_id}. Nothing was sent.",
                advice=f"On the call: {present}.",
            )
        return PreparedRequest(
            ParticipantRemoved(dialog_id, address),
            lambda rest, rid: supervision.drop_participant(rest, dialog_id, address, request_id=rid),
            dialog_id,
            "PARTICIPANT_DROP",
        )

    return Action("PARTICIPANT_DROP", dialog_id, prepare, call_control=True)


_WHOLE = 2_000
"""Maximum characters of an address in an error. A shorter limit could cut a card number, so that it is not redacted."""


def _shown_address(party: Participant) -> str:
    """Return the address of a party. The number of a caller is quoted, because the caller may have chosen it."""
    address = party.media_address or "?"
    return address if party.media_address_type == "AGENT_DEVICE" else quoted(address, _WHOLE)


@action(supervision.start_recording)
def start_recording(dialog_id: str) -> Action:
    """Record the supervisor's own call or the monitored call. Finesse never confirms recordings (guide p.106)."""

    def prepare(view: View) -> PreparedRequest:
        own = own_extension(view)
        recorded = recorded_extension(view.dialogs.get(dialog_id), own)
        return PreparedRequest(
            NeverReported(dialog_id),
            lambda rest, rid: supervision.start_recording(rest, dialog_id, recorded, request_id=rid),
            dialog_id,
            "START_RECORDING",
        )

    return Action(
        "START_RECORDING",
        dialog_id,
        prepare,
        call_control=True,
    )


def recorded_extension(dialog: Dialog | None, own: str) -> str:
    """Return the extension whose call is recorded: the monitored agent's, or the supervisor's if none is monitored."""
    media = dialog.media_properties if dialog is not None else None
    monitored = media is not None and (media.call_type or "").upper() == _MONITOR
    return (dialog.to_address if dialog is not None and monitored else None) or own


def _advice_for_monitoring(view: View) -> str:
    """Return advice on what the supervisor must do before monitoring, given the supervisor's calls and state."""
    own = [own_participant(view.dialogs[each], view.extension) for each in _calls(view)]
    if any(party is not None and party.state == "ALERTING" for party in own):
        return (
            "A call is ringing at the supervisor's phone. Answer and end the call, or wait until the "
            "phone stops ringing."
        )
    if own:
        return (
            "Use end_call first. If the supervisor's state after the call is READY, use change_state "
            "with NOT_READY."
        )
    state = view.user.state if view.user is not None else None
    if "NOT_READY" in may_ask_for(state, view.platform):
        return "Use change_state with NOT_READY first."
    return "Wait until the supervisor is READY or NOT_READY."


def _calls(view: View) -> list[str]:
    """Return the ids of the supervisor's calls that have not ended."""
    own = ((dialog.id, own_participant(dialog, view.extension)) for dialog in view.dialogs.values())
    return [id_ for id_, party in own if party is not None and not party.has_left]
