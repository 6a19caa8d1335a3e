"""The base of the wire models: one pass over an element gives pydantic the values of a model.

A model declares its fields in snake_case; the name on the wire is the same in camelCase, or what
``Wire`` says. From these declarations a table is made once per class, so that reading costs one look-up
per element, and pydantic checks a whole tree of models in one call. Reading is lenient: what does not fit
its field, and what has no field, is kept in ``extra`` under its wire name and fails nothing.
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

# Epoch times come in seconds (TeamMessage) or milliseconds (SystemInfo); in seconds this is the year 5138.
_MILLISECONDS_FROM = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Wire:
    """Names the element of a field where it is not the camelCase of the attribute.

    Attributes:
        name: of the element.
        repeated: of a list without an element around it: each element of this name is one item.
    """

    name: str
    repeated: bool = False


# How one field is read: its name, then what makes its value of the text (None: the text is the value), or, for
# lists and models, of the element. A plain tuple, because it is unpacked for every element that is read.
_Entry: TypeAlias = tuple[str, Callable[[str], Any] | None, Callable[[Element], Any] | None]
_Values: TypeAlias = dict[str, Any]


class _Table(dict[str, _Entry | None]):
    """The entries of a model by tag; what is not there as it stands may be there under its local name."""

    def __missing__(self, tag: str) -> _Entry | None:
        return self.get(local_name(tag))


def _lean_schema(schema: dict[str, Any]) -> None:
    """Leave names and types: the docstrings are for readers of the code, schemas have a token budget."""
    schema.pop("description", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


class WireModel(BaseModel):
    """A Finesse object: frozen, in snake_case, unharmed by what Finesse adds, leaves out or misspells.

    Attributes:
        extra: what the model has no field for, and what did not fit its field, by wire name.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra=_lean_schema)

    extra: dict[str, Any] = Field(default_factory=dict, exclude_if=lambda value: not value)

    _read: ClassVar[Callable[[Element], _Values]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Make what reads the class, once its fields are known."""
        super().__pydantic_init_subclass__(**kwargs)
        table = _Table()
        for field, info in cls.model_fields.items():
            mark = next((mark for mark in info.metadata if isinstance(mark, Wire)), None)
            wire = mark.name if mark else to_camel(field)
            entry = _entry(field, info.annotation, mark is not None and mark.repeated)
            # Both spellings of the first letter are found without computing the other.
            table[wire[:1].lower() + wire[1:]] = table[wire[:1].upper() + wire[1:]] = entry
        del table["extra"], table["Extra"]
        cls._read = _reader(table, cls.complete)

    @classmethod
    def from_element(cls, element: Element) -> Self:
        """Read one element of this kind; only nesting beyond all reason raises (``PayloadError``)."""
        return cls.model_validate(cls.values_of(element))

    @classmethod
    def values_of(cls, element: Element) -> _Values:
        """The values of the fields, ready for pydantic; what is missing or empty is left out."""
        return cls._read(element)

    @classmethod
    def complete(cls, values: _Values) -> None:
        """A hook: derive what Finesse left out from what it sent. By default nothing."""


def read_list(element: Element, model: type[ModelT]) -> list[ModelT]:
    """Read a collection such as ``<Dialogs>``; one item, many and none are all a list."""
    return [model.from_element(child) for child in element if len(child)]


def id_from_uri(uri: str | None) -> str | None:
    """The last segment of a Finesse uri: ``/finesse/api/Dialog/33100421`` -> ``33100421``."""
    return uri.rstrip("/").rpartition("/")[2] or None if uri else None


def name_by_uri(values: _Values) -> None:
    """What most ``complete`` hooks do: an object without ``id`` is named by the last part of its uri."""
    if "id" not in values and (known := id_from_uri(values.get("uri"))) is not None:
        values["id"] = known


def number_by_uri(values: _Values) -> None:
    """The same, for objects whose id is a number: the database id of what is configured."""
    last = id_from_uri(values.get("uri"))
    if "id" not in values and last is not None and is_digits(last):
        values["id"] = int(last)


def read_time(text: str) -> datetime | None:
    """Read a time of Finesse as an aware UTC datetime, or None when it is not one.

    Finesse writes ``YYYY-MM-DDThh:MM:ss.SSSZ``, or an epoch time. One without zone is taken for UTC.
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
    """Make the function that reads the elements of one model.

    It is most of what a notification costs. A closure, because what it needs of the class would be looked up
    for every element otherwise.
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
                    values[field].extend(value)  # a new list for each item would take quadratic time
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
    """Keep aside what has no field or does not fit it; a name met again becomes a list, as in ``to_mapping``."""
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
    """The one type that matters: ``Annotated[AgentState | str, ...] | None`` -> ``AgentState``."""
    while not isinstance(annotation, type) and get_origin(annotation) is not list:
        annotation = get_args(annotation)[0]
    return annotation


def _read_bool(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.strip().lower())


def _enum_reader(kind: type[StrEnum]) -> Callable[[str], str]:
    """A reader that knows the members in any case, and hands on what is unknown as it came."""
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
    # An empty item counts: in a layout the second column stays the second.
    read = model._read
    return lambda element: [read(element)]


def _model_reader(model: type[WireModel]) -> Callable[[Element], WireModel | None]:
    read = once(model.from_element)
    return lambda element: read(element) if len(element) else None


_FROM_TEXT: dict[type, Callable[[str], Any]] = {int: parse_int, bool: _read_bool, datetime: read_time}
