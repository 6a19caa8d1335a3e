"""Defines toolsets, and selects the tools when the MCP server starts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.redaction import truncated
from mcp_finesse.server.policy.tool_entry import ToolEntry
from mcp_finesse.server.tools.developer.developer import DEVELOPER
from mcp_finesse.server.toolsets.admin import ADMIN
from mcp_finesse.server.toolsets.agent import AGENT
from mcp_finesse.server.toolsets.core import CORE
from mcp_finesse.server.toolsets.outbound import OUTBOUND
from mcp_finesse.server.toolsets.supervisor import SUPERVISOR
from mcp_finesse.server.toolsets.tasks import TASKS

ALWAYS = "core"
ALL = "all"
AGENTLESS = frozenset({ALWAYS, "admin", "developer"})
"""Toolsets that do not require an agent."""


@dataclass(frozen=True, slots=True)
class Toolset:
    """A group of tools that are enabled together.

    Attributes:
        name: the name of the toolset in settings.
        description: the purpose of the toolset in a few words, for users and models.
        tools: the tools of the toolset, in the order in which they are listed.
    """

    name: str
    description: str
    tools: tuple[ToolEntry, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tools."""
        return tuple(entry.name for entry in self.tools)


TOOLSETS: dict[str, Toolset] = {}
"""The toolsets by name. To add a toolset, add an entry here, and its tools in a package of ``server.tools``."""
TOOLSETS["core"] = Toolset("core", "state, calls, past calls, notifications, feeds, error codes", CORE)
TOOLSETS["agent"] = Toolset("agent", "sign in, agent state, phone calls, wrap-up, phone books, team", AGENT)
TOOLSETS["supervisor"] = Toolset(
    "supervisor", "teams, queues, other agents' states, monitor, barge, intercept, team messages", SUPERVISOR
)
TOOLSETS["outbound"] = Toolset("outbound", "campaign previews, reclassify, callbacks", OUTBOUND)
TOOLSETS["tasks"] = Toolset("tasks", "chats and e-mails: media, tasks (UCCE)", TASKS)
TOOLSETS["admin"] = Toolset(
    "admin", "configuration: reasons, phone books, layouts, workflows, team assignments", ADMIN
)
TOOLSETS["developer"] = Toolset("developer", "any REST request, raw notifications", DEVELOPER)


@dataclass(frozen=True, slots=True)
class Selection:
    """The selected tools of an MCP server. Names are case-insensitive, and a hyphen is equivalent to an underscore.

    Attributes:
        toolsets: names of toolsets, or ``all``. The toolset ``core`` is always included.
        tools: names of additional individual tools, from any toolset.
        exclude: names of tools to exclude, even if ``toolsets``, ``tools`` or core includes them.
    """

    toolsets: Sequence[str] = ("agent",)
    tools: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def toolset_names(self) -> set[str]:
        """Return the names of the enabled toolsets.

        Raises:
            ConfigurationError: a name is unknown. The error lists the known names.
        """
        wanted = _known(self.toolsets, (*TOOLSETS, ALL), "toolset") | {ALWAYS}
        return set(TOOLSETS) if ALL in wanted else wanted

    def entries(self) -> list[ToolEntry]:
        """Return the selected tools in the order of the registry.

        Raises:
            ConfigurationError: a name is unknown. The error lists the known names.
        """
        every = [name for toolset in TOOLSETS.values() for name in toolset.names]
        toolsets = self.toolset_names()
        added = _known(self.tools, every, "tool")
        excluded = _known(self.exclude, every, "tool")
        chosen = {
            entry.name: entry  # a tool may belong to more than one toolset
            for toolset in TOOLSETS.values()
            for entry in toolset.tools
            if (toolset.name in toolsets or entry.name in added) and entry.name not in excluded
        }
        return list(chosen.values())

    def needs_agent(self) -> bool:
        """Return whether a selected tool requires an agent."""
        agents = {
            name for toolset in TOOLSETS.values() for name in toolset.names if toolset.name not in AGENTLESS
        }
        return any(entry.name in agents for entry in self.entries())

    def disabled_toolsets(self) -> list[Toolset]:
        """Return the toolsets that are not enabled."""
        toolsets = self.toolset_names()
        return [toolset for toolset in TOOLSETS.values() if toolset.name not in toolsets]


DEFAULT = Selection()


def _known(names: Iterable[str], known: Sequence[str], kind: str) -> set[str]:
    found = {name.strip().lower().replace("-", "_") for name in names} - {""}
    for name in sorted(found.difference(known)):
        _unknown(name, known, kind)
    return found


def _unknown(name: str, known: Sequence[str], kind: str) -> NoReturn:
    close = difflib.get_close_matches(name, known, 1)
    guess = f"Did you mean {close[0]}? " if close else ""
    raise ConfigurationError(
        f"There is no {kind} {truncated(name, 40)!r}.", advice=f"{guess}The {kind}s are: {', '.join(known)}."
    )
