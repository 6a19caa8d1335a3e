"""Tools for nonvoice tasks (chats, e-mails): list, accept, work on, transfer and close them (UCCE)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.model import CallAction, Dialog
from mcp_finesse.redaction import truncated
from mcp_finesse.server.arguments.arguments import Text, Word
from mcp_finesse.server.present.limits import MAX_TASKS, READY_SECONDS
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.present.summaries import bounded, listed
from mcp_finesse.server.present.task_summaries import task_line, task_summary
from mcp_finesse.server.tools.freshness import stale_line
from mcp_finesse.server.tools.task_targeting import TaskOutcome, perform_on_task, refresh_tasks_if_stale
from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions import tasks as actions
from mcp_finesse.session.actions.action import Action
from mcp_finesse.session.actions.tasks import task_actions

TaskId = Annotated[Text | None, Field(description="Omit if only one task fits")]
TaskAction = Annotated[
    Literal["START", "PAUSE", "RESUME", "WRAP_UP"], Word, Field(description="Action to perform")
]


class TasksResult(Result):
    """The agent's last reported tasks."""

    tasks: list[dict[str, Any]]
    left_out: int
    stale: str | None = None
    _full: bool = PrivateAttr(default=False)

    def __str__(self) -> str:
        lines = [task_line(item, full=self._full) for item in self.tasks] or ["No tasks."]
        if self.left_out:
            lines.append(f"{self.left_out} more tasks were left out.")
        if self.stale:
            lines.append(stale_line(self.stale))
        return "\n".join(lines)


async def get_tasks(
    session: FinesseSession,
    dialog_id: Annotated[Text | None, Field(description="Return only this task")] = None,
) -> TasksResult:
    """Get the agent's tasks (chats, e-mails): state, media, allowed actions, call variables.

    Use before you act on a task; for calls use get_dialogs. Requires UCCE. Returns tasks.
    """
    stale = await refresh_tasks_if_stale(session)
    mirror = session.mirror
    if dialog_id is not None and dialog_id not in mirror.tasks:
        raise InvalidRequestError(
            f"Task {truncated(dialog_id, 40)} is not one of the agent's current tasks.",
            advice=f"Current tasks: {listed(list(mirror.tasks)) or 'none'}.",
        )
    chosen = [mirror.tasks[dialog_id]] if dialog_id is not None else list(mirror.tasks.values())
    shown, left_out = bounded(chosen, MAX_TASKS)
    result = TasksResult(tasks=[task_summary(task, mirror) for task in shown], left_out=left_out, stale=stale)
    result._full = dialog_id is not None
    return result


async def accept_task(session: FinesseSession, dialog_id: TaskId = None) -> TaskOutcome:
    """Accept an offered task.

    Use promptly, because offers expire; then use work_on_task. Requires UCCE, and ACCEPT to be
    allowed. Returns status and task.
    """
    return await _act(session, CallAction.ACCEPT, dialog_id)


async def work_on_task(session: FinesseSession, action: TaskAction, dialog_id: TaskId = None) -> TaskOutcome:
    """Start, pause, resume or wrap up a task.

    Use after accept_task; finish with close_task. Requires UCCE, and the action to be allowed: START when
    accepted, PAUSE or WRAP_UP when active, RESUME when paused. Returns status and task.
    """
    return await _act(session, action, dialog_id)


async def close_task(session: FinesseSession, dialog_id: TaskId = None) -> TaskOutcome:
    """Close a task permanently; this ends the chat or e-mail.

    Use when the task is complete; to hand it over, use transfer_task. Requires UCCE, and CLOSE to be
    allowed. Returns status.
    """
    return await _act(session, CallAction.CLOSE, dialog_id)


async def transfer_task(
    session: FinesseSession,
    to_address: Annotated[Text, Field(description="Script selector or dialed number")],
    dialog_id: TaskId = None,
) -> TaskOutcome:
    """Transfer a task to a script selector, without consulting anyone.

    Use to hand a task over; to finish it, use close_task. Requires UCCE, and TRANSFER to be allowed.
    Returns status, and task if it stayed with the agent.
    """
    return await _act(session, CallAction.TRANSFER, dialog_id, to_address)


async def _act(
    session: FinesseSession, action_name: str, dialog_id: str | None, to_address: str = ""
) -> TaskOutcome:
    await session.ready(READY_SECONDS)
    chosen = dialog_id or await only_task(session, action_name)
    return await perform_on_task(session, _action(action_name, chosen, to_address))


def _action(action_name: str, dialog_id: str, to_address: str) -> Action:
    if action_name == CallAction.TRANSFER:
        return actions.transfer_task(dialog_id, to_address)
    if action_name == CallAction.ACCEPT:
        return actions.accept_task(dialog_id)
    if action_name == CallAction.CLOSE:
        return actions.close_task(dialog_id)
    return actions.work_on_task(dialog_id, action_name)


async def only_task(session: FinesseSession, action_name: str) -> str:
    """Return the only task for which Finesse allows ``action_name`` now.

    Raises:
        InvalidRequestError: there is no such task, or more than one; the error lists the tasks.
        FinesseError: the tasks could not be read.
    """
    fitting = _fitting(session, action_name)
    if not fitting:
        # the action seems impossible, so read the state again: a notification may have been lost
        await session.refresh_tasks()
        current = list(session.mirror.tasks.values())
        # If there is only one task, use that task. The session then decides whether it already has the
        # requested state.
        fitting = _fitting(session, action_name) or (current if len(current) == 1 else [])
    if len(fitting) == 1:
        return fitting[0].id
    raise _ambiguous_task(session, action_name, fitting)


def _fitting(session: FinesseSession, action_name: str) -> list[Dialog]:
    mirror = session.mirror
    return [task for task in mirror.tasks.values() if action_name in task_actions(mirror, task)]


def _ambiguous_task(session: FinesseSession, action_name: str, fitting: list[Dialog]) -> InvalidRequestError:
    current = list(session.mirror.tasks.values())
    if not current:
        return InvalidRequestError(
            f"The agent has no task, so {action_name} is not possible. Nothing was sent.",
            advice="Tasks are offered to an agent who is READY on a media; get_media shows the state.",
        )
    what = f"{len(fitting)} tasks allow {action_name} now" if fitting else f"No task allows {action_name} now"
    shown, left_out = bounded(fitting or current, MAX_TASKS)
    lines = [task_line(task_summary(task, session.mirror)) for task in shown]
    lines += [f"{left_out} more tasks were left out."] if left_out else []
    return InvalidRequestError(
        f"{what}. Nothing was sent.\n" + "\n".join(lines) + "\n",
        advice="Give the dialog_id of one of these tasks." if fitting else "",
    )
