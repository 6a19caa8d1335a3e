"""Which scope each tool requires, and the refusal of calls without it."""

from __future__ import annotations

import pytest

from mcp_finesse.server.auth.scopes import (
    ACT,
    ADMIN,
    RAW,
    READ,
    SCOPES,
    ScopeError,
    check_scope,
    required_scope,
)
from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.toolsets.selection import TOOLSETS

ENTRIES = {entry.name: entry for toolset in TOOLSETS.values() for entry in toolset.tools}
BY_EFFECT = {
    Effect.READ: READ,
    Effect.WATCH: READ,
    Effect.CHANGE: ACT,
    Effect.DESTRUCTIVE: ACT,
    Effect.ANY: RAW,
}


def test_every_tool_of_an_administrator_requires_the_scope_of_administrators() -> None:
    assert {entry.name for entry in ENTRIES.values() if required_scope(entry) == ADMIN} == set(
        TOOLSETS["admin"].names
    )


def test_scope_of_every_other_tool_follows_from_its_effect() -> None:
    others = [entry for entry in ENTRIES.values() if entry.name not in TOOLSETS["admin"].names]
    assert {entry.name: required_scope(entry) for entry in others} == {
        entry.name: BY_EFFECT[entry.effect] for entry in others
    }
    assert set(BY_EFFECT) == set(Effect)


@pytest.mark.parametrize(
    ("tool", "scope"),
    [
        ("get_user", READ), ("subscribe_feed", READ), ("hold_call", ACT), ("sign_out", ACT),
        ("delete_configuration", ADMIN), ("get_configuration", ADMIN), ("send_request", RAW),
    ],
)  # fmt: skip
def test_call_is_allowed_with_exactly_the_required_scope(tool: str, scope: str) -> None:
    entry: ToolEntry = ENTRIES[tool]
    check_scope(entry, [scope])
    with pytest.raises(ScopeError, match=f"{tool} requires the scope {scope}.*Nothing was sent"):
        check_scope(entry, set(SCOPES) - {scope})


def test_raw_request_as_administrator_also_requires_the_scope_of_administrators() -> None:
    with pytest.raises(ScopeError, match=ADMIN):
        check_scope(ENTRIES["send_request"], [RAW, READ, ACT], {"as_administrator": True})
    check_scope(ENTRIES["send_request"], [RAW, ADMIN], {"as_administrator": True})
    check_scope(ENTRIES["send_request"], [RAW], {"as_administrator": False})
