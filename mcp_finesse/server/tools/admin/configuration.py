"""Tools for configuration objects. The same tools serve all kinds of objects."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.server.arguments.arguments import JsonObject, Limit, Text, Word
from mcp_finesse.server.policy.reading import may_read
from mcp_finesse.server.present.limits import MAX_ITEMS
from mcp_finesse.server.sdk.signatures import signatures
from mcp_finesse.server.tools.admin.configuration_objects import (
    TEAM,
    find_id,
    find_phone_book,
    matching,
)
from mcp_finesse.server.tools.admin.configuration_results import ChangeResult, ObjectResult, ObjectsResult
from mcp_finesse.session import CONFIGURATION, FinesseSession, Verb
from mcp_finesse.session.administration import changes
from mcp_finesse.session.administration.change_runner import ConfigurationChange


def _kinds(verb: Verb) -> list[str]:
    return [kind for kind, known in CONFIGURATION.items() if verb in known.verbs]


_NAMES = {kind.casefold(): kind for kind in (*CONFIGURATION, TEAM)}


def _as_kind(value: object) -> object:
    """Convert a variant such as ``reason codes`` to the name of the kind, such as ``ReasonCode``."""
    if not isinstance(value, str):
        return value
    text = "".join(char for char in value.casefold() if char.isalnum())
    return _NAMES.get(text) or _NAMES.get(text.removesuffix("s")) or value


Kind = BeforeValidator(_as_kind)
"""Validator for a Literal of kinds: accepts any case, the plural, and blanks or hyphens."""

ToList = Annotated[
    Literal[
        "ReasonCode", "WrapUpReason", "MediaPropertiesLayout", "PhoneBook", "Contact", "Workflow", "WorkflowAction",
        "ECCVariableConfig", "Team",
    ],
    Kind,
    Field(description="Kind of object"),
]  # fmt: skip
ToGet = Annotated[
    Literal[
        "ReasonCode", "WrapUpReason", "MediaPropertiesLayout", "PhoneBook", "Contact", "Workflow", "WorkflowAction",
        "LayoutConfig", "ChatConfig", "SystemConfig", "ClusterConfig", "EnterpriseDatabaseConfig", "ConfigInfo",
        "CloudConnectConfig",
    ],
    Kind,
    Field(description="Kind of object"),
]  # fmt: skip
ToCreate = Annotated[
    Literal[
        "ReasonCode", "WrapUpReason", "MediaPropertiesLayout", "PhoneBook", "Contact", "Workflow", "WorkflowAction",
    ],
    Kind,
    Field(description="Kind of object"),
]  # fmt: skip
ToChange = Annotated[
    Literal[
        "ReasonCode", "WrapUpReason", "MediaPropertiesLayout", "PhoneBook", "Contact", "Workflow", "WorkflowAction",
        "LayoutConfig", "ChatConfig", "SystemConfig", "ClusterConfig", "EnterpriseDatabaseConfig",
    ],
    Kind,
    Field(description="Kind of object"),
]  # fmt: skip
ToDelete = ToCreate
"""The kinds that can be created can also be deleted."""

Category = Annotated[
    Literal["NOT_READY", "LOGOUT"] | None, Word, Field(description="Category of a ReasonCode. Default both")
]
PhoneBook = Annotated[Text | None, Field(description="Id or name, for a Contact only")]
Wanted = Annotated[Text, Field(description="Id, label or name")]
_SINGLES = [kind for kind in _kinds(Verb.CHANGE) if CONFIGURATION[kind].single]
NewValues = Annotated[
    JsonObject,
    Field(description=f"JSON object. Fields by kind: {signatures(_kinds(Verb.CREATE), creating=True)}"),
]
ChangedValues = Annotated[
    JsonObject,
    Field(
        description="JSON object with the fields to change; give lists in full. Fields as in "
        f"create_configuration; {signatures(_SINGLES, creating=False)}"
    ),
]


async def list_configuration(
    session: FinesseSession,
    kind: ToList,
    query: Annotated[Text | None, Field(description="Words to find in label, name or number")] = None,
    category: Category = None,
    phone_book: PhoneBook = None,
    limit: Annotated[Limit, Field(description="Default 50")] = MAX_ITEMS,
) -> ObjectsResult:
    """List or search the configuration objects of one kind.

    Use to find an object; for all its fields use get_configuration. Requires an administrator. Returns
    objects and left_out.
    """
    if category is not None and kind != "ReasonCode":
        raise InvalidRequestError(f"A {kind} has no category. Nothing was sent.")
    if kind == TEAM:
        if phone_book is not None:
            raise InvalidRequestError("A Team does not belong to a phone book. Nothing was sent.")
        found: list[Any] = [
            each for each in await session.administration.teams() if may_read(f"team:{each.id}")
        ]
    else:
        book = await find_phone_book(session, kind, phone_book)
        found = await session.administration.list_objects(kind, phone_book=book, category=category or "ALL")
    return ObjectsResult.of(kind, matching(found, query) if query else found, limit)


async def get_configuration(
    session: FinesseSession,
    kind: ToGet,
    object: Annotated[
        Text | None,
        Field(
            description="Id, label or name; `default`: the default MediaPropertiesLayout. Omit for a "
            "kind with only one object"
        ),
    ] = None,
    phone_book: PhoneBook = None,
) -> ObjectResult:
    """Get one configuration object, or the only object of a kind such as SystemConfig.

    Use before change_configuration; for all objects of a kind use list_configuration. Requires an
    administrator. Returns object, and caution if a change has side effects.
    """
    book = await find_phone_book(session, kind, phone_book)
    object_id = await find_id(session, kind, object, phone_book=book, exactly=False)
    found = await session.administration.get_object(kind, object_id, phone_book=book)
    known = CONFIGURATION[kind]
    return ObjectResult.of(kind, found, known.caution if known.single else "")


async def create_configuration(
    session: FinesseSession, kind: ToCreate, values: NewValues, phone_book: PhoneBook = None
) -> ChangeResult:
    """Create a reason code, wrap-up reason, phone book, contact, layout, workflow or workflow action.

    Use for a new object; for an existing object use change_configuration. Requires an administrator. Returns
    status, object as Finesse stored it, and differences.
    """
    change = await prepare_creation(session, kind, values, phone_book)
    return ChangeResult.of(await session.administration.change(change))


async def prepare_creation(
    session: FinesseSession, kind: str, values: dict[str, Any], phone_book: str | None
) -> ConfigurationChange:
    """Return the change that ``create_configuration`` makes. Raises InvalidRequestError for invalid arguments."""
    session.administration.check_configured()
    return changes.create(kind, values, await find_phone_book(session, kind, phone_book))


async def change_configuration(
    session: FinesseSession,
    kind: ToChange,
    values: ChangedValues,
    object: Annotated[
        Text | None,
        Field(
            description="Id, label or name; `default`: the default MediaPropertiesLayout. Omit for a "
            "kind with only one object"
        ),
    ] = None,
    phone_book: PhoneBook = None,
) -> ChangeResult:
    """Change fields of a configuration object; other fields keep their values.

    Use after get_configuration; to assign objects to teams, use change_team_assignments. Requires an
    administrator; SystemConfig, ClusterConfig and EnterpriseDatabaseConfig are UCCE only, take effect
    after a restart of Finesse Tomcat, and can put Finesse out of service. Returns status, object, was (the
    old object), and caution.
    """
    change = await prepare_change(session, kind, values, object, phone_book)
    return ChangeResult.of(await session.administration.change(change))


async def prepare_change(
    session: FinesseSession, kind: str, values: dict[str, Any], object: str | None, phone_book: str | None
) -> ConfigurationChange:
    """Return the change that ``change_configuration`` makes. Raises InvalidRequestError for invalid arguments."""
    session.administration.check_configured()
    book = await find_phone_book(session, kind, phone_book)
    return changes.change(kind, await find_id(session, kind, object, phone_book=book), values, book)


async def delete_configuration(
    session: FinesseSession, kind: ToDelete, object: Wanted, phone_book: PhoneBook = None
) -> ChangeResult:
    """Delete a configuration object permanently; a phone book is deleted with its contacts.

    Use for an unused object; to remove it from one team, use change_team_assignments. Requires an
    administrator. Returns status and was (the deleted object).
    """
    change = await prepare_deletion(session, kind, object, phone_book)
    return ChangeResult.of(await session.administration.change(change))


async def prepare_deletion(
    session: FinesseSession, kind: str, object: str, phone_book: str | None
) -> ConfigurationChange:
    """Return the change that ``delete_configuration`` makes. Raises InvalidRequestError for invalid arguments."""
    session.administration.check_configured()
    book = await find_phone_book(session, kind, phone_book)
    return changes.delete(kind, await find_id(session, kind, object, phone_book=book) or "", book)
