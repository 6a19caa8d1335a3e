"""Actions of customers: make or answer a call, hang up, be called by a campaign, start a chat, send an e-mail."""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.simulator.calls.outbound import Outbound
from mcp_finesse.simulator.calls.setup import CallSetup
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.requests.requests import UserRequests
from mcp_finesse.simulator.tasks.board import TaskBoard
from mcp_finesse.simulator.tasks.tasks import Task
from mcp_finesse.simulator.world.campaigns import Customer


class CustomerActions:
    """Acts for all parties that are not agents, such as callers, called customers and chat customers.

    Args:
        state: the state of agents and calls.
        setup: an object that sets up calls.
        outbound: the dialer.
        tasks: tasks on digital channels.
        users: an object that handles requests on User objects.
    """

    def __init__(
        self,
        state: ContactCenterState,
        setup: CallSetup,
        outbound: Outbound,
        tasks: TaskBoard,
        users: UserRequests,
    ) -> None:
        self._state = state
        self._setup = setup
        self._outbound = outbound
        self._tasks = tasks
        self._users = users

    def call(self, to: str, from_number: str, variables: Mapping[str, str] | None = None) -> str:
        """Call a queue or an agent's extension, and return the dialog id."""
        return self._setup.customer_calls(to, from_number, variables or {}).id

    def answer(self, dialog_id: str) -> None:
        """Answer the call at the ringing outside number of this dialog or campaign record.

        Raises:
            LookupError: no outside number is ringing.
        """
        if self._outbound.customer_answers(dialog_id):
            return
        call = self._state.calls[dialog_id]
        ringing = call.ringing()
        if ringing is None or ringing.agent_id:
            raise LookupError(f"no outside number is ringing on dialog {dialog_id}")
        self._setup.answered(call, ringing)

    def hang_up(self, dialog_id: str) -> None:
        """Make the first party that is not an agent leave the call.

        Raises:
            LookupError: the dialog does not exist, or has no outside party.
        """
        call = self._state.calls[dialog_id]
        outside = next((party for party in call.live_parties if party.agent_id is None), None)
        if outside is None:
            raise LookupError(f"dialog {dialog_id} has no outside party")
        self._state.hang_up(call, outside)

    def press(self, dialog_id: str, digits: str) -> None:
        """Send touch tones. No Finesse object shows the tones of a customer; ``Call.tones`` records them.

        Raises:
            LookupError: the dialog does not exist, or has no outside party.
            ValueError: the digits are not digits of a phone.
        """
        if not digits or not self._state.rules.dtmf_digits.issuperset(digits):
            raise ValueError("touch tones consist of the digits 0 to 9, * and #")
        call = self._state.calls[dialog_id]
        if all(party.agent_id for party in call.live_parties):
            raise LookupError(f"nobody outside is on dialog {dialog_id}")
        call.tones += digits

    def offer_record(
        self, campaign: str, user_id: str, number: str, *, callback: bool = False, **record: str
    ) -> str:
        """Offer a record of a campaign to one of its READY agents.

        Args:
            campaign: name of the campaign.
            user_id: the agent.
            number: the customer's number.
            callback: whether the record is a scheduled callback.
            record: more fields of the record: ``account``, ``name``, ``time_zone`` and ``list_id``.

        Returns:
            The id of the reservation dialog. If the dialer calls without a reservation, the id of the future call.

        Raises:
            LookupError: the platform does not have the campaign, or the agent cannot take the record.
        """
        return self._outbound.offer(campaign, user_id, Customer(number, **record), callback).id

    def answer_mobile_agent(self, user_id: str) -> None:
        """Answer the setup call of a mobile agent's nailed connection. The sign-in then completes.

        Raises:
            LookupError: no setup call for this agent is ringing.
        """
        if not self._users.sign_ins.answered(user_id):
            raise LookupError(f"no connection is being set up for agent {user_id}")

    def send_task(self, media_id: str, variables: Mapping[str, str] | None = None, user_id: str = "") -> Task:
        """Send a chat or e-mail to a media routing domain.

        Args:
            media_id: the domain.
            variables: call variables.
            user_id: the only agent to whom the task may be offered. By default it may be offered to any agent
                of the domain.

        Returns:
            The task. The id of the task changes with every offer.

        Raises:
            KeyError: the domain does not exist on this platform.
        """
        return self._tasks.add_task(media_id, variables or {}, user_id)

    def withdraw_task(self, task: Task) -> None:
        """Withdraw a task because the customer has left. The task becomes CLOSED.

        Raises:
            ValueError: the task is already closed.
        """
        self._tasks.withdraw(task)
