"""Patterns for telephone numbers, in the notation of Cisco's route patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_MAX_PATTERN = 60
_SEPARATORS = re.compile(r"[\s()./-]")
_DIGITS = re.compile(r"\+?[0-9]+")
_PART = re.compile(r"[0-9*#+]|X|!|\[[^\]]{0,40}\]")
_SET_CONTENT = re.compile(r"\[\^?(?:[0-9](?:-[0-9])?)+\]")


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A pattern for numbers, such as ``0[1-9]!``.

    Digits, ``*``, ``#`` and ``+`` match themselves. ``X`` matches one digit. ``[2-59]`` matches one digit of the set,
    and ``[^0]`` matches one digit outside the set. ``!`` at the end matches one or more digits.

    Attributes:
        text: The pattern as written.

    Raises:
        ValueError: The pattern is not valid. The message names the invalid part.
    """

    text: str
    _expression: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_expression", re.compile("".join(_translated(self.text))))

    def matches(self, number: str) -> bool:
        """Return whether the number matches. Spaces and ``( ) . / -`` in the number are ignored."""
        return self._expression.fullmatch(plain_number(number)) is not None


def plain_number(number: str) -> str:
    """Return a number without separators, for comparisons."""
    return _SEPARATORS.sub("", number)


def reached_numbers(number: str) -> set[str]:
    """Return the numbers that a dialed text may reach.

    These are the text, each number in it (such as the one between a feature code and a pause, as in ``*31#100,,1``),
    and its digits. Phone systems treat other characters differently, such as ``#`` or ``,`` after a number, letters
    between digits, or ``sip:``.
    """
    plain = plain_number(number)
    numbers = _DIGITS.findall(plain.partition("@")[0])
    found = {plain, *numbers, *(each.lstrip("+") for each in numbers)}
    if not re.fullmatch(r"[0-9*#+]*", plain):
        found.add("".join(char for char in plain if char in "+0123456789"))
    return found


def _translated(text: str) -> list[str]:
    if not text or len(text) > _MAX_PATTERN:
        raise ValueError(f"a pattern has 1 to {_MAX_PATTERN} characters")
    parts: list[str] = []
    position = 0
    while position < len(text):
        found = _PART.match(text, position)
        if found is None or (found[0].startswith("[") and _SET_CONTENT.fullmatch(found[0]) is None):
            raise ValueError(
                f"{text[position : position + 10]!r} is not a digit, *, #, +, X, a set such as [1-9], or ! at the end"
            )
        position = found.end()
        if found[0] == "!":
            if position != len(text):
                raise ValueError("! is only possible at the end")
            parts.append("[0-9]+")
        elif found[0] == "X":
            parts.append("[0-9]")
        else:
            parts.append(found[0] if found[0].startswith("[") else re.escape(found[0]))
    return parts
