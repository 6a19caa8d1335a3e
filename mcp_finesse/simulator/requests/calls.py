"""Validates requests on calls, as Finesse does before it responds with 202 (guide p.80 to 97)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mcp_finesse.simulator.calls.allowed_actions import require_action
from mcp_finesse.simulator.calls.calls import Call, Party
from mcp_finesse.simulator.calls.control import CallControl, CallRequest
from mcp_finesse.simulator.calls.data import CallData, CallDataRules
from mcp_finesse.simulator.calls.setup import CallSetup
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import (
    ApiProblem,
    foreign_user,
    invalid_destination,
    invalid_input,
    parameter_missing,
)
from mcp_finesse.simulator.requests.requests import Job, UserRequests, call_job
from mcp_finesse.simulator.world.agents import Agent

NEEDS_ADDRESS = ("CONSULT_CALL", "TRANSFER_SST")


@dataclass(frozen=True, slots=True)
class DialogRequest:
    """The body of a PUT on a dialog. Empty strings stand for absent elements.

    ``parameters`` holds the ``actionParams`` by name.
    """

    action: str
    target: str = ""
    to_address: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    data: CallData | None = None


Check = Callable[[Agent, Call, Party, DialogRequest], Job]
"""Validates a participant's request and returns a job, or raises ``ApiProblem``."""


class CallRequests:
    """Validates requests on calls, and turns them into jobs for CTI.

    Attributes:
        more: validators of additional actions, by name.
    """

    def __init__(
        self,
        state: ContactCenterState,
        users: UserRequests,
        setup: CallSetup,
        control: CallControl,
        rules: CallDataRules,
    ) -> None:
        self._state = state
        self._users = users
        self._setup = setup
        self._control = control
        self._data = rules
        self.more: dict[str, Check] = {}

    def make_call(
        self,
        acting: Agent,
        user_id: str,
        from_address: str,
        to_address: str,
        variables: list[tuple[str, str]] | None = None,
    ) -> Job:
        """Validate MAKE_CALL, a POST request on the user's dialogs. Without ``mediaProperties``, ``variables`` is None.

        Raises:
            ApiProblem: the extension belongs to another user. Also the errors Parameter Missing, Invalid
                Destination and Invalid Input.
        """
        agent = self._users.own(acting, user_id)
        for name, value in (("fromAddress", from_address), ("toAddress", to_address)):
            if not value:
                raise parameter_missing(name)
        if from_address != agent.extension:
            raise foreign_user(from_address)
        if to_address == from_address:
            raise invalid_destination(to_address)
        if variables is not None and not self._state.rules.call_variables_on_make_call:
            raise invalid_input("mediaProperties")
        variables = variables or []
        self._data.check_names([name for name, _ in variables])
        return call_job(
            "MAKE_CALL",
            agent,
            self._state.unused_dialog_id(),
            frozenset({f"device {from_address}"}),
            lambda request_id: self._make_call(agent, to_address, dict(variables), request_id),
            known=False,
        )

    def _make_call(
        self, agent: Agent, to_address: str, variables: Mapping[str, str], request_id: str
    ) -> None:
        self._setup.make_call(agent, to_address, self._data.stored_values(variables), request_id)

    def call(self, acting: Agent, dialog_id: str) -> tuple[Call, Party]:
        """Return a call of the acting agent together with the agent's participant. The call may be in wrap-up.

        Raises:
            ApiProblem: 404 Dialog Not Found, or 401 Invalid Authorization User Specified.
        """
        call = self._known(dialog_id)
        party = call.party_of(acting.id)
        if party is None:
            raise foreign_user(acting.id)
        return call, party

    def readable(self, acting: Agent, dialog_id: str) -> Call:
        """Return a call of the acting agent or of a member of a supervised team.

        Raises:
            ApiProblem: the errors of ``call``.
        """
        call = self._known(dialog_id)
        records = [self._state.agents[party.agent_id].record for party in call.parties if party.agent_id]
        if not any(record is acting.record or acting.record.is_supervisor_of(record) for record in records):
            raise foreign_user(acting.id)
        return call

    def _known(self, dialog_id: str) -> Call:
        call = self._state.calls.get(dialog_id)
        if call is None:
            raise ApiProblem(404, "Dialog Not Found", "Invalid dialogId specified for dialog", dialog_id)
        return call

    def act(self, acting: Agent, dialog_id: str, request: DialogRequest) -> Job:
        """Validate a PUT request on a dialog.

        Raises:
            ApiProblem: the user is wrong, or the dialog is unknown. Also the errors Parameter Missing, Invalid
                Input and Invalid Destination.
        """
        call, party = self.call(acting, dialog_id)
        if not request.action:
            raise parameter_missing("requestedAction")
        if request.action in self.more:
            return self.more[request.action](acting, call, party, request)
        if request.action == "UPDATE_CALL_DATA":
            return self._update_job(acting, call, party, request)
        if request.action not in self._control.known:
            raise invalid_input("requestedAction")
        self.check_target(acting, call, request)
        self._check_parameters(acting, party, request)
        return call_job(
            request.action,
            acting,
            call.id,
            frozenset({f"dialog {call.id}", f"device {acting.extension}"}),
            lambda request_id: self._control.perform(
                CallRequest(
                    request.action,
                    acting,
                    call,
                    party,
                    request.to_address,
                    request.parameters.get("dtmfString", ""),
                    request_id,
                )
            ),
        )

    @staticmethod
    def check_target(acting: Agent, call: Call, request: DialogRequest) -> None:
        """Check that ``targetMediaAddress`` is the acting agent's extension.

        Raises:
            ApiProblem: Parameter Missing, Invalid Input, or Invalid Authorization User Specified.
        """
        if not request.target:
            raise parameter_missing("targetMediaAddress")
        if request.target != acting.extension:
            raise (
                foreign_user(acting.id) if call.party(request.target) else invalid_input("targetMediaAddress")
            )

    def _check_parameters(self, acting: Agent, party: Party, request: DialogRequest) -> None:
        if request.action in NEEDS_ADDRESS and not request.to_address:
            raise parameter_missing("toAddress")
        if request.to_address == acting.extension:
            raise invalid_destination(request.to_address)
        if request.action == "SEND_DTMF":
            if not request.parameters.get("dtmfString"):
                raise parameter_missing("dtmfString")
            if party.state == "HELD":
                raise ApiProblem(401, "Invalid State", "Participant is on hold", "HELD")

    def _update_job(self, acting: Agent, call: Call, party: Party, request: DialogRequest) -> Job:
        data = request.data
        if data is None or not data.has_values:
            raise parameter_missing("mediaProperties")
        self._data.check_names([name for name, _ in data.variables])
        keys = frozenset({f"dialog {call.id}"})
        return call_job(
            request.action,
            acting,
            call.id,
            keys,
            lambda request_id: self._update(call, party, data, request_id),
        )

    def _update(self, call: Call, party: Party, data: CallData, request_id: str) -> None:
        require_action(self._state, call, party, "UPDATE_CALL_DATA")
        if self._data.apply(call, data):
            self._state.changed(request_id)
