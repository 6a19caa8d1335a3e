"""A simulated contact center with the Finesse REST API and Notification Service. Imports nothing from the client."""

from mcp_finesse.simulator.cluster import SimulatorPair
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings

__all__ = ["Simulator", "SimulatorPair", "SimulatorSettings"]
