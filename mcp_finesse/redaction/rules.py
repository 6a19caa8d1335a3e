"""Redaction of caller data: call variables by name, text by pattern, payment card numbers.

A card number is 13 to 19 digits, and so are many phone numbers and ids. The name of a field therefore decides which
rule applies. Ids, which tools need as arguments, are never changed. Fields with phone numbers, and sentences of this
MCP server, may contain phone numbers and ids. In such text, digits are redacted only if they have the form of a card
number and cannot be a phone number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any, TypeVar

from mcp_finesse.globs import matches
from mcp_finesse.redaction.cards import SHORTEST, Span, card_spans
from mcp_finesse.redaction.folding import fold, without_ignored
from mcp_finesse.redaction.patterns import LinearPattern, pattern_spans
from mcp_finesse.redaction.secrets import REDACTED

T = TypeVar("T")

_MAX_DEPTH = 80
_MAX_NAMES = 1_000
_BEHIND = 1_000
"""Maximum characters behind a cut in which the end of a match is recognized."""
_CONDITION_PREFIX = "call_variables."

_IDS = frozenset(
    {
        "id", "ids", "uri", "cursor", "after", "feed", "feeds", "node", "slug", "kind", "event", "method",
        "status", "state", "source", "epoch", "call", "dialogid", "objectid", "requestid", "messageid",
        "teamid", "userid", "loginid", "mediaid", "queueid", "phonebookid", "associateddialog",
        "associateddialoguri", "endeddialog", "secondaryid", "callkeycallid", "callkeysequencenum",
        "callkeyprefix",
    }
)  # fmt: skip
"""Names of fields that are never redacted, in lower case and without underscores."""
_WITH_NUMBERS = frozenset(
    {
        "fromaddress", "toaddress", "address", "mediaaddress", "dialednumber", "dnis", "number",
        "callbacknumber", "customernumber", "phonenumber", "extension", "dialnumber", "participant",
        "deviceid", "url", "otherurl", "path", "since", "until", "starttime", "statechangetime",
        "callbacktime", "starttimeoflongestcallinqueue", "createdat", "expiresat", "sentat", "shownuntil",
        "receivedat", "startedat", "endedat", "message", "advice", "note", "notes", "detail", "text",
        "hint", "caution", "stale", "data", "body", "xml", "csv", "layoutxml", "object", "teammessage",
    }
)  # fmt: skip
"""Names of fields with phone numbers, times, or text that contains them: sentences, and documents.

