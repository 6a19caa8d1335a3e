"""Workflow actions, which open a page or send a request (guide p.303 to 314)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from mcp_finesse.model.admin.content import Content, Item, Problem, Stored
from mcp_finesse.model.admin.limits import Characters, Items, OneOf

WORKFLOW_ACTIONS = 100
VARIABLES = 5
# The maximum lengths of parameter values in characters, where the guide documents them (p.314).
_PARAMETER_CHARACTERS = {"contentType": 500, "body": 2000}


class Parameter(Content):
    """A named parameter of an action, such as ``path``. In the value, ``${callVariable1}`` inserts a variable."""

    name: str | None = None
    value: str | None = None


class ActionVariable(Content):
    """A variable that parameters of a workflow action use."""

    name: Annotated[str | None, Characters(32)] = None
    node: Annotated[str | None, Characters(500, least=0)] = Field(
        default=None, description="XPath in the dialog; only for CUSTOM variables"
    )
    type: Annotated[str | None, OneOf(("SYSTEM", "CUSTOM"))] = None
    test_value: Annotated[str | None, Characters(128, least=0)] = None


class WorkflowActionContent(Content):
    """Writable fields of a workflow action."""

    name: Annotated[str | None, Characters(64)] = Field(default=None, description="unique")
    type: Annotated[str | None, OneOf(("BROWSER_POP", "HTTP_REQUEST"))] = None
    handled_by: Annotated[str | None, OneOf(("FINESSE_DESKTOP", "OTHER"))] = Field(
        default=None, description="OTHER: only reported to gadgets"
    )
    params: Annotated[list[Parameter] | None, Item("Param")] = Field(
        default=None,
        description="BROWSER_POP: path, windowName; HTTP_REQUEST: path, method, location, authenticationType, "
        "contentType, body",
    )
    action_variables: Annotated[list[ActionVariable] | None, Item("ActionVariable"), Items(VARIABLES)] = None

    def problems(self) -> Iterator[Problem]:
        """Check that the path exists, that no parameter is a duplicate, and that no value is too long."""
        given = {each.name: each.value or "" for each in self.params or ()}
        if self.params is not None and not given.get("path", "").strip():
            yield "params has no path.", "Add the parameter `path`: the URL to open or to request."
        if len(given) != len(self.params or ()):
            yield "params contains a parameter twice.", "Give each parameter name once."
        for name, limit in _PARAMETER_CHARACTERS.items():
            if len(given.get(name, "")) > limit:
                yield (
                    f"The parameter {name} has {len(given[name])} characters; the limit is {limit}.",
                    "Shorten the value.",
                )


class WorkflowAction(WorkflowActionContent, Stored):
    """A workflow action."""
