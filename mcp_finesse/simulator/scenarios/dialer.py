"""Offers the contacts of a campaign to its agents, one after another."""

from __future__ import annotations

from collections import Counter, deque

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.scenarios.definition.sections import CampaignSection, ContactSection
from mcp_finesse.simulator.world.agents import Agent

MAX_OFFERS = 3
_NOT_TAKEN = ("REJECTED", "TIMED_OUT", "WITHDRAWN")


class CampaignDialer:
    """The dialer of one campaign. The owner calls ``step`` often.

    Args:
        center: the contact center.
        campaign: the campaign.
    """

    def __init__(self, center: ContactCenter, campaign: CampaignSection) -> None:
        self._center = center
        self._campaign = campaign
        self._waiting = deque(campaign.contacts)
        self._offered: dict[str, ContactSection] = {}
        self._offers: Counter[str] = Counter()
        self._next = campaign.start

    def step(self, now: float) -> None:
        """Offer the next contact to the agent who is READY longest, unless it is too early.

        ``now`` is seconds since the start of the scenario.
        """
        self._take_back()
        if now < self._next or not self._waiting or (agent := self._free_agent()) is None:
            return
        contact = self._waiting.popleft()
        details = {"account": contact.account, "name": contact.name}
        offer_id = self._center.customers.offer_record(
            self._campaign.name, agent.id, contact.number, callback=contact.callback, **details
        )
        self._offers[contact.number] += 1
        self._offered[offer_id] = contact
        self._next = now + self._campaign.seconds_between

    def _take_back(self) -> None:
        """Offer a contact again later if its agent did not take it."""
        for offer_id, contact in list(self._offered.items()):
            offer = self._center.outbound.offers.get(offer_id)
            if offer is not None and offer.status in ("OFFERED", "ACCEPTED"):
                continue
            del self._offered[offer_id]
            again = offer is not None and offer.status in _NOT_TAKEN
            if again and self._offers[contact.number] < MAX_OFFERS:
                self._waiting.append(contact)

    def _free_agent(self) -> Agent | None:
        agents = [self._center.state.agents[agent_id] for agent_id in self._campaign.agents]
        free = [
            agent
            for agent in agents
            if agent.state == "READY" and not self._center.state.live_calls_of(agent.id)
        ]
        return min(free, key=lambda agent: agent.changed_at or 0.0, default=None)
