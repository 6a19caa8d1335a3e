"""Validates supervisor requests on calls, as Finesse does before it responds with 202 (guide p.97 to 108)."""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.simulator.calls.calls import Call, Party
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.calls.supervision import Supervision
from mcp_finesse.simulator.errors import (
    ApiProblem,
    foreign_user,
    invalid_destination,
    invalid_input,
    not_entitled,
    not_implemented,
    parameter_missing,
)
from mcp_finesse.simulator.requests.calls import Check, DialogRequest
from mcp_finesse.simulator.requests.requests import Job, UserRequests, call_job
from mcp_finesse.simulator.world.agents import IN_CALL, Agent

DIALOG_PATH = "/finesse/api/Dialog/"

Runner = Callable[[str], None]
"""Executes a job with the request id."""


class SupervisionRequests:
    """Validates SILENT_MONITOR, BARGE_CALL, PARTICIPANT_DROP and START_RECORDING, and turns them into jobs for CTI."""

    def __init__(self, state: ContactCenterState, users: UserRequests, supervision: Supervision) -> None:
        self._state = state
        self._users = users
        self._supervision = supervision

    def checks(self) -> dict[str, Check]:
        """Return the validators of actions on a dialog."""
        return {"PARTICIPANT_DROP": self._drop_participant, "START_RECORDING": self._record}

    def silent_monitor(self, acting: Agent, user_id: str, from_address: str, to_address: str) -> Job:
        """Validate SILENT_MONITOR, a POST request on the supervisor's dialogs.

        Raises:
            ApiProblem: the user is not entitled. Also the errors Parameter Missing, Invalid Input, Invalid
                Destination and Invalid State.
        """
        agent = self._agent(acting, user_id, from_address, to_address)
        if acting.state in IN_CALL or self._state.live_calls_of(acting.id):
            raise ApiProblem(400, "Invalid State", "The supervisor is on a call", "state")
        return self._job("SILENT_MONITOR", acting, lambda id_: self._supervision.monitor(acting, agent, id_))

    def barge(self, acting: Agent, user_id: str, from_address: str, to_address: str, associated: str) -> Job:
        """Validate BARGE_CALL into the monitored call.

        Raises:
            ApiProblem: an error of ``silent_monitor``, an error of type 20700 or 20999, or Invalid Destination
                if the agent is on hold.
        """
        self._agent(acting, user_id, from_address, to_address)
        if not associated:
            raise parameter_missing("associatedDialogUri")
        monitor = self._state.calls.get(associated.removeprefix(DIALOG_PATH))
        own = monitor.party_of(acting.id) if monitor else None
        if monitor is None or own is None or not monitor.monitors or monitor.to_address != to_address:
            raise invalid_input("associatedDialogUri")
        if own.state != "ACTIVE":
            raise ApiProblem(400, "Invalid State", "Nothing is monitored yet", "associatedDialogUri")
        if details := self._supervision.barge_obstacle(monitor):
            raise ApiProblem(400, details.type, details.message, details.data)
        return self._job("BARGE_CALL", acting, lambda id_: self._supervision.barge(acting, monitor, id_))

    def _agent(self, acting: Agent, user_id: str, from_address: str, to_address: str) -> Agent:
        """Return the agent at ``toAddress``, who must be on a team of the supervisor."""
        self._users.own(acting, user_id)
        if not acting.record.supervises:
            raise not_entitled(acting.id)
        for name, value in (("fromAddress", from_address), ("toAddress", to_address)):
            if not value:
                raise parameter_missing(name)
        if from_address != acting.extension:
            raise foreign_user(from_address)
        if to_address == from_address:
            raise invalid_destination(to_address)
        agent = self._state.agent_at(to_address)
        if agent is None:
            raise invalid_input("toAddress")
        if not acting.record.is_supervisor_of(agent.record):
            raise foreign_user(agent.id)
        return agent

    def _job(self, action: str, acting: Agent, run: Runner) -> Job:
        keys = frozenset({f"device {acting.extension}"})
        return call_job(action, acting, self._state.unused_dialog_id(), keys, run, known=False)

    # Actions on a dialog

    def _drop_participant(self, acting: Agent, call: Call, own: Party, request: DialogRequest) -> Job:
        """Validate PARTICIPANT_DROP. A server property decides whether parties other than agents can be dropped."""
        if not self._state.rules.drops_participants:
            raise not_implemented(self._state.rules.name, "requestedAction")
        if not request.target:
            raise parameter_missing("targetMediaAddress")
        if (
            self._state.world.properties.drop_participant_for == "supervisor_only"
            and not acting.record.supervises
        ):
            raise not_entitled(acting.id)
        party = call.party(request.target)
        if party is None or party is own or not party.live or not self._may_drop(party):
            raise invalid_destination(request.target)
        return self._dialog_job(
            acting,
            call,
            request,
            lambda id_: self._supervision.drop_participant(call, own, request.target, id_),
        )

    def _may_drop(self, party: Party) -> bool:
        devices_allowed = self._state.world.properties.drop_participant_for != "supervisor_only"
        return party.agent_id is not None or (devices_allowed and party.address in self._state.world.devices)

    def _record(self, acting: Agent, call: Call, own: Party, request: DialogRequest) -> Job:
        """Validate START_RECORDING. ``targetMediaAddress`` selects the acting agent or the monitored agent."""
        if not self._state.rules.records:
            raise not_implemented(self._state.rules.name, "requestedAction")
        if not request.target:
            raise parameter_missing("targetMediaAddress")
        monitored = self._state.calls.get(call.monitors or call.id, call)
        target = monitored.party(request.target)
        if target is None or target.agent_id is None or not (call.monitors or target is own):
            raise invalid_input("targetMediaAddress")
        if target.state == "HELD":
            raise ApiProblem(401, "Invalid State", "Participant is on hold", "HELD")
        return self._dialog_job(acting, call, request, lambda _id: self._supervision.record(call, own))

    @staticmethod
    def _dialog_job(acting: Agent, call: Call, request: DialogRequest, run: Runner) -> Job:
        keys = frozenset({f"dialog {call.id}", f"device {acting.extension}"})
        return call_job(request.action, acting, call.id, keys, run)
