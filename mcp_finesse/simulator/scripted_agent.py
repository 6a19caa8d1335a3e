"""Agents that tests and the demo control. Their requests follow the same rules as REST requests."""

from __future__ import annotations

from typing import Protocol

from mcp_finesse.simulator.calls.data import CallData
from mcp_finesse.simulator.requests.calls import CallRequests, DialogRequest
from mcp_finesse.simulator.requests.requests import Job, UserRequests
from mcp_finesse.simulator.requests.supervision import SupervisionRequests
from mcp_finesse.simulator.requests.tasks import MediaRequest, TaskRequests
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.devices import Mobile


class RequestHandlers(Protocol):
    """The interface through which a scripted agent uses the contact center."""

    users: UserRequests
    calls: CallRequests
    supervision: SupervisionRequests
    task_requests: TaskRequests

    def carry_out(self, job: Job) -> None:
        """Queue a validated job."""


class ScriptedAgent:
    """One agent. Every method raises ``ApiProblem`` for a request that REST would reject immediately."""

    def __init__(self, center: RequestHandlers, agent: Agent) -> None:
        self._center = center
        self._agent = agent

    def sign_in(self, extension: str = "", device_id: str = "", mobile: Mobile | None = None) -> None:
        """Sign in. The default is the agent's usual extension."""
        own, extension = self._agent, extension or self._agent.record.extension
        self._center.carry_out(self._center.users.sign_in(own, own.id, extension, device_id, mobile))

    def change_state(self, state: str, reason_code_id: str = "") -> None:
        """Request READY, NOT_READY or LOGOUT."""
        self._center.carry_out(
            self._center.users.change_state(self._agent, self._agent.id, state, reason_code_id)
        )

    def change_state_of(self, user_id: str, state: str) -> None:
        """Request READY, NOT_READY or LOGOUT for a member of a team that this agent supervises."""
        self._center.carry_out(self._center.users.change_state(self._agent, user_id, state))

    def make_call(self, to_address: str) -> None:
        """Call a number."""
        self._center.carry_out(
            self._center.calls.make_call(self._agent, self._agent.id, self._agent.extension, to_address)
        )

    def act(self, action: str, dialog_id: str, to_address: str = "", digits: str = "") -> None:
        """Request ANSWER, HOLD, RETRIEVE, DROP, CONSULT_CALL, TRANSFER, CONFERENCE, TRANSFER_SST or SEND_DTMF."""
        parameters = {"dtmfString": digits} if digits else {}
        request = DialogRequest(action, self._agent.extension, to_address, parameters)
        self._center.carry_out(self._center.calls.act(self._agent, dialog_id, request))

    def update_call_data(
        self, dialog_id: str, variables: dict[str, str] | None = None, wrap_up_reason: str | None = None
    ) -> None:
        """Write call variables or the wrap-up reason."""
        data = CallData(tuple((variables or {}).items()), wrap_up_reason)
        self._center.carry_out(
            self._center.calls.act(self._agent, dialog_id, DialogRequest("UPDATE_CALL_DATA", data=data))
        )

    # Supervisor

    def monitor(self, extension: str) -> None:
        """Silently monitor the agent at this extension."""
        own = self._agent
        self._center.carry_out(self._center.supervision.silent_monitor(own, own.id, own.extension, extension))

    def barge(self, monitor_id: str) -> None:
        """Barge into the monitored call. ``monitor_id`` is the id of the monitoring dialog."""
        own, to_address = self._agent, self._center.calls.call(self._agent, monitor_id)[0].to_address
        uri = f"/finesse/api/Dialog/{monitor_id}"
        self._center.carry_out(self._center.supervision.barge(own, own.id, own.extension, to_address, uri))

    def act_on(self, action: str, dialog_id: str, target: str) -> None:
        """Request PARTICIPANT_DROP or START_RECORDING for the participant with the address ``target``."""
        self._center.carry_out(self._center.calls.act(self._agent, dialog_id, DialogRequest(action, target)))

    # Tasks

    def sign_in_to_media(
        self, media_id: str, limit: int = 3, interrupt_action: str = "ACCEPT", logout_action: str = ""
    ) -> None:
        """Sign in to a media routing domain."""
        self.change_media(
            media_id,
            state="LOGIN",
            max_dialog_limit=str(limit),
            interrupt_action=interrupt_action,
            dialog_logout_action=logout_action,
        )

    def change_media(self, media_id: str, **fields: str) -> None:
        """Send a PUT request on the Media. The field names are those of ``MediaRequest``."""
        own = self._agent
        request = MediaRequest(**fields)
        self._center.carry_out(self._center.task_requests.change_media(own, own.id, media_id, request))

    def act_on_task(self, action: str, dialog_id: str, to_address: str = "") -> None:
        """Request ACCEPT, START, PAUSE, RESUME, WRAP_UP, CLOSE or TRANSFER."""
        request = DialogRequest(action, to_address=to_address)
        self._center.carry_out(self._center.task_requests.act(self._agent, dialog_id, request))
