"""A scripted agent who signs in, answers each call, talks, ends the call and becomes READY again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem


@dataclass(frozen=True, slots=True)
class Pace:
    """The seconds that an agent takes for each phase of a call.

    Attributes:
        ringing: seconds before the agent answers.
        talking: seconds before the agent ends the call.
        wrap_up: seconds after the call before the agent becomes READY.
    """

    ringing: float = 2.0
    talking: float = 8.0
    wrap_up: float = 3.0


async def agent_works(
    center: ContactCenter, agent_id: str, pace: Pace | None = None, tick: float = 0.5
) -> None:
    """Sign the agent in and handle its calls until cancelled.

    Args:
        center: the contact center.
        agent_id: the agent, who signs in at the usual extension.
        pace: duration of each phase of a call.
        tick: seconds between two checks of the agent's calls.
    """
    pace = pace or Pace()
    center.colleague(agent_id).sign_in()
    call_state, since = ("", ""), 0.0
    while True:
        await asyncio.sleep(tick)
        now = _call_state_of(center, agent_id)
        since = since + tick if now == call_state else 0.0
        call_state = now
        try:
            _next_step(center, agent_id, call_state, since, pace)
        except ApiProblem:
            continue  # the caller has just hung up, or an earlier request is still pending


def _call_state_of(center: ContactCenter, agent_id: str) -> tuple[str, str]:
    """Return the id of the agent's call and the participant state. Without a call, return "" and the agent state."""
    for call, party in center.state.live_calls_of(agent_id):
        return call.id, party.state
    return "", center.state.agents[agent_id].state


def _next_step(
    center: ContactCenter, agent_id: str, call_state: tuple[str, str], since: float, pace: Pace
) -> None:
    agent = center.colleague(agent_id)
    dialog_id, state = call_state
    if not dialog_id:
        if state not in ("READY", "RESERVED", "LOGOUT") and since >= pace.wrap_up:
            agent.change_state("READY")
    elif state == "ALERTING" and since >= pace.ringing:
        agent.act("ANSWER", dialog_id)
    elif state == "ACTIVE" and since >= pace.talking:
        agent.act("DROP", dialog_id)
