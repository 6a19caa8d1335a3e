"""Supervision of calls: silent monitoring, barging in, dropping participants and recording (guide p.97)."""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.simulator.calls.allowed_actions import require_action
from mcp_finesse.simulator.calls.calls import Call, Party
from mcp_finesse.simulator.calls.setup import STEP_SECONDS
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import CtiError, ErrorDetails, generic, wrong_state
from mcp_finesse.simulator.world.agents import WRAPPING_UP, Agent

MONITOR = "SUPERVISOR_MONITOR"
BARGE = "BARGE_IN_CONSULT"

BRIDGE_FULL = ErrorDetails("20700", "The conference resource limit is reached", "0")
NO_CONTROLLER = ErrorDetails("20999", "The agent does not control the conference or has another call", "0")
ON_HOLD = ErrorDetails("Invalid Destination", "The agent is on hold", "0")


class Supervision:
    """Monitoring dialogs and barging. A monitoring dialog ends when the agent leaves the monitored call."""

    def __init__(self, state: ContactCenterState) -> None:
        self._state = state
        state.change_hooks.append(self._end_unused_monitoring)

    # Silent monitoring

    def monitor(self, supervisor: Agent, agent: Agent, request_id: str) -> None:
        """Create the monitoring dialog, with the events of an outgoing call. The agent's phone answers automatically.

        Raises:
            CtiError: the supervisor is not NOT_READY, or the agent has no call to monitor.
        """
        if supervisor.state != "NOT_READY" or self._state.live_calls_of(supervisor.id):
            raise generic(21, "CF_GENERIC_STATE_INCOMPATIBILITY")
        monitored = self._call_to_monitor(agent)
        call = self._off_hook(supervisor, agent.extension, MONITOR)
        call.monitors = monitored.id
        self._dial(call, request_id, lambda own: self._ring_agent(call, own))

    def _call_to_monitor(self, agent: Agent) -> Call:
        """Return the active call to monitor. How Finesse chooses among several calls is a guess."""
        refusal = self._monitoring_obstacle(agent)
        if refusal is not None:
            raise refusal
        for call, party in self._state.live_calls_of(agent.id):
            if party.state == "ACTIVE" and not call.monitors:
                return call
        raise self._not_talking()

    def _monitoring_obstacle(self, agent: Agent) -> CtiError | None:
        """Return the error if an agent in this state cannot be monitored. Otherwise return None (guide p.99)."""
        if not self._state.rules.hold_shows:
            return (
                None  # on CCX the agent state does not matter, because an agent on a direct call is NOT_READY
            )
        if agent.state == "READY" or agent.state in WRAPPING_UP:
            return wrong_state()
        return None if agent.state == "TALKING" else self._not_talking()

    def _not_talking(self) -> CtiError:
        return CtiError(self._state.rules.not_talking_code, "The agent is not talking", "0")

    def _ring_agent(self, call: Call, own: Party) -> None:
        leg = self._state.new_party(call.to_address, "ALERTING", "incoming")
        leg.passive = True
        call.parties.append(leg)
        self._state.changed("")
        self._state.after(STEP_SECONDS, lambda: self._listen(own, leg))

    def _listen(self, own: Party, leg: Party) -> None:
        if leg.state == "ALERTING":
            for party in (own, leg):
                party.become("ACTIVE", self._state.clock())
            self._state.changed("")

    def _end_unused_monitoring(self) -> None:
        """End the monitoring dialogs of calls that the agent left or transferred (guide p.98)."""
        for call in [call for call in self._state.calls.values() if call.monitors and call.live_parties]:
            monitored = self._state.calls.get(call.monitors)
            party = monitored.party(call.to_address) if monitored else None
            if party is None or not party.live:
                for each in call.live_parties:
                    each.become("DROPPED", self._state.clock())
                self._state.after(0, self._remove)

    def _remove(self) -> None:
        self._state.remove_dropped()
        self._state.changed("")

    # Barging

    def barge_obstacle(self, monitor: Call) -> ErrorDetails | None:
        """Return the error if the supervisor cannot barge into the monitored call. Otherwise None (guide p.102)."""
        call = self._state.calls.get(monitor.monitors)
        party = call.party(monitor.to_address) if call else None
        if call is None or party is None or not party.live or party.agent_id is None:
            return NO_CONTROLLER
        if party.state == "HELD":
            return ON_HOLD
        others = len(self._state.live_calls_of(party.agent_id)) > 1
        if others or call.controller not in ("", party.address):
            return NO_CONTROLLER
        return BRIDGE_FULL if len(call.live_parties) >= self._state.world.conference_limit else None

    def barge(self, supervisor: Agent, monitor: Call, request_id: str) -> None:
        """Start a consult call that becomes a conference with the agent as controller.

        Raises:
            CtiError: the conditions changed after the 202 response, or the supervisor is already on another
                call.
        """
        if details := self.barge_obstacle(monitor):
            raise CtiError(details.type, details.message, details.data)
        if any(call is not monitor for call, _ in self._state.live_calls_of(supervisor.id)):
            raise generic(21, "CF_GENERIC_STATE_INCOMPATIBILITY")
        call = self._off_hook(supervisor, monitor.to_address, BARGE)
        call.associated_dialog_uri = monitor.uri
        self._dial(call, request_id, lambda own: self._join(call, own, monitor))

    def _join(self, barge: Call, own: Party, monitor: Call) -> None:
        """Replace the monitoring dialog and the consult dialog with a participant on the agent's call."""
        if monitor.id not in self._state.calls or self.barge_obstacle(monitor):
            own.become("FAILED", self._state.clock(), "OTHER")
        else:
            call = self._state.calls[monitor.monitors]
            for gone in (barge, monitor):
                del self._state.calls[gone.id]
            own.become("ACTIVE", self._state.clock())
            call.parties.append(own)
            call.call_type, call.controller = "CONFERENCE", monitor.to_address
            call.secondary_id = barge.id
        self._state.changed("")

    # Dialling

    def _off_hook(self, supervisor: Agent, to_address: str, call_type: str) -> Call:
        """Take the supervisor's phone off the hook for a new call, which is never wrapped up."""
        own = self._state.new_party(supervisor.extension, "INITIATING", "outgoing")
        call = self._state.new_call(own, to_address, call_type)
        call.consult = True
        return call

    def _dial(self, call: Call, request_id: str, then: Callable[[Party], None]) -> None:
        """Publish the call, dial after one step, and call ``then`` after another. Stop if the supervisor hangs up."""
        (own,) = call.parties

        def dialled() -> None:
            if own.state == "INITIATING":
                own.become("INITIATED", self._state.clock())
                self._state.changed("")
                self._state.after(STEP_SECONDS, arrived)

        def arrived() -> None:
            if own.state == "INITIATED":
                then(own)

        self._state.changed(request_id)
        self._state.after(STEP_SECONDS, dialled)

    # Dropping participants, recording

    def drop_participant(self, call: Call, own: Party, target: str, request_id: str) -> None:
        """Drop a participant from a conference (CCE).

        Raises:
            CtiError: the call is not a conference, or the target has left it.
        """
        require_action(self._state, call, own, "PARTICIPANT_DROP")
        party = call.party(target)
        if party is None or not party.live:
            raise generic(27, "CF_NO_CONNECTION_TO_CLEAR")
        self._state.hang_up(call, party, request_id)

    def record(self, call: Call, own: Party) -> None:
        """Record the call, or on a monitoring dialog the monitored call (CCX). No Finesse object shows the recording.

        Raises:
            CtiError: the participant is not active yet.
        """
        require_action(self._state, call, own, "START_RECORDING")
        self._state.calls[call.monitors or call.id].recorded = True
