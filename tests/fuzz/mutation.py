"""Mutation of valid inputs: XML elements, JSON values and words are removed, repeated, nested, moved or replaced.

A recipe is a byte string. Each of its steps describes one change, so that every byte string is a recipe and a shorter
recipe makes fewer changes. Both engines use the same mutations: hypothesis chooses recipes, and atheris calls
``mutate`` as its custom mutator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from tests.fuzz.target import MAX_CASE

STEP = 6
"""Bytes of one step: operation, two bytes for the place, amount, two bytes for the choice."""
MAX_TOKENS = 4_000
_TOKEN = re.compile(rb"<[^<>]*>|[\w.:/+-]+|[^<]", re.DOTALL | re.ASCII)
_BRACKETS = {b"{": b"}", b"[": b"]", b"(": b")"}
_REPEATS = (1, 1, 1, 2, 3, 10, 70, 300)

WORDS: tuple[bytes, ...] = (
    b"", b" ", b"0", b"1", b"-1", b"1001", b"true", b"READY", b"9" * 400, b"NaN", b"1e999", b"0001-01-01T00:00:00Z",
    b"9999-12-31T23:59:59-14:00", b"2026-13-45T99:99", "\u00b2".encode(), "\U0001f600".encode() * 40, b"\xed\xa0\x80",
    b"\xff", b"\xc0\x80", b"\x00", b"\r\n", b"\n", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"/finesse/api/User/1001", b"/",
    b"x" * 1000, b"%00", b"\"'&<>]]>", b"&amp;", b"&lt;", b"&#0;", b"&#x10FFFF;", b"&nbsp;", b"<", b">", b"<a/>",
    b"<a>", b"</a>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x ?>", b"<!DOCTYPE a [<!ENTITY e 'e'>]>", b"&e;",
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\ud800", b"\\u0000", b"null",
)  # fmt: skip
_HEAD = re.compile(rb"<([\w.:-]+)", re.ASCII)

Tokens = list[bytes]
Operation = Callable[[Tokens, int, int, int, Sequence[bytes], Tokens], Tokens]


def mutate(data: bytes, recipe: bytes, words: Sequence[bytes] = (), other: bytes = b"") -> bytes:
    """Return the data with the changes that a recipe describes.

    Args:
        data: the input to change.
        recipe: ``STEP`` bytes for each change.
        words: texts to insert, in addition to ``WORDS``.
        other: another input, from which parts can be taken.
    """
    tokens, known, others = list(_tokens(data)), (*words, *WORDS), list(_tokens(other))
    for begin in range(0, len(recipe), STEP):
        kind, high, low, amount, *choice = recipe[begin : begin + STEP].ljust(STEP, b"\0")
        if not tokens:
            tokens = [b""]
        place = (high << 8 | low) % len(tokens)
        operation = OPERATIONS[kind % len(OPERATIONS)]
        tokens = operation(tokens, place, amount, choice[0] << 8 | choice[1], known, others)[:MAX_TOKENS]
    return b"".join(tokens)[:MAX_CASE]


@lru_cache(maxsize=256)
def _tokens(data: bytes) -> tuple[bytes, ...]:
    return tuple(_TOKEN.findall(data))[:MAX_TOKENS]


def _extent(tokens: Tokens, place: int) -> int:
    """Return the end of the element or bracketed part that begins at a token; the next token otherwise."""
    first = tokens[place]
    if first in _BRACKETS:
        opens, closes = first, _BRACKETS[first]
    elif first.startswith(b"<") and first[1:2] not in b"/!?" and not first.endswith(b"/>"):
        opens, closes = b"<", b"</"
    else:
        return place + 1
    depth = 0
    for at in range(place, len(tokens)):
        token = tokens[at]
        if opens == b"<":
            if token.startswith(closes):
                depth -= 1
            elif token.startswith(b"<") and token[1:2] not in b"!?" and not token.endswith(b"/>"):
                depth += 1
        else:
            depth += (token == opens) - (token == closes)
        if depth == 0:
            return at + 1
    return len(tokens)


def _remove(tokens: Tokens, place: int, *_: object) -> Tokens:
    return tokens[:place] + tokens[_extent(tokens, place) :]


def _repeat(tokens: Tokens, place: int, amount: int, *_: object) -> Tokens:
    end = _extent(tokens, place)
    return tokens[:end] + tokens[place:end] * _REPEATS[amount % len(_REPEATS)] + tokens[end:]


def _nest(tokens: Tokens, place: int, amount: int, *_: object) -> Tokens:
    end, times = _extent(tokens, place), _REPEATS[amount % len(_REPEATS)]
    opening, closing = tokens[place], tokens[end - 1]
    return tokens[:place] + [opening] * times + tokens[place:end] + [closing] * times + tokens[end:]


def _replace(
    tokens: Tokens, place: int, amount: int, choice: int, words: Sequence[bytes], _: Tokens
) -> Tokens:
    return [*tokens[:place], words[choice % len(words)], *tokens[place + 1 :]]


def _insert(
    tokens: Tokens, place: int, amount: int, choice: int, words: Sequence[bytes], _: Tokens
) -> Tokens:
    return [*tokens[:place], words[choice % len(words)], *tokens[place:]]


def _move(tokens: Tokens, place: int, amount: int, choice: int, *_: object) -> Tokens:
    part = tokens[place : _extent(tokens, place)]
    target = choice % len(tokens)
    return tokens[:target] + part + tokens[target:]


def _take(
    tokens: Tokens, place: int, amount: int, choice: int, words: Sequence[bytes], other: Tokens
) -> Tokens:
    if not other:
        return tokens
    begin = choice % len(other)
    end = _extent(tokens, place) if amount & 1 else place
    return tokens[:place] + other[begin : _extent(other, begin)] + tokens[end:]


def _rename(tokens: Tokens, place: int, amount: int, choice: int, *_: object) -> Tokens:
    """Give an element or a word the name of another one."""
    end, name = _extent(tokens, place), tokens[choice % len(tokens)]
    found, own = _HEAD.match(name), _HEAD.match(tokens[place])
    if own is None or found is None:
        return [*tokens[:place], name, *tokens[place + 1 :]]
    opening = b"<" + found[1] + tokens[place][own.end() :]
    if end == place + 1:
        return [*tokens[:place], opening, *tokens[end:]]
    return [*tokens[:place], opening, *tokens[place + 1 : end - 1], b"</" + found[1] + b">", *tokens[end:]]


def _damage(tokens: Tokens, place: int, amount: int, choice: int, *_: object) -> Tokens:
    """Change one byte of a token."""
    token = bytearray(tokens[place])
    if token:
        token[choice % len(token)] ^= amount or 1
    return [*tokens[:place], bytes(token), *tokens[place + 1 :]]


def _cut(tokens: Tokens, place: int, amount: int, *_: object) -> Tokens:
    return tokens[place:] if amount & 1 else tokens[:place]


OPERATIONS: tuple[Operation, ...] = (
    _remove, _repeat, _nest, _replace, _replace, _insert, _move, _take, _rename, _damage, _cut,
)  # fmt: skip
