"""The Workflow: what the desktop does by itself when something happens to a call (guide p.286 to 314)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from mcp_finesse.model.wire import Wire, WireModel, name_by_uri


class WorkflowVariable(WireModel):
    """A value that a workflow looks at or hands on.

    Attributes:
        node: where it is in the notification, an XPath; for type ``CUSTOM``.
        type: ``SYSTEM`` or ``CUSTOM``.
        test_value: what the administrator tries the workflow with.
    """

    name: str | None = None
    node: str | None = None
    type: str | None = None
    test_value: str | None = None


class Comparison(WireModel):
    """A trigger or a condition: a variable, a comparator such as ``IS_EQUAL``, and a value."""

    variable: WorkflowVariable | None = None
    comparator: str | None = None
    value: str | None = None


class TriggerSet(WireModel):
    """What starts a workflow.

    Attributes:
        name: such as ``CALL_ARRIVES``.
        allow_overlapping_call_workflow: whether it also runs while the agent has another call.
    """

    type: str | None = None
    name: str | None = None
    allow_overlapping_call_workflow: bool | None = None
    triggers: list[Comparison] = Field(default_factory=list)


class ConditionSet(WireModel):
    """What must hold besides; no conditions mean always.

    Attributes:
        apply_method: ``ANY`` or ``ALL``.
    """

    apply_method: str | None = None
    conditions: list[Comparison] = Field(default_factory=list)


class WorkflowParameter(WireModel):
    """A setting of an action, by name."""

    name: str | None = None
    value: str | None = None


class WorkflowAction(WireModel):
    """What a workflow does; inside a workflow often only name, type and uri.

    Attributes:
        type: ``BROWSER_POP`` or ``HTTP_REQUEST``.
        handled_by: ``FINESSE_DESKTOP`` or ``OTHER``.
    """

    id: str | None = None
    uri: str | None = None
    name: str | None = None
    type: str | None = None
    handled_by: str | None = None
    params: list[WorkflowParameter] = Field(default_factory=list)
    action_variables: list[WorkflowVariable] = Field(default_factory=list)

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Only the uri names the action."""
        name_by_uri(values)


class Workflow(WireModel):
    """A workflow.

    Attributes:
        media: the id of the media; ``1`` for voice.
        actions: in their order.
    """

    id: str | None = None
    uri: str | None = None
    name: str | None = None
    description: str | None = None
    media: str | None = None
    trigger_set: TriggerSet | None = None
    condition_set: ConditionSet | None = None
    actions: Annotated[list[WorkflowAction], Wire("workflowActions")] = Field(default_factory=list)

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Only the uri names the workflow."""
        name_by_uri(values)
