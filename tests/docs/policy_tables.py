"""The tables of the policy page, from the tools and the rules."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterator

from pydantic import BaseModel

from mcp_finesse.server.auth.scopes import required_scope
from mcp_finesse.server.policy.rules import Limits, Names, Numbers, PolicyRules
from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.toolsets.selection import TOOLSETS

TOOL_HEAD = ("Tool", "Effect", "Role", "Scope over HTTP", "A person is asked (`confirm = auto`)")
FIELD_HEAD = ("Field", "Type", "What it means")
EFFECTS = {
    Effect.READ: "reads",
    Effect.WATCH: "chooses feeds",
    Effect.CHANGE: "changes",
    Effect.DESTRUCTIVE: "ends",
    Effect.ANY: "anything",
}
_SECTIONS = (
    ("tools", Names),
    ("agents", Names),
    ("teams", Names),
    ("feeds", Names),
    ("numbers", Numbers),
    ("limits", Limits),
)


def tool_rows() -> list[tuple[str, ...]]:
    """Return a row for each tool."""
    entries = {entry.name: entry for toolset in TOOLSETS.values() for entry in toolset.tools}
    return [
        (
            f"`{entry.name}`",
            EFFECTS[entry.effect],
            str(entry.role),
            f"`{required_scope(entry)}`",
            _asked(entry),
        )
        for entry in entries.values()
    ]


def _asked(entry: ToolEntry) -> str:
    return f"if {' or '.join(entry.asks)}" if entry.asks else "no"


def field_rows() -> list[tuple[str, ...]]:
    """Return a row for each field of a policy file."""
    return [
        *_rows("", PolicyRules, leave_out={name for name, _ in _SECTIONS}),
        *(row for name, section in _SECTIONS for row in _rows(f"{name}.", section)),
    ]


def _rows(
    prefix: str, section: type[BaseModel], leave_out: Collection[str] = ()
) -> Iterator[tuple[str, ...]]:
    told = dict(_attributes(section))
    for name in section.model_fields:
        if name not in leave_out:
            yield f"`{prefix}{name}`", _TYPES[name], told[name]


_TYPES = {
    "version": "`1`",
    "contact": "text",
    "codes": "`true` or `false`",
    "allow": "list of text",
    "deny": "list of text",
    "per_minute": "number",
    "tools": "table: tool = number",
    "objects": "number",
    "require": "table: tool = `nothing`, `confirmation` or `person`",
}


def _attributes(kind: type) -> Iterator[tuple[str, str]]:
    section = (inspect.getdoc(kind) or "").partition("Attributes:\n")[2]
    for entry in re.split(r"\n(?=    \w+:)", section):
        name, _, text = entry.strip().partition(": ")
        yield name, " ".join(text.split()).replace("``", "`")
