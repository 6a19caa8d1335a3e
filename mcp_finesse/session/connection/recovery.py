"""Runs the rules of failover: looks at the nodes, waits, says so, until there is something to be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from mcp_finesse.session.nodes.failover import Decision, FailoverInputs, NodeHealth, Step, decide
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.timing import Clock, SessionTiming


class Recovery:
    """One look after the other, at the documented pace.

    Args:
        told: gets every decision that is followed by a wait, and the seconds of it.

    Attributes:
        here: how this node was seen last.
        waited: whether the last ``settle`` waited before it returned.
    """

    def __init__(
        self,
        nodes: Nodes,
        timing: SessionTiming,
        clock: Clock,
        told: Callable[[Decision, NodeHealth, float], None],
    ) -> None:
        self.here: NodeHealth | None = None
        self.waited = False
        self._nodes = nodes
        self._timing = timing
        self._clock = clock
        self._told = told

    async def settle(
        self, facts: Callable[[], FailoverInputs], pause: Callable[[float], Awaitable[None]]
    ) -> Decision:
        """Return when a link is to be opened, work can go on, or the other node is to be gone to.

        Args:
            facts: what is known beside the nodes; raises to end the waiting.
            pause: waits so many seconds, or less when there is news.
        """
        self.here, self.waited = None, False
        there: NodeHealth | None = None
        asked_again = False
        while True:
            decision = decide(replace(facts(), here=self.here, there=there, asked_again=asked_again))
            if decision.step in (Step.RECONNECT, Step.RESUME, Step.MOVE):
                return decision
            if self.here is not None:
                seconds = self._seconds(decision.step)
                self._told(decision, self.here, seconds)
                await pause(seconds)
                self.waited = True
            asked_again = decision.step is Step.LOOK_AGAIN
            self.here, there = await self._nodes.look(self._timing.look)

    def _seconds(self, step: Step) -> float:
        """The poll with its jitter; before a move a time of our own, so that not all arrive at once."""
        chance = self._clock.chance()
        return self._timing.arrival * chance if step is Step.LOOK_AGAIN else self._timing.poll_pause(chance)
