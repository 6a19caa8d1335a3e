"""Reads the scenario that a user names, for ``simulate`` and ``scenario``."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.errors import ConfigurationError, describe_error
from mcp_finesse.simulator.scenarios.definition import (
    ScenarioDefinition,
    ScenarioError,
    read_scenario,
    shipped_scenarios,
)
from mcp_finesse.simulator.settings import Platform


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """A scenario, and how many of its seconds pass in each real second."""

    definition: ScenarioDefinition
    speed: float

    def choose_agent(self, preferred: str) -> str:
        """Return the preferred agent if a client can play it. Otherwise return an agent who is not scripted."""
        scripted = {each for section in self.definition.scenario.scripted_agents for each in section.agents}
        agents = [agent.id for agent in self.definition.world.agents]
        free = [agent for agent in agents if agent not in scripted]
        return preferred if preferred in free else (free or agents)[0]


def open_scenario(name_or_path: str, platform: Platform = "UCCE") -> ScenarioDefinition:
    """Read a shipped scenario by its name, or a scenario file.

    Raises:
        ConfigurationError: the file cannot be read, or the scenario is not valid for this platform.
    """
    try:
        return read_scenario(name_or_path, platform)
    except OSError as error:
        raise ConfigurationError(
            f"The scenario {name_or_path} cannot be read: {describe_error(error)}.",
            advice=f"Name a file or one of the scenarios {', '.join(shipped_scenarios())}.",
        ) from None
    except ScenarioError as error:
        raise ConfigurationError(
            f"The scenario {name_or_path} is not valid: {error}.",
            advice="`mcp-finesse scenario check FILE` checks a file.",
        ) from None
