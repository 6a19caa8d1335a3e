"""The toolset ``supervisor``: teams, queues, other agents' states and calls, team messages."""

from __future__ import annotations

from mcp_finesse.server.policy.intent import AskReason
from mcp_finesse.server.policy.tool_entry import Effect, ToolEntry
from mcp_finesse.server.tools.supervisor import intents, supervision, team_messages, teams
from mcp_finesse.server.toolsets.agent import DROP_PARTICIPANT, GET_TEAM
from mcp_finesse.session.actions import supervision as actions
from mcp_finesse.session.actions import team_messages as message_actions
from mcp_finesse.session.reading.teams import TeamReader

SUPERVISOR = (
    GET_TEAM,
    ToolEntry(teams.get_queues, Effect.READ, (TeamReader.queues,), intent=intents.get_queues),
    ToolEntry(
        supervision.change_agent_state,
        Effect.CHANGE,
        (actions.change_agent_state,),
        intent=intents.change_agent_state,
        asks=(AskReason.OTHER_AGENT,),
    ),
    ToolEntry(
        supervision.sign_out_agent,
        Effect.DESTRUCTIVE,
        (actions.sign_out_agent,),
        intent=intents.sign_out_agent,
        asks=(AskReason.SIGN_OUT,),
    ),
    ToolEntry(supervision.monitor_call, Effect.CHANGE, (actions.monitor_call,), intent=intents.monitor_call),
    ToolEntry(
        supervision.barge_call,
        Effect.CHANGE,
        (actions.barge_call,),
        intent=intents.barge_call,
        asks=(AskReason.OTHER_AGENT,),
    ),
    ToolEntry(
        supervision.intercept_call,
        Effect.DESTRUCTIVE,
        (actions.barge_call, actions.drop_participant),
        intent=intents.intercept_call,
        asks=(AskReason.OTHER_AGENT,),
    ),
    DROP_PARTICIPANT,
    ToolEntry(
        supervision.start_recording,
        Effect.CHANGE,
        (actions.start_recording,),
        intent=intents.start_recording,
        asks=(AskReason.OTHER_AGENT,),
    ),
    ToolEntry(
        team_messages.get_team_messages,
        Effect.READ,
        (TeamReader.messages,),
        intent=intents.get_team_messages,
    ),
    ToolEntry(
        team_messages.send_team_message,
        Effect.CHANGE,
        (message_actions.send_team_message,),
        intent=intents.send_team_message,
    ),
    ToolEntry(
        team_messages.delete_team_message,
        Effect.DESTRUCTIVE,
        (message_actions.delete_team_message,),
        intent=intents.delete_team_message,
    ),
)
