"""Sanitizes, truncates and quotes caller-supplied text. A leaf module without I/O or state."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from mcp_finesse.errors import ApiErrorDetail, FinesseError, RefusedError
from mcp_finesse.redaction import REDACTED as REDACTED
from mcp_finesse.redaction import active_redaction, truncated
from mcp_finesse.redaction import redact as redact
from mcp_finesse.redaction.folding import is_invisible

_LONGEST_PART = 500
"""Maximum characters of each string of Finesse in the text of an error."""
_SHOWN_DETAILS = 10


def hide_in_error(error: FinesseError, secrets: Collection[str], public: Collection[str] = ()) -> None:
    """Replace secrets in an error: in its message, its advice, and what Finesse reported. See ``redact``."""
    error.message = redact(error.message, secrets, public)
    error.advice = redact(error.advice, secrets, public)
    error.args = (error.message,)
    if isinstance(error, RefusedError):
        error.details = tuple(
            ApiErrorDetail(**redact(asdict(detail), secrets, public)) for detail in error.details
        )


def describe_detail(detail: ApiErrorDetail) -> str:
    """Return an error that Finesse reported as one phrase, in which each string of Finesse is truncated."""
    parts = {
        name: text if len(text) <= _LONGEST_PART else f"{truncated(text, _LONGEST_PART)}..."
        for name, text in asdict(detail).items()
    }
    return str(ApiErrorDetail(**parts))


def describe_details(details: Sequence[ApiErrorDetail]) -> str:
    """Return the errors that Finesse reported as one phrase, up to ten of them; empty if there are none."""
    more = f"; {len(details) - _SHOWN_DETAILS} more errors" if len(details) > _SHOWN_DETAILS else ""
    return "; ".join(map(describe_detail, details[:_SHOWN_DETAILS])) + more


def caller_text(value: object, limit: int = 2000) -> str:
    """Return caller-supplied text as one line, without characters that could mislead a reader.

    Line ends and control characters become spaces. Invisible characters, such as direction marks, tags and variation
    selectors, are removed. The two joiners that some scripts require are kept. Text over ``limit`` characters is
    redacted, then truncated, and ends in an ellipsis.
    """
    given, examined, is_cut = str(value), limit * 4 + 16, False
    if len(given) > examined:
        is_cut = not given[
            examined:
        ].isspace()  # text behind many blanks must not disappear without an ellipsis
        given = truncated(given, examined)
    elif len(given) > limit:
        given = active_redaction().text(given, with_numbers=True)
    if not (given.isascii() and given.isprintable()):
        given = "".join(map(_visible_in_line, given))
    text = " ".join(given.split())
    return text if len(text) <= limit and not is_cut else text[: limit - 1] + "…"


def visible(value: Any) -> Any:
    """Return text or JSON data without control characters and invisible characters, but with line ends and tabs."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value
        return "\r\n".join("".join(map(_visible, line)) for line in value.split("\r\n"))
    if isinstance(value, dict):
        return {visible(name): visible(item) for name, item in value.items()}
    return [visible(item) for item in value] if isinstance(value, list) else value


@lru_cache(4096)
def _visible(char: str) -> str:
    return char if char in "\n\t" else _visible_in_line(char)


@lru_cache(4096)
def _visible_in_line(char: str) -> str:
    if char in "\u200c\u200d":
        return char
    if unicodedata.category(char) in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if is_invisible(char) else char


def caller_block(text: str, limit: int = 20_000) -> tuple[str, int]:
    """Sanitize caller-supplied text of several lines, line by line.

    Returns:
        The text up to the limit, and the number of omitted characters.
    """
    lines = (caller_text(line.replace("\t", " "), limit) for line in truncated(text, limit).splitlines())
    return "\n".join(lines), max(0, len(text) - limit)


def quoted(value: object, limit: int = 80) -> str:
    """Return caller-supplied text in double quotes, for use in a sentence. Inner double quotes become single quotes."""
    return '"' + caller_text(value, limit).replace('"', "'") + '"'


def caller_fields(fields: Mapping[str, object], *, entries: int = 60) -> tuple[dict[str, str], int]:
    """Sanitize caller-supplied names and values. Leave out empty values.

    Returns:
        The first ``entries`` fields, and the number of omitted fields.
    """
    filled = [(name, value) for name, value in fields.items() if value not in (None, "")]
    kept = {caller_text(name, 100): caller_text(value) for name, value in filled[:entries]}
    return kept, max(0, len(filled) - entries)
