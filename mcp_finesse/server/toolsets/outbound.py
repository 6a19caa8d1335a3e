"""The toolset ``outbound``: previews, call classification and callbacks of outbound campaigns."""

from __future__ import annotations

from mcp_finesse.server.policy import Effect, ToolEntry
from mcp_finesse.server.tools.outbound import campaigns

OUTBOUND = (
    ToolEntry(campaigns.answer_preview, Effect.CHANGE, operations=("outbound.answer_preview",)),
    ToolEntry(campaigns.reclassify_call, Effect.CHANGE, operations=("outbound.reclassify",)),
    ToolEntry(campaigns.schedule_callback, Effect.CHANGE, operations=("outbound.schedule_callback",)),
    ToolEntry(campaigns.cancel_callback, Effect.CHANGE, operations=("outbound.cancel_callback",)),
)
