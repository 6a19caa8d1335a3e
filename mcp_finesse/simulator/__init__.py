"""A simulated contact centre with REST and a Notification Service. Imports nothing of the client."""

from mcp_finesse.simulator.cluster import SimulatorPair
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.settings import SimulatorSettings

__all__ = ["Simulator", "SimulatorPair", "SimulatorSettings"]
