"""A web console for the simulator: the floor live, actions of customers and agents, faults, and the wire."""

from mcp_finesse.simulator.console.console import Console

__all__ = ["Console"]
