"""The base of configuration objects, which are wire models that can also be validated and written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from mcp_finesse.model.admin.limits import Limit
from mcp_finesse.model.wire import Wire, WireModel, number_by_uri
from mcp_finesse.redaction import truncated

ContentT = TypeVar("ContentT", bound="Content")

TOLD = 5
Problem = tuple[str, str]
"""A violation of a rule, as a sentence, and advice."""


@dataclass(frozen=True, slots=True)
class Item:
    """An annotation of a list field with the name of the XML element of each entry."""

    name: str


def _writing_schema(schema: dict[str, Any]) -> None:
    """Reduce a schema to the fields that a caller can set, without titles and nulls.

    ``additionalProperties`` is removed because the same schema also describes objects that were read.
    """
    schema.pop("title", None)
    schema.pop("additionalProperties", None)
    properties = schema.get("properties", {})
    properties.pop("extra", None)
    for field in properties.values():
        branches = field.pop("anyOf", [{}])
        field.update(next(each for each in branches if each.get("type") != "null"))
        field.pop("title", None)
        field.pop("default", None)


class Content(WireModel):
    """The fields of an object that an administrator can set. A field that is None is not changed in Finesse.

    Unknown names are refused, because a silently dropped field would look as if it had been set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=_writing_schema)

    def problems(self) -> Iterator[Problem]:
        """Yield violations of rules that involve several fields. ``find_problems`` checks limits of single fields."""
        yield from ()

    def given(self) -> set[str]:
        """Return the names of the fields to write."""
        return {name for name in self.model_fields_set - {"extra"} if getattr(self, name) is not None}

    def to_wire(self) -> dict[str, Any]:
        """Return the given fields by XML name, in the order that ``build`` needs."""
        given = self.given()
        fields = type(self).model_fields.items()
        return {
            wire_name(name, info): _wire_value(getattr(self, name), info)
            for name, info in fields
            if name in given
        }


class Stored(Content):
    """An object stored in Finesse. The database id is the last segment of the uri."""

    id: int | None = Field(default=None, description="database id")
    uri: str | None = None

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Set the id from the uri, because Finesse sends no separate id."""
        number_by_uri(values)


def wire_name(name: str, info: FieldInfo) -> str:
    """Return the XML name of a field."""
    return next((mark.name for mark in info.metadata if isinstance(mark, Wire)), to_camel(name))


def find_problems(content: Content, where: str = "") -> Iterator[Problem]:
    """Yield all violations of the limits of each field and of the rules of each object, recursively."""
    for name, info in type(content).model_fields.items():
        value = getattr(content, name)
        if name == "extra" or value is None:
            continue
        for limit in info.metadata:
            if isinstance(limit, Limit) and (problem := limit.problem(value)):
                yield f"{where}{name} {problem}.", "Change the value and try again."
        yield from _inner_problems(value, f"{where}{name}")
    for message, advice in content.problems():
        yield f"{where.rstrip('.')}: {message}" if where else message, advice


def parse_content(kind: type[ContentT], values: object) -> tuple[ContentT | None, str]:
    """Create content from plain values, or return None and the errors of each field, without the rejected values."""
    try:
        return kind.model_validate(values), ""
    except ValidationError as error:
        return None, first_few(
            [_told(each["loc"], each["msg"]) for each in error.errors(include_input=False)], "; "
        )


def first_few(sentences: Sequence[str], between: str = " ") -> str:
    """Join the first few sentences, and add the number of omitted sentences."""
    more = len(sentences) - TOLD
    return between.join(sentences[:TOLD]) + (f" ... and {more} more." if more > 0 else "")


def _told(location: tuple[int | str, ...], message: str) -> str:
    path = "".join(
        f"[{part}]" if isinstance(part, int) else f".{truncated(part, 40)}" for part in location
    ).lstrip(".")
    return f"{path}: {message}" if path else message


def _inner_problems(value: object, where: str) -> Iterator[Problem]:
    if isinstance(value, Content):
        yield from find_problems(value, f"{where}.")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _inner_problems(each, f"{where}[{number}]")


def _wire_value(value: Any, info: FieldInfo) -> Any:
    if isinstance(value, Content):
        return value.to_wire()
    if isinstance(value, list):
        item = next(mark.name for mark in info.metadata if isinstance(mark, Item))
        return {item: [each.to_wire() for each in value]}
    return value
