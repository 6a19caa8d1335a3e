"""A scripted agent who signs in, answers each call, talks, ends the call and becomes READY again."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass

from mcp_finesse.simulator.calls.outbound import RING_SECONDS
from mcp_finesse.simulator.contact_center import ContactCenter
from mcp_finesse.simulator.errors import ApiProblem


@dataclass(frozen=True, slots=True)
class Pace:
    """The seconds that an agent takes for each phase of a call.

    Attributes:
        ringing: seconds before the agent answers a call, or accepts a contact of a campaign.
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
    fixed = pace or Pace()
    agent, now = WorkingAgent(center, agent_id, lambda: fixed), 0.0
    agent.sign_in()
    while True:
        await asyncio.sleep(tick)
        now += tick
        agent.step(now)


class WorkingAgent:
    """An agent who works on a script. The owner calls ``step`` often.

    Args:
        center: the contact center.
        agent_id: the agent.
        next_pace: a function that returns the durations for the next call.
    """

    def __init__(self, center: ContactCenter, agent_id: str, next_pace: Callable[[], Pace]) -> None:
        self._center = center
        self._agent_id = agent_id
        self._next_pace = next_pace
        self._pace = next_pace()
        self._call_state, self._since = ("", ""), 0.0
        self._leaves = False
        self._break_reason: str | None = None

    def sign_in(self) -> None:
        """Sign in at the usual extension and begin to work."""
        self._leaves, self._break_reason = False, None
        self._center.colleague(self._agent_id).sign_in()

    def sign_out(self) -> None:
        """Sign out as soon as the agent has no call."""
        self._leaves = True

    def take_break(self, reason_id: str) -> None:
        """Become NOT_READY as soon as the agent has no call. Without ``reason_id``, the first reason applies."""
        self._break_reason = reason_id

    def end_break(self) -> None:
        """Become READY again."""
        self._break_reason = None

    def step(self, now: float) -> None:
        """Do what is due.

        Args:
            now: seconds since any fixed point in time. Must not decrease.
        """
        call_state = self._read_call_state()
        if call_state != self._call_state:
            if call_state[0] not in ("", self._call_state[0]):
                self._pace = self._next_pace()
            self._call_state, self._since = call_state, now
        try:
            self._act(*call_state, now - self._since)
        except ApiProblem:
            return  # the caller has just hung up, or an earlier request is still pending

    def _read_call_state(self) -> tuple[str, str]:
        """Return the id of the call and the participant state. Without a call, return "" and the agent state."""
        for call, party in self._center.state.live_calls_of(self._agent_id):
            return call.id, "SHOWN" if call.reservation and party.state == "ALERTING" else party.state
        return "", self._center.state.agents[self._agent_id].state

    def _act(self, dialog_id: str, state: str, elapsed: float) -> None:
        agent = self._center.colleague(self._agent_id)
        if not dialog_id:
            self._change_state(state, elapsed)
        elif state == "ALERTING" and elapsed >= self._pace.ringing:
            agent.act("ANSWER", dialog_id)
        elif state == "SHOWN" and elapsed >= self._pace.ringing:
            agent.act("ACCEPT", dialog_id)
        elif state == "FAILED" or elapsed >= {"ACTIVE": self._pace.talking, "INITIATED": RING_SECONDS}.get(
            state, math.inf
        ):
            agent.act("DROP", dialog_id)

    def _change_state(self, state: str, elapsed: float) -> None:
        """Become READY after wrap-up, NOT_READY for a break, or LOGOUT."""
        agent, at_work = (
            self._center.colleague(self._agent_id),
            self._break_reason is None and not self._leaves,
        )
        if state == "LOGOUT" or state.startswith("RESERVED"):
            return
        if at_work:
            if state != "READY" and elapsed >= self._pace.wrap_up:
                agent.change_state("READY")
        elif state == "READY" or (state != "NOT_READY" and elapsed >= self._pace.wrap_up):
            agent.change_state("NOT_READY", self._break_reason or first_reason(self._center, "NOT_READY"))
        elif state == "NOT_READY" and self._leaves:
            agent.change_state("LOGOUT", first_reason(self._center, "LOGOUT"))


def first_reason(center: ContactCenter, category: str) -> str:
    """Return the id of the first reason code for NOT_READY or LOGOUT, which requests require if there is any."""
    codes = (code for code in center.state.codes.codes if code.category == category and not code.system)
    return next((str(code.id) for code in codes), "")
