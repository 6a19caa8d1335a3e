"""Operations: their paths, and the references of functions to them."""

from __future__ import annotations

from collections import Counter

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest.operation import BOTH, UCCE, UCCX, Operation, Role, operations_of, sends
from tests.rest.declared import all_operations

TEA = Operation("Tea: get", "GET", "/finesse/api/Kitchen/{id}/Tea/{kind}", "guide p.1", role=Role.ANYBODY)
MILK = Operation("Milk: get", "GET", "/finesse/api/Milk", "guide p.1")


def test_path_contains_the_quoted_ids() -> None:
    assert TEA.path_of("1/2", "é") == "/finesse/api/Kitchen/1%2F2/Tea/%C3%A9"
    assert MILK.path_of() == "/finesse/api/Milk"


@pytest.mark.parametrize("value", ["", " ", "..", "."])
def test_id_that_addresses_another_resource_is_rejected(value: str) -> None:
    with pytest.raises(InvalidRequestError, match="is not a valid id"):
        TEA.path_of("1", value)


@pytest.mark.parametrize("ids", [(), ("1",), ("1", "2", "3")])
def test_wrong_number_of_ids_is_an_error(ids: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="zip"):
        TEA.path_of(*ids)


def test_operations_are_found_through_functions_that_refer_to_functions() -> None:
    @sends(TEA, MILK)
    def pour() -> None: ...

    @sends(pour, MILK)
    def serve() -> None: ...

    assert operations_of(serve) == operations_of(pour) == (TEA, MILK)
    assert operations_of(MILK, serve) == (MILK, TEA)


def test_function_without_operation_is_an_error() -> None:
    def spill() -> None: ...

    with pytest.raises(ValueError, match=r"spill.*declares no operation"):
        operations_of(spill)
    with pytest.raises(ValueError, match="declares no operation"):
        sends(spill)


def test_each_operation_is_declared_once() -> None:
    counted = Counter(each.name for each in all_operations())
    assert [name for name, count in counted.items() if count > 1] == []


@pytest.mark.parametrize("operation", all_operations(), ids=lambda each: each.name)
def test_operation_names_method_path_source_and_platforms(operation: Operation) -> None:
    assert operation.method in ("GET", "POST", "PUT", "DELETE", "not published")
    assert operation.path.startswith("/") or (operation.path == "not published" and operation.unconfirmed)
    assert operation.source
    assert operation.platforms
    assert operation.platforms <= BOTH == {UCCE, UCCX}
