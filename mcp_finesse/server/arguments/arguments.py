"""Argument types that several tools share. The types accept variants such as a number for an id, or a mapping."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from mcp_finesse.numbers import parse_json
from mcp_finesse.redaction import truncated
from mcp_finesse.server.present.limits import MAX_ITEMS, MAX_TEXT

LongText = Annotated[str, Field(coerce_numbers_to_str=True)]
"""The text of a document, such as a layout or a file of contacts."""


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise PydanticCustomError(
            "far_too_long",
            "has {length} characters; at most {most} are accepted",
            {"length": len(text), "most": MAX_TEXT},
        )
    return text


# This limit is not in the schema, to save tokens. No id or label comes near the limit.
Text = Annotated[LongText, AfterValidator(_short)]
"""Any id, number, extension or label; integers are converted to text."""


def _from_pairs(value: object) -> object:
    """Turn ``[{"name": n, "value": v}]`` into ``{n: v}``. A mapping stays unchanged."""
    if not isinstance(value, list):
        return value
    result: dict[str, Any] = {}
    for item in value:
        if not isinstance(item, dict) or set(item) != {"name", "value"} or not isinstance(item["name"], str):
            raise PydanticCustomError("pairs", "each item must have a name and a value, and nothing else")
        if item["name"] in result:
            raise PydanticCustomError("pairs", "{name} is given twice", {"name": truncated(item["name"], 80)})
        result[item["name"]] = item["value"]
    return result


# Strict schema converters cannot express a map with free keys, so the schema asks for name-value pairs.
Pairs = Annotated[
    dict[str, Annotated[str, Field(coerce_numbers_to_str=True)]],
    BeforeValidator(_from_pairs),
    WithJsonSchema(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
                "required": ["name", "value"],
            },
        }
    ),
]
"""Names and values, as a list of pairs or as a mapping."""


def _from_json(value: object) -> object:
    """Parse a value that is JSON text. Return any other value unchanged."""
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except (ValueError, RecursionError):
        raise PydanticCustomError("json", "is not a valid JSON object") from None


JsonObject = Annotated[dict[str, Any], BeforeValidator(_from_json), WithJsonSchema({"type": "string"})]
"""An object with any fields. The schema asks for JSON text, because strict converters accept no free-form object."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int) else value


TextList = Annotated[list[Text], BeforeValidator(_as_list)]
"""A list of texts; a single text is accepted too."""

DialogId = Annotated[Text | None, Field(description="Omit if only one call fits")]
Destination = Annotated[Text, Field(description="Number or extension to dial")]
VARIABLES = Field(description="Names: callVariable1 to callVariable10, or user.NAME for an ECC variable")
Reason = Annotated[Text | None, Field(description="Label, code or id from get_codes")]
Limit = Annotated[int, Field(ge=1, le=MAX_ITEMS)]


def _as_word(value: object) -> object:
    return value.strip().upper().replace(" ", "_").replace("-", "_") if isinstance(value, str) else value


Word = BeforeValidator(_as_word)
"""Validator for a Literal of Finesse's upper-case words: accepts any case, and blanks or hyphens as underscores."""
