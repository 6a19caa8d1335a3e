"""Agents whose connection to the Notification Service went away are forced out after 60 s.

Source: developer.cisco.com/docs/finesse/desktop-presence-and-forced-logout.
"""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.timing import Cancellable
from mcp_finesse.simulator.world.agents import Wish
from mcp_finesse.simulator.world.world import CONNECTION_FAILURE

GRACE_SECONDS = 60.0


class PresenceWatch:
    """Starts the clock when a user's last session on a node goes, stops it when one comes back in time.

    Each node sees its own sessions only: an agent who has moved to the other one is forced out all the same.

    Args:
        floor: the agents.
        in_service: whether the node can still tell CTI when the time is up.
        announce: called when an agent has been forced out.
    """

    def __init__(
        self, floor: ContactCenterState, in_service: Callable[[], bool], announce: Callable[[], None]
    ) -> None:
        self._floor = floor
        self._in_service = in_service
        self._announce = announce
        self._clocks: dict[str, Cancellable] = {}

    def change(self, user_id: str, available: bool) -> None:
        """The last session of a user went, or the first one came."""
        running = self._clocks.pop(user_id, None)
        if running is not None:
            running.cancel()
        if not available and user_id in self._floor.agents:
            self._clocks[user_id] = self._floor.after(GRACE_SECONDS, lambda: self._force_out(user_id))

    def clear(self) -> None:
        """Stop every clock: the node has lost sight of its users."""
        for running in self._clocks.values():
            running.cancel()
        self._clocks.clear()

    def _force_out(self, user_id: str) -> None:
        """At once, or when the call ends; by then coming back does not help (LOAD = 0 on CCE)."""
        self._clocks.pop(user_id, None)
        if not self._in_service():
            return
        state = "LOGOUT" if self._floor.rules.signs_out_the_lost else "NOT_READY"
        reason = self._floor.codes.system(state, CONNECTION_FAILURE)
        self._floor.agents[user_id].force(Wish.because(state, reason))
        self._announce()
