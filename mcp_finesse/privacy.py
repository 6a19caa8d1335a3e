"""What a caller said, marked and bounded; and the secrets that must not be shown. A leaf: no I/O, no state."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from mcp_finesse.redaction import REDACTED as REDACTED
from mcp_finesse.redaction import redact as redact


def caller_text(value: object, limit: int = 2000) -> str:
    """One line of text that somebody outside supplied, without what could act on a reader.

    Line ends and control characters become spaces; invisible characters (direction marks, tags) go, but for
    the two joiners that some scripts need. Longer than ``limit`` characters is cut, and ends in an ellipsis.
    """
    kept = []
    for char in str(value)[: limit * 4 + 16]:
        category = unicodedata.category(char)
        if category in {"Cc", "Zl", "Zp"}:
            kept.append(" ")
        elif category not in {"Cf", "Co", "Cs"} or char in "\u200c\u200d":
            kept.append(char)
    text = " ".join("".join(kept).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def caller_block(text: str, limit: int = 20_000) -> tuple[str, int]:
    """Text of several lines that somebody outside supplied, made harmless line by line.

    Returns:
        Its beginning, and how many characters were left out.
    """
    lines = (caller_text(line.replace("\t", " "), limit) for line in text[:limit].splitlines())
    return "\n".join(lines), max(0, len(text) - limit)


def quoted(value: object, limit: int = 80) -> str:
    """The same within double quotes, for a sentence: a double quote inside becomes a single one."""
    return '"' + caller_text(value, limit).replace('"', "'") + '"'


def caller_fields(fields: Mapping[str, object], *, entries: int = 60) -> tuple[dict[str, str], int]:
    """Names and values that somebody outside supplied: bounded, without empty ones.

    Returns:
        The first ``entries`` of them, and how many were left out.
    """
    filled = [(name, value) for name, value in fields.items() if value not in (None, "")]
    kept = {caller_text(name, 100): caller_text(value) for name, value in filled[:entries]}
    return kept, max(0, len(filled) - entries)
