"""The limits of a case are enforced, and mutations are reproducible."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from mcp_finesse.errors import PayloadError
from tests.fuzz import mutation
from tests.fuzz.byte_source import ByteSource
from tests.fuzz.corpus import minimised
from tests.fuzz.mutation import STEP, mutate
from tests.fuzz.target import MAX_MEMORY, DefectError, Target, check
from tests.fuzz.xml_targets import read_xml

XML = b"<a><b>1</b><c><d/></c></a>"


def run(function: Callable[[bytes], object]) -> None:
    check(Target("test", function), b"data")


def test_finesse_error_is_no_defect_and_raises_nothing() -> None:
    def refuses(_: bytes) -> None:
        raise PayloadError("Not XML.")

    run(refuses)


def test_other_exception_is_a_defect() -> None:
    with pytest.raises(ZeroDivisionError):
        run(lambda data: 1 // 0)


def test_slow_case_is_a_defect() -> None:
    def works(_: bytes) -> None:
        end = time.process_time() + 1.1
        while time.process_time() < end:
            pass

    with pytest.raises(DefectError, match="took 1"):
        run(works)


def test_case_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.target._HANG_SECONDS", 0.2)

    def hangs(_: bytes) -> None:
        while True:
            pass

    with pytest.raises(DefectError, match="did not end"):
        run(hangs)


def test_case_that_needs_much_memory_is_a_defect() -> None:
    with pytest.raises(DefectError, match="of memory"):
        run(lambda data: b"x" * (6 * MAX_MEMORY))


def test_same_recipe_gives_the_same_input() -> None:
    recipe = bytes(range(60))
    assert mutate(XML, recipe) == mutate(XML, recipe)
    assert mutate(XML, b"") == XML


@pytest.mark.parametrize(
    ("operation", "place", "amount", "choice", "expected"),
    [
        ("_remove", 1, 0, 0, b"<a><c><d/></c></a>"),
        ("_repeat", 1, 3, 0, b"<a><b>1</b><b>1</b><b>1</b><c><d/></c></a>"),
        ("_nest", 4, 3, 0, b"<a><b>1</b><c><c><c><d/></c></c></c></a>"),
        ("_rename", 4, 0, 1, b"<a><b>1</b><b><d/></b></a>"),
        ("_move", 5, 0, 1, b"<a><d/><b>1</b><c><d/></c></a>"),
        ("_cut", 4, 0, 0, b"<a><b>1</b>"),
    ],
)
def test_mutations_change_whole_elements(
    operation: str, place: int, amount: int, choice: int, expected: bytes
) -> None:
    number = [each.__name__ for each in mutation.OPERATIONS].index(operation)
    recipe = bytes([number, 0, place, amount, 0, choice])
    assert len(recipe) == STEP
    assert mutate(XML, recipe) == expected


def test_brackets_belong_together() -> None:
    assert mutate(b"[1,{2:[3]},4]", bytes([0, 0, 3, 0, 0, 0])) == b"[1,,4]"


def test_every_byte_string_describes_a_value() -> None:
    assert ByteSource(b"").value() == ByteSource(b"\x00\x00").value()
    assert ByteSource(bytes([190, 1, 0, 0])).value() is not None


def test_minimised_corpus_keeps_the_shortest_input_of_each_kind() -> None:
    target = Target("test", read_xml)
    inputs = [b"<aaaa/>", b"<a/>", b"<a><b/></a>", b"<a><c/></a>", b"no"]
    assert minimised(target, inputs)[:2] == [b"no", b"<a/>"]
    assert b"<aaaa/>" not in minimised(target, inputs)
    assert b"<a><c/></a>" not in minimised(target, inputs)
