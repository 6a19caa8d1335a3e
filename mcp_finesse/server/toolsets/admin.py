"""The toolset ``admin``: configuration by an administrator, on the primary node, with separate credentials."""

from __future__ import annotations

from mcp_finesse.server.policy import Effect, ToolEntry
from mcp_finesse.server.tools.admin import configuration, phone_book_files, team_assignments

ADMIN = (
    ToolEntry(configuration.list_configuration, Effect.READ),
    ToolEntry(configuration.get_configuration, Effect.READ),
    ToolEntry(configuration.create_configuration, Effect.CHANGE),
    ToolEntry(configuration.change_configuration, Effect.CHANGE),
    ToolEntry(configuration.delete_configuration, Effect.DESTRUCTIVE),
    ToolEntry(team_assignments.get_team_assignments, Effect.READ),
    ToolEntry(team_assignments.change_team_assignments, Effect.CHANGE),
    ToolEntry(phone_book_files.export_contacts, Effect.READ),
    ToolEntry(phone_book_files.import_contacts, Effect.DESTRUCTIVE),
)
