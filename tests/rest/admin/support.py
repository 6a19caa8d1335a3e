"""A valid request for every configuration operation, for tests of bad responses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from mcp_finesse.rest import RestClient
from mcp_finesse.rest.admin import (
    ASSIGNMENTS,
    CONFIGURATION,
    Verb,
    change_assigned,
    change_object,
    change_team_layout,
    create_object,
    delete_object,
    export_contacts,
    get_assigned,
    get_object,
    get_team_layout,
    import_contacts,
    list_objects,
    list_teams,
)

Ask = Callable[[RestClient], Awaitable[Any]]

LAYOUT = '<finesseLayout xmlns="http://www.cisco.com/vtg/finesse"><layout/></finesseLayout>'
GOOD: dict[str, dict[str, Any]] = {
    "ReasonCode": {"category": "NOT_READY", "code": 77, "label": "Tea", "for_all": True},
    "WrapUpReason": {"label": "Cold call", "for_all": False},
    "MediaPropertiesLayout": {"name": "Retail", "header": {"media_property": "callVariable1"}},
    "PhoneBook": {"name": "Suppliers", "type": "TEAM"},
    "Contact": {"first_name": "Ina", "phone_number": "5550111"},
    "Workflow": {"name": "Pop", "trigger_set": {"type": "SYSTEM", "name": "CALL_ARRIVES"}},
    "WorkflowAction": {
        "name": "CRM",
        "type": "BROWSER_POP",
        "params": [{"name": "path", "value": "https://crm.example.com"}],
    },
    "LayoutConfig": {"layoutxml": LAYOUT},
    "ChatConfig": {"primary_node": "https://chat.example.com"},
    "SystemConfig": {"cti": {"host": "cti-a.example.com"}},
    "ClusterConfig": {"secondary_node": {"host": "fin-b.example.com"}},
    "EnterpriseDatabaseConfig": {"host": "awdb.example.com"},
}
"""Valid content for every writable kind of object."""


def place(kind: str) -> dict[str, Any]:
    """Return the parent that objects of this kind require."""
    return {"parent": 7} if CONFIGURATION[kind].parent else {}


def change(kind: str, values: Any) -> Ask:
    """Return a change of an object."""
    number = None if CONFIGURATION[kind].single else 12
    return lambda client: change_object(client, kind, number, values, request_id="r", **place(kind))


def changeable(kind: str) -> dict[str, Any]:
    """Return valid content without the fixed fields."""
    return {name: value for name, value in GOOD[kind].items() if name not in CONFIGURATION[kind].fixed}


def ask(kind: str, verb: Verb) -> Ask:
    """Return a valid request for one operation of the table."""
    where, number = place(kind), None if CONFIGURATION[kind].single else 12
    asks: dict[Verb, Ask] = {
        Verb.LIST: lambda client: list_objects(client, kind, **where),
        Verb.GET: lambda client: get_object(client, kind, number, **where),
        Verb.CREATE: lambda client: create_object(client, kind, GOOD[kind], request_id="r", **where),
        Verb.CHANGE: lambda client: change(kind, changeable(kind))(client),
        Verb.DELETE: lambda client: delete_object(client, kind, 12, request_id="r", **where),
    }
    return asks[verb]


OBJECTS = {
    f"{verb} {kind}": ask(kind, verb)
    for kind, known in CONFIGURATION.items()
    for verb in Verb
    if verb in known.verbs
}


def category_of(kind: str) -> str | None:
    """Return the category that assigning this kind requires."""
    return "NOT_READY" if ASSIGNMENTS[kind].by_category else None


def _get_assigned(kind: str) -> Ask:
    return lambda client: get_assigned(client, 310, kind, category=category_of(kind))


def _set_assigned(kind: str) -> Ask:
    category = category_of(kind)
    return lambda client: change_assigned(client, 310, kind, [1], request_id="r", category=category)


READS: dict[str, Ask] = {
    **{name: each for name, each in OBJECTS.items() if name.startswith(("list", "get"))},
    **{f"get {kind} of a team": _get_assigned(kind) for kind in ASSIGNMENTS},
    "list Team": list_teams,
    "get layout of a team": lambda client: get_team_layout(client, 310),
}
"""All requests answered with XML."""

TEXTS: dict[str, Ask] = {
    "export contacts": lambda client: export_contacts(client, 7),
}
"""All requests answered with text."""

WRITES: dict[str, Ask] = {
    **{name: each for name, each in OBJECTS.items() if name not in READS},
    **{f"set {kind} of a team": _set_assigned(kind) for kind in ASSIGNMENTS},
    "change layout of a team": lambda client: change_team_layout(
        client, 310, {"use_default": True}, request_id="r"
    ),
    "import contacts": lambda client: import_contacts(client, 7, [GOOD["Contact"]], request_id="r"),
}
"""All requests other than GET."""

ASKS = READS | TEXTS | WRITES
