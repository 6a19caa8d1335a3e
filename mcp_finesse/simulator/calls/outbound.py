"""The dialer: offers records to agents, calls customers, and stores the outcomes (guide p.108)."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.simulator.calls.allowed_actions import require_action
from mcp_finesse.simulator.calls.calls import Call, Party
from mcp_finesse.simulator.calls.setup import ANSWER_SECONDS, STEP_SECONDS, CallSetup
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.campaigns import (
    SHOWN_FIRST,
    Campaign,
    Customer,
    reservation_type,
    status_after,
    variables,
)

OPEN = ("OFFERED", "ACCEPTED")
REMEMBERED_OFFERS = 1000
RING_SECONDS = 30.0
"""Maximum seconds for which the dialer lets a customer's phone ring."""


@dataclass(slots=True)
class Offer:
    """A record offered to an agent.

    Attributes:
        id: the dialog id of the reservation. Without a reservation, the dialog id of the future customer call.
        status: OFFERED, ACCEPTED, REJECTED, CLOSED, TIMED_OUT or WITHDRAWN. After the call, its outcome:
            REACHED, BUSY, NO_ANSWER, BAD_DESTINATION or DEVICE_RESOURCE_NOT_AVAILABLE. Records that were
            REJECTED, TIMED_OUT or WITHDRAWN may be offered again.
        dialled: the customer's call, if the agent's own phone dials it (Direct Preview).
    """

    id: str
    campaign: Campaign
    customer: Customer
    agent_id: str
    status: str = "OFFERED"
    dialled: Call | None = None


