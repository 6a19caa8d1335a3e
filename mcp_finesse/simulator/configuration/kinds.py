"""The kinds of configuration objects that can have many instances, with fields and limits (guide p.236 to 314).

The guide gives no rule in some cases, so the following rules are guesses. The first guess is the maximum
numbers of layouts and of parameters. The second guess is that names of phone books and of layouts are unique.
The third guess is which parts a trigger, a condition or a parameter requires.
"""

from __future__ import annotations

from dataclasses import dataclass

from mcp_finesse.simulator.configuration.fields import (
    Field,
    boolean,
    choice,
    items,
    nested,
    number,
    repeated,
    text,
    utf8,
)
from mcp_finesse.simulator.settings import Platform


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of configuration object.

    Attributes:
        name: the name of the XML element.
        fields: the fields of the kind, in display order.
        unique: combinations of fields that must be unique.
        most: the maximum number of objects of this kind.
    """

    name: str
    fields: tuple[Field, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    most: int = 1_000_000

    @property
    def plural(self) -> str:
        """The name of the list element."""
        return f"{self.name}s"


def reason_code(platform: Platform) -> Kind:
    """Return the kind of reason codes, with values up to 65535 on CCE and 999 on CCX."""
    most = 65535 if platform == "UCCE" else 999
    fields = (
        Field("category", choice("NOT_READY", "LOGOUT"), required=True, fixed=True),
        Field("code", number(1, most), required=True),
        Field("label", text(40, 1), required=True),
        Field("forAll", boolean, required=True),
    )
    return Kind("ReasonCode", fields, (("category", "code"), ("category", "label")))


WRAP_UP_REASON = Kind(
    "WrapUpReason",
    (Field("label", utf8(39), required=True), Field("forAll", boolean, required=True)),
    (("label",),),
)
PHONE_BOOK = Kind(
    "PhoneBook",
    (Field("name", text(least=1), required=True), Field("type", choice("GLOBAL", "TEAM"), required=True)),
    (("name",),),
)
CONTACT = Kind(
    "Contact",
    (
        Field("firstName", text(128)),
        Field("lastName", text(128)),
        Field("phoneNumber", text(32, 1), required=True),
        Field("description", text(128)),
    ),
    most=6000,
)

_ENTRY = (
    Field("displayName", text(50)),
    Field("mediaProperty", text(200, 1), required=True),
    Field("showInPopOver", boolean),
    Field("uiEditable", boolean),
)
MEDIA_PROPERTIES_LAYOUT = Kind(
    "MediaPropertiesLayout",
    (
        Field("name", text(40, 1), required=True),
        Field("description", text(128)),
        Field("type", choice("DEFAULT", "CUSTOM")),
        Field("header", items("entry", 1, *_ENTRY, least=1), required=True),
        Field("column", repeated("entry", 2, 10, *_ENTRY)),
    ),
    (("name",),),
    most=200,
)

_VARIABLE = nested(
    Field("name", text(500, 1), required=True),
    Field("node", text(500)),
    Field("type", choice("SYSTEM", "CUSTOM")),
    Field("testValue", text(128)),
)
_COMPARISON = (
    Field("Variable", _VARIABLE, required=True),
    Field("comparator", text(40, 1), required=True),
    Field("value", text(500)),
)
WORKFLOW = Kind(
    "Workflow",
    (
        Field("name", text(40, 1), required=True),
        Field("description", text(128)),
        Field("media", text(40, 1)),
        Field(
            "TriggerSet",
            nested(
                Field("type", text(40, 1), required=True),
                Field("name", text(64, 1)),
                Field("allowOverlappingCallWorkflow", boolean),
                Field("triggers", items("Trigger", 5, *_COMPARISON)),
            ),
            required=True,
        ),
        Field(
            "ConditionSet",
            nested(
                Field("applyMethod", choice("ANY", "ALL"), required=True),
                Field("conditions", items("Condition", 5, *_COMPARISON)),
            ),
        ),
        Field("workflowActions", items("WorkflowAction", 5, Field("uri", text(200, 1), required=True))),
    ),
    (("name",),),
    most=100,
)
WORKFLOW_ACTION = Kind(
    "WorkflowAction",
    (
        Field("name", text(64, 1), required=True),
        Field("type", choice("BROWSER_POP", "HTTP_REQUEST"), required=True),
        Field("handledBy", choice("FINESSE_DESKTOP", "OTHER")),
        Field(
            "params",
            items("Param", 20, Field("name", text(64, 1), required=True), Field("value", text()), least=1),
            required=True,
        ),
        Field(
            "actionVariables",
            items(
                "ActionVariable",
                5,
                Field("name", text(32, 1), required=True),
                Field("node", text(500)),
                Field("type", choice("SYSTEM", "CUSTOM")),
                Field("testValue", text(128)),
            ),
        ),
    ),
    (("name",),),
    most=100,
)
