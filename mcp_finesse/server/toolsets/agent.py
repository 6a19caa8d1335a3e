"""The toolset ``agent``: agent state, calls, call data, phone books."""

from __future__ import annotations

from mcp_finesse.server.policy import Effect, ToolEntry
from mcp_finesse.server.tools.agent import agent_state, call_data, calls, contacts
from mcp_finesse.server.tools.supervisor import supervision, teams

# Always allowed for supervisors, and for agents if the site permits it. Also part of the toolset supervisor.
GET_TEAM = ToolEntry(teams.get_team, Effect.READ, operations=("teams.get_team",))
DROP_PARTICIPANT = ToolEntry(
    supervision.drop_participant, Effect.DESTRUCTIVE, operations=("supervision.drop_participant",)
)

AGENT = (
    ToolEntry(agent_state.sign_in, Effect.CHANGE, operations=("users.sign_in",)),
    ToolEntry(agent_state.sign_out, Effect.DESTRUCTIVE, operations=("users.sign_out",)),
    ToolEntry(agent_state.change_state, Effect.CHANGE, operations=("users.change_state",)),
    ToolEntry(
        agent_state.get_codes,
        Effect.READ,
        operations=(
            "codes.get_reason_codes",
            "codes.get_wrap_up_reasons",
        ),
    ),
    ToolEntry(contacts.search_contacts, Effect.READ, operations=("phone_books.get_phone_books",)),
    ToolEntry(calls.make_call, Effect.CHANGE, operations=("dialogs.make_call",)),
    ToolEntry(calls.answer_call, Effect.CHANGE, operations=("dialogs.take_action",)),
    ToolEntry(calls.hold_call, Effect.CHANGE, operations=("dialogs.take_action",)),
    ToolEntry(calls.retrieve_call, Effect.CHANGE, operations=("dialogs.take_action",)),
    ToolEntry(calls.end_call, Effect.DESTRUCTIVE, operations=("dialogs.take_action",)),
    ToolEntry(calls.consult_call, Effect.CHANGE, operations=("dialogs.consult_call",)),
    ToolEntry(
        calls.transfer_call,
        Effect.CHANGE,
        operations=(
            "dialogs.take_action",
            "dialogs.transfer_single_step",
        ),
    ),
    ToolEntry(calls.conference_call, Effect.CHANGE, operations=("dialogs.take_action",)),
    ToolEntry(calls.send_dtmf, Effect.CHANGE, operations=("dialogs.send_dtmf",)),
    ToolEntry(call_data.update_call_data, Effect.CHANGE, operations=("dialogs.update_call_data",)),
    ToolEntry(call_data.wrap_up_call, Effect.CHANGE, operations=("dialogs.update_call_data",)),
    DROP_PARTICIPANT,
    GET_TEAM,
)