class Outbound:
    """Offers records, calls customers, and stores the outcome of every record.

    Attributes:
        offers: the offers by id, oldest first. Finished offers are kept up to a limit.
    """

    def __init__(self, state: ContactCenterState, setup: CallSetup) -> None:
        self._state = state
        self._setup = setup
        self._platform = state.rules.name
        self.offers: dict[str, Offer] = {}
        state.change_hooks += [
            self._follow_dialled_calls,
            self._withdraw_from_unavailable_agents,
            self._update_campaign_status,
        ]

    def offer(self, campaign_name: str, agent_id: str, customer: Customer, callback: bool = False) -> Offer:
        """Offer a record of a campaign to a READY agent.

        Args:
            campaign_name: name of the campaign in the configuration.
            agent_id: an agent of the campaign.
            customer: the record.
            callback: whether the record is a scheduled callback. A scheduled callback differs only in the
                callType.

        Raises:
            LookupError: the platform does not have the campaign, or the agent cannot take the record.
        """
        campaign, agent = self._campaign(campaign_name), self._state.agents[agent_id]
        busy = agent.state != "READY" or self._state.live_calls_of(agent_id)
        if agent_id not in campaign.agents or busy:
            raise LookupError(f"agent {agent_id} is not READY for campaign {campaign_name}")
        if campaign.mode in SHOWN_FIRST:
            return self._show(campaign, agent, customer, callback)
        offer = self._remember(self._state.unused_dialog_id(), campaign, customer, agent)
        offer.status = "ACCEPTED"
        agent.reserve_outbound()
        self._dial(offer)
        self._state.changed("")
        return offer

    def _campaign(self, name: str) -> Campaign:
        for campaign in self._state.world.campaigns:
            if campaign.name == name and campaign.mode in self._state.rules.campaign_modes:
                return campaign
        raise LookupError(f"there is no campaign {name} on {self._platform}")

    def _show(self, campaign: Campaign, agent: Agent, customer: Customer, callback: bool) -> Offer:
        """Create the reservation, a dialog from the dialer's port with the agent as the only participant."""
        party = self._state.new_party(agent.extension, "ALERTING", "incoming")
        call = self._state.new_call(
            party, agent.extension, reservation_type(campaign.mode, callback, self._platform)
        )
        call.from_address, call.reservation = campaign.dialer_port, True
        call.variables.update(variables(campaign, customer, True, self._platform))
        offer = self._remember(call.id, campaign, customer, agent)
        self._state.after(campaign.preview_seconds, lambda: self._time_out(offer))
        self._state.changed("")
        return offer

    def _remember(self, id_: str, campaign: Campaign, customer: Customer, agent: Agent) -> Offer:
        done = [each.id for each in self.offers.values() if each.status not in OPEN]
        for forgotten in done[:-REMEMBERED_OFFERS]:
            del self.offers[forgotten]
        return self.offers.setdefault(id_, Offer(id_, campaign, customer, agent.id))

    # The agent's response

    def answer(self, action: str, call: Call, party: Party, request_id: str) -> None:
        """Handle ACCEPT, REJECT (skip for now) or CLOSE (do not call again).

        Raises:
            CtiError: the agent has no open reservation.
        """
        require_action(self._state, call, party, action)
        offer = self.offers[call.id]
        if action != "ACCEPT":
            self._end(offer, "REJECTED" if action == "REJECT" else "CLOSED", request_id)
            return
        offer.status = "ACCEPTED"
        party.become("ACCEPTED", self._state.clock())
        self._state.changed(request_id)
        if offer.campaign.mode == "DIRECT_PREVIEW":
            self._state.after(STEP_SECONDS, lambda: self._dial_from_agent_phone(offer))
        else:
            self._dial(offer)

    def _time_out(self, offer: Offer) -> None:
        if offer.status == "OFFERED":
            self._end(offer, "TIMED_OUT")

    def _end(self, offer: Offer, status: str, request_id: str = "") -> None:
        """End the reservation and release the agent."""
        offer.status = status
        self._state.calls.pop(offer.id, None)
        self._state.agents[offer.agent_id].release_outbound()
        self._state.changed(request_id)

    def _withdraw_from_unavailable_agents(self) -> None:
        """Withdraw the records of agents who signed out, or who left the reservation in another way."""
        for offer in self.offers.values():
            state, shown = self._state.agents[offer.agent_id].state, offer.campaign.mode in SHOWN_FIRST
            gone = state in ("LOGOUT", "NOT_READY") if shown else state != "RESERVED_OUTBOUND"
            if gone and offer.status in OPEN:
                self._state.calls.pop(offer.id, None)
                offer.status = "WITHDRAWN"

    # The customer's call

    def _dial_from_agent_phone(self, offer: Offer) -> None:
        """Call the customer from the agent's own phone (Direct Preview), with the same events as any outgoing call."""
        if self._state.calls.pop(offer.id, None) is None:
            return
        call = self._setup.dial(self._state.agents[offer.agent_id], offer.customer.number, "OUTBOUND")
        offer.dialled = call
        self._set_campaign_data(call, offer)
        self._state.changed("")

    def _follow_dialled_calls(self) -> None:
        """Store the outcome of calls dialled from the agents' phones."""
        for offer in self.offers.values():
            if offer.status == "ACCEPTED" and offer.dialled is not None:
                offer.status = self._outcome(offer.dialled, offer.agent_id) or "ACCEPTED"

    @staticmethod
    def _outcome(call: Call, agent_id: str) -> str:
        """Return the outcome of a dialled call. Empty until the call is answered, fails or is dropped."""
        own = call.party_of(agent_id)
        states = [party.state for party in call.parties]
        if "FAILED" in states:
            return call.parties[states.index("FAILED")].cause
        if states.count("ACTIVE") > 1:
            return "REACHED"
        return "" if own and own.live else "NO_ANSWER"

    def _dial(self, offer: Offer) -> None:
        """Call the customer from the dialer. The agent is connected when the customer answers."""
        number = offer.customer.number
        if cause := self._setup.obstacle(number):
            self._state.after(STEP_SECONDS, lambda: self._fail(offer, cause))
            return
        if self._state.world.lines.get(number) == "answers":
            self._state.after(ANSWER_SECONDS, lambda: self._answered(offer))
        self._state.after(RING_SECONDS, lambda: self._fail(offer, "NO_ANSWER"))

    def _fail(self, offer: Offer, status: str) -> None:
        if offer.status == "ACCEPTED":
            self._end(offer, status)

    def customer_answers(self, offer_id: str) -> bool:
        """Answer the dialer's call to the customer of this offer. Return whether the dialer was calling."""
        offer = self.offers.get(offer_id)
        if offer is None or offer.status != "ACCEPTED" or offer.campaign.mode == "DIRECT_PREVIEW":
            return False
        self._answered(offer)
        return True

    def _answered(self, offer: Offer) -> None:
        """Connect the agent to the customer, unless the dialer has stopped calling."""
        if offer.status != "ACCEPTED":
            return
        offer.status = "REACHED"
        reserved = self._state.calls.pop(offer.id, None)
        extension = self._state.agents[offer.agent_id].extension
        own = self._state.new_party(extension, "ACTIVE", "outgoing")
        id_ = "" if reserved else offer.id
        call = self._state.new_call(own, offer.customer.number, "OUTBOUND", id_)
        call.parties.append(self._state.new_party(offer.customer.number, "ACTIVE", "incoming"))
        self._state.hold_others(offer.agent_id, call)
        self._set_campaign_data(call, offer)
        self._state.changed("")

    def _set_campaign_data(self, call: Call, offer: Offer) -> None:
        call.routed, call.campaign_mode = True, offer.campaign.mode
        call.variables.update(variables(offer.campaign, offer.customer, False, self._platform))

    def _update_campaign_status(self) -> None:
        for call in self._state.calls.values():
            word = status_after(call.campaign_mode, call.call_type, self._platform)
            if call.campaign_mode and word:
                call.variables["BAStatus"] = word

    def snapshot(self) -> dict[str, dict[str, str]]:
        """Return the outcome of every record by offer id."""
        return {
            offer.id: {
                "campaign": offer.campaign.name,
                "number": offer.customer.number,
                "agent": offer.agent_id,
                "status": offer.status,
            }
            for offer in self.offers.values()
        }

    # Actions on the customer's call

    def reclassify(self, call: Call, party: Party, classification: str, request_id: str) -> None:
        """Set ``BAResponse``, the only visible effect of RECLASSIFY.

        Raises:
            CtiError: the call does not belong to a Direct Preview campaign.
        """
        require_action(self._state, call, party, "RECLASSIFY")
        call.variables["BAResponse"] = classification
        self._state.changed(request_id)

    def schedule(self, call: Call, party: Party, callback: dict[str, str], request_id: str) -> None:
        """Schedule a callback at ``callbackTime`` to ``callbackNumber``. An omitted value does not change.

        Raises:
            CtiError: the call does not belong to a campaign.
        """
        require_action(self._state, call, party, "UPDATE_SCHEDULED_CALLBACK")
        call.callback.update(callback)
        self._state.changed(request_id)

    def cancel_callback(self, call: Call, party: Party, request_id: str) -> None:
        """Cancel the scheduled callback.

        Raises:
            CtiError: no callback is scheduled.
        """
        require_action(self._state, call, party, "CANCEL_SCHEDULED_CALLBACK")
        call.callback.clear()
        self._state.changed(request_id)
