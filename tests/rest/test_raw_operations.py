"""The table of operations that only a raw request sends."""

from __future__ import annotations

import pytest

from mcp_finesse.rest.operation import Operation
from mcp_finesse.rest.raw_operations import DOCUMENTED, RAW_OPERATIONS, UNCONFIRMED, raw_operation
from tests.rest.declared import senders


@pytest.mark.parametrize("operation", RAW_OPERATIONS, ids=lambda each: each.name)
def test_no_function_sends_a_raw_operation(operation: Operation) -> None:
    assert operation not in senders()


@pytest.mark.parametrize("operation", UNCONFIRMED, ids=lambda each: each.name)
def test_unconfirmed_operation_says_what_is_unconfirmed(operation: Operation) -> None:
    assert operation.unconfirmed


def test_documented_operations_have_a_path() -> None:
    assert all(each.path.startswith("/") for each in DOCUMENTED)


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/finesse/api/SystemVariables", "SystemVariable: list"),
        ("GET", "/finesse/api/SystemVariables/", "SystemVariable: list"),
        ("PUT", "/finesse/api/PhoneBook/7/Contacts", "PhoneBook: import contacts as XML"),
        ("GET", "/desktop/api/ResourceURLs", "Desktop Interface: get resource URLs"),
        ("POST", "/finesse/api/SystemVariables", None),
        ("GET", "/finesse/api/User/1001", None),
        ("GET", "/finesse/api/Unknown", None),
    ],
)
def test_raw_request_is_recognized_by_method_and_path(method: str, path: str, name: str | None) -> None:
    found = raw_operation(method, path)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("operation", senders(), ids=lambda each: each.name)
def test_request_that_a_function_sends_is_not_taken_for_a_raw_operation(operation: Operation) -> None:
    ids = ["1"] * operation.path.count("{")
    assert raw_operation(operation.method, operation.path_of(*ids)) is None
