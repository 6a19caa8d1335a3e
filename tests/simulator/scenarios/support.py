"""Test tools: a scenario on a fake clock, without sockets, which takes no longer than its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.faults import Faults
from mcp_finesse.simulator.scenarios.definition import ScenarioDefinition, parse_scenario
from mcp_finesse.simulator.scenarios.driver import STEP_SECONDS, ScenarioDriver
from mcp_finesse.simulator.settings import SimulatorSettings
from mcp_finesse.simulator.world.agents import Agent
from tests.simulator.support import FakeTime

HEAD = "title: Test\nduration: 3600\n"


class RecordedNode:
    """A Finesse node without sockets. Failures of the whole node have no effect.

    Attributes:
        happened: the names of the failures of the whole node that happened, in order.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.happened: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda **_arguments: self.happened.append(name)


class VirtualRun:
    """A scenario that runs in virtual time.

    Attributes:
        now: seconds of the scenario since its start.
        node: both nodes.
    """

    def __init__(self, definition: ScenarioDefinition) -> None:
        self.definition = definition
        self.now = 0.0
        self.node = RecordedNode()
        self._time = FakeTime()
        settings = SimulatorSettings()
        self.center = ContactCenter(
            later=self._time.later, clock=self._time.clock, settings=settings, world=definition.world
        )
        self.center.add_node(settings, self.node.faults)
        nodes: Any = [self.node, self.node]
        self.driver = ScenarioDriver(definition, self.center, nodes)

    @classmethod
    def of(cls, text: str) -> VirtualRun:
        """Return a run of a scenario with a title and a duration of one hour."""
        return cls(parse_scenario(HEAD + text))

    def agent(self, agent_id: str) -> Agent:
        return self.center.state.agents[agent_id]

    @property
    def outcomes(self) -> dict[str, int]:
        return dict(self.driver.outcomes)

    async def until(self, end: float, each_step: Callable[[], Any] = lambda: None) -> None:
        """Let the scenario run to a time."""
        while self.now <= end:
            await self.driver.advance(self.now)
            each_step()
            self._time.advance(STEP_SECONDS)
            self.now += STEP_SECONDS
