"""The kept inputs: for each target, a small set that reaches all code that was reached so far."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from mcp_finesse.errors import FinesseError
from tests.fuzz.target import Target

FOLDER = Path(__file__).parent / "corpus"
PACKAGE = str(Path(__file__).parents[2] / "mcp_finesse")
MAX_TOTAL = 200_000
"""Maximum bytes of all files together."""
MAX_FILE = 10_000
_MAX_INPUT = 3_000

Arc = tuple[object, int, int]


def kept(name: str) -> list[bytes]:
    """Return the kept inputs of a target."""
    file = FOLDER / f"{name}.txt"
    return [ast.literal_eval(line) for line in file.read_text("ascii").splitlines()] if file.exists() else []


def keep(name: str, inputs: Iterable[bytes]) -> None:
    """Replace the kept inputs of a target."""
    FOLDER.mkdir(exist_ok=True)
    lines = [ascii(each) + "\n" for each in inputs]
    (FOLDER / f"{name}.txt").write_text("".join(lines), "ascii")


def minimised(target: Target, inputs: Iterable[bytes], always: Iterable[bytes] = ()) -> list[bytes]:
    """Return inputs that together reach all transitions between lines of the package that all inputs reach.

    Args:
        target: the target.
        inputs: the inputs to choose from. The shortest ones are tried first.
        always: inputs to keep in any case.
    """
    chosen, known = list(dict.fromkeys(always)), set[Arc]()
    for data in chosen:
        known |= _arcs(target, data)
    for sample in target.samples():  # these run in every test
        known |= _arcs(target, sample)
    size = sum(len(ascii(data)) + 1 for data in chosen)
    for data in sorted(
        {each for each in inputs if len(each) <= _MAX_INPUT}, key=lambda each: (len(each), each)
    ):
        found = _arcs(target, data)
        if not found <= known and size + len(ascii(data)) < MAX_FILE:
            known |= found
            chosen.append(data)
            size += len(ascii(data)) + 1
    return chosen


def _arcs(target: Target, data: bytes) -> set[Arc]:
    """Return the transitions between lines that an input causes."""
    found: set[Arc] = set()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        last = frame.f_lineno if event == "call" else 0

        def lines(frame: FrameType, event: str, _: object) -> Any:
            nonlocal last
            if event == "line":
                found.add((frame.f_code, last, frame.f_lineno))
                last = frame.f_lineno
            return lines

        return lines

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with suppress(FinesseError):
            target.run(data)
    finally:
        sys.settrace(before)
    return found
