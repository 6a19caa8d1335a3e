"""Folding of text for matching: each character becomes one plain character, so that disguised text is found too.

Digits of every script become ASCII digits, and full-width letters become ordinary letters. Invisible characters
become :data:`IGNORED`. A position in the folded text is the same position in the original text.
"""

from __future__ import annotations

import unicodedata

IGNORED = "\x00"

_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u20e3\u3164\uffa0")
"""Characters without a visible form whose category is that of letters and marks (Default_Ignorable_Code_Point)."""
_KEPT = 20_000
"""Maximum code points whose folding is kept."""


def is_invisible(char: str) -> bool:
    """Return whether a character has no visible form: a direction mark, a tag, a variation selector, a joiner."""
    return (
        unicodedata.category(char) in {"Cf", "Co", "Cs"}
        or char in _INVISIBLE
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
    )


def fold(text: str) -> str:
    """Return the folded text, which has the same length."""
    return text if text.isascii() else text.translate(_TABLE)


def without_ignored(folded: str) -> tuple[str, list[int] | None]:
    """Return the text without ignored characters, and the position of each character. None if nothing was removed."""
    if IGNORED not in folded:
        return folded, None
    positions = [index for index, char in enumerate(folded) if char != IGNORED]
    return folded.replace(IGNORED, ""), positions


class _Table(dict[int, str]):
    """The folding of each code point, computed when it first occurs."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < _KEPT:
            self[code] = folded
        return folded


def _fold(char: str) -> str:
    if is_invisible(char):
        return IGNORED
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


_TABLE = _Table()
