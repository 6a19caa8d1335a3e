"""Tools for configuration objects: few and the same for every kind of object."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.server.arguments import Limit, Text, Word
from mcp_finesse.server.limits import MAX_ITEMS
from mcp_finesse.server.signatures import signatures
from mcp_finesse.server.tools.configuration_objects import (
    TEAM,
    find_id,
    find_phone_book,
    matching,
)
from mcp_finesse.server.tools.configuration_results import ChangeResult, ObjectResult, ObjectsResult
from mcp_finesse.session import CONFIGURATION, FinesseSession, Verb, changes


def _kinds(verb: Verb) -> list[str]:
    return [kind for kind, known in CONFIGURATION.items() if verb in known.verbs]


_NAMES = {kind.casefold(): kind for kind in (*CONFIGURATION, TEAM)}


def _as_kind(value: object) -> object:
    """``reason codes`` is a ReasonCode, too."""
    if not isinstance(value, str):
        return value
    text = "".join(char for char in value.casefold() if char.isalnum())
    return _NAMES.get(text) or _NAMES.get(text.removesuffix("s")) or value


Kind = BeforeValidator(_as_kind)
"""Put before a Literal of kinds: accepts them in any case, in the plural, with blanks or hyphens."""

ToList = Annotated[
    Literal[
        "ReasonCode", "WrapUpReason", "MediaPropertiesLayout", "PhoneBook", "Contact", "Workflow", "WorkflowAction",
        "ECCVariableConfig", "Team",
    ],
    Kind,
]  # fmt: skip
ToGet = Annotated[
    Literal[
        "ReasonCode", "WrapUpReason", "MediaPropertiesLayout", "PhoneBook", "Contact", "Workflow", "WorkflowAction",
        "LayoutConfig", "ChatConfig", "SystemConfig", "ClusterConfig", "EnterpriseDatabaseConfig", "ConfigInfo",
        "CloudConnectConfig",
    ],
    Kind,
]  # fmt: skip
ToCreate = Annotated[
    Literal[
        "ReasonCode", "WrapUpReason", "MediaPropertiesLayout", "PhoneBook", "Contact", "Workflow", "WorkflowAction",
    ],
    Kind,
]  # fmt: skip
ToChange = Annotated[
    Literal[
        "ReasonCode", "WrapUpReason", "MediaPropertiesLayout", "PhoneBook", "Contact", "Workflow", "WorkflowAction",
        "LayoutConfig", "ChatConfig", "SystemConfig", "ClusterConfig", "EnterpriseDatabaseConfig",
    ],
    Kind,
]  # fmt: skip
ToDelete = ToCreate
"""What can be created can be deleted."""

Category = Annotated[
    Literal["NOT_READY", "LOGOUT"] | None, Word, Field(description="Of ReasonCode; default: both")
]
PhoneBook = Annotated[Text | None, Field(description="Of a Contact: its phone book, by id or name")]
Wanted = Annotated[Text, Field(description="Id, label or name")]
_SINGLES = [kind for kind in _kinds(Verb.CHANGE) if CONFIGURATION[kind].single]
NewValues = Annotated[
    dict[str, Any],
    Field(description=f"Fields of the kind: {signatures(_kinds(Verb.CREATE), creating=True)}"),
]
ChangedValues = Annotated[
    dict[str, Any],
    Field(
        description="Only what changes, lists as a whole; fields as in create_configuration; "
        f"{signatures(_SINGLES, creating=False)}"
    ),
]


async def list_configuration(
    session: FinesseSession,
    kind: ToList,
    query: Annotated[Text | None, Field(description="Words of label, name or number")] = None,
    category: Category = None,
    phone_book: PhoneBook = None,
    limit: Limit = MAX_ITEMS,
) -> ObjectsResult:
    """List the objects of a kind that Finesse is configured with, or search them by words.

    Use to find an object; get_configuration has all of one. Needs an administrator. Returns objects and left_out.
    """
    if category is not None and kind != "ReasonCode":
        raise InvalidRequestError(f"a {kind} has no category; nothing was sent.")
    if kind == TEAM:
        if phone_book is not None:
            raise InvalidRequestError("a Team is in no phone book; nothing was sent.")
        found: list[Any] = list(await session.administration.teams())
    else:
        book = await find_phone_book(session, kind, phone_book)
        found = await session.administration.list_objects(kind, phone_book=book, category=category or "ALL")
    return ObjectsResult.of(kind, matching(found, query) if query else found, limit)


async def get_configuration(
    session: FinesseSession,
    kind: ToGet,
    object: Annotated[
        Text | None, Field(description="Id, label or name (or default); of kinds with many")
    ] = None,
    phone_book: PhoneBook = None,
) -> ObjectResult:
    """Get one object that Finesse is configured with, or a setting of which there is only one.

    Use before change_configuration; list_configuration has all of a kind. Needs an administrator. Returns object,
    and caution where a change has effects beyond it.
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

    Use for something new; change_configuration is for what is there. Needs an administrator. Returns status, object
    as Finesse keeps it, and differences.
    """
    book = await find_phone_book(session, kind, phone_book)
    return ChangeResult.of(await session.administration.change(changes.create(kind, values, book)))


async def change_configuration(
    session: FinesseSession,
    kind: ToChange,
    values: ChangedValues,
    object: Annotated[
        Text | None, Field(description="Id, label or name (or default); of kinds with many")
    ] = None,
    phone_book: PhoneBook = None,
) -> ChangeResult:
    """Change fields of an object that Finesse is configured with; the others stay.

    Use after get_configuration; change_team_assignments gives things to teams. Needs an administrator; SystemConfig,
    ClusterConfig and EnterpriseDatabaseConfig are on UCCE only, take effect with a restart of Finesse Tomcat, and
    can keep Finesse out of service. Returns status, object, was, and caution.
    """
    book = await find_phone_book(session, kind, phone_book)
    object_id = await find_id(session, kind, object, phone_book=book)
    return ChangeResult.of(await session.administration.change(changes.change(kind, object_id, values, book)))


async def delete_configuration(
    session: FinesseSession, kind: ToDelete, object: Wanted, phone_book: PhoneBook = None
) -> ChangeResult:
    """Delete an object for good; a phone book with its contacts.

    Use when nobody needs it any more; change_team_assignments takes it from one team. Needs an administrator.
    Returns status and was, the object as it was.
    """
    book = await find_phone_book(session, kind, phone_book)
    object_id = await find_id(session, kind, object, phone_book=book)
    return ChangeResult.of(await session.administration.change(changes.delete(kind, object_id or "", book)))
