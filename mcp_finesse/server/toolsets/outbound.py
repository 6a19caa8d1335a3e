"""The toolset ``outbound``: previews, call classification and callbacks of outbound campaigns."""

from __future__ import annotations

from mcp_finesse.server.policy.intent import AskReason
from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.tools.agent.intents import on_call
from mcp_finesse.server.tools.outbound import campaigns, intents
from mcp_finesse.server.toolsets.agent import NUMBER
from mcp_finesse.session.actions import outbound
from mcp_finesse.session.reading.code_lists import CodeLists

OUTBOUND = (
    ToolEntry(
        campaigns.answer_preview,
        Effect.CHANGE,
        (outbound.answer_preview,),
        intent=intents.answer_preview,
        asks=(AskReason.UNLISTED_NUMBER,),
    ),
    ToolEntry(
        campaigns.reclassify_call,
        Effect.CHANGE,
        (outbound.reclassify_call,),
        intent=on_call("Reclassify call", "RECLASSIFY"),
    ),
    ToolEntry(
        campaigns.schedule_callback,
        Effect.CHANGE,
        (outbound.schedule_callback,),
        (CodeLists.contacts,),
        intents.schedule_callback,
        NUMBER,
    ),
    ToolEntry(
        campaigns.cancel_callback,
        Effect.CHANGE,
        (outbound.cancel_callback,),
        intent=on_call("Cancel callback", "CANCEL_SCHEDULED_CALLBACK"),
    ),
)
