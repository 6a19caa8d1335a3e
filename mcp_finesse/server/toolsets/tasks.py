"""The toolset ``tasks``: nonvoice media and their tasks. The tools require UCCE with task routing."""

from __future__ import annotations

from mcp_finesse.server.policy.intent import AskReason
from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.tools.tasks import intents, media, tasks
from mcp_finesse.session.actions import tasks as actions
from mcp_finesse.session.reading.tasks import TaskReader

TASKS = (
    ToolEntry(media.get_media, Effect.READ, (TaskReader.read,)),
    ToolEntry(
        media.sign_in_media,
        Effect.CHANGE,
        (actions.sign_in_media,),
        intent=intents.on_media("Sign in media", signed_in=False),
    ),
    ToolEntry(
        media.sign_out_media,
        Effect.DESTRUCTIVE,
        (actions.sign_out_media,),
        intent=intents.sign_out_media,
        asks=(AskReason.SIGN_OUT,),
    ),
    ToolEntry(
        media.change_media_state,
        Effect.CHANGE,
        (actions.change_media_state, actions.make_routable),
        intent=intents.on_media("Change media state", signed_in=True),
    ),
    ToolEntry(tasks.get_tasks, Effect.READ, (TaskReader.read,)),
    ToolEntry(
        tasks.accept_task,
        Effect.CHANGE,
        (actions.accept_task,),
        intent=intents.on_task("Accept task", "ACCEPT"),
    ),
    ToolEntry(
        tasks.work_on_task, Effect.CHANGE, (actions.work_on_task,), intent=intents.on_task("Work on task")
    ),
    ToolEntry(
        tasks.close_task,
        Effect.DESTRUCTIVE,
        (actions.close_task,),
        intent=intents.on_task("Close task", "CLOSE"),
    ),
    ToolEntry(
        tasks.transfer_task,
        Effect.CHANGE,
        (actions.transfer_task,),
        intent=intents.on_task("Transfer task", "TRANSFER"),
    ),
)
