"""What the console shows of a simulation: plain values, and the differences between two snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mcp_finesse.simulator.calls.allowed_actions import actions_now
from mcp_finesse.simulator.calls.calls import Call, Party
from mcp_finesse.simulator.calls.outbound import OPEN
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.node import NOTIFICATIONS
from mcp_finesse.simulator.openfire.session import XmppSession
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.system_info import CTI
from mcp_finesse.simulator.tasks.tasks import Task
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.world import Queue

Item = dict[str, Any]
Snapshot = dict[str, dict[str, Item]]
"""Objects by section and id. The sections are those that ``snapshot`` returns."""


def snapshot(center: ContactCenter, simulators: Sequence[Simulator]) -> Snapshot:
    """Return all that the console shows, except the journal."""
    state = center.state
    sessions = [session for simulator in simulators for session in simulator.notifications.sessions]
    return {
        "options": {"options": _options(center)},
        "teams": {team.id: {"id": team.id, "name": team.name} for team in center.world.teams},
        "agents": {agent.id: _agent(center, agent, sessions) for agent in state.agents.values()},
        "queues": {queue.id: _queue(center, queue) for queue in center.world.queues},
        "calls": {call.id: _call(center, call) for call in state.calls.values()},
        "contacts": {
            offer.id: {
                "id": offer.id,
                "campaign": offer.campaign.name,
                "number": offer.customer.number,
                "agent": offer.agent_id,
                "status": offer.status,
            }
            for offer in center.outbound.offers.values()
            if offer.status in OPEN
        },
        "tasks": {str(task.number): _task(center, task) for task in center.tasks.tasks},
        "nodes": {simulator.settings.domain: _node(simulator) for simulator in simulators},
        "system": {"system": _system(center)},
    }


def differences(before: Snapshot, now: Snapshot) -> dict[str, dict[str, Item | None]]:
    """Return the objects that are new or changed, by section. ``None`` stands for an object that is gone."""
    found: dict[str, dict[str, Item | None]] = {}
    for section, items in now.items():
        old = before.get(section, {})
        changed: dict[str, Item | None] = {id_: item for id_, item in items.items() if old.get(id_) != item}
        changed |= dict.fromkeys(old.keys() - items.keys())
        if changed:
            found[section] = changed
    return found


def full_name(agent: Agent) -> str:
    """Return first and last name."""
    return f"{agent.record.first_name} {agent.record.last_name}"


def _agent(center: ContactCenter, agent: Agent, sessions: Sequence[XmppSession]) -> Item:
    own = [session for session in sessions if session.user_id == agent.id]
    return {
        "id": agent.id,
        "name": full_name(agent),
        "team": agent.record.team_id,
        "supervises": list(agent.record.supervises),
        "extension": agent.extension,
        "usual_extension": agent.record.extension,
        "state": agent.state,
        "pending": agent.pending_state,
        "reason": agent.reason.label if agent.reason else "",
        "since": agent.changed_at,
        "calls": [call.id for call, _ in center.state.calls_of(agent.id)],
        "tasks": [str(task.number) for task in center.tasks.tasks_of(agent.id)],
        "media": {
            user.domain.id: user.shown
            for (user_id, _), user in center.tasks.users.items()
            if user_id == agent.id and agent.id in user.domain.agents
        },
        "streams": len(own),
        "frozen": sum(session.frozen for session in own),
    }


def _queue(center: ContactCenter, queue: Queue) -> Item:
    state = center.state
    members = [state.agents[agent_id] for agent_id in state.queue_agents[queue.id]]
    waiting = [call.queued_at for call in state.calls.values() if call.waiting_for == queue.id]
    return {
        "id": queue.id,
        "name": queue.name,
        "number": queue.number,
        "waiting": len(waiting),
        "longest": min(waiting, default=None),
        "ready": sum(agent.state == "READY" for agent in members),
        "signed_in": sum(agent.signed_in for agent in members),
    }


def _call(center: ContactCenter, call: Call) -> Item:
    return {
        "id": call.id,
        "state": call.state,
        "type": call.call_type,
        "from": call.from_address,
        "to": call.to_address,
        "queue": call.queue_name,
        "waiting": bool(call.waiting_for),
        "since": call.queued_at if call.waiting_for else call.parties[0].started,
        "reservation": call.reservation,
        "monitors": call.monitors,
        "tones": call.tones,
        "variables": dict(call.variables),
        "participants": [_party(center, call, party) for party in call.parties],
    }


def _party(center: ContactCenter, call: Call, party: Party) -> Item:
    agent = center.state.agents.get(party.agent_id or "")
    return {
        "address": party.address,
        "agent": agent.id if agent else "",
        "name": full_name(agent) if agent else "",
        "state": party.state,
        "since": party.changed,
        "cause": party.cause,
        "actions": list(actions_now(center.state, call, party)),
    }


def _task(center: ContactCenter, task: Task) -> Item:
    return {
        "number": str(task.number),
        "id": task.id,
        "media": task.domain.name,
        "media_id": task.domain.id,
        "agent": task.agent_id,
        "state": task.state if task.agent_id else "WAITING",
        "since": task.changed or task.arrived,
        "actions": list(center.tasks.actions(task)) if task.agent_id else [],
        "variables": dict(task.variables),
        "selectors": list(task.domain.selectors),
    }


def _node(simulator: Simulator) -> Item:
    node, faults = simulator.node, simulator.faults
    return {
        "domain": simulator.settings.domain,
        "url": simulator.url,
        "running": simulator.is_running,
        "in_service": simulator.is_running and node.in_service,
        "reason": node.system.reason,
        "rest_stopped": node.halted,
        "notifications_stopped": node.system.misses(NOTIFICATIONS),
        "cti_lost": node.system.misses(CTI),
        "sessions": len(simulator.notifications.sessions),
        "silent": faults.silent,
        "drop_request_id": faults.drop_request_id,
        "event_delay": faults.event_delay,
        "response_delay": faults.response_delay,
        "waiting_faults": faults.waiting,
    }


def _system(center: ContactCenter) -> Item:
    lost = all(node.system.misses(CTI) for node in center.nodes)
    return {
        "cti": "silent" if center.cti_is_silent else "lost" if lost else "connected",
        "outcome_delay": center.settings.delay,
    }


def _options(center: ContactCenter) -> Item:
    """Return what a person can choose from."""
    rules, world = center.state.rules, center.world
    codes = [code for code in center.state.codes.codes if not code.system]
    return {
        "platform": rules.name,
        "campaigns": [
            {"name": campaign.name, "mode": campaign.mode, "agents": list(campaign.agents)}
            for campaign in world.campaigns
            if campaign.mode in rules.campaign_modes
        ],
        "media": [{"id": domain.id, "name": domain.name} for domain in center.tasks.domains.values()],
        "reasons": [{"id": str(code.id), "category": code.category, "label": code.label} for code in codes],
        "lines": dict(world.lines),
    }
