"""Summaries of media and tasks for tools and resources."""

from __future__ import annotations

from mcp_finesse.model import Dialog, Media, MediaProperties
from mcp_finesse.privacy import caller_fields, caller_text, quoted
from mcp_finesse.server.present.limits import MAX_MEDIA, MAX_TASKS, MAX_VARIABLES
from mcp_finesse.server.present.object_text import joined, reason_text, variable_parts
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.summaries import Summary, bounded, clipped, compact, id_of
from mcp_finesse.server.present.times import finesse_timestamp
from mcp_finesse.session import Mirror
from mcp_finesse.session.actions.completion import View
from mcp_finesse.session.actions.tasks import is_interrupted, is_signed_out, task_actions, task_participant


def media_summary(media: Media, view: View) -> Summary:
    """Return the summary of the agent's state in a media. Include settings only while the agent is signed in."""
    media = redacted(media)
    reason = media.reason_code
    shown = compact(
        id=media.id,
        name=media.name,
        state=media.state or "not served",
        since=finesse_timestamp(media.state_change_time),
        interruptible=media.interruptible,
    )
    if is_signed_out(media):
        return dict(clipped(shown))
    shown |= compact(
        reason=compact(id=reason.id, code=reason.code, label=reason.label) if reason else None,
        routable=media.routable,
        max_dialog_limit=media.max_dialog_limit,
        interrupt_action=media.interrupt_action,
        dialog_logout_action=media.dialog_logout_action,
        tasks=sum(task.media_id == media.id for task in view.tasks.values()),
    )
    return dict(clipped(shown))


def media_line(summary: Summary) -> str:
    """Return a media summary as one line of text."""
    parts = [f"media {id_of(summary)} {summary.get('name', '')}".rstrip()]
    parts.append(f"{summary['state']}{reason_text(summary)}")
    if since := summary.get("since"):
        parts.append(f"since {since}")
    if summary.get("routable") is False:
        parts.append("not routable: no new tasks are offered")
    if "tasks" in summary:
        parts.append(f"{summary['tasks']} of {summary.get('max_dialog_limit', '?')} tasks")
    return ", ".join(parts)


def task_summary(task: Dialog, view: View) -> Summary:
    """Return the summary of a task."""
    data = redacted(task.media_properties or MediaProperties())
    own, media = task_participant(task), view.media.get(task.media_id or "")
    variables, left_out = caller_fields(
        {item.name: item.value for item in data.call_variables}, entries=MAX_VARIABLES
    )
    shown = compact(
        id=task.id,
        state="INTERRUPTED" if is_interrupted(view, task) else task.state,
        media=compact(id=task.media_id, name=(media.name if media else None) or task.media_type),
        since=finesse_timestamp(own.state_change_time) if own else None,
        queue=data.queue_name,
        caller_supplied=compact(
            call_variables=variables,
            call_variables_left_out=left_out or None,
            wrap_up_reason=caller_text(data.wrap_up_reason or ""),
        ),
    ) | {"allowed_actions": task_actions(view, task)}
    return dict(clipped(shown))


def task_line(summary: Summary, *, full: bool = False) -> str:
    """Return a task as one line of text. With ``full``, the variables of the task are not truncated."""
    parts = {"state": str(summary.get("state", "state unknown"))}
    if name := summary.get("media", {}).get("name"):
        parts["media"] = f"media {name}"
    if queue := summary.get("queue"):
        parts["queue"] = f"queue {queue}"
    if reason := summary.get("caller_supplied", {}).get("wrap_up_reason"):
        parts["wrap-up"] = f"wrap-up {quoted(reason)}"
    parts["allowed"] = f"allowed now: {', '.join(summary['allowed_actions']) or 'nothing'}"
    supplied = variable_parts(summary.get("caller_supplied", {}), full=full)
    return joined(f"task {id_of(summary)}: ", parts | supplied)


def tasks_summary(mirror: Mirror) -> Summary:
    """Return the summaries of the agent's known media and tasks."""
    tasks, left_out = bounded(list(mirror.tasks.values()), MAX_TASKS)
    media, more = bounded([each for each in mirror.media.values() if each.state is not None], MAX_MEDIA)
    return {
        "tasks": [task_summary(task, mirror) for task in tasks],
        "media": [media_summary(each, mirror) for each in media],
        "left_out": left_out + more,
    }
