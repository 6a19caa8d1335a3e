"""Lean schemas: fewer tokens, same meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from mcp_finesse.server.sdk.schemas import lean


class Colour(StrEnum):
    """Not for models."""

    RED = "red"
    BLUE = "blue"


class Sample(BaseModel):
    title: str  # a field may be named like the removed keyword
    colour: Colour
    other: Colour | None = Field(default=None, description="Another one")
    free: dict[str, Any] = {}
    names: dict[str, str | None] = {}
    items: list[dict[str, Any]] = []
    flag: bool = False
    limit: int = Field(20, ge=1, le=50)
    either: int | str = 0


def test_lean_schema_keeps_only_what_models_need() -> None:
    assert lean(Sample.model_json_schema()) == {
        "type": "object",
        "required": ["title", "colour"],
        "properties": {
            "title": {"type": "string"},
            "colour": {"enum": ["red", "blue"], "type": "string"},
            "other": {"enum": ["red", "blue"], "type": "string", "description": "Another one"},
            "free": {"type": "object"},
            "names": {"type": "object", "additionalProperties": {"type": "string"}},
            "items": {"type": "array", "items": {"type": "object"}},
            "flag": {"type": "boolean"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 50},
            "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        },
    }


def test_given_schema_is_not_modified() -> None:
    schema = Sample.model_json_schema()
    before = str(schema)
    lean(schema)
    assert str(schema) == before
