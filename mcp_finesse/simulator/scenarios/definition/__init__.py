"""Scenario files: the YAML subset, the sections, the checks, and the contact center that a file describes."""

from mcp_finesse.simulator.scenarios.definition.parser import (
    ScenarioDefinition,
    json_schema,
    parse_scenario,
    read_scenario,
    shipped_scenarios,
    shipped_text,
)
from mcp_finesse.simulator.scenarios.definition.sections import Scenario
from mcp_finesse.simulator.scenarios.definition.yaml_document import ScenarioError

__all__ = [
    "Scenario",
    "ScenarioDefinition",
    "ScenarioError",
    "json_schema",
    "parse_scenario",
    "read_scenario",
    "shipped_scenarios",
    "shipped_text",
]
