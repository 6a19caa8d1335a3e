"""The guides name every tool of their toolset, and only tools that exist; the README names every toolset."""

from __future__ import annotations

import re

import pytest

from mcp_finesse.server.toolsets.selection import TOOLSETS
from tests.docs import conversations, generate
from tests.docs.support import ROOT, code_spans, table, without_blocks

GUIDES = {
    "agents": ("core", "agent"),
    "supervisors": ("supervisor",),
    "outbound": ("outbound",),
    "tasks": ("tasks",),
    "administrators": ("admin",),
    "developers": ("developer",),
}
TOOLS = {tool.name for tool in generate.tools("all")}


def page(guide: str) -> str:
    return without_blocks(ROOT / "docs" / "guides" / f"{guide}.md")


def tools_named(guide: str) -> set[str]:
    return set(code_spans(page(guide))) & TOOLS


def test_every_toolset_has_a_guide() -> None:
    assert sorted(name for names in GUIDES.values() for name in names) == sorted(TOOLSETS)


@pytest.mark.parametrize("guide", GUIDES)
def test_guide_names_every_tool_of_its_toolset(guide: str) -> None:
    expected = {name for toolset in GUIDES[guide] for name in TOOLSETS[toolset].names}
    assert expected - tools_named(guide) == set()


@pytest.mark.parametrize("guide", [guide for guide in GUIDES if guide != "developers"])
def test_table_of_questions_names_only_tools_that_exist(guide: str) -> None:
    rows = table(f"docs/guides/{guide}.md", "You can ask")
    named = {span for row in rows for span in code_spans(row["Tools"])} - {"calls"}  # an argument of get_team
    assert named <= TOOLS


@pytest.mark.parametrize("guide", GUIDES)
def test_guide_has_the_sections_of_every_guide(guide: str) -> None:
    headings = re.findall(r"^## (.+)$", page(guide), re.MULTILINE)
    assert {
        "What must be configured in Finesse",
        "What the outcomes mean",
        "A worked conversation",
    } <= set(headings)
    assert f"conversation-{guide}" in generate.parts_of(ROOT / "docs" / "guides" / f"{guide}.md")


def test_every_conversation_has_a_guide() -> None:
    assert set(conversations.NAMES) == set(GUIDES)


def test_readme_names_every_toolset_in_its_table_of_capabilities() -> None:
    named = [re.findall(r"`(\w+)`", row["Toolset"]) for row in table("README.md", "For")]
    assert [name for row in named for name in row] == list(TOOLSETS)
