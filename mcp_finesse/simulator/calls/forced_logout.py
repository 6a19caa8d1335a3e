"""Forces agents to sign out 60 s after they lose their connection to the Notification Service.

Source: developer.cisco.com/docs/finesse/desktop-presence-and-forced-logout.
"""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.timing import Cancellable
from mcp_finesse.simulator.world.agents import TargetState
from mcp_finesse.simulator.world.world import CONNECTION_FAILURE

GRACE_SECONDS = 60.0


class PresenceWatch:
    """Starts a timer when a user's last XMPP session on a node ends. A new session on that node cancels the timer.

    XMPP sessions on the other node do not count. An agent who moved to the other node is nevertheless forced to
    sign out.

    Args:
        state: the state of agents and calls.
        in_service: a function that returns whether the node can reach CTI. The function is called when the
            timer expires.
        announce: a function that is called after an agent was forced to sign out.
    """

    def __init__(
        self, state: ContactCenterState, in_service: Callable[[], bool], announce: Callable[[], None]
    ) -> None:
        self._state = state
        self._in_service = in_service
        self._announce = announce
        self._clocks: dict[str, Cancellable] = {}

    def change(self, user_id: str, available: bool) -> None:
        """Handle the end of a user's last XMPP session, or the start of the first XMPP session."""
        running = self._clocks.pop(user_id, None)
        if running is not None:
            running.cancel()
        if not available and user_id in self._state.agents:
            self._clocks[user_id] = self._state.after(GRACE_SECONDS, lambda: self._force_out(user_id))

    def clear(self) -> None:
        """Cancel all timers, because the Notification Service or Finesse was stopped."""
        for running in self._clocks.values():
            running.cancel()
        self._clocks.clear()

    def _force_out(self, user_id: str) -> None:
        """Force a sign-out now or at the end of the call. A new session no longer prevents this (LOAD = 0 on CCE)."""
        self._clocks.pop(user_id, None)
        if not self._in_service():
            return
        state = "LOGOUT" if self._state.rules.signs_out_the_lost else "NOT_READY"
        reason = self._state.codes.system(state, CONNECTION_FAILURE)
        self._state.agents[user_id].force(TargetState.with_reason(state, reason))
        self._announce()
