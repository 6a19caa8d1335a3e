"""The toolset ``core``: reading state and notifications; part of every server."""

from __future__ import annotations

from mcp_finesse.server.policy import Effect, ToolEntry
from mcp_finesse.server.tools.core import call_history, explaining, feeds, notifications, overview

CORE = (
    ToolEntry(overview.get_session_status, Effect.READ, operations=("system.get_system_info",)),
    ToolEntry(overview.get_user, Effect.READ, operations=("users.get_user",)),
    ToolEntry(overview.get_dialogs, Effect.READ, operations=("users.get_dialogs",)),
    ToolEntry(call_history.get_call_log, Effect.READ),
    ToolEntry(notifications.get_notifications, Effect.READ),
    ToolEntry(notifications.wait_for_notification, Effect.READ),
    ToolEntry(feeds.list_feeds, Effect.READ),
    ToolEntry(feeds.subscribe_feed, Effect.WATCH),
    ToolEntry(feeds.unsubscribe_feed, Effect.WATCH),
    ToolEntry(explaining.explain_error, Effect.READ),
)
