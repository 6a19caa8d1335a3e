"""Agents played by tests and the demo: the same checks, queue and rules as requests over REST."""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.simulator.agents import Agent
from mcp_finesse.simulator.call_data import CallData
from mcp_finesse.simulator.call_intake import CallIntake, DialogRequest
from mcp_finesse.simulator.intake import Job, UserIntake


class Puppet:
    """One agent. Every method raises ``Refusal`` where REST would refuse at once."""

    def __init__(
        self, users: UserIntake, calls: CallIntake, carry_out: Callable[[Job], None], agent: Agent
    ) -> None:
        self._users = users
        self._calls = calls
        self._carry_out = carry_out
        self._agent = agent

    def sign_in(self, extension: str = "") -> None:
        """Sign in, at the agent's usual extension if none is given."""
        extension = extension or self._agent.record.extension
        self._carry_out(self._users.sign_in(self._agent, self._agent.id, extension))

    def change_state(self, state: str, reason_code_id: str = "") -> None:
        """READY, NOT_READY or LOGOUT."""
        self._carry_out(self._users.change_state(self._agent, self._agent.id, state, reason_code_id))

    def change_state_of(self, user_id: str, state: str) -> None:
        """READY, NOT_READY or LOGOUT of a member of a team that this agent supervises."""
        self._carry_out(self._users.change_state(self._agent, user_id, state))

    def make_call(self, to_address: str) -> None:
        """Call somebody."""
        self._carry_out(
            self._calls.make_call(self._agent, self._agent.id, self._agent.extension, to_address, [])
        )

    def act(self, action: str, dialog_id: str, to_address: str = "", digits: str = "") -> None:
        """ANSWER, HOLD, RETRIEVE, DROP, CONSULT_CALL, TRANSFER, CONFERENCE, TRANSFER_SST, SEND_DTMF."""
        request = DialogRequest(action, self._agent.extension, to_address, digits)
        self._carry_out(self._calls.act(self._agent, dialog_id, request))

    def update_call_data(
        self, dialog_id: str, variables: dict[str, str] | None = None, wrap_up_reason: str | None = None
    ) -> None:
        """Write call variables or the wrap-up reason."""
        data = CallData(tuple((variables or {}).items()), wrap_up_reason)
        self._carry_out(self._calls.act(self._agent, dialog_id, DialogRequest("UPDATE_CALL_DATA", data=data)))
