"""Redaction of caller data: call variables by name, text by pattern, payment card numbers.

A card number is 13 to 19 digits, and so are many phone numbers and ids. The name of a field therefore decides which
rule applies. Ids, which tools need as arguments, are never changed. In fields with phone numbers, and in sentences of
this server, which may contain phone numbers and ids, only digits that no phone number can be are card numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

from mcp_finesse.redaction.cards import Span, card_spans
from mcp_finesse.redaction.folding import fold, without_ignored
from mcp_finesse.redaction.patterns import LinearPattern, pattern_spans
from mcp_finesse.redaction.secrets import REDACTED

T = TypeVar("T")

_MAX_DEPTH = 80
_MAX_NAMES = 1_000
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
"""Names of fields that are not changed, without underscores and in lower case."""
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
        """Create the redaction for names and expressions as a user writes them. Blank ones are ignored.

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
        return any(_fits(pattern, known) or _fits(pattern, array) for pattern in self.variables)

    def text(self, value: str, *, with_numbers: bool = False) -> str:
        """Return text with each match replaced by :data:`REDACTED`.

        Args:
            value: the complete text, before it is truncated.
            with_numbers: whether the text may contain phone numbers and ids.
        """
        if not self.patterns and _is_too_short(value):
            return value
        folded = fold(value)
        found: list[Span] = []
        if self.cards:
            found += card_spans(folded, with_numbers=with_numbers)
        if self.patterns:
            found += pattern_spans(self.patterns, value, folded)
        return _replaced(value, found) if found else value

    def data(self, value: T) -> T:
        """Return a copy of JSON data or of a model with every text redacted by the rule for its field.

        Call variables are recognized as ``{"name": ..., "value": ...}``, as a mapping ``call_variables``, and as a
        difference of a field. What did not change is returned itself.
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
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, str):
            if not self.patterns and _is_too_short(value):
                return value
            return value if isinstance(value, Enum) else self.field(name, value)
        if isinstance(value, int):
            return value if _key(name) in _IDS else self._integer(value)
        if depth == 0:
            return (
                REDACTED  # deeper than any data of this package: do not show values that were not inspected
            )
        if hasattr(type(value), "model_fields"):  # a model of pydantic, which takes time to import
            return self._model(value, depth)
        if isinstance(value, Mapping):
            return self._mapping(value, name, depth)
        if isinstance(value, list | tuple | set | frozenset):
            items = [self._item(item, name, depth) for item in value]
            if all(new is old for new, old in zip(items, value, strict=True)):
                return value
            return tuple(items) if isinstance(value, tuple) else items
        return value

    def _item(self, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, str) and value.strip().lower().startswith(_CONDITION_PREFIX):
            return self._condition(value)
        return self._data(value, name, depth - 1)

    def _integer(self, value: int) -> Any:
        digits = str(value) if 10**12 <= abs(value) < 10**19 else ""
        return REDACTED if digits and self.text(digits, with_numbers=True) != digits else value

    def _model(self, model: Any, depth: int) -> Any:
        fields = {name: getattr(model, name) for name in type(model).model_fields}
        changed = {name: new for name, new in self._fields(fields, depth).items() if new is not fields[name]}
        return model.model_copy(update=changed) if changed else model

    def _mapping(self, value: Mapping[Any, Any], name: str, depth: int) -> Any:
        shown = self._fields(value, depth)
        if _key(name) in _VARIABLES:
            shown |= {each: REDACTED for each in shown if shown[each] and self.hides(str(each))}
        new = {self.text(each) if isinstance(each, str) else each: shown[each] for each in shown}
        same = new.keys() == value.keys() and all(new[each] is value[each] for each in new)
        return value if same else new

    def _fields(self, fields: Mapping[Any, Any], depth: int) -> dict[Any, Any]:
        """Redact the fields of one object. A field that names a hidden variable hides the value next to it."""
        shown = {
            name: item if item is None else self._data(item, str(name), depth - 1)
            for name, item in fields.items()
        }
        if not self.variables:
            return shown
        hidden = self._hidden_fields({_key(str(name)): item for name, item in fields.items()})
        for name in shown:
            if _key(str(name)) in hidden and fields[name] not in (None, ""):
                shown[name] = (
                    dict.fromkeys(fields[name], REDACTED) if isinstance(fields[name], Mapping) else REDACTED
                )
        return shown

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


def _is_too_short(text: str) -> bool:
    """Return whether a text is too short for a card number. Outside ASCII, one character may stand for two digits."""
    return len(text) < (13 if text.isascii() else 7)


@lru_cache(maxsize=2_000)
def _key(name: str) -> str:
    return name.replace("_", "").lower()


def _fits(pattern: str, name: str) -> bool:
    """Return whether a name fits a pattern, in which ``*`` stands for any characters."""
    first, *rest = pattern.split("*")
    if not rest:
        return name == pattern
    if not name.startswith(first):
        return False
    *middle, last = rest
    position = len(first)
    for part in middle:
        position = name.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return len(name) - len(last) >= position and name.endswith(last)


def _replaced(text: str, found: list[Span]) -> str:
    """Replace the positions, which may overlap each other and earlier replacements, by one marker for each part."""
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
