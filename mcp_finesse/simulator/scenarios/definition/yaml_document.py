"""A bounded subset of YAML: mappings, lists and texts, each with its line.

Every scalar is a text, and the section that contains it decides its type. Therefore ``0612`` keeps its first digit,
and ``no`` is not false where a name is expected. There are no tags, anchors or aliases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import yaml

MAX_BYTES = 200_000
MAX_DEPTH = 12
MAX_VALUES = 20_000

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
Path: TypeAlias = tuple[str | int, ...]


class ScenarioError(ValueError):
    """A scenario is not valid.

    Attributes:
        problems: what is wrong. Each problem names the line, the field and what was expected.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document.

    Attributes:
        value: the root of the document.
        lines: the line of each value, by its path. The line of a field is the line of its key.
    """

    value: Value
    lines: Mapping[Path, int]

    def locate(self, path: Sequence[str | int]) -> tuple[int, Path]:
        """Return the line and the path of a value. If the value does not exist, return those of its nearest parent."""
        found: Path = ()
        for part in path:
            if (*found, part) in self.lines:
                found = (*found, part)
        return self.lines[found], found


def read_yaml(text: str) -> Document:
    """Parse a document.

    Raises:
        ScenarioError: the text is not YAML, exceeds a limit, or uses a feature outside the subset.
    """
    if len(text) > MAX_BYTES or len(text.encode(errors="replace")) > MAX_BYTES:
        raise ScenarioError([f"expected at most {MAX_BYTES:,} bytes"])
    reader = None
    try:
        reader = _Reader(text)
        return reader.document()
    except ScenarioError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise ScenarioError([f"line {line}: this is not YAML: {error.problem or error.context}"]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found = ascii(chr(error.character))
        raise ScenarioError([f"line {line}: expected printable characters, but found {found}"]) from None
    except (
        ValueError,
        OverflowError,
    ):  # PyYAML converts the numbers in escapes and directives without a limit
        line = reader.line if reader is not None else 1
        raise ScenarioError([f"line {line}: this is not YAML: a number is out of range"]) from None


class _Reader:
    """Builds the values from the events of PyYAML, which constructs no objects itself."""

    def __init__(self, text: str) -> None:
        self._loader = yaml.SafeLoader(text)
        self._lines: dict[Path, int] = {}
        self._count = 0

    @property
    def line(self) -> int:
        """The line that has been reached."""
        line: int = self._loader.line
        return line + 1

    def _next(self) -> yaml.Event:
        event: yaml.Event = self._loader.get_event()  # type: ignore[no-untyped-call]  # not in the stubs
        return event

    def document(self) -> Document:
        """Read the only document of the text."""
        self._next()  # the start of the stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            raise ScenarioError(["line 1: expected the fields of a scenario, but the file is empty"])
        event = self._next()
        self._lines[()] = _line(event)
        root = self._value(event, ())
        self._next()  # the end of the document
        if not isinstance(after := self._next(), yaml.StreamEndEvent):
            raise _problem(after, "expected one document, but found a second one")
        return Document(root, self._lines)

    def _value(self, event: yaml.Event, path: Path) -> Value:
        self._count += 1
        if self._count > MAX_VALUES:
            raise _problem(event, f"expected at most {MAX_VALUES:,} values")
        if len(path) > MAX_DEPTH:
            raise _problem(event, f"expected values nested at most {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _problem(
                event, "expected a value, but found an anchor or alias, which scenarios do not support"
            )
        if getattr(event, "tag", None) is not None:
            raise _problem(event, "expected a value, but found a tag, which scenarios do not support")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        return _text(event)

    def _mapping(self, path: Path) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _problem(event, "expected the name of a field")
            key = self._value(event, path)
            assert isinstance(key, str)  # noqa: S101 - for mypy: the event is a scalar
            if key in found:
                earlier = self._lines[(*path, key)]
                raise _problem(
                    event, f"expected each field once, but {key[:100]!r} is also on line {earlier}"
                )
            self._lines[(*path, key)] = _line(event)
            found[key] = self._value(self._next(), (*path, key))
        return found

    def _list(self, path: Path) -> list[Value]:
        found: list[Value] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*path, len(found))
            self._lines[here] = _line(event)
            found.append(self._value(event, here))
        return found


def _text(event: yaml.Event) -> str:
    value = event.value if isinstance(event, yaml.ScalarEvent) else ""
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise _problem(event, "expected characters of Unicode, but found half of a surrogate pair")
    if found := yaml.reader.Reader.NON_PRINTABLE.search(value):  # from an escape
        raise _problem(event, f"expected printable characters, but found {found.group()!a}")
    return str(value)


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return mark.line + 1 if mark is not None else 1


def _problem(event: yaml.Event, expected: str) -> ScenarioError:
    return ScenarioError([f"line {_line(event)}: {expected}"])
