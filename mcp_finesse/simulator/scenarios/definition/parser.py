"""Parses scenario files. Problems name the line, the field and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain, islice
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import ErrorDetails, core_schema

from mcp_finesse.simulator.scenarios.definition import sections
from mcp_finesse.simulator.scenarios.definition.references import (
    Problem,
    find_platform_problems,
    find_problems,
)
from mcp_finesse.simulator.scenarios.definition.sections import Scenario
from mcp_finesse.simulator.scenarios.definition.world_builder import build_world
from mcp_finesse.simulator.scenarios.definition.yaml_document import (
    MAX_BYTES,
    Document,
    ScenarioError,
    read_yaml,
)
from mcp_finesse.simulator.settings import Platform
from mcp_finesse.simulator.world.world import World

MAX_PROBLEMS = 5
_EXAMINED, _LISTED = 100, 8
_SHIPPED = files("mcp_finesse.simulator.scenarios").joinpath("shipped")
_SUFFIX = ".yaml"


@dataclass(frozen=True, slots=True)
class ScenarioDefinition:
    """A valid scenario, and the contact center in which it happens."""

    scenario: Scenario
    world: World


def parse_scenario(text: str, platform: Platform = "UCCE") -> ScenarioDefinition:
    """Parse and check the text of a scenario file.

    Args:
        text: the YAML text.
        platform: the platform on which the scenario is to run.

    Raises:
        ScenarioError: the scenario is not valid, or the platform does not support it.
    """
    document = read_yaml(text)
    if not isinstance(document.value, dict):
        line, _ = document.locate(())
        found = "a list" if isinstance(document.value, list) else "a text"
        raise ScenarioError([f"line {line}: expected the fields of a scenario, but found {found}"])
    try:
        scenario = Scenario.model_validate(document.value)
    except ValidationError as error:
        raise _error(document, _described_all(error.errors(include_url=False))) from None
    world = build_world(scenario)
    problems = chain(find_problems(scenario, world), find_platform_problems(scenario, platform))
    if examined := [*islice(problems, _EXAMINED)]:
        raise _error(document, examined)
    return ScenarioDefinition(scenario, world)


def read_scenario(name_or_path: str, platform: Platform = "UCCE") -> ScenarioDefinition:
    """Read a scenario that is part of the package, by its name, or a scenario file.

    Raises:
        OSError: the file cannot be read. Or no scenario has this name, and no file has this path.
        ScenarioError: the scenario is not valid.
    """
    if name_or_path in shipped_scenarios():
        return parse_scenario(shipped_text(name_or_path), platform)
    path = FilePath(name_or_path)
    if path.exists() and not path.is_file():  # opening a named pipe would wait for a writer
        raise OSError("it is not a file")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ScenarioError([f"expected at most {MAX_BYTES:,} bytes"])
    try:
        return parse_scenario(content.decode("utf-8-sig"), platform)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScenarioError([f"line {line}: expected UTF-8"]) from None


def shipped_scenarios() -> list[str]:
    """Return the names of the scenarios that are part of the package."""
    names = (each.name for each in _SHIPPED.iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))


def shipped_text(name: str) -> str:
    """Return the text of a scenario that is part of the package."""
    return _SHIPPED.joinpath(f"{name}{_SUFFIX}").read_text("utf-8")


# Problems


def _error(document: Document, problems: Iterable[Problem]) -> ScenarioError:
    located = [(*document.locate(path), expected) for path, expected in problems]
    located.sort(key=lambda problem: problem[0])
    sentences = dict.fromkeys(_sentence(*problem) for problem in located)
    return ScenarioError([*sentences][:MAX_PROBLEMS])


def _sentence(line: int, path: tuple[str | int, ...], expected: str) -> str:
    field = ".".join(part for part in path if isinstance(part, str))[:100]
    return f"line {line}, {field}: {expected}" if field else f"line {line}: {expected}"


_EXPECTED = {
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "fields with values",
    "model_type": "fields with values",
    "model_attributes_type": "fields with values",
    "string_type": "a text",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_too_short": "a text that is not empty",
    "string_too_long": "a text of at most {max_length} characters",
    "too_short": "at least {min_length} entry",
    "too_long": "at most {max_length} entries",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "less_than_equal": "a number of at most {le:g}",
}
_PATTERNS = {
    sections._NUMBER: "a phone number",
    sections._ID: "an id of at most 32 letters, digits, dots, hyphens and underscores",
}


def _described_all(errors: Sequence[ErrorDetails]) -> list[Problem]:
    """Return the problems. A list with wrong entries is not also too short."""
    places = [error["loc"] for error in errors[:_EXAMINED]]
    return [
        _described(error)
        for error in errors[:_EXAMINED]
        if error["type"] != "too_short" or not any(place[:-1] == error["loc"] for place in places)
    ]


def _described(error: ErrorDetails) -> Problem:
    """Return the path of a validation error, and what was expected."""
    path, kind, context = error["loc"], error["type"], error.get("ctx", {})
    if kind == "missing":
        return path[:-1], f"expected the field {path[-1]}"
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(str(path[-1])[:100], _fields(), 1)
        return path, "expected a known field" + (f" (did you mean {close[0]}?)" if close else "")
    if kind == "value_error":
        return path, error["msg"].removeprefix("Value error, ")
    if kind == "literal_error":
        expected = _one_of(context["expected"], error["input"])
    elif kind == "string_pattern_mismatch":
        expected = _PATTERNS[context["pattern"]]
    else:
        expected = _EXPECTED[kind].format_map(context)
    return path, f"expected {expected}, but found {_found(error['input'])}"


def _one_of(listed: str, value: object) -> str:
    """Return the allowed values, or the most similar one if there are many."""
    values = listed.replace("' or '", "', '").strip("'").split("', '")
    if len(values) <= _LISTED:
        return listed
    close = difflib.get_close_matches(str(value)[:100], values, 1) or values
    return f"one of {len(values)} values, such as {close[0]!r}"


def _fields() -> list[str]:
    models = [each for each in vars(sections).values() if isinstance(each, type)]
    return sorted(
        {name for each in models if issubclass(each, sections.Section) for name in each.model_fields}
    )


def _found(value: object) -> str:
    if isinstance(value, str):
        return ascii(value[:40]) if value else "nothing"
    return "a list" if isinstance(value, list | tuple) else "fields"


# The JSON schema


class _Schema(GenerateJsonSchema):
    """Describes what a file may contain. An optional field is left out, never null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of scenario files."""
    schema = Scenario.model_json_schema(schema_generator=_Schema)
    return {"$schema": _Schema.schema_dialect} | schema
