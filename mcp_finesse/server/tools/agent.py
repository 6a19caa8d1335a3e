"""The toolset ``agent``: what an agent does at work."""

from __future__ import annotations

from mcp_finesse.server.policy import Effect, ToolEntry
from mcp_finesse.server.tools import agent_state, call_data, calls, contacts

AGENT = (
    ToolEntry(agent_state.sign_in, Effect.CHANGE),
    ToolEntry(agent_state.sign_out, Effect.DESTRUCTIVE),
    ToolEntry(agent_state.change_state, Effect.CHANGE),
    ToolEntry(agent_state.get_codes, Effect.READ),
    ToolEntry(contacts.search_contacts, Effect.READ),
    ToolEntry(calls.make_call, Effect.CHANGE),
    ToolEntry(calls.answer_call, Effect.CHANGE),
    ToolEntry(calls.hold_call, Effect.CHANGE),
    ToolEntry(calls.retrieve_call, Effect.CHANGE),
    ToolEntry(calls.end_call, Effect.DESTRUCTIVE),
    ToolEntry(calls.consult_call, Effect.CHANGE),
    ToolEntry(calls.transfer_call, Effect.CHANGE),
    ToolEntry(calls.conference_call, Effect.CHANGE),
    ToolEntry(calls.send_dtmf, Effect.CHANGE),
    ToolEntry(call_data.update_call_data, Effect.CHANGE),
    ToolEntry(call_data.wrap_up_call, Effect.CHANGE),
)