Documents are redacted element by element before they become a text field.
"""
_VARIABLES = frozenset({"callvariables", "variables"})


@dataclass(frozen=True)
class Redaction:
    """What is hidden from clients, logs, audit log and output. Immutable.

    Attributes:
        variables: names of call variables whose values are hidden, in lower case; ``*`` stands for any characters.
        patterns: regular expressions whose matches are hidden.
        cards: whether payment card numbers are hidden.
    """

    variables: tuple[str, ...] = ()
    patterns: tuple[LinearPattern, ...] = ()
    cards: bool = True

    @classmethod
    def of(cls, variables: Iterable[str] = (), patterns: Iterable[str] = (), cards: bool = True) -> Redaction:
        """Create the redaction for names and expressions as a user writes them. Blank entries are ignored.

        Raises:
            ConfigurationError: an expression is invalid.
        """
        return cls(
            tuple(filter(None, map(_name, variables))),
            tuple(LinearPattern(each.strip()) for each in patterns if each.strip()),
            cards,
        )

    def hides(self, name: str) -> bool:
        """Return whether the value of a call variable is hidden because of its name."""
        if not self.variables:
            return False
        known = _name(name)
        array = known.partition("[")[0]
        return any(matches(pattern, known) or matches(pattern, array) for pattern in self.variables)

    def text(self, value: str, *, with_numbers: bool = False) -> str:
        """Return text with each match replaced by :data:`REDACTED`.

        Args:
            value: the complete text, before it is truncated.
            with_numbers: whether the text may contain phone numbers and ids.
        """
        if not self.patterns and len(value) < SHORTEST:
            return value
        found = self._matches(value, with_numbers=with_numbers)
        return _replaced(value, found) if found else value

    def truncated(self, value: str, limit: int, *, with_numbers: bool = False) -> str:
        """Return the first ``limit`` characters of a text. If characters are cut off, the result is redacted.

        A match that begins before the limit is replaced, even if the match continues behind the limit. Matches are
        recognized up to ``_BEHIND`` characters behind the limit, so the time does not depend on the length of the text.
        """
        if len(value) <= limit:
            return value
        examined = value[: limit + _BEHIND]
        found = [each for each in self._matches(examined, with_numbers=with_numbers) if each[0] < limit]
        if not found:
            return value[:limit]
        end = max(limit, max(end for _, end in found))
        return _replaced(value[:end], found)[:limit]

    def _matches(self, text: str, *, with_numbers: bool) -> list[Span]:
        folded = fold(text)
        found: list[Span] = []
        if self.cards:
            found += card_spans(folded, with_numbers=with_numbers)
        if self.patterns:
            found += pattern_spans(self.patterns, text, folded)
        return found

    def data(self, value: T) -> T:
        """Return a copy of JSON data or of a model with every text redacted by the rule for its field.

        Call variables are recognized as ``{"name": ..., "value": ...}``, as a mapping ``call_variables``, and as a
        difference of a field. Values without redacted text are not copied.
        """
        redacted: T = self._data(value, "", _MAX_DEPTH)
        return redacted

    def value(self, name: str, value: T) -> T:
        """Return a copy of the value of one field, redacted by the rule for fields with this name."""
        redacted: T = self._data(value, name, _MAX_DEPTH)
        return redacted

    def field(self, name: str, value: str) -> str:
        """Return the text of a field, redacted by the rule for fields with this name."""
        key = _key(name)
        return value if key in _IDS else self.text(value, with_numbers=key in _WITH_NUMBERS)

    def _data(self, value: Any, name: str, depth: int) -> Any:
        kind = _kind_of(value.__class__)
        if kind is _Kind.OTHER:
            return value
        if kind is _Kind.TEXT:
            return value if not self.patterns and len(value) < SHORTEST else self.field(name, value)
        if kind is _Kind.INTEGER:
            return value if _key(name) in _IDS else self._integer(value)
        if depth == 0:
            return (
                REDACTED  # deeper than any data of this package: do not show values that were not inspected
            )
        if kind is _Kind.MODEL:
            changed = self._changed(value.__dict__, depth)
            return value.model_copy(update=changed) if changed else value
        if kind is _Kind.MAPPING:
            return self._mapping(value, name, depth)
        items = [self._item(item, name, depth) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return tuple(items) if isinstance(value, tuple) else items

    def _item(self, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, str) and value.strip().lower().startswith(_CONDITION_PREFIX):
            return self._condition(value)
        return self._data(value, name, depth - 1)

    def _integer(self, value: int) -> Any:
        digits = str(value) if 10**12 <= abs(value) < 10**19 else ""
        return REDACTED if digits and self.text(digits, with_numbers=True) != digits else value

    def _mapping(self, value: Mapping[Any, Any], name: str, depth: int) -> Any:
        changed = self._changed(value, depth)
        if self.variables and _key(name) in _VARIABLES:
            changed |= {each: REDACTED for each, item in value.items() if item and self.hides(str(each))}
        renamed = {
            each: new for each in value if isinstance(each, str) and (new := self.text(each)) is not each
        }
        if not changed and not renamed:
            return value
        return {renamed.get(each, each): changed.get(each, item) for each, item in value.items()}

    def _changed(self, fields: Mapping[Any, Any], depth: int) -> dict[Any, Any]:
        """Return the redacted values of the fields of one object. Fields that do not change are left out.

        If one field contains the name of a hidden variable, the fields with its value are redacted.
        """
        changed = {}
        short = 0 if self.patterns else SHORTEST
        for name, item in fields.items():
            if item is None or (item.__class__ is str and len(item) < short):
                continue  # most fields, so this decision calls no function
            if (new := self._data(item, str(name), depth - 1)) is not item:
                changed[name] = new
        if self.variables:
            hidden = self._hidden_fields({_key(str(name)): item for name, item in fields.items()})
            for name, item in fields.items():
                if _key(str(name)) in hidden and item not in (None, ""):
                    changed[name] = dict.fromkeys(item, REDACTED) if isinstance(item, Mapping) else REDACTED
        return changed

    def _hidden_fields(self, fields: Mapping[str, Any]) -> frozenset[str]:
        name, field = fields.get("name"), fields.get("field")
        if isinstance(name, str) and "value" in fields and self.hides(name):
            return frozenset({"value"})
        if isinstance(field, str) and self.hides(field.strip().removeprefix(_CONDITION_PREFIX)):
            return frozenset({"asked", "got", "value", "callersupplied"})
        return frozenset()

    def _condition(self, text: str) -> str:
        """Redact the value in a condition, such as ``call_variables.user.account = 12``."""
        stripped = text.strip()[len(_CONDITION_PREFIX) :]
        name = stripped
        for sign in " =<>!\t\n":
            name = name.partition(sign)[0]
        return f"{_CONDITION_PREFIX}{name} {REDACTED}" if self.hides(name) else self.text(text)


CARDS_ONLY = Redaction()
"""The default: payment card numbers."""


def _name(name: str) -> str:
    """Return the name of a variable for comparison: in lower case, without invisible characters."""
    return without_ignored(fold(name))[0].strip().lower()[:_MAX_NAMES]


class _Kind(Enum):
    """How a value is redacted."""

    TEXT = auto()
    INTEGER = auto()
    MODEL = auto()
    MAPPING = auto()
    ITEMS = auto()
    OTHER = auto()
    """The value is not changed: a truth value, a floating-point number, a member of an enumeration."""


@lru_cache(maxsize=1_000)
def _kind_of(of: type) -> _Kind:
    if issubclass(of, Enum | bool | float):
        return _Kind.OTHER
    if hasattr(of, "model_fields"):  # a model of pydantic, which takes time to import
        return _Kind.MODEL
    kinds = {
        str: _Kind.TEXT,
        int: _Kind.INTEGER,
        Mapping: _Kind.MAPPING,
        list: _Kind.ITEMS,
        tuple: _Kind.ITEMS,
        set: _Kind.ITEMS,
        frozenset: _Kind.ITEMS,
    }
    return next((kind for each, kind in kinds.items() if issubclass(of, each)), _Kind.OTHER)


@lru_cache(maxsize=2_000)
def _key(name: str) -> str:
    return name.replace("_", "").lower()


def _replaced(text: str, found: list[Span]) -> str:
    """Replace the text at these positions by markers. Positions that overlap, or touch, share one marker."""
    start = text.find(REDACTED)
    while start >= 0:
        found.append((start, start + len(REDACTED)))
        start = text.find(REDACTED, start + 1)
    parts: list[str] = []
    shown = 0
    for start, end in sorted(found):
        if start > shown or not parts:
            parts += [text[shown:start], REDACTED]
        shown = max(shown, end)
    return "".join([*parts, text[shown:]])
