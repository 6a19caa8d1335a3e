"""Creates short JSON schemas for tools, which use only the subset that strict converters accept.

OpenAI's strict mode and Gemini reject or misread ``default``, ``minLength``, ``additionalProperties``, ``$ref`` and
``null`` alternatives. Every token of a schema also adds to the cost of every conversation.
"""

from __future__ import annotations

from typing import Any

_NULL = {"type": "null"}
_NOISE = frozenset({"title", "default", "minLength"})


def lean(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a pydantic schema that is equivalent but needs fewer tokens.

    Removes titles and boolean ``additionalProperties``. Removes defaults, because descriptions state them, and
    minimum lengths, because the argument check rejects blank text. Removes ``null`` alternatives, because
    clients can omit an argument. Inlines definitions.
    """
    definitions = schema.get("$defs", {})
    return _lean({key: value for key, value in schema.items() if key != "$defs"}, definitions)


def _lean(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    schema = _without_null(schema)
    if "$ref" in schema:
        # the description of a definition is a class docstring, which is not meant for models
        target = {**definitions[schema["$ref"].rsplit("/", 1)[-1]], "description": ""}
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: _lean(part, definitions) for name, part in value.items()}
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            result[key] = _lean(value, definitions)
        elif not _is_noise(key, value):
            result[key] = value
    return result


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Replace ``anyOf: [X, null]`` with ``X``."""
    options = [option for option in schema.get("anyOf", []) if option != _NULL]
    if len(options) != 1:
        return schema
    return {**options[0], **{key: value for key, value in schema.items() if key != "anyOf"}}


def _is_noise(key: str, value: object) -> bool:
    return (
        key in _NOISE
        or (key == "description" and not value)
        or (key == "additionalProperties" and isinstance(value, bool))
    )
