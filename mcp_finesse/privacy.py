"""What must not be shown (secrets), and what a caller said (marked and bounded). A leaf: no I/O, no state."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

REDACTED = "[redacted]"

_MAX_DEPTH = 40
_SECRET_NAME = re.compile(
    r"passw|passphrase|secret|token|credential|authorization|cookie|apikey|privatekey", re.IGNORECASE
)
_BASIC = re.compile(r"\b(basic\s+)([A-Za-z0-9+/]{4,}={0,2})", re.IGNORECASE)
_IN_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    # Authorization headers, whatever the scheme
    (re.compile(r"(authorization[\"']?\s*[:=]\s*[\"']?)[^\s\"']+(?:[ \t]+[^\s\"']+)?", re.IGNORECASE), r"\1"),
    (re.compile(r"\b(bearer\s+)[\w.~+/=-]{16,}", re.IGNORECASE), r"\1"),
    # user:password@ in an address
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]+:)[^\s/@]+(?=@)", re.IGNORECASE), r"\1"),
    # SASL exchanges (RFC 6120, 6.4) and elements that are named after a secret
    (
        re.compile(
            r"(<(?:[\w-]+:)?(?:auth|response|[\w.-]*(?:passw(?:or)?d|passphrase|secret|token))\b[^<>/]*>)"
            r"(?:<!\[CDATA\[.*?\]\]>|[^<])+(?=</)",
            re.IGNORECASE | re.DOTALL,
        ),
        r"\1",
    ),
    # name=value and "name": "value"
    (
        re.compile(r"((?:password|passwd|secret|(?:access_|refresh_)?token)=)[^\s&;]+", re.IGNORECASE),
        r"\1",
    ),
    (
        re.compile(
            r"(\"(?:password|secret|(?:access_|refresh_)?token)\"\s*:\s*\")[^\"]+(?=\")", re.IGNORECASE
        ),
        r"\1",
    ),
)


def redact(value: Any, secrets: Collection[str] = ()) -> Any:
    """Return a copy of ``value`` in which nothing secret is left.

    Args:
        value: text, or mappings and sequences of any depth. Values under a name that speaks of a secret are
            replaced whole; in text, credentials are recognised by their form. Other objects pass unchanged.
        secrets: texts that are known to be secret; replaced wherever they stand, also base64-encoded.

    Returns:
        The same shape, with :data:`REDACTED` in place of each secret.
    """
    known = {form for secret in secrets if secret for form in (secret, _base64(secret))}
    return _redact(value, sorted(known, key=len, reverse=True), _MAX_DEPTH)


def _redact(value: Any, known: list[str], depth: int) -> Any:
    if isinstance(value, str):
        return _redact_text(value, known)
    if isinstance(value, bytes | bytearray):
        return _redact_text(value.decode("utf-8", "replace"), known)
    if depth == 0:
        return REDACTED  # nothing of ours is this deep: do not risk what was not looked at
    if isinstance(value, Mapping):
        return {
            key: REDACTED
            if item is not None and _speaks_of_a_secret(key)
            else _redact(item, known, depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact(item, known, depth - 1) for item in value]
    return value


def _speaks_of_a_secret(name: object) -> bool:
    return isinstance(name, str) and _SECRET_NAME.search(re.sub(r"[\W_]", "", name)) is not None


def _redact_text(text: str, known: list[str]) -> str:
    for secret in known:
        text = text.replace(secret, REDACTED)
    text = _BASIC.sub(_redact_basic, text)
    for pattern, kept in _IN_TEXT:
        text = pattern.sub(kept + REDACTED, text)
    return text


def _redact_basic(match: re.Match[str]) -> str:
    # "Basic" is also a word: only what decodes to user:password is a credential (RFC 7617, 2)
    try:
        decoded = base64.b64decode(match[2], validate=True)
    except (binascii.Error, ValueError):
        return match[0]
    return match[1] + REDACTED if b":" in decoded else match[0]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


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
