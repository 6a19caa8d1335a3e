"""Functions that configure Finesse over its REST API, for administrators."""

from __future__ import annotations

from mcp_finesse.rest.admin.configuration import CONFIGURATION, ConfigurationObject, Verb
from mcp_finesse.rest.admin.contacts import export_contacts, import_contacts
from mcp_finesse.rest.admin.objects import (
    change_object,
    create_object,
    delete_object,
    get_object,
    list_objects,
)
from mcp_finesse.rest.admin.teams import (
    ASSIGNMENTS,
    Assignment,
    change_assigned,
    change_team_layout,
    get_assigned,
    get_team_layout,
    list_teams,
)

__all__ = [
    "ASSIGNMENTS",
    "CONFIGURATION",
    "Assignment",
    "ConfigurationObject",
    "Verb",
    "change_assigned",
    "change_object",
    "change_team_layout",
    "create_object",
    "delete_object",
    "export_contacts",
    "get_assigned",
    "get_object",
    "get_team_layout",
    "import_contacts",
    "list_objects",
    "list_teams",
]
