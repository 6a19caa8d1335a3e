"""Builds the contact center of a scenario: the default one, with the sections of the scenario in their places."""

from __future__ import annotations

from dataclasses import replace

from mcp_finesse.simulator.scenarios.definition.sections import (
    AgentSection,
    CampaignSection,
    MediaDomainSection,
    Scenario,
)
from mcp_finesse.simulator.world.campaigns import Campaign
from mcp_finesse.simulator.world.media_domains import VOICE_ID, MediaDomain
from mcp_finesse.simulator.world.world import AgentRecord, Queue, Team, World, default_world


def build_world(scenario: Scenario) -> World:
    """Return the contact center of a scenario.

    A section that the scenario omits is that of the default contact center. A scenario with its own agents omits
    nothing: its teams, queues, campaigns and media domains are those that it declares.
    """
    base = default_world()
    if scenario.agents:
        devices = {agent.extension: True for agent in scenario.agents}
        base = replace(
            base,
            agents=tuple(_agent(section) for section in scenario.agents),
            teams=(),
            queues=(),
            campaigns=(),
            media_domains=tuple(domain for domain in base.media_domains if domain.id == VOICE_ID),
            devices=devices,
            shared_lines={},
            phone_books=tuple(book for book in base.phone_books if book.team_id is None),
        )
    voice = tuple(domain for domain in base.media_domains if domain.id == VOICE_ID)
    contacts = {each.number: each.phone for campaign in scenario.campaigns for each in campaign.contacts}
    return replace(
        base,
        teams=tuple(Team(each.id, each.name) for each in scenario.teams) or base.teams,
        queues=tuple(Queue(each.id, each.name, each.number, each.agents) for each in scenario.queues)
        or base.queues,
        campaigns=tuple(_campaign(each) for each in scenario.campaigns) or base.campaigns,
        media_domains=(*voice, *(_media_domain(each) for each in scenario.media_domains))
        if scenario.media_domains
        else base.media_domains,
        lines=base.lines | contacts | scenario.lines,
    )


def _agent(section: AgentSection) -> AgentRecord:
    return AgentRecord(
        section.id,
        section.first_name,
        section.last_name,
        section.extension,
        section.team,
        supervises=section.supervises,
        wrap_up_on_incoming=section.wrap_up_on_incoming,
        wrap_up_on_outgoing=section.wrap_up_on_outgoing,
        wrap_up_timer=section.wrap_up_timer,
        mobile=section.mobile,
    )


def _campaign(section: CampaignSection) -> Campaign:
    return Campaign(
        section.name,
        section.mode,
        section.agents,
        section.dialer_port,
        section.preview_seconds,
        section.blended,
    )


def _media_domain(section: MediaDomainSection) -> MediaDomain:
    return MediaDomain(
        section.id,
        section.name,
        section.description,
        section.interruptible,
        section.agents,
        section.selectors,
        section.start_timeout,
    )
