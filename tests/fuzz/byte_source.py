"""Values derived from bytes: every byte string describes a value, and a shorter one a simpler value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

WORDS: tuple[str, ...] = (
    "", " ", "1001", "4501", "331", "310", "READY", "not ready", "true", "null", "-1", "0", "007", "1_000", "²", "१",
    "1e999", "NaN", "Infinity", "9" * 20, "9" * 400, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-02-30T10:00", "24:00", "/", "//", "../../etc/passwd", "/finesse/api/User/1001", "%2e%2e%2f", "%00", "%",
    "\x00", "\r\n", "\u2028", "\u202e\u200b", "\ufeff", "\U0001f600", "\ud800", "<a>", "&lt;", "]]>", "{}", "[]",
    "{'a': 1}", '{"a": [1]}', "%s%n", "a,b\n\"c\"", "=1+1", "user.order", "user.a[1]", "callVariable1", "x" * 300,
    "\u00e9" * 60, "life:0", "life:1", "life:99999999999999999999", "other:1", ":", "team:310", "dialogs",
)  # fmt: skip
NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 20, 50, 51, 100, 331, 1001, 2**31, 2**63, -(2**63), 10**18, 10**30, 0.0, -0.5, 1.5, 1e308, 5e-324,
)  # fmt: skip


class ByteSource:
    """Reads choices from bytes. After the last byte every choice is the first one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def ended(self) -> bool:
        """Whether all bytes have been used."""
        return self._at >= len(self._data)

    def byte(self) -> int:
        """Return the next byte."""
        if self.ended:
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def below(self, limit: int) -> int:
        """Return a number from 0 to ``limit`` - 1."""
        number = self.byte()
        if limit > 256:
            number = number << 8 | self.byte()
        return number % limit

    def choice(self, choices: Sequence[T]) -> T:
        """Return one of several values."""
        return choices[self.below(len(choices))]

    def rest(self) -> bytes:
        """Return the bytes that have not been used."""
        left, self._at = self._data[self._at :], len(self._data)
        return left

    def text(self, words: Sequence[str] = WORDS) -> str:
        """Return a word, several words, or arbitrary characters."""
        form = self.byte()
        if form < 160:
            return words[form % len(words)]
        if form < 200:
            return "".join(self.choice(words) for _ in range(1 + self.below(4)))
        if form < 208:
            return self.choice(words) * (1 << self.below(11))
        return "".join(chr(self.byte() << (self.byte() & 7)) for _ in range(self.below(12)))

    def value(self, words: Sequence[str] = WORDS, depth: int = 3) -> Any:
        """Return any JSON value."""
        form = self.byte()
        if form < 110 or depth == 0:
            return self.text(words)
        if form < 160:
            return self.choice(NUMBERS)
        if form < 180:
            return self.choice((None, True, False))
        return self.collection(lambda: self.value(words, depth - 1), words, mapping=form < 215)

    def collection(self, item: Callable[[], Any], words: Sequence[str], *, mapping: bool) -> Any:
        """Return a list or a mapping of items, now and then a long one."""
        size = self.below(5)
        if size == 4 and self.byte() > 200:
            size = 300
        if mapping:
            return {self.text(words): item() for _ in range(size)}
        return [item() for _ in range(size)]
