"""Differences between requested and actual values."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.model import ReasonCode
from mcp_finesse.model.admin import (
    ChatConfig,
    ChatConfigContent,
    Content,
    LayoutConfig,
    LayoutConfigContent,
    ReasonCodeContent,
    Workflow,
    WorkflowContent,
)
from mcp_finesse.session.administration.field_diff import differences, given_values, id_differences

CALLS: dict[str, Any] = {"type": "SYSTEM", "name": "CALL_ARRIVES"}
ACTIONS = [{"uri": "/finesse/api/WorkflowAction/1"}]
NAMED = [{"uri": "/finesse/api/WorkflowAction/1", "name": "Pop", "type": "BROWSER_POP"}]


@pytest.mark.parametrize(
    ("asked", "found", "fields"),
    [
        (ReasonCodeContent(label="Tea"), ReasonCode(label="Tea", code=7), []),
        (ReasonCodeContent(label="Tea"), ReasonCode(label="Te"), ["label"]),
        (ReasonCodeContent(label="Tea", code=7), ReasonCode(label="Tea", code=8), ["code"]),
        (ReasonCodeContent(for_all=False), ReasonCode(for_all=True), ["for_all"]),
        (ReasonCodeContent(for_all=False), ReasonCode(), ["for_all"]),
        (ChatConfigContent(secondary_node=""), ChatConfig(), []),
        (LayoutConfigContent(layoutxml="<a>\n  <b/>\n</a>"), LayoutConfig(layoutxml="<a>\r\n<b/>\n</a>\n"), []),
        (LayoutConfigContent(layoutxml="<a/>"), LayoutConfig(layoutxml="<b/>"), ["layoutxml"]),
        (WorkflowContent(trigger_set=CALLS), Workflow(trigger_set={**CALLS, "triggers": []}), []),
        (WorkflowContent(trigger_set=CALLS), Workflow(), ["trigger_set"]),
        (WorkflowContent(workflow_actions=ACTIONS), Workflow(workflow_actions=NAMED), []),
        (WorkflowContent(workflow_actions=ACTIONS), Workflow(workflow_actions=NAMED * 2), ["workflow_actions"]),
        (WorkflowContent(workflow_actions=[]), Workflow(), []),
    ],
)  # fmt: skip
def test_only_given_fields_are_compared(asked: Content, found: Any, fields: list[str]) -> None:
    assert [each.field for each in differences(asked, found)] == fields


def test_long_values_are_truncated_in_a_difference() -> None:
    (told,) = differences(LayoutConfigContent(layoutxml="<a/>" * 900), LayoutConfig(layoutxml="<b/>"))
    assert told.got == "<b/>"
    assert len(told.asked) == 203
    assert told.asked.endswith("...")


def test_values_of_the_given_fields_are_returned_as_plain_data() -> None:
    found = Workflow(name="A", trigger_set=CALLS, workflow_actions=NAMED)
    asked = WorkflowContent(workflow_actions=[], trigger_set=CALLS)
    assert given_values(asked, found) == {"trigger_set": CALLS, "workflow_actions": NAMED}


@pytest.mark.parametrize(
    ("asked", "found", "told"),
    [
        (["1", "2"], ["1", "2"], []),
        ([], [], []),
        (["1", "2"], ["2", "1"], [("order", "1, 2", "2, 1")]),
        (["1", "2"], ["1"], [("ids", "1, 2", "1")]),
        ([], ["1"], [("ids", "", "1")]),
    ],
)
def test_missing_extra_and_reordered_ids_are_reported(
    asked: list[str], found: list[str], told: list[tuple[str, ...]]
) -> None:
    assert [(each.field, each.asked, each.got) for each in id_differences(asked, found)] == told
