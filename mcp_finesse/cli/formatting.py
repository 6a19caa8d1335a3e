"""Formats notifications and outcomes for terminal output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp_finesse.model import Dialog, Queue, Update, User
from mcp_finesse.privacy import quoted
from mcp_finesse.redaction import Redaction, truncated
from mcp_finesse.server.present.object_text import dialog_name
from mcp_finesse.session import Entry

_WIDTH = 4000
_VALUE = 40
"""Maximum length of a call variable in characters."""


def printable(text: str | None, width: int | None = _WIDTH) -> str:
    """Return possibly caller-supplied text as one line without terminal control characters.

    The text is truncated to ``width`` characters. None means no limit.
    """
    return "".join(
        c if c.isprintable() else "\ufffd"
        for c in (text or "" if width is None else truncated(text or "", width))
    )


def entry_line(entry: Entry, redaction: Redaction) -> str:
    """Return a journal entry as one line, even if its caller-supplied content has several lines."""
    return printable(_entry_text(entry, redaction))


def _entry_text(entry: Entry, redaction: Redaction) -> str:
    text = redaction.text(entry.text, with_numbers=True)
    if entry.kind == "gap":
        return f"GAP    {text}"
    payload = redaction.data(entry.payload)
    if not isinstance(payload, Update):
        return f"{entry.feed:<8} {entry.kind}: {text}"
    again = "  (replayed)" if entry.delayed else ""
    return f"{entry.feed:<8} {entry.event:<6} {_content(payload)}{again}"


def _content(update: Update) -> str:
    if update.errors:
        return "error: " + "; ".join(str(error) for error in update.errors)
    if update.user is not None:
        return _agent(update.user)
    if update.dialog is not None:
        return _call(update.dialog)
    if update.dialogs:
        return "; ".join(_call(dialog) for dialog in update.dialogs)
    if update.system_info is not None:
        return f"Finesse is {update.system_info.status}"
    if update.queue is not None:
        return _queue(update.queue)
    if update.media is not None:
        return " ".join(
            str(part) for part in ("media", update.media.id, update.media.name, update.media.state) if part
        )
    if update.team is not None:
        agents = "; ".join(_agent(user) for user in update.team.users)
        return f"team {update.team.id} {update.team.name or ''}: {agents or 'no agents'}"
    return f"{update.kind} {update.source}"


def _agent(user: User) -> str:
    reason = f" ({user.reason_code.label})" if user.reason_code and user.reason_code.label else ""
    pending = f", then {user.pending_state}" if user.pending_state else ""
    return f"agent {user.login_id or user.id} {user.state}{reason}{pending}"


def _queue(queue: Queue) -> str:
    figures = queue.statistics.model_dump(mode="json", exclude_none=True) if queue.statistics else {}
    text = ", ".join(f"{name} {figure}" for name, figure in figures.items())
    return f"queue {queue.id} {queue.name or ''}: {text or 'no statistics'}"


def _call(dialog: Dialog) -> str:
    parties = [f"{p.media_address} {p.state}" for p in dialog.participants]
    kind = "call" if dialog.is_voice else "task"
    return f"{kind} {dialog.id} {dialog.state}: {', '.join(parties + _call_data(dialog))}"


def _call_data(dialog: Dialog) -> list[str]:
    """Return the call data, because they explain an update in which no state changed."""
    media = dialog.media_properties
    if media is None:
        return []
    data = [(item.name, item.value) for item in media.call_variables if item.value]
    data += [("wrap-up", media.wrap_up_reason)] if media.wrap_up_reason else []
    return [f"{name}={quoted(value, _VALUE)}" for name, value in data]


def outcome_in_short(answer: Mapping[str, Any]) -> str:
    """Return the outcome in the structured result of a tool as text."""
    lines = [f"{answer.get('status')}: {answer['message']}"]
    differences = (item | item["caller_supplied"] for item in answer.get("differences", []))
    lines += [
        f"{item['field']} differs: requested {item['asked']!r}, is {item['got']!r}" for item in differences
    ]
    if advice := answer.get("advice"):
        lines.append(advice)
    return "\n".join(lines)


def notification_in_short(item: Mapping[str, Any]) -> str:
    """Return a notification from a tool result as a short line."""
    head = f"{item['feed']:<7} {item.get('event', ''):<6} "
    if item["kind"] == "gap":
        return f"GAP: {item.get('text', '')}"
    if errors := item.get("errors"):
        return head + "error: " + "; ".join(" ".join(str(v) for v in error.values()) for error in errors)
    if user := item.get("user"):
        pending = f", then {user['pending_state']}" if "pending_state" in user else ""
        return f"{head}agent {user.get('id', '?')} is {user.get('state')}{pending}"
    dialogs = item.get("dialogs") or ([item["dialog"]] if "dialog" in item else [])
    if dialogs:
        return head + "; ".join(
            f"{dialog_name(dialog)} is {dialog.get('state')}, you {dialog.get('my_state', 'are not a participant')}"
            for dialog in dialogs
        )
    return f"{head}{item['kind']} {item.get('object_id', '')}"
