"""What comes from outside: customers who call, are called, chat and write."""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.simulator.call_setup import CallSetup
from mcp_finesse.simulator.campaigns import Customer
from mcp_finesse.simulator.floor import Floor
from mcp_finesse.simulator.intake import UserIntake
from mcp_finesse.simulator.outbound import Outbound
from mcp_finesse.simulator.task_board import TaskBoard
from mcp_finesse.simulator.tasks import Task


class Outside:
    """The part of the contact centre that plays those who are not agents.

    Attributes:
        floor: the state of agents and calls.
        outbound: the dialer, and what became of the records of campaigns.
        tasks: work on nonvoice media.
        users: takes requests on User objects.
    """

    floor: Floor
    outbound: Outbound
    tasks: TaskBoard
    users: UserIntake
    _setup: CallSetup

    def customer_calls(self, to: str, from_number: str, variables: Mapping[str, str] | None = None) -> str:
        """A customer dials a queue's number or an agent's extension; returns the dialog id."""
        return self._setup.customer_calls(to, from_number, variables or {}).id

    def customer_answers(self, dialog_id: str) -> None:
        """Somebody outside picks up the phone that rings for this dialog, or for this record of a campaign.

        Raises:
            LookupError: no number outside is ringing.
        """
        if self.outbound.customer_answers(dialog_id):
            return
        call = self.floor.calls[dialog_id]
        ringing = call.ringing()
        if ringing is None or ringing.agent_id:
            raise LookupError(f"nobody outside is being called by dialog {dialog_id}")
        self._setup.answered(call, ringing)

    def customer_hangs_up(self, dialog_id: str) -> None:
        """The (first) party outside leaves the call.

        Raises:
            LookupError: there is no such dialog, or nobody outside on it.
        """
        call = self.floor.calls[dialog_id]
        outside = next((party for party in call.live_parties if party.agent_id is None), None)
        if outside is None:
            raise LookupError(f"nobody outside is on dialog {dialog_id}")
        self.floor.hang_up(call, outside)

    def campaign_offers(
        self, campaign: str, user_id: str, number: str, *, callback: bool = False, **record: str
    ) -> str:
        """A campaign has a record for a READY agent of its own.

        Args:
            campaign: its name.
            user_id: the agent.
            number: the customer's.
            callback: the customer was put off to now.
            record: ``account``, ``name``, ``time_zone``, ``list_id``.

        Returns:
            The id of the reservation dialog; of the call to come, where the dialer calls first.

        Raises:
            LookupError: no such campaign on this platform, or the agent cannot take it.
        """
        return self.outbound.offer(campaign, user_id, Customer(number, **record), callback).id

    def mobile_agent_answers(self, user_id: str) -> None:
        """A mobile agent picks up the call that sets up a nailed connection, and so is signed in.

        Raises:
            LookupError: no such call is ringing.
        """
        if not self.users.sign_ins.answered(user_id):
            raise LookupError(f"no connection is being set up for agent {user_id}")

    def task_arrives(
        self, media_id: str, variables: Mapping[str, str] | None = None, user_id: str = ""
    ) -> Task:
        """A chat, an e-mail: something to do in a media routing domain.

        Args:
            media_id: the domain.
            variables: call variables.
            user_id: the only agent who may have it; anybody of the domain by default.

        Returns:
            The task; its id changes with every agent it is offered to.

        Raises:
            KeyError: there is no such domain on this platform.
        """
        return self.tasks.arrives(media_id, variables or {}, user_id)

    def task_withdrawn(self, task: Task) -> None:
        """Whoever wanted something has gone; the task is closed.

        Raises:
            ValueError: it is closed already.
        """
        self.tasks.withdraw(task)
