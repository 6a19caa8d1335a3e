"""Input schemas stay in the subset that strict converters accept (OpenAI strict mode, Gemini)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mcp_finesse.server.toolsets.selection import TOOLSETS
from tests.server.snapshot import pinned
from tests.server.support import call, connected, signed_in, tell

TOOLS = pinned(*TOOLSETS)
KEYS = {"type", "description", "enum", "items", "properties", "required", "pattern", "minimum", "maximum"}
TYPES = {"string", "integer", "number", "boolean", "array", "object"}

every_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool["name"])


def parts(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema inside a schema, with its path."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from parts(inner, f"{path}.{name}")
    if isinstance(schema.get("items"), dict):
        yield from parts(schema["items"], f"{path}[]")


@every_tool
def test_input_schema_uses_only_keywords_known_to_converters(tool: dict[str, Any]) -> None:
    strange = {
        path: sorted(set(part) - KEYS) for path, part in parts(tool["inputSchema"]) if set(part) - KEYS
    }
    assert strange == {}


@every_tool
def test_every_part_of_an_input_schema_has_one_plain_type(tool: dict[str, Any]) -> None:
    assert all(part.get("type") in TYPES for _, part in parts(tool["inputSchema"]))
    for path, part in parts(tool["inputSchema"]):
        assert part["type"] != "array" or "items" in part, path


@every_tool
def test_nested_objects_have_declared_keys(tool: dict[str, Any]) -> None:
    """A converter would close an object with free keys, and a model could only send ``{}``."""
    nested = [path for path, part in parts(tool["inputSchema"]) if path and part["type"] == "object"]
    for path, part in parts(tool["inputSchema"]):
        assert path not in nested or part.get("properties"), path


@every_tool
def test_no_schema_forbids_additional_properties(tool: dict[str, Any]) -> None:
    assert '"additionalProperties": False' not in str(tool).replace("'", '"')


async def test_call_variables_are_accepted_as_pairs_and_as_a_mapping(era: str) -> None:
    session = signed_in()
    session.have(call())
    async with connected(session, era) as client:
        pairs = [{"name": "callVariable1", "value": "A"}, {"name": "callVariable2", "value": 7}]
        await tell(client, "update_call_data", call_variables=pairs)
        await tell(client, "update_call_data", call_variables={"callVariable1": "A", "callVariable2": 7})
    assert len(session.sent) == 2
    assert session.sent[0] == session.sent[1]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([{"name": "a"}], "each item must have a name and a value"),
        ([{"name": "a", "value": "1"}, {"name": "a", "value": "2"}], "a is given twice"),
        (["a=1"], "each item must have a name and a value"),
    ],
)
async def test_malformed_name_value_pairs_are_rejected(pairs: list[Any], said: str) -> None:
    session = signed_in()
    session.have(call())
    async with connected(session) as client:
        result = await client.call_tool("update_call_data", {"call_variables": pairs})
    assert result.is_error
    assert said in result.content[0].text  # type: ignore[union-attr]
    assert session.sent == []
