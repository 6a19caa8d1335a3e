"""The truth: what agents and calls are, whatever notifications made of it. Plain values for tests."""

from __future__ import annotations

from typing import Any

from mcp_finesse.simulator.actions import actions_now
from mcp_finesse.simulator.calls import Call
from mcp_finesse.simulator.floor import Floor


def truth(floor: Floor, in_service: bool) -> dict[str, Any]:
    """``{"in_service": bool, "users": {id: {...}}, "dialogs": {id: {...}}}`` with the wire's words."""
    return {
        "in_service": in_service,
        "users": {agent_id: _user(floor, agent_id) for agent_id in floor.agents},
        "dialogs": {call.id: _dialog(floor, call) for call in floor.calls.values()},
    }


def _user(floor: Floor, agent_id: str) -> dict[str, Any]:
    agent = floor.agents[agent_id]
    return {
        "state": agent.state,
        "pendingState": agent.pending.state if agent.pending else "",
        "reasonCodeId": agent.reason_id,
        "reasonCode": agent.reason.code if agent.reason else None,
        "extension": agent.extension,
        "dialogs": [call.id for call, _ in floor.calls_of(agent_id)],
    }


def _dialog(floor: Floor, call: Call) -> dict[str, Any]:
    return {
        "state": call.state,
        "callType": call.call_type,
        "fromAddress": call.from_address,
        "toAddress": call.to_address,
        "secondaryId": call.secondary_id,
        "wrapUpReason": call.wrap_up_reason,
        "monitors": call.monitors,
        "recorded": call.recorded,
        "callback": dict(call.callback),
        "callvariables": dict(call.variables),
        "participants": {
            party.address: {
                "state": party.state,
                "stateCause": party.cause,
                "actions": list(actions_now(floor, call, party)),
            }
            for party in call.parties
        },
    }
