"""The bounded subset of YAML: texts, lines, and what is refused."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_finesse.simulator.scenarios.definition.yaml_document import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    ScenarioError,
    read_yaml,
)

TEXT = """\
# a comment
title: "A: b"
numbers:
  - 0612
  - {id: no, at: 1:30}
text: |
  two
  lines
empty:
"""


def refusal(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_yaml(text)
    return str(caught.value)


def test_every_scalar_is_a_text() -> None:
    assert read_yaml(TEXT).value == {
        "title": "A: b",
        "numbers": ["0612", {"id": "no", "at": "1:30"}],
        "text": "two\nlines\n",
        "empty": "",
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), (2, ())),
        (("title",), (2, ("title",))),
        (("numbers", 1, "at"), (5, ("numbers", 1, "at"))),
        (("text",), (6, ("text",))),
        (("numbers", 7, "at"), (3, ("numbers",))),
        (("numbers", "union tag", 1, "id"), (5, ("numbers", 1, "id"))),
    ],
)
def test_value_is_located_by_its_line_or_that_of_its_parent(
    path: tuple[str | int, ...], expected: tuple[int, tuple[str | int, ...]]
) -> None:
    assert read_yaml(TEXT).locate(path) == expected


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: expected the fields of a scenario, but the file is empty"),
        ("# only a comment\n", "line 1: expected the fields of a scenario, but the file is empty"),
        ("a: 1\nb: 2\na: 3", "line 3: expected each field once, but 'a' is also on line 1"),
        ("x:\n  a: 1\n  a: 3", "line 3: expected each field once, but 'a' is also on line 2"),
        ("a: 1\n---\nb: 1", "line 2: expected one document, but found a second one"),
        ("a: 1\n? [b]\n: 1", "line 2: expected the name of a field"),
        (BOMB, "line 1: expected a value, but found an anchor or alias, which scenarios do not support"),
        (
            "a: 1\nb: *a",
            "line 2: expected a value, but found an anchor or alias, which scenarios do not support",
        ),
        (
            "a: !!python/object/apply:os.system [x]",
            "line 1: expected a value, but found a tag, which scenarios do not support",
        ),
        ("a: !!str x", "line 1: expected a value, but found a tag, which scenarios do not support"),
        ("a: 1\n!!str b: 1", "line 2: expected a value, but found a tag, which scenarios do not support"),
        ("a:\n\tb: 1", "line 2: this is not YAML: found character '\\t' that cannot start any token"),
        ("a: [1", "line 1: this is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("a: b: c", "line 1: this is not YAML: mapping values are not allowed here"),
        ("a: 1\nb: \x00", "line 2: expected printable characters, but found '\\x00'"),
        ('a: 1\nb: "\\UFFFFFFFF"', "line 2: this is not YAML: a number is out of range"),
        ('a: 1\nb: "\\uD800"', "line 2: expected characters of Unicode, but found half of a surrogate pair"),
        ('a: 1\nb: "\\e[2J"', "line 2: expected printable characters, but found '\\x1b'"),
        ('a: 1\n"\\0": 1', "line 2: expected printable characters, but found '\\x00'"),
        ('a: "\\uFFFE"', "line 1: expected printable characters, but found '\\ufffe'"),
        (f"%YAML {'9' * 5000}.1\n---\na: 1", "line 1: this is not YAML: a number is out of range"),
    ],
    ids=range(21),
)
def test_refusal_names_the_line_and_what_was_expected(text: str, expected: str) -> None:
    assert refusal(text) == expected


def test_limits_are_exact() -> None:
    assert read_yaml("a: " + "x" * (MAX_BYTES - 3)).value
    assert refusal("a: " + "x" * (MAX_BYTES - 2)) == "expected at most 200,000 bytes"
    assert refusal("a: " + "ä" * (MAX_BYTES // 2)) == "expected at most 200,000 bytes"
    nested = "[" * (MAX_DEPTH - 1) + "1" + "]" * (MAX_DEPTH - 1)
    assert read_yaml(f"a: {nested}").value
    assert refusal(f"a: [{nested}]") == "line 1: expected values nested at most 12 levels deep"
    values = "- 1\n" * (MAX_VALUES - 1)
    assert read_yaml(values).value
    assert refusal(values + "- 1\n") == f"line {MAX_VALUES}: expected at most 20,000 values"


@pytest.mark.parametrize(
    "repeated", ["[", "{a: ", "- ", "? ", "&a ", "!a ", "'", '"', "a: b\n", "|\n", "x y ", "#"]
)
def test_hostile_text_is_refused_or_read_in_bounded_time(repeated: str) -> None:
    started = time.process_time()
    with contextlib.suppress(ScenarioError):
        read_yaml((repeated * MAX_BYTES)[:MAX_BYTES])
    assert time.process_time() - started < 10


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%#?,\\ \n\t01\x85\u2028\ufeff\U0001f600", max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        line, _ = read_yaml(text).locate(())
    except ScenarioError as error:
        line = int(str(error).removeprefix("line ").partition(":")[0])
    assert 1 <= line <= len(text) + 1
