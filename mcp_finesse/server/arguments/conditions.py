"""Conditions on the fields of an object: ``state = READY``, ``longest_wait_seconds >= 180``, ``state changed``.

``check`` rejects a condition that can never be met, because the wait would never end. Such a condition names a
field that the object cannot have, or a value that the field cannot have. The error names the possible fields or
values.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import AgentState, Dialog, Queue, QueueStatistics, User
from mcp_finesse.privacy import quoted
from mcp_finesse.server.arguments.agent_states import states_named
from mcp_finesse.server.present.journal_view import MODELS, values_at
from mcp_finesse.server.present.limits import MAX_CONDITIONS
from mcp_finesse.server.present.redacting import is_hidden, redacted_values
from mcp_finesse.server.present.times import seconds_since

CHANGED = "changed"
LONGEST_WAIT = "longest_wait_seconds"
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_TEXT = re.compile(r"\s*([\w.\[\]-]+)\s*(>=|<=|!=|=|>|<|\bchanged\b)\s*(.*)", re.DOTALL)
_VALUE = re.compile(r"\s*(>=|<=|!=|=|>|<)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Context:
    """The values that computed fields depend on: the time and the agent's extension."""

    now: datetime
    extension: str | None


def _my_state(dialog: Dialog, context: Context) -> object:
    own = dialog.participant(context.extension) if context.extension else None
    return own.state if own is not None else None


def _seconds_in_state(user: User, context: Context) -> object:
    return seconds_since(user.state_change_time, context.now)


def _longest_wait(queue: Queue, context: Context) -> object:
    since = queue.statistics.start_time_of_longest_call_in_queue if queue.statistics is not None else None
    return seconds_since(since, context.now)


_COMPUTED: dict[type[BaseModel], dict[str, Callable[[Any, Context], object]]] = {
    Dialog: {"my_state": _my_state},
    User: {"seconds_in_state": _seconds_in_state},
    Queue: {LONGEST_WAIT: _longest_wait},
}
"""Fields that tools show but Finesse does not send."""
_SHOWN_AS: dict[type[BaseModel], dict[str, str]] = {
    Dialog: {
        "queue": "media_properties.queue_name",
        "call_type": "media_properties.call_type",
        "dialed_number": "media_properties.dialed_number",
        "wrap_up_reason": "media_properties.wrap_up_reason",
        "wrap_up_items": "media_properties.wrap_up_items",
        "since": "participants.state_change_time",
    },
    User: {"reason": "reason_code", "since": "state_change_time"},
    Queue: {"calls_waiting": "calls_in_queue"},
}
"""Names of fields in tool results that differ from the names in the model."""
_VARIABLE = "call_variables."
_GROWING = frozenset({"seconds_in_state", LONGEST_WAIT})
"""Computed fields that change over time without a notification."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    Attributes:
        field: a field name, or several field names joined by dots. If a field is a list, one matching item is
            enough.
        operator: ``=``, ``!=``, ``>=``, ``<=``, ``>``, ``<``, ``changed``, or ``exists``.
        value: the value to compare with, as text.
    """

    field: str
    operator: str
    value: str = ""

    @property
    def grows(self) -> bool:
        """Whether the condition can become true as time passes, without a notification."""
        return self.field in _GROWING

    def holds(self, target: object, context: Context, previous: object = None) -> bool:
        """Return whether an object meets the condition. ``previous`` is the earlier state of the same object."""
        if self.operator == CHANGED:
            return previous is not None and _values(target, self.field, context) != _values(
                previous, self.field, context
            )
        found = _values(target, self.field, context)
        if self.operator == "exists":
            return bool(found)
        if self.operator != "!=" and "redacted" not in self.value and not self._compares(found):
            return False  # skips the slow redaction: if the real value does not match, nor does the redacted value
        # A client must not find a redacted value by comparing it with guesses.
        return self._compares(
            redacted_values(target, self.field, lambda each: _values(each, self.field, context))
        )

    def _compares(self, found: list[Any]) -> bool:
        if self.operator == "!=":
            return bool(found) and not any(_equals(each, self.value) for each in found)
        if self.operator == "=":
            return any(_equals(each, self.value) for each in found)
        return any(_in_order(_ORDER[self.operator], each, self.value) for each in found)

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {self.value}".rstrip()


