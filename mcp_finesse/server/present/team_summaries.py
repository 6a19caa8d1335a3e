"""Summaries of team members, queues and team messages for tools and resources."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mcp_finesse.model import Dialog, Queue, Team, TeamMessage, User, own_participant
from mcp_finesse.privacy import caller_text, quoted
from mcp_finesse.server.present.limits import MAX_ITEMS
from mcp_finesse.server.present.object_text import reason_text
from mcp_finesse.server.present.redacting import redacted
from mcp_finesse.server.present.summaries import (
    Summary,
    bounded,
    clipped,
    compact,
    dialog_summary,
    id_of,
    user_summary,
)
from mcp_finesse.server.present.times import finesse_timestamp, seconds_since

_SIGNED_OUT = "LOGOUT"


def name_of(user: User) -> str:
    """Return the first and last name of an agent."""
    return " ".join(part for part in (user.first_name, user.last_name) if part)


def agent_summary(user: User, now: datetime, calls: list[Dialog] | None = None) -> Summary:
    """Return the summary of a team member: the state, its duration, and calls with the fields supervisors need."""
    shown = user_summary(user)
    return compact(
        **{name: value for name, value in shown.items() if name not in ("team", "roles")},
        seconds=seconds_since(user.state_change_time, now),
        on_manual_call=user.media_state == "BUSY" or None,
        calls=[_call(dialog, user.extension) for dialog in calls or ()],
    )


def _call(dialog: Dialog, extension: str | None) -> Summary:
    """Return the summary of another agent's call. Finesse sends the allowed actions only to that agent."""
    shown = dialog_summary(dialog, extension)
    own = own_participant(dialog, extension)
    caller = shown.get("caller_supplied", {}).get("from_address")
    return compact(
        id=shown.get("id"),
        state=own.state if own is not None else dialog.state,
        since=shown.get("since"),
        call_type=shown.get("call_type"),
        queue=shown.get("queue"),
        caller_supplied=compact(from_address=caller),
    )


def longest_in_state_first(user: User, now: datetime) -> tuple[bool, int, str]:
    """Return a sort key that puts signed-in members first, and among them the longest time in the state first."""
    return user.state == _SIGNED_OUT, -(seconds_since(user.state_change_time, now) or 0), user.id or ""


def agent_line(agent: Summary) -> str:
    """Return an agent summary as one line of text."""
    name = f" {agent['name']}" if "name" in agent else ""
    state = f"{agent.get('state', 'state unknown')}{reason_text(agent)}"
    parts = [f"{agent.get('id', '?')}{name}: {state}"]
    if "seconds" in agent:
        parts.append(f"for {agent['seconds']} s since {agent['since']}")
    if "pending_state" in agent:
        parts.append(f"will be {agent['pending_state']} after the call")
    if "extension" in agent:
        parts.append(f"extension {agent['extension']}")
    parts += [_call_text(call) for call in agent.get("calls", ())]
    return ", ".join(parts)


def _call_text(call: Summary) -> str:
    caller = call.get("caller_supplied", {}).get("from_address")
    words = [f"call {id_of(call)} {call.get('state', '')}".rstrip()]
    words += [f"from caller-supplied {quoted(caller)}"] if caller else []
    words += [f"queue {call['queue']}"] if "queue" in call else []
    return " ".join(words)


def team_summary(team: Team, now: datetime) -> Summary:
    """Return the summary of a team with its members."""
    users, left_out = bounded(
        sorted(team.users, key=lambda user: longest_in_state_first(user, now)), MAX_ITEMS
    )
    return compact(
        id=team.id,
        name=team.name,
        agents=[agent_summary(user, now) for user in users],
        left_out=left_out or None,
    )


def queue_summary(queue: Queue, now: datetime) -> Summary:
    """Return the summary of a queue with all available statistics, including zeros."""
    queue = redacted(queue)
    figures = queue.statistics.model_dump(exclude={"extra"}) if queue.statistics is not None else {}
    since = figures.pop("start_time_of_longest_call_in_queue", None)
    shown = compact(
        id=queue.id,
        name=queue.name,
        calls_in_queue=figures.pop("calls_in_queue", None),
        longest_wait_seconds=seconds_since(since, now),
        longest_wait_since=finesse_timestamp(since),
        **figures,
    )
    return dict(clipped(shown))


def longest_wait_first(queue: Summary) -> tuple[int, int, str]:
    """Return a sort key that puts the longest wait first, and for equal waits the most calls first."""
    return -queue.get("longest_wait_seconds", -1), -queue.get("calls_in_queue", 0), queue.get("name", "")


def queue_line(queue: Summary) -> str:
    """Return a queue summary as one line of text."""
    name = f" {queue['name']}" if "name" in queue else ""
    figures = [
        f"{field.replace('_', ' ')} {value}"
        for field, value in queue.items()
        if field not in ("id", "name", "longest_wait_since")
    ]
    return f"queue {queue.get('id', '?')}{name}: {', '.join(figures) or 'no statistics'}"


def message_summary(message: TeamMessage) -> Summary:
    """Return the summary of a team message. The content of the message is marked as caller-supplied."""
    message = redacted(message)
    author = message.created_by
    return compact(
        id=message.id,
        author=compact(
            id=author.id, name=" ".join(part for part in (author.first_name, author.last_name) if part)
        )
        if author is not None
        else None,
        sent_at=finesse_timestamp(message.created_at),
        shown_until=finesse_timestamp(message.expires_at),
        teams=list(message.teams),
        caller_supplied=compact(content=caller_text(message.content or "", 300)),
    )


def message_line(message: Summary) -> str:
    """Return a message summary as one line of text."""
    author: dict[str, Any] = message.get("author", {})
    content = message.get("caller_supplied", {}).get("content", "")
    who = author.get("name") or author.get("id") or "?"
    until = f" until {message['shown_until']}" if "shown_until" in message else ""
    teams = ", ".join(message.get("teams", ()))
    return (
        f"message {id_of(message)} from {who} to teams {teams}{until}; written by users: "
        f"{quoted(content, 300)}"
    )
