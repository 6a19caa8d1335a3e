"""Configuration objects: storage, validation, assignment to teams, and the lists that agents can read."""

from __future__ import annotations

from mcp_finesse.simulator.configuration.configuration import Configuration
from mcp_finesse.simulator.configuration.rules import enforce

__all__ = ["Configuration", "enforce"]
