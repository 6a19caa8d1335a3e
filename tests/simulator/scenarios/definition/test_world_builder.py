"""The contact center of a scenario."""

from __future__ import annotations

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.scenarios.definition import parse_scenario
from mcp_finesse.simulator.world.world import World, default_world
from tests.simulator.scenarios.definition.test_parser import GOOD
from tests.simulator.scenarios.support import HEAD
from tests.simulator.support import FakeTime


def world_of(text: str) -> World:
    return parse_scenario(text).world


def test_scenario_without_sections_has_the_default_contact_center() -> None:
    assert world_of(HEAD) == default_world()


def test_section_replaces_that_of_the_default_contact_center() -> None:
    world = world_of(HEAD + "queues: [{id: 5, name: Only, number: 8000, agents: [1002]}]")
    assert [(queue.name, queue.agents) for queue in world.queues] == [("Only", ("1002",))]
    assert world.agents == default_world().agents
    assert world.campaigns == default_world().campaigns


def test_scenario_with_agents_has_only_its_own_sections() -> None:
    world = world_of(GOOD)
    assert [(agent.id, agent.login_name, agent.password) for agent in world.agents] == [
        ("11", "alee", "secret"),
        ("12", "bray", "secret"),
    ]
    assert world.devices == {"5001": True, "5002": True}
    assert [domain.name for domain in world.media_domains] == ["Cisco_Voice", "Chat"]
    assert {book.team_id for book in world.phone_books} == {None}
    only_agents = GOOD.partition("queues:")[0]
    assert world_of(only_agents).queues == world_of(only_agents).campaigns == ()


def test_contacts_and_lines_say_what_happens_to_calls() -> None:
    lines = world_of(GOOD + "lines: {2125550100: busy, 2125550199: rings}\n").lines
    assert (lines["2125550100"], lines["2125550199"]) == ("busy", "rings")
    assert world_of(GOOD).lines["2125550100"] == "answers"


def test_contact_center_with_its_own_people_can_be_created() -> None:
    time = FakeTime()
    center = ContactCenter(later=time.later, clock=time.clock, world=world_of(GOOD))
    assert set(center.truth()["users"]) == {"11", "12"}
