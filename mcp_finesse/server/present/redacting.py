"""Redacts the values in results. The session keeps the real values, because outcomes are verified with them.

The redaction is known where a request arrives, but the texts are deep inside the objects, and must be redacted before
they are truncated. A context variable therefore carries the redaction, for the duration of one request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from mcp_finesse.redaction import CARDS_ONLY, Redaction
from mcp_finesse.server.redacted_document import redact_document

T = TypeVar("T")

_current: ContextVar[Redaction] = ContextVar("redaction", default=CARDS_ONLY)


@contextmanager
def redacting(redaction: Redaction) -> Iterator[None]:
    """Apply this redaction while the context is active."""
    token = _current.set(redaction)
    try:
        yield
    finally:
        _current.reset(token)


def redacted(value: T) -> T:
    """Return a copy of a model, of JSON data or of text, redacted by the current rules."""
    return _current.get().data(value)


def redacted_values(target: object, field: str, read: Callable[[object], list[Any]]) -> list[Any]:
    """Return the values of one field of an object, redacted by the current rules.

    Args:
        target: the object.
        field: the name of the field, or the path to it.
        read: returns the values of this field.
    """
    redaction = _current.get()
    if redaction.variables:  # a call variable's name decides whether its value is redacted
        return read(redaction.data(target))
    name = field.rpartition(".")[2]
    return [redaction.value(name, each) for each in read(target)]


def redacted_sentence(text: str) -> str:
    """Return a text that may contain phone numbers and ids, redacted by the current rules."""
    return _current.get().text(text, with_numbers=True)


def redacted_document(text: str) -> str:
    """Return XML, JSON or other text from Finesse, redacted by the current rules."""
    return redact_document(text, _current.get())


def is_hidden(variable: str) -> bool:
    """Return whether the value of a call variable is hidden because of its name."""
    return _current.get().hides(variable)
