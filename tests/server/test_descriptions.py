"""Every tool description follows one template: purpose, use, requirements, result."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mcp_finesse.model import AgentState, CallAction, Platform
from mcp_finesse.rest.operation import Role
from mcp_finesse.server.policy.tool_entry import ToolEntry
from mcp_finesse.server.toolsets.selection import TOOLSETS, Toolset
from tests.server.snapshot import pinned

TEMPLATE = re.compile(
    r"(?P<does>[A-Z][^.]*(?:\.\.\.[^.]*)*\.) Use (?P<use>.+?\.)(?: Requires (?P<requires>.+?\.))?"
    r" Returns (?P<returns>.+\.)"
)
PARTS = ("does", "use", "requires", "returns")
WORDS_OF_FINESSE = {*AgentState, *CallAction, *Platform, "GET"}

ENTRIES = [(toolset, entry) for toolset in TOOLSETS.values() for entry in toolset.tools]
TOOLS = {tool["name"]: tool for tool in pinned(*TOOLSETS)}
every_tool = pytest.mark.parametrize(("toolset", "entry"), ENTRIES, ids=lambda value: value.name)


def description(entry: ToolEntry) -> str:
    return str(TOOLS[entry.name]["description"])


def parts(entry: ToolEntry) -> dict[str, str]:
    found = TEMPLATE.fullmatch(description(entry))
    assert found, f"{entry.name} is not described by the template: {description(entry)}"
    return found.groupdict(default="nothing.")


def names_in(text: str) -> set[str]:
    """Return what is written like an identifier."""
    return set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", text))


def properties(entry: ToolEntry, schema: str) -> set[str]:
    return set(TOOLS[entry.name][schema].get("properties", {}))


def mentioned(text: str) -> set[str]:
    return {name for name in TOOLS if re.search(rf"\b{name}\b", text)}


@every_tool
def test_description_has_the_four_parts_in_order(toolset: Toolset, entry: ToolEntry) -> None:
    found = parts(entry)
    assert len(found["does"]) <= 120
    assert all(text.strip(" .") for text in found.values())


@every_tool
def test_description_names_a_neighboring_tool_enabled_with_it(toolset: Toolset, entry: ToolEntry) -> None:
    """A model sent to a disabled tool gives up or invents one."""
    reachable = {*TOOLSETS["core"].names, *toolset.names}
    if toolset.name not in ("core", "agent"):
        reachable |= {*TOOLSETS["agent"].names}
    named = mentioned(description(entry)) - {entry.name}
    assert mentioned(parts(entry)["use"]) - {entry.name}, "say which tool is for the neighbouring case"
    assert named <= reachable


@every_tool
def test_every_parameter_has_a_description(toolset: Toolset, entry: ToolEntry) -> None:
    schema = TOOLS[entry.name]["inputSchema"]
    missing = [name for name, part in schema["properties"].items() if not part.get("description")]
    assert missing == []


@every_tool
def test_optional_parameters_of_writing_tools_describe_their_omission(
    toolset: Toolset, entry: ToolEntry
) -> None:
    """An empty value is rejected with these words, so target parameters must have them."""
    schema = TOOLS[entry.name]["inputSchema"]
    targets = {"to_address", "dialog_id", "media", "object", "extension"}
    optional = targets & (set(schema["properties"]) - set(schema.get("required", ())))
    if entry.effect.changes_finesse:
        silent = [name for name in optional if "Omit" not in schema["properties"][name]["description"]]
        assert silent == []


@every_tool
def test_identifiers_in_a_description_exist(toolset: Toolset, entry: ToolEntry) -> None:
    known = {*TOOLS, *properties(entry, "inputSchema"), *properties(entry, "outputSchema")}
    assert names_in(description(entry)) <= known


@every_tool
def test_finesse_terms_in_requirements_exist(toolset: Toolset, entry: ToolEntry) -> None:
    needs = parts(entry)["requires"]
    assert set(re.findall(r"\b[A-Z]{2,}(?:_[A-Z]+)*\b", needs)) <= WORDS_OF_FINESSE
    if entry.role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        assert str(entry.role) in needs
    if len(entry.platforms) < len(Platform):
        assert all(platform in needs for platform in entry.platforms)


@every_tool
def test_returned_fields_named_in_a_description_exist(toolset: Toolset, entry: ToolEntry) -> None:
    fields = properties(entry, "outputSchema")
    named = set(re.findall(r"\w+", parts(entry)["returns"])) & fields
    assert named, f"name some of {sorted(fields)}"
    assert "status" in named or "status" not in fields


@pytest.mark.parametrize(
    "text",
    [
        "Put a call on hold.",
        "Put a call on hold. Use hold_call. Requires HOLD.",
        "Put a call on hold. Requires HOLD. Returns status.",
        "put a call on hold. Use retrieve_call after. Requires HOLD. Returns status.",
    ],
)
def test_text_that_does_not_fit_the_template_is_detected(text: str) -> None:
    assert TEMPLATE.fullmatch(text) is None


def test_template_extracts_the_four_parts() -> None:
    text = "Get it (ready ...). Use to look; wait_x waits. Requires A. Returns user, maybe more."
    found: Any = TEMPLATE.fullmatch(text)
    assert [found[part] for part in PARTS] == [
        "Get it (ready ...).", "to look; wait_x waits.", "A.", "user, maybe more.",
    ]  # fmt: skip
