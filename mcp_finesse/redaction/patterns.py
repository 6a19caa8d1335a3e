"""Regular expressions of the user, matched by RE2 in linear time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.redaction.cards import Span
from mcp_finesse.redaction.folding import without_ignored

_MAX_LENGTH = 1_000


@dataclass(frozen=True)
class LinearPattern:
    """A regular expression in the syntax of RE2, which has no lookaround and no backreferences.

    Raises:
        ConfigurationError: the expression is invalid; the error names the expression and the position.
    """

    source: str

    def __post_init__(self) -> None:
        if len(self.source) > _MAX_LENGTH:
            raise ConfigurationError(
                f"The regular expression {self.source[:40]!r}... has {len(self.source)} characters; "
                f"at most {_MAX_LENGTH} are accepted."
            )
        if self._compiled.match(b"") is not None:
            raise ConfigurationError(
                f"The regular expression {self.source!r} matches empty text, at position 1.",
                advice="Write it so that it matches at least one character.",
            )

    @cached_property
    def _compiled(self) -> Any:
        import re2  # imported only if there is an expression, because the import is slow

        options = re2.Options()
        options.log_errors = False
        try:
            self.source.encode()
        except UnicodeEncodeError as error:
            raise ConfigurationError(
                f"The regular expression {self.source!r} is not valid UTF-8 at position {error.start + 1}."
            ) from None
        try:
            return re2.compile(self.source, options)
        except re2.error as error:
            said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
            raise ConfigurationError(
                f"The regular expression {self.source!r} is not valid at position "
                f"{_position(self.source, said)}: {said}.",
                advice="The syntax is that of RE2, without lookaround and backreferences.",
            ) from None

    def spans(self, text: str) -> Iterator[Span]:
        """Yield the positions of all matches."""
        encoded = text.encode("utf-8", "replace")
        if len(encoded) == len(text):
            yield from (match.span() for match in self._compiled.finditer(encoded))
            return
        # RE2 counts bytes. Matches are in order, so each part of the text is decoded once.
        byte = position = 0
        for match in self._compiled.finditer(encoded):
            start, end = match.span()
            first = position + len(encoded[byte:start].decode())
            position = first + len(encoded[start:end].decode())
            byte = end
            yield first, position


def _position(source: str, said: str) -> int:
    """Return the position of the first character of the part that RE2 reports as invalid, counted from 1."""
    part = said.partition(": ")[2]
    if said.startswith("trailing"):
        return len(source)
    return max(source.rfind(part) if said.startswith("missing )") else source.find(part), 0) + 1


def pattern_spans(patterns: Iterable[LinearPattern], text: str, folded: str) -> Iterator[Span]:
    """Yield the positions of all matches in a text and in its folded form; positions may overlap."""
    for form in dict.fromkeys((text, folded)):
        if form is text and text != folded:
            visible, positions = text, None
        else:
            visible, positions = without_ignored(folded)
        for pattern in patterns:
            for start, end in pattern.spans(visible):
                if start < end:
                    yield (start, end) if positions is None else (positions[start], positions[end - 1] + 1)
