"""Every test asserts something, or says in its name that it raises nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = sorted(path for path in TESTS.rglob("test_*.py") if "node_modules" not in path.parts)
HELPERS = {
    "_check",
    "assert_nothing_left",
    "assert_nothing_received",
    "assert_truthful",
    "check_entry",
    "check_what_was_asked",
    "do",
    "refused",
    "ended",
    "judge",
    "said",
    "show_everything",
    "until",
    "until_left_alone",
    "until_received",
    "until_sent",
}
"""Functions that fail a test themselves: by an assertion, or when a condition does not come true in time."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def called(function: Function) -> Iterator[str]:
    """The last part of the name of everything that a function calls, ``pytest.`` kept."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Attribute(value=ast.Name(id="pytest"), attr=name):
                    yield f"pytest.{name}"
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    yield name


def asserts(function: Function) -> bool:
    """Whether a function contains an assertion: its own, of pytest or of a mock."""
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
        name in ("pytest.raises", "pytest.warns", "pytest.fail")
        or name.startswith(("assert_called", "assert_not_"))
        for name in called(function)
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_every_test_asserts_or_says_that_it_raises_nothing(path: Path) -> None:
    silent = [
        function.name
        for function in functions(path)
        if function.name.startswith("test_")
        and not function.name.endswith(("_raises_nothing", "_raise_nothing"))
        and not asserts(function)
        and HELPERS.isdisjoint(called(function))
    ]
    assert silent == []


def test_helpers_fail_by_themselves() -> None:
    """Each helper asserts, raises, or bounds a wait."""
    bounds = {"timeout", "fail_after", "wait_for"}
    failing = {
        function.name
        for path in TESTS.rglob("*.py")
        if "node_modules" not in path.parts
        for function in functions(path)
        if function.name in HELPERS
        and (
            asserts(function)
            or not bounds.isdisjoint(called(function))
            or any(isinstance(node, ast.Raise) for node in ast.walk(function))
        )
    }
    assert HELPERS - failing == set()


def test_a_test_without_an_assertion_is_found() -> None:
    code = "def test_x():\n    run()\n\nasync def test_y():\n    with pytest.raises(E):\n        run()\n"
    assert [asserts(node) for node in ast.parse(code).body if isinstance(node, Function)] == [False, True]
