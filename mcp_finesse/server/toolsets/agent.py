"""The toolset ``agent``: agent state, calls, call data, phone books."""

from __future__ import annotations

from mcp_finesse.server.policy.intent import AskReason
from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.tools.agent import agent_state, call_data, calls, contacts, intents
from mcp_finesse.server.tools.supervisor import intents as supervisor_intents
from mcp_finesse.server.tools.supervisor import supervision, teams
from mcp_finesse.session import any_of
from mcp_finesse.session.actions import agent as agent_actions
from mcp_finesse.session.actions import call_data as call_data_actions
from mcp_finesse.session.actions import calls as call_actions
from mcp_finesse.session.actions import supervision as supervision_actions
from mcp_finesse.session.actions import transfer
from mcp_finesse.session.reading.code_lists import CodeLists
from mcp_finesse.session.reading.teams import TeamReader

# Supervisors may always use these tools. Agents may use them if the site permits it. The tools are therefore
# also in the toolset ``supervisor``.
NUMBER = (AskReason.UNKNOWN_NUMBER, AskReason.UNLISTED_NUMBER)
GET_TEAM = ToolEntry(teams.get_team, Effect.READ, (TeamReader.team,), intent=supervisor_intents.get_team)
DROP_PARTICIPANT = ToolEntry(
    supervision.drop_participant,
    Effect.DESTRUCTIVE,
    (supervision_actions.drop_participant,),
    intent=supervisor_intents.drop_participant,
    asks=(AskReason.OTHER_AGENT,),
)

AGENT = (
    ToolEntry(
        agent_state.sign_in,
        Effect.CHANGE,
        (any_of(agent_actions.sign_in, agent_actions.sign_in_mobile),),
        (CodeLists.contacts,),
        intents.sign_in,
        NUMBER,
    ),
    ToolEntry(
        agent_state.sign_out,
        Effect.DESTRUCTIVE,
        (agent_actions.sign_out, CodeLists.codes),
        intent=intents.sign_out,
        asks=(AskReason.SIGN_OUT,),
    ),
    ToolEntry(agent_state.change_state, Effect.CHANGE, (agent_actions.change_state, CodeLists.codes)),
    ToolEntry(agent_state.get_codes, Effect.READ, (CodeLists.codes, CodeLists.wrap_up_reasons)),
    ToolEntry(contacts.search_contacts, Effect.READ, (CodeLists.contacts,)),
    ToolEntry(
        calls.make_call,
        Effect.CHANGE,
        (call_actions.make_call,),
        (CodeLists.contacts,),
        intents.make_call,
        NUMBER,
    ),
    ToolEntry(
        calls.answer_call,
        Effect.CHANGE,
        (call_actions.answer_call,),
        intent=intents.on_call("Answer call", "ANSWER"),
    ),
    ToolEntry(
        calls.hold_call, Effect.CHANGE, (call_actions.hold_call,), intent=intents.on_call("Hold call", "HOLD")
    ),
    ToolEntry(
        calls.retrieve_call,
        Effect.CHANGE,
        (call_actions.retrieve_call,),
        intent=intents.on_call("Retrieve call", "RETRIEVE"),
    ),
    ToolEntry(
        calls.end_call,
        Effect.DESTRUCTIVE,
        (call_actions.end_call,),
        intent=intents.on_call("End call", "DROP"),
    ),
    ToolEntry(
        calls.consult_call,
        Effect.CHANGE,
        (call_actions.consult_call,),
        (CodeLists.contacts,),
        intents.consult_call,
        NUMBER,
    ),
    ToolEntry(
        calls.transfer_call,
        Effect.CHANGE,
        (transfer.transfer_call,),
        (CodeLists.contacts,),
        intents.transfer_call,
        NUMBER,
    ),
    ToolEntry(
        calls.conference_call,
        Effect.CHANGE,
        (transfer.conference_call,),
        intent=intents.conference_call,
        asks=(AskReason.UNLISTED_NUMBER,),
    ),
    ToolEntry(
        calls.send_dtmf,
        Effect.CHANGE,
        (call_actions.send_dtmf,),
        intent=intents.on_call("Send DTMF", "SEND_DTMF"),
    ),
    ToolEntry(
        call_data.update_call_data,
        Effect.CHANGE,
        (call_data_actions.update_call_data,),
        intent=intents.on_call("Update call data", "UPDATE_CALL_DATA"),
    ),
    ToolEntry(
        call_data.wrap_up_call,
        Effect.CHANGE,
        (call_data_actions.wrap_up_call, CodeLists.wrap_up_reasons),
        intent=intents.on_call("Wrap up call", "UPDATE_CALL_DATA", "WRAP_UP"),
    ),
    DROP_PARTICIPANT,
    GET_TEAM,
)
