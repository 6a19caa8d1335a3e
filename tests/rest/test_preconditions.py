"""Preconditions: operations that the platform lacks or the role forbids are rejected by name."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import Platform
from mcp_finesse.rest import preconditions
from mcp_finesse.rest.admin import list_teams
from mcp_finesse.rest.api import media, supervision
from mcp_finesse.rest.preconditions import refuse_by_platform, refuse_by_role
from tests.rest.calls import CHANGES, READS, TOKENS
from tests.rest.declared import function_named

FUNCTIONS = sorted({call.function for call in (*READS, *CHANGES, *TOKENS)})
ONLY_UCCE = {
    "media.change_routable",
    "media.change_state",
    "media.get_media_list",
    "media.sign_in",
    "media.sign_out",
    "queues.get_queue",
    "supervision.drop_participant",
    "tasks.take_action",
    "tasks.transfer",
    "tokens.get_user_auth_mode",
    "users.get_media_dialogs",
    "users.sign_in_mobile",
}
ONLY_UCCX = {"supervision.start_recording"}
SUPERVISORS = {
    "supervision.barge_call",
    "supervision.change_agent_state",
    "supervision.silent_monitor",
    "team_messages.create_team_message",
    "team_messages.delete_team_message",
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("platform", ["UCCE", Platform.UCCX])
def test_operation_missing_on_the_platform_is_rejected(function: str, platform: str) -> None:
    if function in (ONLY_UCCX if platform == "UCCE" else ONLY_UCCE):
        with pytest.raises(InvalidRequestError, match=f"does not exist on {platform}, only on") as caught:
            refuse_by_platform(function_named(function), platform)
        assert caught.value.advice
    else:
        refuse_by_platform(function_named(function), platform)


@pytest.mark.parametrize("platform", [None, "", "UCC9"])
def test_unknown_platform_raises_nothing(platform: str | None) -> None:
    refuse_by_platform(media.sign_in, platform)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("roles", [["Agent"], ["agent"], ["Agent", "Supervisor"], ["Administrator"]])
def test_operation_forbidden_to_the_role_is_rejected(function: str, roles: list[str]) -> None:
    agent_only = [role.lower() for role in roles] == ["agent"]
    if function in SUPERVISORS and agent_only:
        with pytest.raises(InvalidRequestError, match="requires the role supervisor; this user has agent"):
            refuse_by_role(function_named(function), roles)
    else:
        refuse_by_role(function_named(function), roles)


@pytest.mark.parametrize("roles", [None, [], ()])
def test_unknown_roles_raise_nothing(roles: list[str] | None) -> None:
    refuse_by_role(supervision.barge_call, roles)


@pytest.mark.parametrize("roles", [["Agent"], ["Agent", "Supervisor"]])
def test_operation_for_administrators_is_rejected_for_users(roles: list[str]) -> None:
    with pytest.raises(InvalidRequestError, match="requires the role administrator; this user has agent"):
        refuse_by_role(list_teams, roles)


@pytest.mark.parametrize("refuse", [preconditions.refuse_by_platform, preconditions.refuse_by_role])
def test_function_without_operation_raises_value_error(refuse: object) -> None:
    assert callable(refuse)
    with pytest.raises(ValueError, match="declares no operation"):
        refuse(print, None)
