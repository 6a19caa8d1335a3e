"""What proves the actions of supervisors: an agent's state, a call that is listened to, joined, or left by somebody."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.model import Dialog, User, own_participant
from mcp_finesse.session.completion.agent import StateIs
from mcp_finesse.session.completion.completion import Evaluation, View
from mcp_finesse.session.completion.evidence import Evidence, History

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
