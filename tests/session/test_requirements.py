"""Role and platforms that functions require, derived from their operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mcp_finesse.model import Platform
from mcp_finesse.rest.admin import list_teams
from mcp_finesse.rest.api import dialogs, supervision, users
from mcp_finesse.session import any_of, requirements_of
from mcp_finesse.session.actions.calls import hold_call

BOTH = {Platform.UCCE, Platform.UCCX}


@pytest.mark.parametrize(
    ("used", "role", "platforms"),
    [
        ([], "agent", BOTH),
        ([dialogs.take_action], "agent", BOTH),
        ([dialogs.HOLD], "agent", BOTH),
        ([hold_call], "agent", BOTH),
        ([supervision.barge_call], "supervisor", BOTH),
        ([supervision.drop_participant], "agent", {Platform.UCCE}),
        ([supervision.barge_call, supervision.drop_participant], "supervisor", {Platform.UCCE}),
        ([supervision.start_recording, supervision.drop_participant], "agent", set()),
        ([users.sign_in, users.sign_in_mobile], "agent", {Platform.UCCE}),
        ([any_of(users.sign_in, users.sign_in_mobile)], "agent", BOTH),
        ([users.get_user], "agent", BOTH),
        ([list_teams], "administrator", BOTH),
    ],
)
def test_highest_role_and_common_platforms_are_required(
    used: list[Callable[..., Any]], role: str, platforms: set[Platform]
) -> None:
    required = requirements_of(*used)
    assert (required.role, set(required.platforms)) == (role, platforms)


def test_function_without_declared_operation_raises_value_error() -> None:
    with pytest.raises(ValueError, match="declares no operation"):
        requirements_of(print)
