"""The chain of the audit log: each record carries the hash of the one before, and changes become visible."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mcp_finesse.server.audit.chain import (
    GENESIS,
    MAX_LINE,
    Position,
    digest_of,
    encode,
    verify,
)


def log_of(count: int, after: Position | None = None) -> list[bytes]:
    lines, end = [], after or Position()
    for number in range(count):
        line, end = encode({"event": "call", "tool": f"tool_{number}"}, end)
        lines.append(line + b"\n")
    return lines


def test_records_are_numbered_and_carry_the_hash_of_the_line_before() -> None:
    first, second = (json.loads(line) for line in log_of(2))
    assert (first["number"], first["previous"]) == (1, GENESIS)
    assert (second["number"], second["previous"]) == (2, digest_of(log_of(1)[0].rstrip(b"\n")))


def test_unchanged_log_has_no_problem() -> None:
    found = verify(log_of(5))
    assert (found.records, found.start, found.end.number) == (5, Position(), 5)
    assert (found.problems, found.partial_lines, found.ends_incomplete) == ((), (), False)


def _swap(lines: list[bytes]) -> None:
    lines[1], lines[2] = lines[2], lines[1]


@pytest.mark.parametrize(
    ("tamper", "line"),
    [
        (lambda lines: lines.__setitem__(1, lines[1].replace(b"tool_1", b"tool_9")), 3),
        (lambda lines: lines.pop(1), 2),
        (_swap, 2),
        (lambda lines: lines.insert(2, lines[1]), 3),
        (lambda lines: lines.insert(1, b"hello\n"), 2),
        (lambda lines: lines.insert(1, b'{"number":2}\n'), 2),
        (lambda lines: lines.insert(1, b'{"number":true,"previous":"' + b"0" * 64 + b'"}\n'), 2),
        (lambda lines: lines.__setitem__(0, log_of(1, Position(4, "1" * 64))[0]), 2),
    ],
    ids=["changed", "removed", "swapped", "repeated", "text", "no hash", "odd number", "first replaced"],
)
def test_tampering_is_found_at_the_first_line_that_shows_it(
    tamper: Callable[[list[bytes]], object], line: int
) -> None:
    lines = log_of(5)
    tamper(lines)
    assert verify(lines).problems[0].line == line


def test_removed_end_is_visible_only_to_who_knows_the_end() -> None:
    whole = verify(log_of(5)).end
    shortened = verify(log_of(5)[:3])
    assert shortened.problems == ()
    assert shortened.end != whole


def test_continued_file_is_checked_against_the_end_of_the_one_before() -> None:
    first = log_of(3)
    end = verify(first).end
    second = log_of(2, end)
    assert verify(second).start == end
    assert verify(second, after=end).problems == ()
    assert verify(second, after=verify(first[:2]).end).problems[0].line == 1


def test_incomplete_line_is_accepted_only_with_the_record_that_names_it() -> None:
    lines = log_of(2)
    half = b'{"number":3,"prev'
    assert verify([*lines, half]).ends_incomplete
    assert verify([*lines, half]).problems == ()
    marked, _ = encode({"event": "continued", "incomplete_line": digest_of(half)}, verify(lines).end)
    found = verify([*lines, half + b"\n", marked + b"\n"])
    assert (found.problems, found.partial_lines, found.records) == ((), (3,), 3)
    other, _ = encode({"event": "continued", "incomplete_line": digest_of(b"other")}, verify(lines).end)
    assert verify([*lines, half + b"\n", other + b"\n"]).problems[0].line == 3


def test_oversized_record_keeps_its_short_fields() -> None:
    line, _ = encode({"tool": "send_request", "arguments": {"body": "x" * MAX_LINE}}, Position())
    record = json.loads(line)
    assert len(line) < MAX_LINE
    assert (record["tool"], record["shortened"]) == ("send_request", True)
    assert "arguments" not in record


def test_text_with_line_ends_and_foreign_characters_stays_in_one_line() -> None:
    line, _ = encode({"arguments": "a\nb\u2028c\u0000é"}, Position())
    assert line.isascii()
    assert b"\n" not in line
    assert json.loads(line)["arguments"] == "a\nb\u2028c\u0000é"
