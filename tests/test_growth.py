"""Regular expressions and parsers take linear time: twice the input takes at most three times as long."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.growth_cases import MOST_GROWTH, PATTERNS, TOO_SHORT_TO_JUDGE, parsers, pattern_cases

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "mcp_finesse"
APPLIED = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
PARSER_NAMES = ("parse", "read_csv", "split", "incoming", "slug_of")


def patterns_in_the_package() -> set[str]:
    """Every use of ``re`` by module and by the name that it is given, else by the function that holds it."""
    return {
        f"{path.relative_to(PACKAGE).as_posix()}:{name}"
        for path in PACKAGE.rglob("*.py")
        for name in _patterns(ast.parse(path.read_text()), "")
    }


def _patterns(node: ast.AST, name: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        inner = name
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{name}.{child.name}".lstrip(".")
        elif isinstance(child, ast.Assign | ast.AnnAssign) and not name:
            target = child.targets[0] if isinstance(child, ast.Assign) else child.target
            inner = ast.unparse(target)
        if isinstance(child, ast.Call) and ast.unparse(child.func) in {f"re.{each}" for each in APPLIED}:
            yield inner or ast.unparse(child)
        yield from _patterns(child, inner)


def test_every_regular_expression_has_a_growth_case() -> None:
    assert patterns_in_the_package() == set(PATTERNS)


def test_regular_expressions_are_imported_in_one_way_that_the_search_knows() -> None:
    unusual = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "from re import" in (text := path.read_text()) or "import regex" in text or "import re as" in text
    ]
    assert unusual == []


def test_every_parser_has_a_growth_case() -> None:
    """A function whose name says that it parses text is reached by one of the cases."""
    named = {
        f"{path.relative_to(PACKAGE).as_posix()}:{node.name}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith(PARSER_NAMES)
        and node.name
        not in ("parse_content", "split_reasons")  # of values that are no text; of our own words
    }
    assert named == {
        "model/admin/contacts_csv.py:parse_csv",
        "model/admin/contacts_csv.py:read_csv",
        "model/notification.py:parse_update",
        "model/xml.py:parse",
        "numbers.py:parse_int",
        "numbers.py:parse_json",
        "setting_checks.py:split_command",
        "rest/http.py:parse_base_url",
        "simulator/configuration/contacts_csv.py:parse",
        "simulator/openfire/jid.py:parse",
        "simulator/scenarios/definition/parser.py:parse_scenario",
        "simulator/openfire/stanzas.py:parse",
        "simulator/openfire/stanzas.py:split_tag",
        "xmpp/transport/bosh/body.py:split",
        "xmpp/transport/bosh/http.py:parse_url",
        "xmpp/protocol/feeds.py:slug_of",
        "xmpp/transport/framing.py:incoming",
        "xmpp/protocol/jid.py:split_jid",
    }
    assert len(parsers()) >= 40


def without_coverage() -> dict[str, str]:
    """The environment without the tracer of coverage, which multiplies the times of Python code."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


def measured() -> Iterator[dict[str, float | str]]:
    """Measure all cases in a process of its own. Where the kernel had to end it, the next one goes on behind."""
    skipped = 0
    while True:
        done = subprocess.run(
            [sys.executable, "-m", "tests.growth_cases", str(skipped)],
            cwd=ROOT, env=without_coverage(), capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        yield from (line for line in lines if "name" in line)
        begun = [line["begun"] for line in lines if "begun" in line]
        if done.returncode == 0:
            return
        assert "begun" in lines[-1], done.stderr
        yield {"name": begun[-1], "small": 0.0, "large": float("inf")}
        skipped += len(begun)


@pytest.mark.skipif(sys.platform == "win32", reason="the kill limit is a POSIX timer")
def test_twice_the_input_takes_at_most_three_times_as_long() -> None:
    found = list(measured())
    assert len(found) > len(list(pattern_cases()))
    slow = [
        case
        for case in found
        if float(case["large"]) > TOO_SHORT_TO_JUDGE
        and float(case["large"]) > MOST_GROWTH * float(case["small"])
    ]
    assert slow == []