def conditions(field: str | None, value: str | None, also: Sequence[str]) -> tuple[Condition, ...]:
    """Parse the conditions of a wait.

    Args:
        field: field of the first condition, or None.
        value: the required value, a comparison such as ``>= 5`` or ``!= READY``, or ``changed``. None for any
            value.
        also: further conditions. Each condition is one text, such as ``state = READY``.

    Raises:
        InvalidRequestError: a condition is malformed.
    """
    if field is None and value is not None:
        raise InvalidRequestError(
            "`value` requires `field`, the name of the field to compare.",
            advice='For example, use the field "state" with the value "READY".',
        )
    if len(also) >= MAX_CONDITIONS:
        raise InvalidRequestError(f"There are too many conditions; at most {MAX_CONDITIONS} are accepted.")
    first = [] if field is None else [_of_field(field.strip(), value)]
    return (*first, *map(_of_text, also))


def _of_field(field: str, value: str | None) -> Condition:
    if value is None:
        return Condition(field, "exists")
    if value.strip().casefold() == CHANGED:
        return Condition(field, CHANGED)
    match = _VALUE.fullmatch(value)
    return Condition(field, match[1], match[2].strip()) if match else Condition(field, "=", value.strip())


def _of_text(text: str) -> Condition:
    match = _TEXT.fullmatch(text)
    if match is None or (match[2] == CHANGED) != (not match[3].strip()):
        raise InvalidRequestError(
            f"{quoted(text)} is not a condition.",
            advice='Write a field, a comparison and a value, such as "state = READY", "calls_in_queue >= 5", '
            '"state != LOGOUT" or "state changed".',
        )
    return Condition(match[1], match[2], match[3].strip())


# -- values


def _values(target: object, field: str, context: Context) -> list[Any]:
    for model, computed in _COMPUTED.items():
        if isinstance(target, model) and field in computed:
            value = computed[field](target, context)
            return [] if value is None else [value]
    if isinstance(target, Dialog) and field.startswith(_VARIABLE) and target.media_properties is not None:
        value = target.media_properties.variable(field.removeprefix(_VARIABLE))
        return [] if value is None else [value]
    return [value for value in values_at(target, _real_path(type(target), field)) if value is not None]


def _real_path(model: type[Any], field: str) -> list[str]:
    """Return the path of a field in the model, given the field's name in tool results."""
    name, _, rest = field.partition(".")
    real = _SHOWN_AS.get(model, {}).get(name, name)
    if model is Queue and real not in Queue.model_fields:
        real = f"statistics.{real}"
    return [*real.split("."), *(rest.split(".") if rest else ())]


def _equals(found: object, wanted: str) -> bool:
    if isinstance(found, AgentState):
        return str(found) in states_named(wanted)
    if isinstance(found, bool):
        return str(found).casefold() == wanted.casefold()
    if isinstance(found, int | float):
        return _number(wanted) == found
    return str(found).casefold() == wanted.casefold()


def _in_order(compare: Callable[[Any, Any], bool], found: object, wanted: str) -> bool:
    if isinstance(found, datetime):
        limit = _time(wanted)
        return limit is not None and compare(found, limit)
    number = _number(str(found))
    limit_number = _number(wanted)
    return number is not None and limit_number is not None and compare(number, limit_number)


def _number(text: str) -> float | None:
    try:
        number = float(text) if len(text) <= 40 else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


# -- checks


def models_of(kind: str | None, feed: str | None) -> tuple[type[BaseModel], ...]:
    """Return the types of the objects in notifications of this kind or feed. Empty if any type is possible."""
    group = (feed or "").partition(":")[0]
    if kind is None and group == "team":
        return User, MODELS["team"]
    model = MODELS.get(kind or "") or (MODELS.get(group) if kind is None else None)
    return (model,) if model is not None else ()


def check(wanted: Iterable[Condition], kind: str | None, feed: str | None) -> None:
    """Reject conditions that no object can meet.

    Raises:
        InvalidRequestError: a condition can never be met. The error lists the possible fields or values.
    """
    if kind in ("other", "error", "gap", "unreadable"):
        return
    models = models_of(kind, feed) or tuple(dict.fromkeys(MODELS.values()))
    for condition in wanted:
        _refuse_hidden(condition)
        kinds = [found for model in models for found in _types_at(model, condition.field)]
        if not kinds:
            raise InvalidRequestError(
                f"There is no field {quoted(condition.field)}.", advice=_advice(models, condition.field)
            )
        if not any(_is_possible(found, condition) for found in kinds):
            comparison = "" if condition.operator == "=" else f"{condition.operator} "
            raise InvalidRequestError(
                f"{condition.field} cannot be {comparison}{quoted(condition.value)}.",
                advice=_possible(kinds, condition),
            )


