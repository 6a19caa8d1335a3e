"""The state of all agents and calls, and the automatic reactions to changes of this state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from mcp_finesse.simulator.calls.calls import CONNECTED, Call, Party
from mcp_finesse.simulator.timing import Cancellable, Clock, Later
from mcp_finesse.simulator.world.agents import WRAPPING_UP, Agent, Phase
from mcp_finesse.simulator.world.codes import ReasonCodes
from mcp_finesse.simulator.world.platforms import PlatformRules
from mcp_finesse.simulator.world.world import World

FIRST_DIALOG_ID = 33100421


class ContactCenterState:
    """Agents and calls, with the effects of calls on agent states.

    Attributes:
        changed: a function that is called after a change that must be published. The argument of the function
            is a request id or an empty string.
        receiving_node: the ``incarnation`` of the node that received the current request. This value is stored
            with the data of a sign-in that only the receiving node knows.
        queue_agents: for each queue id, the ids of the agents to whom the queue routes.
        recorded_shapes: whether calls end as recorded on a real system. If not, they end as the guide
            describes.
        change_hooks: functions that are called after every change, before the agents' states are updated.
    """

    def __init__(
        self, world: World, rules: PlatformRules, clock: Clock, later: Later, time_scale: float = 1.0
    ) -> None:
        self.world = world
        self.rules = rules
        self.clock = clock
        self.codes = ReasonCodes(world.reason_codes)
        self.agents = {record.id: Agent(record, rules, clock) for record in world.agents}
        self.queue_agents = {queue.id: list(queue.agents) for queue in world.queues}
        self.receiving_node: object = None
        self.calls: dict[str, Call] = {}
        self.changed: Callable[[str], None] = lambda _request_id: None
        self.recorded_shapes = False
        self.change_hooks: list[Callable[[], None]] = []
        self._later = later
        self.time_scale = time_scale
        self._ids = count(FIRST_DIALOG_ID)
        self._numbers = count(1)
        self._wrap_up_timers: dict[str, Cancellable] = {}

    def after(self, seconds: float, callback: Callable[[], None]) -> Cancellable:
        """Schedule a function call after ``seconds`` multiplied by ``time_scale``."""
        return self._later(seconds * self.time_scale, callback)

    def new_call(self, caller: Party, to_address: str, call_type: str, dialog_id: str = "") -> Call:
        """Create and store a call with its caller. By default the call gets the next dialog id."""
        call = Call(
            id=dialog_id or str(next(self._ids)),
            number=next(self._numbers),
            from_address=caller.address,
            to_address=to_address,
            call_type=call_type,
            parties=[caller],
        )
        self.calls[call.id] = call
        return call

    def new_party(self, address: str, state: str, direction: str) -> Party:
        """Create a participant. If an agent is signed in at the address, the participant is that agent."""
        agent = self.agent_at(address)
        now = self.clock()
        return Party(address, agent.id if agent else None, state, direction, now, now)

    def agent_at(self, extension: str) -> Agent | None:
        """Return the agent who is signed in at this extension."""
        return next(
            (agent for agent in self.agents.values() if extension and agent.extension == extension), None
        )

    def find_agent(self, name: str) -> Agent | None:
        """Return an agent by id or login name (guide p.34)."""
        return self.agents.get(name) or next(
            (agent for agent in self.agents.values() if agent.record.login_name == name.lower()), None
        )

    def unused_dialog_id(self) -> str:
        """Allocate a dialog id for a failed MAKE_CALL, which has no dialog, or for a future call."""
        return str(next(self._ids))

    def calls_of(self, agent_id: str) -> Iterator[tuple[Call, Party]]:
        """Yield each call of an agent together with the agent's participant. Calls in wrap-up are included."""
        for call in self.calls.values():
            if party := call.party_of(agent_id):
                yield call, party

    def live_calls_of(self, agent_id: str) -> list[tuple[Call, Party]]:
        """Return the calls that the agent is still on. Dialogs that monitor this agent are not included."""
        return [(call, party) for call, party in self.calls_of(agent_id) if party.live and not party.passive]

    def active_elsewhere(self, call: Call, party: Party) -> bool:
        """Return whether the agent of this party is active on another call."""
        others = self.live_calls_of(party.agent_id) if party.agent_id else []
        return any(other is not call and mine.state == "ACTIVE" for other, mine in others)

    def call_kind(self, agent_id: str) -> str | None:
        """Return the kind of the agent's call, ``routed`` or ``direct``. ``None`` if the agent has no call."""
        live = self.live_calls_of(agent_id)
        if not live:
            return None
        return "routed" if any(call.routed for call, _ in live) else "direct"

    def hold_others(self, agent_id: str, call: Call) -> None:
        """Hold the agent's other active calls, because a device can be active on only one call."""
        for other, party in self.live_calls_of(agent_id):
            if other is not call and party.state == "ACTIVE":
                party.become("HELD", self.clock())

    # Leaving a call

    def leave(self, call: Call, party: Party) -> None:
        """Let a party leave. An agent without another call goes to wrap-up if wrap-up is configured."""
        agent = self.agents.get(party.agent_id or "")
        alone = agent is not None and len(self.live_calls_of(agent.id)) == 1
        wraps_up = agent is not None and alone and not call.consult and agent.wraps_up(party.direction)
        party.become("WRAP_UP" if wraps_up and party.state in CONNECTED else "DROPPED", self.clock())

    def hang_up(self, call: Call, party: Party, request_id: str = "") -> None:
        """Let a party hang up. If only one party remains, the call ends (guide p.127: PUT, PUT, DELETE).

        With ``recorded_shapes`` both parties become DROPPED in one event.
        """
        self.leave(call, party)
        if not self.recorded_shapes:
            self.changed(request_id)
        if len(call.live_parties) == 1:
            self.leave(call, call.live_parties[0])
            self.changed(request_id)
        self.remove_dropped()
        self.changed(request_id)

    def remove_dropped(self) -> None:
        """Remove dropped participants, and calls without participants.

        While an agent wraps up a call that has ended, its outside parties remain visible.
        """
        for call in list(self.calls.values()):
            over = not call.live_parties
            call.parties = [
                party for party in call.parties if party.state != "DROPPED" or (over and not party.agent_id)
            ]
            if all(party.state == "DROPPED" for party in call.parties):
                del self.calls[call.id]

    # Automatic reactions

    def update_agents(self) -> None:
        """Update the state of every agent to match the calls."""
        for hook in self.change_hooks:
            hook()
        for agent in self.agents.values():
            wrap_up = any(party.state == "WRAP_UP" for _, party in self.calls_of(agent.id))
            agent.apply_phase(self._phase(agent), wrap_up)
            self._update_wrap_up_timer(agent)

    def _phase(self, agent: Agent) -> Phase:
        calls = self.live_calls_of(agent.id)
        states = {
            party.state
            for call, party in calls
            if (call.routed or self.rules.direct_calls_show) and not call.reservation
        }
        if states & {"ACTIVE", "INITIATED"}:
            return Phase.TALKING
        if "HELD" in states:
            return Phase.HOLD
        if "ALERTING" in states:
            return Phase.OFFERED
        if any(call.reservation for call, _ in calls):
            return Phase.PREVIEWED
        return Phase.DIALLING if states else Phase.IDLE

    def _update_wrap_up_timer(self, agent: Agent) -> None:
        """Run the timer during wrap-up, and remove the call from the agent's list at the end."""
        timer = self._wrap_up_timers.get(agent.id)
        if agent.state in WRAPPING_UP and timer is None:
            self._wrap_up_timers[agent.id] = self.after(
                agent.record.wrap_up_timer, lambda: self._wrap_up_timed_out(agent)
            )
        elif agent.state not in WRAPPING_UP:
            if timer is not None:
                self._wrap_up_timers.pop(agent.id).cancel()
            self._end_wrap_up_of(agent)

    def _end_wrap_up_of(self, agent: Agent) -> None:
        wrapped = [party for _, party in self.calls_of(agent.id) if party.state == "WRAP_UP"]
        for party in wrapped:
            party.become("DROPPED", self.clock())
        if wrapped:
            self.remove_dropped()

    def _wrap_up_timed_out(self, agent: Agent) -> None:
        self._wrap_up_timers.pop(agent.id, None)
        agent.end_wrap_up()
        self.changed("")
