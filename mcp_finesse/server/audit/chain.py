"""The format of the audit log. Each line is a JSON object with the hash of the previous line. No I/O.

The hash covers the bytes of the line without its line end. The very first record carries ``GENESIS`` in place
of a hash. The first record after a rotation carries the hash of the last line of the rotated file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mcp_finesse.numbers import parse_json

GENESIS = "0" * 64
"""The hash before the first record."""
MAX_LINE = 256 * 1024
"""Maximum bytes of one record."""


@dataclass(frozen=True, slots=True)
class Position:
    """The end of a chain.

    Attributes:
        number: The number of the last record. 0 if there is no record.
        digest: The hash of the last record's line.
    """

    number: int = 0
    digest: str = GENESIS


def digest_of(line: bytes) -> str:
    """Return the SHA-256 hash of a line, without its line end, as 64 hexadecimal digits."""
    return hashlib.sha256(line).hexdigest()


def encode(fields: Mapping[str, Any], after: Position) -> tuple[bytes, Position]:
    """Return two values: the line of the next record, without its line end, and the new end of the chain.

    A record of more than ``MAX_LINE`` bytes keeps only its short fields, and is marked with ``shortened``.
    """
    number = after.number + 1
    line = _dump({"number": number, "previous": after.digest, **fields})
    if len(line) > MAX_LINE:
        short = {name: value for name, value in fields.items() if len(_dump({name: value})) < 1_000}
        line = _dump({"number": number, "previous": after.digest, **short, "shortened": True})
    return line, Position(number, digest_of(line))


def _dump(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":"), default=str).encode()


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that breaks the chain.

    Attributes:
        line: The number of the line in the file, counted from 1.
        message: What is wrong with the line.
    """

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of checking one file of the audit log.

    Attributes:
        records: How many records were read.
        start: The position before the first record, as stated in the first record.
        end: The position after the last record.
        problems: The lines that break the chain, in order.
        partial_lines: Lines that a killed process left incomplete, and that the next process marked as
            incomplete.
        ends_incomplete: Whether the last line is incomplete. The process that writes the line was killed, or is
            still writing.
    """

    records: int
    start: Position
    end: Position
    problems: tuple[Problem, ...]
    partial_lines: tuple[int, ...]
    ends_incomplete: bool


def verify(lines: Iterable[bytes], after: Position | None = None) -> Verification:
    """Check that each record carries the hash of the previous line, and that the numbers are consecutive.

    Args:
        lines: The lines with their line ends.
        after: The end of the chain in the previous file. None to accept any start.

    Returns:
        The result. If a line was changed, removed, inserted or moved, the result reports the first line whose
        hash or number is wrong.
    """
    position, start = after, after
    records, problems, partial = 0, list[Problem](), list[int]()
    unfinished: tuple[int, bytes] | None = None
    complete = True
    for number, line in enumerate(lines, start=1):
        content, complete = line.removesuffix(b"\n"), line.endswith(b"\n")
        record = _parse(content) if complete else None
        if unfinished is not None:
            if record is not None and record.get("incomplete_line") == digest_of(unfinished[1]):
                partial.append(unfinished[0])
            else:
                problems.append(Problem(unfinished[0], "is not a record"))
            unfinished = None
        if record is None:
            unfinished = number, content
            continue
        records += 1
        stated = Position(record["number"] - 1, record["previous"])
        if start is None:
            start = position = stated
        if stated != position:
            problems.append(Problem(number, _difference(stated, position or Position())))
        position = Position(record["number"], digest_of(content))
    if unfinished is not None and complete:
        problems.append(Problem(unfinished[0], "is not a record"))
        unfinished = None
    return Verification(
        records,
        start or Position(),
        position or Position(),
        tuple(problems),
        tuple(partial),
        unfinished is not None,
    )


def _difference(stated: Position, expected: Position) -> str:
    if stated.number != expected.number:
        return f"record {stated.number + 1} follows record {expected.number}"
    return "does not contain the hash of the line before it: the line before it was changed"


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        record = parse_json(line.decode())
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    number, previous = record.get("number"), record.get("previous")
    valid = (
        isinstance(number, int) and number > 0 and isinstance(previous, str) and len(previous) == len(GENESIS)
    )
    return record if valid else None
