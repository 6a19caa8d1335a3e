"""Returns snapshots of the actual state of agents, calls and tasks, as plain values for tests."""

from __future__ import annotations

from typing import Any

from mcp_finesse.simulator.calls.allowed_actions import actions_now
from mcp_finesse.simulator.calls.calls import Call
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.tasks.board import TaskBoard


def snapshot(state: ContactCenterState, in_service: bool) -> dict[str, Any]:
    """Return ``{"in_service": bool, "users": {id: {...}}, "dialogs": {id: {...}}}`` in Finesse's terms."""
    return {
        "in_service": in_service,
        "users": {agent_id: _user(state, agent_id) for agent_id in state.agents},
        "dialogs": {call.id: _dialog(state, call) for call in state.calls.values()},
    }


def _user(state: ContactCenterState, agent_id: str) -> dict[str, Any]:
    agent = state.agents[agent_id]
    return {
        "state": agent.state,
        "pendingState": agent.pending_state,
        "reasonCodeId": agent.reason_id,
        "reasonCode": agent.reason.code if agent.reason else None,
        "extension": agent.extension,
        "activeDeviceId": agent.device_id,
        "mobileAgent": agent.mobile.mode if agent.mobile else "",
        "dialogs": [call.id for call, _ in state.calls_of(agent_id)],
    }


def _dialog(state: ContactCenterState, call: Call) -> dict[str, Any]:
    return {
        "state": call.state,
        "callType": call.call_type,
        "fromAddress": call.from_address,
        "toAddress": call.to_address,
        "secondaryId": call.secondary_id,
        "wrapUpReason": call.wrap_up_reason,
        "wrapUpItems": list(call.wrap_up_items),
        "monitors": call.monitors,
        "recorded": call.recorded,
        "callback": dict(call.callback),
        "callvariables": dict(call.variables),
        "participants": {
            party.address: {
                "state": party.state,
                "stateCause": party.cause,
                "actions": list(actions_now(state, call, party)),
            }
            for party in call.parties
        },
    }


def media_snapshot(board: TaskBoard) -> dict[str, dict[str, dict[str, Any]]]:
    """Return media states by user id and domain id. Users have a state in each domain that has their skill group."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for (user_id, media_id), user in board.users.items():
        if user_id in user.domain.agents:
            found.setdefault(user_id, {})[media_id] = {
                "state": user.shown,
                "routable": user.routable,
                "reasonCodeId": user.reason_id,
                "maxDialogLimit": user.max_dialog_limit,
                "interruptAction": user.interrupt_action,
                "dialogLogoutAction": user.dialog_logout_action,
                "dialogs": [task.id for task in board.tasks_of(user_id, media_id)],
            }
    return found


def task_snapshot(board: TaskBoard) -> dict[str, dict[str, Any]]:
    """Return the tasks by dialog id. A task that is not offered to any agent has no agent and no actions."""
    return {
        task.id: {
            "media": task.domain.id,
            "agent": task.agent_id,
            "state": task.state,
            "actions": list(board.actions(task)) if task.agent_id else [],
            "interrupted": bool(task.agent_id) and board.is_interrupted(task),
            "callvariables": dict(task.variables),
        }
        for task in board.tasks
    }
