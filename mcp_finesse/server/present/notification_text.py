"""Formats notifications as text. An object is shown in full the first time, later only its changes are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from mcp_finesse.privacy import quoted
from mcp_finesse.server.present.journal_view import entry_summary
from mcp_finesse.server.present.object_text import (
    Parts,
    changed_names,
    dialog_line,
    dialog_name,
    dialog_parts,
    object_line,
    reason_text,
    user_line,
    user_parts,
)
from mcp_finesse.server.present.summaries import Summary
from mcp_finesse.session import Entry, Journal

ShownParts: TypeAlias = dict[tuple[str, str], Parts]
"""The parts shown of each object so far, by kind and id."""

_NEWEST = 50


def entry_lines(summaries: Iterable[Summary]) -> list[str]:
    """Return one line for each notification of a page, without repeated content."""
    seen: ShownParts = {}
    return [entry_line(summary, seen) for summary in summaries]


def entry_line(summary: Summary, seen: ShownParts | None = None) -> str:
    """Return a notification as one line.

    Args:
        summary: the result of ``entry_summary``.
        seen: the parts of objects that were shown before. The function updates this mapping. None to show
            everything.
    """
    parts = [
        f"#{summary['number']}",
        summary.get("received_at", ""),
        summary["feed"],
        summary.get("event", ""),
    ]
    parts += ["replayed"] if summary.get("delayed") else []
    parts.append(_what(summary, {} if seen is None else seen))
    return " ".join(part for part in parts if part)


def changes(journal: Journal, entry: Entry, extension: str | None) -> list[str] | None:
    """Return the names of the parts that have changed since the previous notification about the same object."""
    earlier = next(
        (
            each
            for each in reversed(journal.read(None, _NEWEST).entries)
            if each.number < entry.number
            and (each.feed, each.kind, each.object_id) == (entry.feed, entry.kind, entry.object_id)
        ),
        None,
    )
    if earlier is None or not entry.object_id:
        return None
    before, now = (_parts(entry_summary(each, extension)) for each in (earlier, entry))
    return changed_names(before, now) if before and now else None


def _parts(summary: Summary) -> Parts:
    if "dialog" in summary:
        return dialog_parts(summary["dialog"])
    return user_parts(summary["user"]) if "user" in summary else {}


def _what(summary: Summary, seen: ShownParts) -> str:
    removed = summary.get("event") == "DELETE"
    if errors := summary.get("errors"):
        about = f" about {summary['object_id']}" if summary.get("object_id") else ""
        return f"error{about}: " + "; ".join(" ".join(map(str, error.values())) for error in errors)
    if user := summary.get("user"):
        return f"agent {user.get('id', '?')} removed" if removed else _user(user, seen, summary["feed"])
    if dialog := summary.get("dialog"):
        return _dialog(dialog, removed, seen)
    if dialogs := summary.get("dialogs"):
        return "; ".join(_dialog(item, removed, seen) for item in dialogs)
    if queues := summary.get("queues") or [summary[name] for name in ("queue",) if name in summary]:
        return "; ".join(_queue(item, removed, seen) for item in queues)
    return _other(summary, removed)


def _user(user: Summary, seen: ShownParts, feed: str) -> str:
    key = (
        f"user of {feed}",
        str(user.get("id")),
    )  # one key per feed: a team's feed reports fewer fields of a user than the user's own feed
    line = user_line(user, seen.get(key))
    seen[key] = user_parts(user)
    return line


def _dialog(dialog: Summary, removed: bool, seen: ShownParts) -> str:
    key = ("dialog", str(dialog.get("id")))
    if removed:
        seen.pop(key, None)
        return f"{dialog_name(dialog)} removed"
    line = dialog_line(dialog, seen.get(key))
    seen[key] = dialog_parts(dialog)
    return line


def _queue(queue: Summary, removed: bool, seen: ShownParts) -> str:
    name = f"queue {queue.get('id', '?')}" + (f" {queue['name']}" if "name" in queue else "")
    if removed:
        return f"{name} removed"
    figures = {
        field: f"{field.replace('_', ' ')} {value}" for field, value in queue.get("statistics", {}).items()
    }
    key = ("queue", str(queue.get("id")))
    line = object_line(name, figures or {"": "no statistics"}, seen.get(key))
    seen[key] = figures
    return line


def _other(summary: Summary, removed: bool) -> str:
    shown: dict[str, Any] = summary.get("system_info") or summary.get("media") or summary.get("team") or {}
    known = [str(shown[name]) for name in ("name", "state", "status", "status_reason") if name in shown]
    if shown.get("routable") is False:
        known.append("not routable")
    if "users" in shown:
        known += [
            f"{user.get('id', '?')} {user.get('state', '')}{reason_text(user)}" for user in shown["users"]
        ]
    supplied = summary.get("caller_supplied", {})
    known += [
        f"written by users: {quoted(supplied[name], 300)}" for name in ("team_message",) if name in supplied
    ]
    known += (
        [summary["text"]] if "text" in summary else [str(part) for part in summary.get("gap", {}).values()]
    )
    if "system_info" in summary:
        return f"Finesse is {', '.join(known)}"
    head = [summary["kind"], summary.get("object_id", ""), "removed" if removed else ""]
    return f"{' '.join(part for part in head if part)} {', '.join(known)}".rstrip()
