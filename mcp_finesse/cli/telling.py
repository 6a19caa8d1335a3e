"""Notifications in one line for a person at a terminal."""

from __future__ import annotations

from mcp_finesse.model import Dialog, Update
from mcp_finesse.session import Entry

_WIDTH = 4000


def untrusted(text: str | None) -> str:
    """Text that a caller may have chosen, with nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in (text or "")[:_WIDTH])


def describe(entry: Entry) -> str:
    """What one entry of the journal says."""
    if entry.kind == "gap":
        return f"GAP    {untrusted(entry.text)}"
    if entry.duplicate_of is not None:
        return f"{entry.feed:<8} repeats {entry.duplicate_of}"
    if not isinstance(entry.payload, Update):
        return f"{entry.feed:<8} {entry.kind}: {untrusted(entry.text)}"
    again = "  (replayed)" if entry.delayed else ""
    return f"{entry.feed:<8} {entry.event:<6} {_content(entry.payload)}{again}"


def _content(update: Update) -> str:
    if update.errors:
        return "error: " + untrusted("; ".join(str(error) for error in update.errors))
    if update.user is not None:
        user = update.user
        pending = f", then {user.pending_state}" if user.pending_state else ""
        return f"agent {user.login_id} {user.state}{pending}"
    if update.dialog is not None:
        return _call(update.dialog)
    if update.dialogs:
        return "; ".join(_call(dialog) for dialog in update.dialogs)
    if update.system_info is not None:
        return f"Finesse is {update.system_info.status}"
    return untrusted(f"{update.kind} {update.source}")


def _call(dialog: Dialog) -> str:
    parties = ", ".join(f"{p.media_address} {p.state}" for p in dialog.participants)
    return untrusted(f"dialog {dialog.id} {dialog.state}: {parties}")
