"""The toolset ``core``: reading state and notifications. Every MCP server of this project includes this toolset."""

from __future__ import annotations

from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.tools.core import call_history, explaining, feeds, intents, notifications, overview
from mcp_finesse.session.nodes.nodes import Node
from mcp_finesse.session.reading.agent import StateReader

CORE = (
    ToolEntry(overview.get_session_status, Effect.READ, (Node.system_info,)),
    ToolEntry(overview.get_user, Effect.READ, (StateReader.read_user,)),
    ToolEntry(overview.get_dialogs, Effect.READ, (StateReader.read_dialogs,)),
    ToolEntry(call_history.get_call_log, Effect.READ),
    ToolEntry(notifications.get_notifications, Effect.READ, intent=intents.read_feed),
    ToolEntry(notifications.wait_for_notification, Effect.READ, intent=intents.read_feed),
    ToolEntry(feeds.list_feeds, Effect.READ),
    ToolEntry(feeds.subscribe_feed, Effect.WATCH, intent=intents.subscribe_feed),
    ToolEntry(feeds.unsubscribe_feed, Effect.WATCH),
    ToolEntry(explaining.explain_error, Effect.READ),
)
