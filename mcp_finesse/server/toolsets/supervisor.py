"""The toolset ``supervisor``: teams, queues, other agents' states and calls, team messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mcp_finesse.server.policy import Effect, ToolEntry
from mcp_finesse.server.present.results import Result
from mcp_finesse.server.tools.supervisor import supervision, team_messages, teams
from mcp_finesse.server.toolsets.agent import DROP_PARTICIPANT, GET_TEAM


def _entry(fn: Callable[..., Awaitable[Result]], effect: Effect, *operations: str) -> ToolEntry:
    return ToolEntry(fn, effect, operations=operations)


SUPERVISOR = (
    GET_TEAM,
    _entry(teams.get_queues, Effect.READ, "queues.get_queues"),
    _entry(supervision.change_agent_state, Effect.CHANGE, "supervision.change_agent_state"),
    _entry(supervision.sign_out_agent, Effect.DESTRUCTIVE, "supervision.sign_out_agent"),
    _entry(supervision.monitor_call, Effect.CHANGE, "supervision.silent_monitor"),
    _entry(supervision.barge_call, Effect.CHANGE, "supervision.barge_call"),
    _entry(
        supervision.intercept_call,
        Effect.DESTRUCTIVE,
        "supervision.barge_call",
        "supervision.drop_participant",
    ),
    DROP_PARTICIPANT,
    _entry(supervision.start_recording, Effect.CHANGE, "supervision.start_recording"),
    _entry(team_messages.get_team_messages, Effect.READ, "team_messages.get_team_messages"),
    _entry(team_messages.send_team_message, Effect.CHANGE, "team_messages.create_team_message"),
    _entry(team_messages.delete_team_message, Effect.DESTRUCTIVE, "team_messages.delete_team_message"),
)
