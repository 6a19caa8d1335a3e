"""The base of the wire models, which reads a model's values from an XML element in one pass for pydantic.

Models declare fields in snake_case. The XML name of a field is the camelCase form, or the name that ``Wire``
gives. Each class has a table of its declarations, so that reading an element takes one lookup. Pydantic
validates a whole tree of models at once. Parsing is lenient. Elements without a field, and values that do not
match their field, cause no error. Such elements and values are kept in ``extra`` under their XML name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, Self, TypeAlias, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from mcp_finesse.model.known import once
from mcp_finesse.model.xml import Element, local_name, text_of, to_mapping
from mcp_finesse.numbers import is_digits, parse_int

ModelT = TypeVar("ModelT", bound="WireModel")

# Epoch times are in seconds (TeamMessage) or in milliseconds (SystemInfo). This value, read as seconds, is in
# the year 5138.
_MILLISECONDS_FROM = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Wire:
    """Names the XML element of a field if the name is not the camelCase form of the attribute.

    Attributes:
        name: the name of the element.
        repeated: True for a list without an enclosing element. Each element with this name is then one item.
    """

    name: str
    repeated: bool = False


# How to read one field: the name, a converter from text, and for lists and models a converter from the element.
# Without a converter (None), the text is the value. The type is a plain tuple, because it is unpacked for every
# element.
_Entry: TypeAlias = tuple[str, Callable[[str], Any] | None, Callable[[Element], Any] | None]
_Values: TypeAlias = dict[str, Any]


class _Table(dict[str, _Entry | None]):
    """The entries of a model by tag. A tag that is not in the table is looked up by its local name."""

    def __missing__(self, tag: str) -> _Entry | None:
        return self.get(local_name(tag))


def _lean_schema(schema: dict[str, Any]) -> None:
    """Reduce a schema to names and types. Schemas have a token budget, so docstrings are left out."""
    schema.pop("description", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


class WireModel(BaseModel):
    """A Finesse object, frozen and in snake_case. Elements that Finesse adds, omits or misspells are tolerated.

    Attributes:
        extra: elements without a field, and values that do not match their field. The keys are XML names.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra=_lean_schema)

    extra: dict[str, Any] = Field(default_factory=dict, exclude_if=lambda value: not value)

    _read: ClassVar[Callable[[Element], _Values]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Build the reader of the class once its fields are known."""
        super().__pydantic_init_subclass__(**kwargs)
        table = _Table()
        for field, info in cls.model_fields.items():
            mark = next((mark for mark in info.metadata if isinstance(mark, Wire)), None)
            wire = mark.name if mark else to_camel(field)
            entry = _entry(field, info.annotation, mark is not None and mark.repeated)
            # Both cases of the first letter are registered, so that no conversion is needed when reading.
            table[wire[:1].lower() + wire[1:]] = table[wire[:1].upper() + wire[1:]] = entry
        del table["extra"], table["Extra"]
        cls._read = _reader(table, cls.complete)

    @classmethod
    def from_element(cls, element: Element) -> Self:
        """Create the model from an element. Raises ``PayloadError`` only for excessive nesting."""
        return cls.model_validate(cls.values_of(element))

    @classmethod
    def values_of(cls, element: Element) -> _Values:
        """Return the field values for pydantic. Missing and empty values are left out."""
        return cls._read(element)

    @classmethod
    def complete(cls, values: _Values) -> None:
        """Derive omitted values from other values. Subclasses override this method. By default it does nothing."""


def read_list(element: Element, model: type[ModelT]) -> list[ModelT]:
    """Read a collection such as ``<Dialogs>``. The result is always a list."""
    return [model.from_element(child) for child in element if len(child)]


def id_from_uri(uri: str | None) -> str | None:
    """Return the last segment of a Finesse uri, such as ``33100421`` for ``/finesse/api/Dialog/33100421``."""
    return uri.rstrip("/").rpartition("/")[2] or None if uri else None


def name_by_uri(values: _Values) -> None:
    """Set a missing ``id`` to the last segment of the uri. Used by most ``complete`` hooks."""
    if "id" not in values and (known := id_from_uri(values.get("uri"))) is not None:
        values["id"] = known


def number_by_uri(values: _Values) -> None:
    """Set a missing numeric ``id``, the database id of a configuration object, to the last segment of the uri."""
    last = id_from_uri(values.get("uri"))
    if "id" not in values and last is not None and is_digits(last):
        values["id"] = int(last)


def read_time(text: str) -> datetime | None:
    """Parse a time of Finesse to an aware UTC datetime. Return None if the text is invalid.

    Finesse writes ``YYYY-MM-DDThh:MM:ss.SSSZ`` or an epoch time. A time without zone is interpreted as UTC.
    """
    try:
        if text.isdigit() and (number := parse_int(text)) is not None:
            return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, UTC)
        time = datetime.fromisoformat(text)
        if time.tzinfo is UTC:
            return time
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _reader(table: _Table, complete: Callable[[_Values], None]) -> Callable[[Element], _Values]:
    """Return the function that reads the elements of one model.

    Processing a notification spends most of its time in the returned function. The function is a closure, which
    avoids attribute lookups on the class for every element.
    """

    def read(element: Element) -> _Values:
        values: _Values = {}
        for child in element:
            entry = table[child.tag]
            if entry is None:
                _keep(values, child.tag, to_mapping(child))
                continue
            field, from_text, from_element = entry
            value: Any
            if from_element is not None:
                value = from_element(child)
                if isinstance(value, list) and field in values:
                    values[field].extend(value)  # list concatenation would take quadratic time
                    continue
            elif (value := child.text) is None or value.isspace():
                value = None
            elif from_text is not None:
                value = from_text(value)
            if value is not None:
                values[field] = value
            elif (unread := to_mapping(child)) is not None:
                _keep(values, child.tag, unread)
        complete(values)
        return values

    return read


def _keep(values: _Values, tag: str, value: Any) -> None:
    """Add a value to ``extra``. As in ``to_mapping``, a repeated name becomes a list."""
    name, extra = local_name(tag), values.setdefault("extra", {})
    if name not in extra:
        extra[name] = value
    elif isinstance(extra[name], list):
        extra[name].append(value)
    else:
        extra[name] = [extra[name], value]


def _entry(field: str, annotation: Any, repeated: bool) -> _Entry:
    kind = _core(annotation)
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        if repeated:
            return (field, None, _item_reader(item))
        return (field, None, _read_texts if item is str else _models_reader(item))
    if issubclass(kind, WireModel):
        return (field, None, _model_reader(kind))
    if issubclass(kind, StrEnum):
        return (field, _enum_reader(kind), None)
    return (field, _FROM_TEXT.get(kind), None)


def _core(annotation: Any) -> Any:
    """Return the main type of an annotation, such as ``AgentState`` for ``Annotated[AgentState | str, ...] | None``."""
    while not isinstance(annotation, type) and get_origin(annotation) is not list:
        annotation = get_args(annotation)[0]
    return annotation


def _read_bool(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.strip().lower())


def _enum_reader(kind: type[StrEnum]) -> Callable[[str], str]:
    """Return a reader that finds members case-insensitively and returns unknown values unchanged."""
    members: dict[str, str] = {member.value: member for member in kind}

    def read(text: str) -> str:
        return members.get(text) or members.get(text.strip().upper(), text)

    return read


def _read_texts(element: Element) -> list[str] | None:
    if not len(element):
        return None
    return [text for child in element if (text := text_of(child)) is not None]


def _models_reader(model: type[WireModel]) -> Callable[[Element], list[_Values] | None]:
    read = model._read
    return lambda element: [read(child) for child in element if len(child)] if len(element) else None


def _item_reader(model: type[WireModel]) -> Callable[[Element], list[_Values]]:
    # Empty items are kept, because the second column of a layout must remain the second item.
    read = model._read
    return lambda element: [read(element)]


def _model_reader(model: type[WireModel]) -> Callable[[Element], WireModel | None]:
    read = once(model.from_element)
    return lambda element: read(element) if len(element) else None


_FROM_TEXT: dict[type, Callable[[str], Any]] = {int: parse_int, bool: _read_bool, datetime: read_time}
