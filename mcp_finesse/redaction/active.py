"""The redaction of the current context, so that texts are redacted where they are truncated.

If a text were truncated first, half a card number could remain at its end, which no later redaction recognizes. The
modules that truncate do not know the redaction of the process. A context variable therefore carries it: the command
line sets it for the process, and the MCP server sets it for each request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from mcp_finesse.redaction.rules import CARDS_ONLY, Redaction

_active: ContextVar[Redaction] = ContextVar("redaction", default=CARDS_ONLY)


def active_redaction() -> Redaction:
    """Return the redaction of the current context; by default the redaction of payment card numbers."""
    return _active.get()


def use_redaction(redaction: Redaction) -> None:
    """Apply a redaction until the current context ends, and in all tasks that start later in this context."""
    _active.set(redaction)


@contextmanager
def redacting(redaction: Redaction) -> Iterator[None]:
    """Apply a redaction inside a ``with`` block, and in all tasks that start there."""
    token = _active.set(redaction)
    try:
        yield
    finally:
        _active.reset(token)


def truncated(text: str, limit: int, *, with_numbers: bool = True) -> str:
    """Return a text up to ``limit`` characters. A longer text is redacted before it is truncated.

    Args:
        text: the complete text.
        limit: the maximum number of characters.
        with_numbers: whether the text may contain phone numbers and ids, as in the sentences of this package.
    """
    return _active.get().truncated(text, limit, with_numbers=with_numbers)
