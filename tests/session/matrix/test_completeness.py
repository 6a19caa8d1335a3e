"""Every tool that changes Finesse is in an outcome matrix or listed here with a reason."""

from __future__ import annotations

from mcp_finesse.server.toolsets.selection import TOOLSETS
from tests.session.matrix import configuration_rows
from tests.session.matrix.test_call_outcomes import ROWS
from tests.session.matrix.test_effects import CASES

EFFECTS = {
    "sign_in": ("sign in",),
    "sign_out": ("sign out",),
    "change_state": ("ready", "not ready with a reason"),
    "change_agent_state": ("make an agent ready",),
    "sign_out_agent": ("sign an agent out",),
    "send_team_message": ("send a message",),
    "delete_team_message": ("delete a message",),
    "answer_preview": ("accept a preview", "reject a preview"),
    "sign_in_media": ("media sign in", "media settings"),
    "change_media_state": ("media ready",),
    "sign_out_media": ("media sign out",),
    "accept_task": ("accept a task",),
    "work_on_task": ("pause a task",),
    "close_task": ("close a task",),
    "transfer_task": ("transfer a task",),
}
"""Cases of test_effects.py, by tool."""
WITHOUT_A_ROW = {"send_request": "shows Finesse's answer and claims no outcome"}


def test_every_tool_that_changes_finesse_has_a_row_or_a_reason() -> None:
    tools = [entry for toolset in TOOLSETS.values() for entry in toolset.tools]
    writing = {entry.name for entry in tools if entry.effect.changes_finesse}
    calls = {row.name.partition(",")[0] for row in (*ROWS, *configuration_rows.ROWS)}
    assert {*calls, *EFFECTS, *WITHOUT_A_ROW} == writing
    assert not set(WITHOUT_A_ROW) & {*calls, *EFFECTS}


def test_every_case_of_effects_belongs_to_a_tool() -> None:
    assert {case for cases in EFFECTS.values() for case in cases} == set(CASES)
