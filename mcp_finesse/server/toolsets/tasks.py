"""The toolset ``tasks``: nonvoice media and their tasks; UCCE with task routing."""

from __future__ import annotations

from mcp_finesse.server.policy import Effect, ToolEntry
from mcp_finesse.server.tools.tasks import media, tasks

_READS = ("media.get_media_list", "users.get_media_dialogs")

TASKS = (
    ToolEntry(media.get_media, Effect.READ, operations=_READS),
    ToolEntry(media.sign_in_media, Effect.CHANGE, operations=("media.sign_in",)),
    ToolEntry(media.sign_out_media, Effect.DESTRUCTIVE, operations=("media.sign_out",)),
    ToolEntry(
        media.change_media_state,
        Effect.CHANGE,
        operations=("media.change_state", "media.change_routable"),
    ),
    ToolEntry(tasks.get_tasks, Effect.READ, operations=_READS),
    ToolEntry(tasks.accept_task, Effect.CHANGE, operations=("tasks.take_action",)),
    ToolEntry(tasks.work_on_task, Effect.CHANGE, operations=("tasks.take_action",)),
    ToolEntry(tasks.close_task, Effect.DESTRUCTIVE, operations=("tasks.take_action",)),
    ToolEntry(tasks.transfer_task, Effect.CHANGE, operations=("tasks.transfer",)),
)
