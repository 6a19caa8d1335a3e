"""Workflows, which are actions that the desktop performs automatically on call events (guide p.286 to 303)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.model.admin.content import Content, Item, Stored
from mcp_finesse.model.admin.limits import Characters, Items, OneOf, UriOf
from mcp_finesse.model.admin.workflow_actions import WorkflowAction
from mcp_finesse.model.wire import Wire

WORKFLOWS = 100
WORKFLOWS_PER_TEAM = 20
CONDITIONS = 5
ACTIONS = 5


class WorkflowVariable(Content):
    """The variable that a trigger or condition evaluates."""

    name: str | None = None
    node: str | None = Field(default=None, description="XPath in the dialog; only for CUSTOM variables")
    type: str | None = Field(default=None, description="SYSTEM or CUSTOM")
    test_value: str | None = None


class Comparison(Content):
    """A comparison with a value. Leading and trailing blanks of the value are ignored."""

    variable: Annotated[WorkflowVariable | None, Wire("Variable")] = None
    comparator: str | None = Field(default=None, description="such as IS_EQUAL or IS_IN_LIST")
    value: str | None = None


class TriggerSet(Content):
    """The events that trigger the evaluation of a workflow."""

    type: str | None = Field(default=None, description="SYSTEM")
    name: str | None = Field(default=None, description="such as CALL_ARRIVES")
    allow_overlapping_call_workflow: bool | None = Field(
        default=None, description="true: also while the agent has another call"
    )
    triggers: Annotated[list[Comparison] | None, Item("Trigger")] = None


class ConditionSet(Content):
    """Conditions for the calls to which a workflow applies. A workflow without conditions applies to all calls."""

    apply_method: Annotated[str | None, OneOf(("ANY", "ALL"))] = None
    conditions: Annotated[list[Comparison] | None, Item("Condition"), Items(CONDITIONS)] = None


class WorkflowActionRef(Content):
    """A reference to an action of a workflow. Only the uri is written. Finesse adds the other fields."""

    uri: Annotated[str | None, UriOf("WorkflowAction")] = Field(
        default=None, description="such as /finesse/api/WorkflowAction/2"
    )
    name: str | None = None
    type: str | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return only the uri of the action."""
        return {"uri": self.uri}


class WorkflowRules(Content):
    """The name, the trigger and the conditions of a workflow."""

    name: Annotated[str | None, Characters(40)] = Field(default=None, description="unique")
    description: Annotated[str | None, Characters(128, least=0)] = None
    media: str | None = Field(
        default=None,
        description="id of the media; default 1 (voice); on UCCX also Chat or Email",
    )
    trigger_set: Annotated[TriggerSet | None, Wire("TriggerSet")] = None
    condition_set: Annotated[ConditionSet | None, Wire("ConditionSet")] = None


class WorkflowContent(WorkflowRules):
    """Writable fields of a workflow."""

    workflow_actions: Annotated[list[WorkflowActionRef] | None, Item("WorkflowAction"), Items(ACTIONS)] = (
        Field(default=None, description="actions to execute, in this order")
    )


class Workflow(WorkflowContent, Stored):
    """A workflow."""


class WorkflowInFull(WorkflowRules, Stored):
    """A workflow as agents read it, with complete actions. Administrators get only references to actions."""

    workflow_actions: list[WorkflowAction] | None = None
