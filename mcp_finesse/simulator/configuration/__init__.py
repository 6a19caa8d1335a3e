"""Configuration objects with their validation, assignments to teams, and what agents see of them."""

from __future__ import annotations

from mcp_finesse.simulator.configuration.configuration import Configuration
from mcp_finesse.simulator.configuration.rules import enforce

__all__ = ["Configuration", "enforce"]
