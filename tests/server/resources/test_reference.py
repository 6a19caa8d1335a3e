"""The reference is generated from the code's tables, in pages of bounded size."""

from __future__ import annotations

import pytest
from mcp import MCPError
from mcp.client import Client

from mcp_finesse.model import ACTION_RULES, AGENT_STATES, CATALOGUE, LIMITS, TRANSITIONS
from mcp_finesse.server import Selection
from mcp_finesse.server.present import limits, uris
from mcp_finesse.server.resources.reference import FAMILIES, MAX_CHARACTERS, TOPICS
from mcp_finesse.server.tools.core.explaining import where_to_read
from mcp_finesse.server.toolsets.selection import TOOLSETS
from mcp_finesse.session import list_feeds
from tests.server.support import ScriptedSession, connected, signed_in


async def page(client: Client, topic: str = "") -> str:
    uri = f"{uris.REFERENCE}/{topic}" if topic else uris.REFERENCE
    [content] = (await client.read_resource(uri)).contents
    assert content.mime_type == "text/markdown"
    return str(content.text)  # type: ignore[union-attr]


async def test_contents_list_every_topic(era: str) -> None:
    async with connected(signed_in(), era) as client:
        listed = await page(client)
    for topic, make in TOPICS.items():
        assert f"| {uris.REFERENCE}/{topic} | {make.__doc__} |" in listed
        assert (make.__doc__ or "").endswith(".")


@pytest.mark.parametrize("topic", TOPICS)
async def test_page_is_bounded_markdown_with_complete_tables(topic: str, era: str) -> None:
    async with connected(signed_in(), era, selection=Selection(["all"])) as client:
        text = await page(client, topic)
    assert text.startswith(f"# {topic}\n")
    assert len(text) < MAX_CHARACTERS
    widths = 0
    for line in text.splitlines():
        if line.startswith("| ---"):
            widths = line.count("|")
        elif line.startswith("|") and widths:
            assert line.count("|") == widths
        elif not line.startswith("|"):
            widths = 0


async def test_page_needs_no_session() -> None:
    session = ScriptedSession()
    async with connected(session) as client:
        assert "| NOT_READY |" in await page(client, "agent-states")


async def test_error_for_unknown_topic_lists_the_known_topics() -> None:
    async with connected(signed_in()) as client:
        with pytest.raises(MCPError, match="Topics: error-codes, reason-codes, agent-states"):
            await page(client, "weather")
        assert await page(client, "Error_Codes")


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("error-codes", [f"| {m.code} | {m.constant} |" for m in CATALOGUE if m.family != "reason"]),
        (
            "reason-codes",
            [f"| {m.code} | {m.platform or 'both'} | {m.label} |" for m in CATALOGUE if m.family == "reason"],
        ),
        ("agent-states", [f"| {state} | {meaning} |" for state, meaning in AGENT_STATES.items()]),
        ("agent-states", [f"| {', '.join(step.start)} | {', '.join(step.end)} |" for step in TRANSITIONS]),
        ("participant-actions", [f"| {action} | {rule.needs} |" for action, rule in ACTION_RULES.items()]),
        ("feeds", [f"| {feed.slug} | {feed.description} |" for feed in list_feeds()]),
        ("limits", [f"| {limit.what} | {limit.most} |" for limit in LIMITS]),
        ("limits", [f"| {what} | {most} |" for what, most in limits.ROWS]),
        ("toolsets", [f"## {name}\n" for name in TOOLSETS]),
        ("toolsets", [f"| {entry.name} |" for toolset in TOOLSETS.values() for entry in toolset.tools]),
    ],
)
async def test_page_contains_the_whole_table_used_by_the_code(topic: str, expected: list[str]) -> None:
    async with connected(signed_in()) as client:
        text = await page(client, topic)
    assert expected
    assert [row for row in expected if row not in text] == []


async def test_toolsets_page_shows_which_tools_are_enabled() -> None:
    async with connected(signed_in(), selection=Selection(["core"], ["hold_call"], ["get_user"])) as client:
        text = await page(client, "toolsets")
    assert "| hold_call | yes | Put a call on hold. |" in text
    assert "| get_user | no |" in text
    assert "| end_call | no |" in text


def test_every_family_of_codes_has_a_title() -> None:
    assert {meaning.family for meaning in CATALOGUE} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_code_is_on_the_page_named_by_explain_error(family: str) -> None:
    uri = where_to_read([meaning for meaning in CATALOGUE if meaning.family == family])
    topic = uri.removeprefix(f"{uris.REFERENCE}/")
    assert FAMILIES[family] in TOPICS[topic](Selection()) or topic == "reason-codes"
