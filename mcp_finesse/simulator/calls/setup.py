"""Call setup: dialling, destinations, queues, and phone calls from customers."""

from __future__ import annotations

from collections.abc import Mapping

from mcp_finesse.simulator.calls.calls import Call, Party
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import generic
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.world.world import Behaviour, Queue

STEP_SECONDS = 0.05
"""Seconds between the steps off-hook, dialled and delivered. Each step has its own notification."""

ANSWER_SECONDS = 1.0
"""Seconds for which an outside number that answers automatically rings."""

OUTSIDE_DIGITS = 7
"""An unknown number with at least this many digits rings, as an external number. A shorter number is invalid."""

MAY_CALL_FROM = ("NOT_READY", "READY", "HOLD")


class CallSetup:
    """Creates phone calls and connects them to their destinations."""

    def __init__(self, state: ContactCenterState) -> None:
        self._state = state

    # An agent's calls

    def make_call(self, agent: Agent, to_address: str, variables: Mapping[str, str], request_id: str) -> Call:
        """Execute MAKE_CALL. Take the phone off the hook now, and let timers dial and deliver the call (guide p.128).

        Raises:
            CtiError: the agent's state or device does not allow a call.
        """
        if agent.state not in MAY_CALL_FROM or self._busy(agent, allow_held=True):
            raise generic(21, "CF_GENERIC_STATE_INCOMPATIBILITY")
        off_hook = self._state.rules.off_hook_code
        agent.go_off_hook(self._state.codes.system("NOT_READY", off_hook))
        internal = to_address in self._state.world.devices
        call = self.dial(agent, to_address, "AGENT_INSIDE" if internal else "OUT")
        call.variables.update(variables)
        self._state.changed(request_id)
        return call

    def dial(self, agent: Agent, to_address: str, call_type: str) -> Call:
        """Take the phone off the hook (INITIATING). Timers execute the further steps of the call."""
        caller = self._state.new_party(agent.extension, "INITIATING", "outgoing")
        call = self._state.new_call(caller, to_address, call_type)
        self._state.after(STEP_SECONDS, lambda: self._dialled(call, caller))
        return call

    def _dialled(self, call: Call, caller: Party) -> None:
        if caller.state == "INITIATING":
            caller.become("INITIATED", self._state.clock())
            self._state.changed("")
            self._state.after(STEP_SECONDS, lambda: self._arrived(call, caller))

    def _arrived(self, call: Call, caller: Party) -> None:
        if caller.state == "INITIATED":
            self.deliver(call, caller, call.to_address)
            self._state.changed("")

    # Destinations

    def deliver(self, call: Call, caller: Party, to_address: str) -> None:
        """Ring the destination or queue the call. If neither is possible, the caller's participant becomes FAILED."""
        cause = self.obstacle(to_address)
        if queue := self._queue(to_address):
            self._enqueue(call, queue)
        elif cause:
            caller.become("FAILED", self._state.clock(), cause)
        else:
            self._ring(call, to_address)

    def obstacle(self, to_address: str) -> str:
        """Return the ``stateCause`` for a number that cannot be reached. Empty if the number can be reached."""
        agent = self._state.agent_at(to_address)
        if agent is not None:
            return "BUSY" if self._busy(agent) else ""
        if self._state.world.devices.get(to_address) is False:
            return "DEVICE_RESOURCE_NOT_AVAILABLE"
        if self._behaviour(to_address) == "busy":
            return "BUSY"
        return "" if self._exists(to_address) else "BAD_DESTINATION"

    def _exists(self, address: str) -> bool:
        world = self._state.world
        known = address in world.devices or address in world.lines or self._queue(address) is not None
        return known or len(address) >= OUTSIDE_DIGITS

    def _behaviour(self, address: str) -> Behaviour:
        return self._state.world.lines.get(address, "rings")

    def _busy(self, agent: Agent, allow_held: bool = False) -> bool:
        states = [party.state for _, party in self._state.live_calls_of(agent.id)]
        return any(not (allow_held and state == "HELD") for state in states)

    def _ring(self, call: Call, address: str) -> None:
        callee = self._state.new_party(address, "ALERTING", "incoming")
        call.parties = [party for party in call.parties if party.live or party.address != address]
        call.parties.append(callee)
        if callee.agent_id is None and self._behaviour(address) == "answers":
            self._state.after(ANSWER_SECONDS, lambda: self.answered(call, callee))

    def answered(self, call: Call, callee: Party, request_id: str = "") -> None:
        """Connect the ringing party, who has answered, with the parties that were waiting."""
        if callee.state != "ALERTING":
            return
        now = self._state.clock()
        if callee.agent_id:
            self._state.hold_others(callee.agent_id, call)
        callee.become("ACTIVE", now)
        for party in call.parties:
            if party.state == "INITIATED":
                party.become("ACTIVE", now)
        self._state.changed(request_id)

    # Queues

    def _queue(self, number: str) -> Queue | None:
        return next((queue for queue in self._state.world.queues if queue.number == number), None)

    def _enqueue(self, call: Call, queue: Queue) -> None:
        call.routed = True
        call.queue_id, call.queue_name = queue.id, queue.name
        call.waiting_for, call.queued_at = queue.id, self._state.clock()

    def route(self) -> bool:
        """Offer each waiting call to the agent of its queue who has been READY longest. Return True on success."""
        offered = False
        for call in list(self._state.calls.values()):
            agent = self._ready_agent(call.waiting_for) if call.waiting_for and call.live_parties else None
            if agent is not None:
                call.waiting_for = ""
                self._ring(call, agent.extension)
                self._state.update_agents()
                offered = True
        return offered

    def _ready_agent(self, queue_id: str) -> Agent | None:
        agents = [self._state.agents[agent_id] for agent_id in self._state.queue_agents[queue_id]]
        ready = [agent for agent in agents if agent.state == "READY" and not self._busy(agent)]
        return min(ready, key=lambda agent: agent.changed_at or 0.0, default=None)

    # Calls from customers

    def customer_calls(self, to_address: str, from_number: str, variables: Mapping[str, str]) -> Call:
        """Create a customer's call to a queue's number or an agent's extension."""
        caller = self._state.new_party(from_number, "INITIATED", "outgoing")
        to_queue = self._queue(to_address) is not None
        call = self._state.new_call(caller, to_address, "ACD_IN" if to_queue else "OTHER_IN")
        call.variables.update(variables)
        self.deliver(call, caller, to_address)
        if call.state == "FAILED":
            caller.become("DROPPED", self._state.clock(), caller.cause)
            self._state.remove_dropped()
        self._state.changed("")
        return call
