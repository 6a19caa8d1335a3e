"""Runs the failover rules: checks the nodes and waits until there is a decision to act on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from mcp_finesse.session.nodes.failover import Decision, FailoverInputs, NodeHealth, Step, decide
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.timing import Clock, SessionTiming


class Recovery:
    """Checks the nodes repeatedly, at the documented interval.

    Args:
        told: Called with each decision that is followed by a wait, and the seconds of that wait.

    Attributes:
        here: Health of the node in use at the last check.
        waited: Whether the last ``settle`` waited before it returned.
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
        """Return the decision to reconnect, to resume, or to switch nodes.

        Args:
            facts: Returns the inputs other than node health; raises to stop waiting.
            pause: Waits for the given seconds, or less if there is news.
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
        """Return the poll interval with jitter, or before a switch a random delay that spreads the clients."""
        chance = self._clock.chance()
        return self._timing.arrival * chance if step is Step.LOOK_AGAIN else self._timing.poll_pause(chance)
