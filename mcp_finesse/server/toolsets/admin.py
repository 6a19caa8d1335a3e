"""The toolset ``admin``. An administrator configures Finesse on the primary node, with separate credentials."""

from __future__ import annotations

from mcp_finesse.server.policy.intent import AskReason
from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.tools.admin import configuration, intents, phone_book_files, team_assignments
from mcp_finesse.session import Administration
from mcp_finesse.session.administration import changes

_FIND_OBJECT = (Administration.get_object, Administration.list_objects)

ADMIN = (
    ToolEntry(
        configuration.list_configuration, Effect.READ, (Administration.list_objects, Administration.teams)
    ),
    ToolEntry(
        configuration.get_configuration,
        Effect.READ,
        (Administration.get_object,),
        reads=(Administration.list_objects,),
    ),
    ToolEntry(
        configuration.create_configuration,
        Effect.CHANGE,
        (changes.create,),
        reads=_FIND_OBJECT,
        intent=intents.create_configuration,
        asks=(AskReason.CONFIGURATION,),
    ),
    ToolEntry(
        configuration.change_configuration,
        Effect.CHANGE,
        (changes.change,),
        reads=_FIND_OBJECT,
        intent=intents.change_configuration,
        asks=(AskReason.CONFIGURATION,),
    ),
    ToolEntry(
        configuration.delete_configuration,
        Effect.DESTRUCTIVE,
        (changes.delete,),
        reads=_FIND_OBJECT,
        intent=intents.delete_configuration,
        asks=(AskReason.CONFIGURATION,),
    ),
    ToolEntry(
        team_assignments.get_team_assignments,
        Effect.READ,
        (Administration.assigned, Administration.team_layout),
        reads=(Administration.teams,),
        intent=intents.get_team_assignments,
    ),
    ToolEntry(
        team_assignments.change_team_assignments,
        Effect.CHANGE,
        (changes.assign, changes.change_team_layout),
        reads=(
            Administration.teams,
            Administration.list_objects,
            Administration.assigned,
            Administration.team_layout,
        ),
        intent=intents.change_team_assignments,
        asks=(AskReason.CONFIGURATION,),
    ),
    ToolEntry(
        phone_book_files.export_contacts,
        Effect.READ,
        (Administration.contacts,),
        reads=(Administration.list_objects,),
    ),
    ToolEntry(
        phone_book_files.import_contacts,
        Effect.DESTRUCTIVE,
        (changes.import_contacts,),
        reads=(Administration.list_objects, Administration.contacts),
        intent=intents.import_contacts,
        asks=(AskReason.CONFIGURATION,),
    ),
)
