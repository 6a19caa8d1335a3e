"""Payment card numbers in text (ISO/IEC 7812): 13 to 19 digits in any grouping, with a valid check digit (Luhn)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

Span = tuple[int, int]

SHORTEST, _LONGEST = 13, 19
_PHONE_DIGITS = 15
"""Maximum digits of an international phone number (E.164)."""
_MOST_DIGITS = 1_000
"""Maximum digits of one run that are examined. A longer run is replaced as a whole, to bound the time."""
_MOST_TEXT = 50_000
"""Maximum characters that are examined. In longer text, every run is replaced without checking its digits."""

_RUN = re.compile(r"[0-9](?:\x00*(?!\s?[,;.]\s)(?:(?:[^\w+\x00]|_)\x00*){0,3}[0-9]){12,}")
"""At least 13 digits in folded text, with up to three characters between two digits.

A plus sign begins a phone number, and a comma, semicolon or full stop before whitespace ends an item of a list, so
neither occurs between two digits.
"""

_REQUEST_ID = re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
"""A random UUID (RFC 9562, 5.4)."""


def card_spans(folded: str, *, with_numbers: bool) -> Iterator[Span]:
    """Yield the positions of card numbers in folded text; positions may overlap.

    Args:
        folded: the result of ``fold``.
        with_numbers: whether the text may contain phone numbers and ids. If so, digits are a card number only if
            they have the prefix and the length of a known issuer's cards. No phone number has this form.
    """
    if len(folded) < SHORTEST:
        return
    if with_numbers:
        folded = _REQUEST_ID.sub(lambda match: "x" * len(match[0]), folded)
    for match in _RUN.finditer(folded):
        run = _Run(folded, match.start(), match.end())
        if len(folded) > _MOST_TEXT or len(run.digits) > _MOST_DIGITS:
            yield match.span()
            continue
        for first, end in run.issued() if with_numbers else itertools.chain(run.issued(), run.grouped()):
            yield run.positions[first], run.positions[end - 1] + 1


class _Run:
    """Digits with short separators between them.

    Attributes:
        positions: the position of each digit in the text.
        digits: the digits.
    """

    def __init__(self, folded: str, start: int, end: int) -> None:
        self.positions = [index for index in range(start, end) if "0" <= folded[index] <= "9"]
        self.digits = "".join(folded[index] for index in self.positions)
        self._after_plus = folded[:start][-1:] == "+"
        breaks = [
            index
            for index in range(1, len(self.positions))
            if self.positions[index] != self.positions[index - 1] + 1
        ]
        self._edges = [0, *breaks, len(self.digits)]
        self._sums = _check_sums(self.digits)

    def grouped(self) -> Iterator[Span]:
        """Yield sequences of whole groups that are card numbers of any issuer."""
        for number, first in enumerate(self._edges):
            for last in range(number + 1, len(self._edges)):
                end = self._edges[last]
                if end - first > _LONGEST:
                    break
                if end - first >= SHORTEST and self._is_card(first, end, self._edges[number : last + 1]):
                    yield first, end

    def issued(self) -> Iterator[Span]:
        """Yield card numbers of known issuers, including card numbers inside a longer group of digits."""
        if self._after_plus and len(self.digits) <= _PHONE_DIGITS:
            return
        edges = set(self._edges)
        group_ends = [end for start, end in itertools.pairwise(self._edges) for _ in range(start, end)]
        for first in range(len(self.digits) - SHORTEST):
            for length in _lengths(self.digits, first):
                end = first + length
                in_groups = end <= group_ends[first] or first in edges or end in edges
                if end <= len(self.digits) and in_groups and self._checks(first, end):
                    yield first, end

    def _is_card(self, first: int, end: int, edges: Sequence[int]) -> bool:
        if self.digits[first] == "0" or not self._checks(first, end):
            return False
        if first == 0 and self._after_plus and end <= _PHONE_DIGITS:
            return False
        return not _is_time([self.digits[a:b] for a, b in itertools.pairwise(edges)])

    def _checks(self, first: int, end: int) -> bool:
        sums = self._sums[end % 2]
        return (sums[end] - sums[first]) % 10 == 0


def _check_sums(digits: str) -> tuple[list[int], list[int]]:
    """Return the running sums of the Luhn algorithm, for numbers that end at an even and at an odd position."""
    plain = [ord(digit) - 48 for digit in digits]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in plain]
    # Luhn doubles every second digit, beginning with the second-to-last digit.
    even = (doubled[index] if index % 2 == 0 else plain[index] for index in range(len(plain)))
    odd = (doubled[index] if index % 2 else plain[index] for index in range(len(plain)))
    return list(itertools.accumulate(even, initial=0)), list(itertools.accumulate(odd, initial=0))


def _lengths(digits: str, first: int) -> Sequence[int]:
    """Return the card lengths of the issuer whose prefix begins at this position. Empty if there is no such issuer."""
    match digits[first]:
        case "4":
            return (16, 19)
        case "5":
            return (16,)
        case "6":
            return (16, 17, 18, 19)
        case "2":
            return (16,) if "2200" <= digits[first : first + 4] <= "2720" else ()
        case "3":
            two = digits[first : first + 2]
            if two in ("34", "37"):
                return (15,)
            if two in ("36", "38", "39") or "300" <= digits[first : first + 3] <= "305":
                return (14,)
            return (16,) if two == "35" else ()
    return ()


def _is_time(groups: Sequence[str]) -> bool:
    """Return whether groups of digits are a date and a time of day. The year is the first or the third group."""
    sizes = [len(group) for group in groups]
    if sizes[:5] == [4, 2, 2, 2, 2] and sizes[5:] in ([], [2], [2, 3], [2, 6]):
        _, month, day, hour, minute, *rest = map(int, groups)
    elif sizes[:5] == [2, 2, 4, 2, 2] and sizes[5:] in ([], [2]):
        day, month, _, hour, minute, *rest = map(int, groups)
        day, month = max(day, month), min(day, month)
    else:
        return False
    return 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and all(s < 61 for s in rest[:1])
