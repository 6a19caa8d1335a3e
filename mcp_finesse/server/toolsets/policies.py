"""Reads policy files and explains their rules, with the tools of all toolsets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mcp_finesse.server.policy.explanation import explain
from mcp_finesse.server.policy.policy_file import read_policy
from mcp_finesse.server.policy.rules import ConfirmMode, PolicyRules
from mcp_finesse.server.policy.tool_entry import ToolEntry
from mcp_finesse.server.toolsets.selection import TOOLSETS

CONFIRM_MODES = tuple(str(mode) for mode in ConfirmMode)


def read_policy_file(path: Path) -> PolicyRules:
    """Return the rules of a policy file.

    Raises:
        ConfigurationError: The file cannot be read, everybody can write it, or its content is invalid.
    """
    return read_policy(path, _entries())


def explain_policy(rules: PolicyRules, confirm: str) -> Iterator[str]:
    """Yield what a policy allows, line by line, for a value of the setting ``confirm``."""
    return explain(rules, _entries().values(), ConfirmMode(confirm))


def _entries() -> dict[str, ToolEntry]:
    return {entry.name: entry for toolset in TOOLSETS.values() for entry in toolset.tools}