def _refuse_hidden(condition: Condition) -> None:
    name = condition.field.removeprefix(_VARIABLE)
    if name != condition.field and condition.operator not in (CHANGED, "exists") and is_hidden(name):
        raise InvalidRequestError(
            f"The value of {quoted(name)} is redacted (redact_variables), so it cannot be compared.",
            advice=f"Use the value {CHANGED}, or omit the value to wait until the variable is set.",
        )


def _types_at(model: type[BaseModel], field: str) -> list[Any]:
    """Return the types that a field of a model can have. Empty if the model has no such field."""
    if field in _COMPUTED.get(model, {}):
        return [int] if field in _GROWING else _types_at(Dialog, "participants.state")
    if model is Dialog and field.startswith(_VARIABLE):
        return [str]
    found: list[Any] = [model]
    for name in _real_path(model, field):
        found = [inner for each in found for inner in _step(each, name)]
    return found


def _step(annotation: Any, name: str) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if name not in annotation.model_fields:
            return []
        found = _flat(annotation.model_fields[name].annotation)
        # state enumerations are open, so a state field has the type "enumeration or string"
        return _enums(found) or found
    return [str] if annotation is dict or annotation is Any else []


def _flat(annotation: Any) -> list[Any]:
    """Return the alternatives of a type annotation. For a list, return the alternatives of the item type."""
    arguments = [each for each in get_args(annotation) if each is not type(None)]
    if getattr(annotation, "__origin__", None) in (dict, Mapping):
        return [dict]
    if not arguments:
        return [annotation]
    nested = getattr(annotation, "__metadata__", None)
    return _flat(arguments[0]) if nested else [inner for each in arguments for inner in _flat(each)]


def _enums(kinds: Iterable[Any]) -> list[type[Enum]]:
    return [each for each in kinds if isinstance(each, type) and issubclass(each, Enum)]


def _is_possible(kind: Any, condition: Condition) -> bool:
    if condition.operator in (CHANGED, "exists"):
        return True
    value = condition.value
    if condition.operator in _ORDER:
        if kind is datetime:
            return _time(value) is not None
        return kind in (int, float) and _number(value) is not None
    if isinstance(kind, type) and issubclass(kind, Enum):
        names = {str(each.value).casefold() for each in kind}
        return value.casefold() in names or (kind is AgentState and bool(states_named(value)))
    if kind is bool:
        return value.casefold() in ("true", "false")
    if kind in (int, float):
        return _number(value) is not None
    return kind is str and bool(value)


def _possible(kinds: list[Any], condition: Condition) -> str:
    enums = _enums(kinds)
    if condition.operator in _ORDER:
        if datetime in kinds:
            return "Give a time with a zone, such as 2026-01-31T09:00:00Z."
        if int in kinds or float in kinds:
            return "Give a number."
        return f"Only numbers and times can be compared by size. Use =, != or {CHANGED}."
    if enums:
        return f"Values: {', '.join(dict.fromkeys(str(each.value) for enum in enums for each in enum))}."
    return "Give true or false." if bool in kinds else "Give a number." if int in kinds else "Give a value."


def _advice(models: tuple[Any, ...], field: str) -> str:
    """Return advice that lists the existing fields at the level where the given name was not found."""
    parts: list[str] = []
    for model in models:
        found, path = [model], field.split(".")
        while len(path) > 1 and (inner := [each for one in found for each in _step(one, path[0])]):
            found, path = inner, path[1:]
        top = [*_COMPUTED.get(model, {}), *_SHOWN_AS.get(model, {})] if found[0] is model else []
        if top and model is Queue:
            top += QueueStatistics.model_fields
        fields = {name for each in found if hasattr(each, "model_fields") for name in each.model_fields}
        shown = sorted({*fields, *top} - {"extra"})
        if shown:
            parts.append((f"{model.__name__}: " if len(models) > 1 else "") + ", ".join(shown))
    return f"Fields: {'; '.join(parts)}."
