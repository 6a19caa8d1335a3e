"""The URIs of resources. A change of a resource is announced under the URI from which the resource is read."""

from __future__ import annotations

from urllib.parse import quote

from mcp_finesse.session import Change

SESSION = "finesse://session"
USER = "finesse://user"
DIALOGS = "finesse://dialogs"
TASKS = "finesse://tasks"
NOTIFICATIONS = "finesse://notifications"
TEAMS = "finesse://teams"
QUEUES = "finesse://queues"
REFERENCE = "finesse://reference"

DIALOG_TEMPLATE = "finesse://dialogs/{id}"
TEAM_TEMPLATE = "finesse://teams/{id}"
QUEUE_TEMPLATE = "finesse://queues/{id}"
SINCE_TEMPLATE = "finesse://notifications{?after,limit}"
FEED_TEMPLATE = "finesse://notifications/{feed}"
REFERENCE_TEMPLATE = "finesse://reference/{topic}"


def dialog(dialog_id: str) -> str:
    """Return the URI of a dialog."""
    return f"{DIALOGS}/{quote(dialog_id, safe='')}"


def group(kind: str, group_id: str) -> str:
    """Return the URI of a ``team`` or ``queue``."""
    return f"{TEAMS if kind == 'team' else QUEUES}/{quote(group_id, safe='')}"


def feed(slug: str) -> str:
    """Return the URI of a feed's notifications. A feed without a slug uses its percent-encoded node name."""
    return f"{NOTIFICATIONS}/{quote(slug, safe=':')}"


def of_change(change: Change) -> list[str]:
    """Return the URIs affected by a change of the session."""
    match change.kind:
        case "session" | "system":
            return [SESSION]
        case "user":
            return [USER]
        case "dialog" if change.id:
            return [DIALOGS, dialog(change.id)]
        case "tasks" | "task" | "media":
            return [TASKS]
        case ("team" | "queue") as kind if change.id:
            return [group(kind, change.id)]
        case _:
            return [DIALOGS]
