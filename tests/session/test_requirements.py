"""Combined requirements of operations. Every action names a declared operation."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from mcp_finesse.model import Platform
from mcp_finesse.rest.operation import operations_of
from mcp_finesse.session import actions, requirements_of
from mcp_finesse.session.actions import Action

BOTH = {Platform.UCCE, Platform.UCCX}
MAKERS = [value for name in actions.__all__ if inspect.isfunction(value := getattr(actions, name))]


@pytest.mark.parametrize(
    ("functions", "role", "platforms"),
    [
        ([], "agent", BOTH),
        (["dialogs.take_action"], "agent", BOTH),
        (["supervision.barge_call"], "supervisor", BOTH),
        (["supervision.drop_participant"], "agent", {Platform.UCCE}),
        (["supervision.barge_call", "supervision.drop_participant"], "supervisor", {Platform.UCCE}),
        (["supervision.start_recording", "supervision.drop_participant"], "agent", set()),
        (["users.get_user"], "agent", BOTH),
        (["users.get_users"], "administrator", BOTH),
    ],
)
def test_highest_role_and_common_platforms_are_required(
    functions: list[str], role: str, platforms: set[Platform]
) -> None:
    demands = requirements_of(functions)
    assert (demands.role, set(demands.platforms)) == (role, platforms)


def test_function_without_declared_operation_raises_value_error() -> None:
    with pytest.raises(ValueError, match=r"no operation is declared for 'users\.dance'"):
        requirements_of(["users.dance"])


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_every_action_names_a_declared_operation(maker: Any) -> None:
    needed = [
        item
        for item in inspect.signature(maker).parameters.values()
        if item.default is inspect.Parameter.empty
    ]
    made = maker(*("x" for _ in needed))
    assert isinstance(made, Action)
    assert operations_of(made.operation), f"{made.name} names {made.operation!r}"
