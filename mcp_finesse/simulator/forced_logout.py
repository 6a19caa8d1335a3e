"""Agents whose connection to the Notification Service went away are forced out after 60 s.

Source: developer.cisco.com/docs/finesse/desktop-presence-and-forced-logout.
"""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.simulator.agents import Wish
from mcp_finesse.simulator.floor import Floor
from mcp_finesse.simulator.timing import Cancellable
from mcp_finesse.simulator.world import CONNECTION_FAILURE

GRACE_SECONDS = 60.0


class PresenceWatch:
    """Starts the clock when a user's last session goes, stops it when one comes back in time."""

    def __init__(self, floor: Floor, announce: Callable[[], None]) -> None:
        self._floor = floor
        self._announce = announce
        self._clocks: dict[str, Cancellable] = {}

    def change(self, user_id: str, available: bool) -> None:
        """The last session of a user went, or the first one came."""
        running = self._clocks.pop(user_id, None)
        if running is not None:
            running.cancel()
        if not available and user_id in self._floor.agents:
            self._clocks[user_id] = self._floor.after(GRACE_SECONDS, lambda: self._force_out(user_id))

    def _force_out(self, user_id: str) -> None:
        """At once, or when the call ends; by then coming back does not help (LOAD = 0 on CCE)."""
        self._clocks.pop(user_id, None)
        state = "LOGOUT" if self._floor.rules.signs_out_the_lost else "NOT_READY"
        reason = self._floor.codes.system(state, CONNECTION_FAILURE)
        self._floor.agents[user_id].force(Wish.because(state, reason))
        self._announce()
