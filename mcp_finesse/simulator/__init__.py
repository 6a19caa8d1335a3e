"""A simulated contact center with the Finesse REST API and Notification Service, independent of the client code."""

from mcp_finesse.simulator.cluster import SimulatorPair
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings

__all__ = ["Simulator", "SimulatorPair", "SimulatorSettings"]
