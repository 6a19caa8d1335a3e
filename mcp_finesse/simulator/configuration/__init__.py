"""What administrators configure: objects with their validation, what teams are given, and what agents see of it."""

from __future__ import annotations

from mcp_finesse.simulator.configuration.configuration import Configuration
from mcp_finesse.simulator.configuration.rules import enforce

__all__ = ["Configuration", "enforce"]
