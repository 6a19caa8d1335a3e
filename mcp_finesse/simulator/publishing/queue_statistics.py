"""Computes the statistics of a queue from agents and calls (guide p.139 to 144)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.world import Queue
from mcp_finesse.simulator.xml_text import Element, element

COUNTS = (
    "agentsBusyOther",
    "agentsLoggedOn",
    "agentsNotReady",
    "agentsReady",
    "agentsTalkingInbound",
    "agentsTalkingInternal",
    "agentsTalkingOutbound",
    "agentsWrapUpNotReady",
    "agentsWrapUpReady",
)
NAMES = ("callsInQueue", "startTimeOfLongestCallInQueue", *COUNTS)
UNKNOWN = "-1"

BY_STATE = {
    "NOT_READY": "agentsNotReady",
    "READY": "agentsReady",
    "WORK": "agentsWrapUpNotReady",
    "WORK_READY": "agentsWrapUpReady",
}
INTERNAL = ("AGENT_INSIDE", "CONSULT", "SUPERVISOR_MONITOR", "BARGE_IN_CONSULT")


def statistics(queue: Queue, state: ContactCenterState) -> dict[str, str]:
    """Return all statistics by name. If there is no data, numbers are -1 and times are empty.

    CCX has no data. On CCE a queue without agents has no data.
    """
    members = [state.agents[agent_id] for agent_id in state.queue_agents[queue.id]]
    if not members or not state.rules.queue_and_media_feeds:
        return dict.fromkeys(NAMES, UNKNOWN) | {"startTimeOfLongestCallInQueue": ""}
    waiting = [call.queued_at for call in state.calls.values() if call.waiting_for == queue.id]
    counted = Counter(_category_of(agent, queue, state) for agent in members if agent.signed_in)
    counted["agentsLoggedOn"] = counted.total()
    return {
        "callsInQueue": str(len(waiting)),
        "startTimeOfLongestCallInQueue": _whole_seconds(min(waiting)) if waiting else "",
    } | {name: str(counted[name]) for name in COUNTS}


def _category_of(agent: Agent, queue: Queue, state: ContactCenterState) -> str:
    """Return the name of the statistic that counts an agent. An agent on a call of another queue is busy elsewhere."""
    if agent.state in BY_STATE:
        return BY_STATE[agent.state]
    for call, party in state.live_calls_of(agent.id):
        if agent.state == "TALKING" and party.state == "ACTIVE" and call.queue_id in ("", queue.id):
            if call.call_type in INTERNAL:
                return "agentsTalkingInternal"
            outbound = party.direction == "outgoing"
            return "agentsTalkingOutbound" if outbound else "agentsTalkingInbound"
    return "agentsBusyOther"


def _whole_seconds(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"


def queue_xml(queue: Queue, state: ContactCenterState) -> Element:
    """Return the XML of a Queue. On CCE the name of a queue without agents is empty (guide p.140)."""
    known = bool(state.queue_agents[queue.id])
    counted = statistics(queue, state).items()
    return element(
        "Queue",
        [
            element("uri", f"/finesse/api/Queue/{queue.id}"),
            element("name", queue.name if known else ""),
            element("statistics", [element(name, value) for name, value in counted]),
        ],
    )
