"""The toolset ``tasks``: nonvoice media and the tasks that come by them; UCCE with task routing."""

from __future__ import annotations

from mcp_finesse.model import Platform
from mcp_finesse.server.policy import Effect, ToolEntry
from mcp_finesse.server.tools import media, tasks

_ONLY = (Platform.UCCE,)

TASKS = (
    ToolEntry(media.get_media, Effect.READ, platforms=_ONLY),
    ToolEntry(media.sign_in_media, Effect.CHANGE, platforms=_ONLY),
    ToolEntry(media.sign_out_media, Effect.DESTRUCTIVE, platforms=_ONLY),
    ToolEntry(media.change_media_state, Effect.CHANGE, platforms=_ONLY),
    ToolEntry(tasks.get_tasks, Effect.READ, platforms=_ONLY),
    ToolEntry(tasks.accept_task, Effect.CHANGE, platforms=_ONLY),
    ToolEntry(tasks.work_on_task, Effect.CHANGE, platforms=_ONLY),
    ToolEntry(tasks.close_task, Effect.DESTRUCTIVE, platforms=_ONLY),
    ToolEntry(tasks.transfer_task, Effect.CHANGE, platforms=_ONLY),
)
