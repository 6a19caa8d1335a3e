"""The catalog of declared operations."""

from __future__ import annotations

import pytest

from mcp_finesse.rest import operation as catalogue
from mcp_finesse.rest.operation import BOTH, Operation, Role, Told, free_request, operation, operations_of


@pytest.fixture(autouse=True)
def _own_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_CATALOGUE", {})


def test_declared_function_is_unchanged_and_found_by_its_name() -> None:
    async def get_tea() -> str:
        return "tea"

    get_tea.__module__ = "mcp_finesse.rest.kitchen"
    declared = operation("Tea: get", "GET", "/finesse/api/Tea", "guide p.1", role=Role.ANYBODY)(get_tea)
    assert declared is get_tea
    assert operations_of("kitchen.get_tea") == (
        Operation("Tea: get", "GET", "/finesse/api/Tea", "kitchen.get_tea", "guide p.1", role=Role.ANYBODY),
    )


def test_one_function_may_declare_several_operations() -> None:
    def pour() -> None: ...

    pour.__module__ = "mcp_finesse.rest.admin.kitchen"
    for name in ("Tea: pour", "Milk: pour"):
        operation(name, "PUT", "/finesse/api/Cup/{id}", "guide p.2", told=Told.EVENT)(pour)
    assert [entry.name for entry in operations_of("admin.kitchen.pour")] == ["Tea: pour", "Milk: pour"]


def test_free_request_has_no_function_and_states_why() -> None:
    free_request("Cake: bake", "POST", "/finesse/api/Cake", "release notes 12.6", "the body is not known")
    (entry,) = catalogue.operations()
    assert entry.function == ""
    assert entry.unsure == "the body is not known"
    assert entry.platforms == BOTH


def test_operation_name_can_be_declared_only_once() -> None:
    free_request("Cake: bake", "POST", "/finesse/api/Cake", "release notes", "the body is not known")
    with pytest.raises(ValueError, match="twice"):
        free_request("Cake: bake", "PUT", "/finesse/api/Cake", "release notes", "the body is not known")
