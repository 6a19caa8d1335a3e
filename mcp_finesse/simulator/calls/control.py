"""Call control by agents: answer, hold, retrieve, drop, consult, transfer, conference, DTMF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mcp_finesse.simulator.calls.allowed_actions import require_action
from mcp_finesse.simulator.calls.calls import DIALLING, Call, Party
from mcp_finesse.simulator.calls.setup import CallSetup
from mcp_finesse.simulator.calls.state import ContactCenterState
from mcp_finesse.simulator.errors import CtiError, generic
from mcp_finesse.simulator.world.agents import Agent


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A validated request on a call.

    Attributes:
        action: the ``requestedAction`` of the request.
        agent: the requesting agent.
        call: the dialog of the request.
        party: the requesting agent's participant.
        to_address: the destination of CONSULT_CALL or TRANSFER_SST.
        digits: the digits of SEND_DTMF.
        request_id: the request id, which is copied to the notifications. The request id may be empty.
    """

    action: str
    agent: Agent
    call: Call
    party: Party
    to_address: str = ""
    digits: str = ""
    request_id: str = ""


class CallControl:
    """Executes actions on calls. An action raises ``CtiError`` if CTI would reject it.

    Attributes:
        known: the supported actions.
    """

    def __init__(self, state: ContactCenterState, setup: CallSetup) -> None:
        self._state = state
        self._setup = setup
        self._actions: dict[str, Callable[[CallRequest], None]] = {
            "ANSWER": self._answer,
            "HOLD": self._hold,
            "RETRIEVE": self._retrieve,
            "DROP": self._drop,
            "CONSULT_CALL": self._consult,
            "TRANSFER": self._transfer,
            "CONFERENCE": self._conference,
            "TRANSFER_SST": self._transfer_single_step,
            "SEND_DTMF": self._send_dtmf,
        }
        self.known = frozenset(self._actions)

    def perform(self, request: CallRequest) -> None:
        """Execute the action.

        Raises:
            CtiError: CTI rejects the action.
        """
        require_action(self._state, request.call, request.party, request.action)
        self._actions[request.action](request)

    def _answer(self, request: CallRequest) -> None:
        self._setup.answered(request.call, request.party, request.request_id)

    def _hold(self, request: CallRequest) -> None:
        request.party.become("HELD", self._state.clock())
        self._state.changed(request.request_id)

    def _retrieve(self, request: CallRequest) -> None:
        """Retrieve the call, and hold the agent's other active call. Fail while the agent is dialling another call."""
        if any(party.state in DIALLING for _, party in self._state.live_calls_of(request.agent.id)):
            raise generic(21, "CF_GENERIC_STATE_INCOMPATIBILITY")
        self._state.hold_others(request.agent.id, request.call)
        request.party.become("ACTIVE", self._state.clock())
        self._state.changed(request.request_id)

    def _drop(self, request: CallRequest) -> None:
        self._state.hang_up(request.call, request.party, request.request_id)

    def _send_dtmf(self, request: CallRequest) -> None:
        """Record the DTMF digits. No notification follows, because no Finesse object contains them (guide p.92)."""
        if not set(request.digits) <= self._state.rules.dtmf_digits:
            raise generic(3, "CF_VALUE_OUT_OF_RANGE")
        request.call.tones += request.digits

    def _consult(self, request: CallRequest) -> None:
        """Hold the original call and start a second dialog (guide p.130)."""
        request.party.become("HELD", self._state.clock())
        self._state.changed(request.request_id)
        consult = self._setup.dial(request.agent, request.to_address, "CONSULT")
        consult.consult = True
        consult.routed = request.call.routed
        consult.associated_dialog_uri = request.call.uri
        self._state.changed(request.request_id)

    def _transfer(self, request: CallRequest) -> None:
        """Complete the transfer. The held call survives, and the agent leaves both calls (p.131: 3 DELETE, 1 POST)."""
        other = self._active_call(request)
        self._merge(request.call, other, request.agent.id)
        request.call.call_type = "TRANSFER"
        self._leave_silently(request)

    def _conference(self, request: CallRequest) -> None:
        """Merge the active call into the held call. The requesting agent controls the conference."""
        call, other, world = request.call, self._active_call(request), self._state.world
        if any(self._is_controlled_by_another(each, request.party.address) for each in (call, other)):
            raise self._state.rules.not_controller()
        if len(call.live_parties) + len(other.live_parties) - 1 > world.conference_limit:
            raise CtiError("Call Operation Failure", "CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED", "38")
        self._merge(call, other, request.agent.id)
        call.call_type, call.controller = "CONFERENCE", request.party.address
        request.party.become("ACTIVE", self._state.clock())
        self._state.changed(request.request_id)

    @staticmethod
    def _is_controlled_by_another(call: Call, address: str) -> bool:
        """Return whether another party started the conference and is still on the call."""
        controller = call.party(call.controller) if call.controller != address else None
        return controller is not None and controller.live

    def _transfer_single_step(self, request: CallRequest) -> None:
        """Transfer the active call to ``toAddress`` without a consult call (guide p.96)."""
        if self._setup.obstacle(request.to_address):
            raise generic(14, "CF_INVALID_DESTINATION")
        call = request.call
        call.call_type = "TRANSFER"
        if self._state.recorded_shapes:
            self._hand_over_held(request)
        else:
            self._setup.deliver(call, request.party, request.to_address)
        self._leave_silently(request)

    def _hand_over_held(self, request: CallRequest) -> None:
        """Transfer in the order of a real system. The agent becomes HELD, then leaves, then the target rings."""
        request.party.become("HELD", self._state.clock())
        self._state.changed("")
        self._state.leave(request.call, request.party)
        self._state.changed("")
        self._setup.deliver(request.call, request.party, request.to_address)
        self._state.changed("")

    def _active_call(self, request: CallRequest) -> Call:
        mine = self._state.live_calls_of(request.agent.id)
        return next(call for call, party in mine if call is not request.call and party.state == "ACTIVE")

    def _merge(self, survivor: Call, other: Call, agent_id: str) -> None:
        """Move all parties except the agent to the surviving call, which keeps its addresses (p.349)."""
        del self._state.calls[other.id]
        survivor.parties.extend(party for party in other.live_parties if party.agent_id != agent_id)
        survivor.secondary_id = other.id
        survivor.routed = survivor.routed or other.routed
        survivor.consult = False
        survivor.campaign_mode = survivor.campaign_mode or other.campaign_mode
        survivor.callback = survivor.callback or other.callback
        for name, value in other.variables.items():
            survivor.variables.setdefault(name, value)

    def _leave_silently(self, request: CallRequest) -> None:
        """Remove the agent from the call without publishing the PUT event that a hang-up publishes."""
        if request.party.live:
            self._state.leave(request.call, request.party)
        self._state.remove_dropped()
        self._state.changed(request.request_id)
