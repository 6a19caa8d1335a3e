"""Redacts the values in results. The session keeps the real values, because outcomes are verified with them.

The texts are deep inside the objects, and must be redacted before they are truncated. The redaction is therefore that
of the current context (``mcp_finesse.redaction.active``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mcp_finesse.redaction import active_redaction
from mcp_finesse.server.redacted_document import redact_document

T = TypeVar("T")


def redacted(value: T) -> T:
    """Return a copy of a model, of JSON data or of text, redacted by the current rules."""
    return active_redaction().data(value)


def redacted_values(target: object, field: str, read: Callable[[object], list[Any]]) -> list[Any]:
    """Return the values of one field of an object, redacted by the current rules.

    Args:
        target: the object.
        field: the name of the field, or the path to it.
        read: returns the values of this field.
    """
    redaction = active_redaction()
    if redaction.variables:  # a call variable's name decides whether its value is redacted
        return read(redaction.data(target))
    name = field.rpartition(".")[2]
    return [redaction.value(name, each) for each in read(target)]


def redacted_sentence(text: str) -> str:
    """Return a text that may contain phone numbers and ids, redacted by the current rules."""
    return active_redaction().text(text, with_numbers=True)


def redacted_document(text: str) -> str:
    """Return XML, JSON or other text from Finesse, redacted by the current rules."""
    return redact_document(text, active_redaction())


def is_hidden(variable: str) -> bool:
    """Return whether the value of a call variable is hidden because of its name."""
    return active_redaction().hides(variable)
