"""Every operation of the API has its row in docs/api-coverage.md, and what the row says is so."""

from __future__ import annotations

from collections import Counter

import pytest

from mcp_finesse.rest.operation import Operation
from mcp_finesse.server.policy import ToolEntry
from tests.docs import coverage
from tests.docs.support import ROOT, tables

every_operation = pytest.mark.parametrize("operation", coverage.catalogue(), ids=lambda each: each.name)


def rows_of_page() -> dict[str, dict[str, str]]:
    return {
        row[0]: dict(zip(head, row, strict=True))
        for head, rows in tables("docs/api-coverage.md")
        if head[0] == coverage.HEAD[0]
        for row in rows
    }


def test_the_catalogue_has_every_operation_of_the_documentation() -> None:
    known = {each.name: (each.method, each.path) for each in coverage.catalogue()}
    assert {name: (method, path) for name, method, path in coverage.documented()} == known


def test_the_documentation_names_each_operation_once() -> None:
    counted = Counter(name for name, _, _ in coverage.documented())
    assert [name for name, count in counted.items() if count > 1] == []


@every_operation
def test_an_operation_has_its_row_without_an_empty_cell(operation: Operation) -> None:
    cells = rows_of_page().get(operation.name)
    assert cells is not None, "run: python -m tests.docs.generate"
    assert [head for head, cell in cells.items() if not cell] == []
    assert list(cells) == list(coverage.HEAD)


@every_operation
def test_an_operation_that_has_a_function_has_a_test_of_it(operation: Operation) -> None:
    found = coverage.test_of(operation)
    assert found, f"no module in tests/rest calls {operation.function}"
    assert (ROOT / found).is_file()


@every_operation
def test_what_is_not_confirmed_is_offered_as_a_free_request_and_says_why(operation: Operation) -> None:
    if operation.function:
        return
    assert operation.unsure
    assert coverage.tools_of(operation) == [coverage.FREE]
    assert rows_of_page()[operation.name]["Function"] == f"`{coverage.FREE}`"


@pytest.mark.parametrize("entry", coverage.entries(), ids=lambda entry: entry.name)
def test_a_tool_names_operations_that_there_are(entry: ToolEntry) -> None:
    used = coverage.used_by(entry)
    assert bool(used) is (entry.name not in coverage.NO_OPERATION), f"say in USES what {entry.name} is for"
    known = {each.name for each in coverage.catalogue()}
    assert set(used) | set(coverage.HELPS.get(entry.name, ())) <= known


def test_the_tables_name_tools_that_there_are() -> None:
    tools = {entry.name for entry in coverage.entries()}
    assert {*coverage.USES, *coverage.HELPS, *coverage.NO_OPERATION} <= tools


def test_the_simulator_is_asked_and_does_not_serve_everything() -> None:
    served = coverage.served()
    assert served["ReasonCode: list"] == ("UCCE", "UCCX")
    assert served["SystemConfig: get"] == ("UCCE",)
    assert served["PhoneBook: import contacts as XML"] == ()
    assert served["Log collection"] == ()
