"""Phone calls and their parties, with their states and allowed actions (guide p.126 to 127)."""

from __future__ import annotations

from dataclasses import dataclass, field

ACTIONS: dict[str, tuple[str, ...]] = {
    "INITIATING": ("DROP", "UPDATE_CALL_DATA"),
    "INITIATED": ("DROP", "UPDATE_CALL_DATA"),
    "ALERTING": ("ANSWER",),
    "ACTIVE": ("HOLD", "DROP", "UPDATE_CALL_DATA", "CONSULT_CALL", "SEND_DTMF", "TRANSFER_SST"),
    "HELD": ("RETRIEVE", "DROP", "UPDATE_CALL_DATA"),
    "FAILED": ("DROP",),
    "WRAP_UP": ("UPDATE_CALL_DATA",),
    "DROPPED": (),
}
"""Allowed actions by the state of a participant."""

HELD_BESIDE_ACTIVE = ("TRANSFER", "CONFERENCE")
"""Additional actions of a HELD participant whose agent is active on another call."""

GONE = ("WRAP_UP", "DROPPED")
CONNECTED = ("ACTIVE", "HELD")
DIALLING = ("INITIATING", "INITIATED")


@dataclass(slots=True)
class Party:
    """One participant of a phone call.

    Attributes:
        address: the extension or number of the participant.
        agent_id: the agent who is signed in at the address. ``None`` if no agent is signed in there.
        state: participant state.
        direction: ``incoming`` or ``outgoing``. The direction selects the wrap-up setting.
        started: when this participant joined, in epoch seconds.
        changed: the time of the last state change, in epoch seconds.
        cause: the reason why the state is FAILED.
        passive: whether this participant is the monitored agent in a monitoring dialog (guide p.98).
    """

    address: str
    agent_id: str | None
    state: str
    direction: str
    started: float
    changed: float
    cause: str = ""
    passive: bool = False

    def become(self, state: str, now: float, cause: str = "") -> None:
        """Change the state."""
        self.state, self.changed, self.cause = state, now, cause

    @property
    def live(self) -> bool:
        """Whether the participant is still on the call."""
        return self.state not in GONE


@dataclass(slots=True)
class Call:
    """A phone call, which is a voice dialog.

    Attributes:
        id: the dialog id, which consists of digits.
        number: ``callKeyCallId``, the sequence number of the call on its day.
        routed: whether the call came through a queue. Call variables can be written only on routed calls (guide
            p.90).
        consult: whether CONSULT_CALL made the call. A consult call is never wrapped up automatically.
        controller: the address of the party that controls the conference.
        variables: call variables by name.
        waiting_for: id of the queue in which the call waits for an agent.
        queued_at: when the call entered the queue, in epoch seconds.
        monitors: the id of the monitored call, if this call is the supervisor's monitoring dialog.
        recorded: whether START_RECORDING was requested.
        tones: the digits of all SEND_DTMF requests.
        reservation: whether this dialog only shows a campaign record to an agent. Such a dialog is not a phone
            call yet.
        campaign_mode: mode of the campaign that made the call.
        callback: the scheduled ``callbackTime`` and ``callbackNumber``, if set.
    """

    id: str
    number: int
    from_address: str
    to_address: str
    call_type: str
    parties: list[Party]
    routed: bool = False
    consult: bool = False
    controller: str = ""
    queue_id: str = ""
    queue_name: str = ""
    associated_dialog_uri: str = ""
    secondary_id: str = ""
    wrap_up_reason: str = ""
    wrap_up_items: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    waiting_for: str = ""
    queued_at: float = 0.0
    monitors: str = ""
    recorded: bool = False
    tones: str = ""
    reservation: bool = False
    campaign_mode: str = ""
    callback: dict[str, str] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        """The REST path of the dialog."""
        return f"/finesse/api/Dialog/{self.id}"

    @property
    def live_parties(self) -> list[Party]:
        """The participants still on the call."""
        return [party for party in self.parties if party.live]

    @property
    def state(self) -> str:
        """Dialog state, derived from the states of the parties (guide p.124)."""
        states = [party.state for party in self.live_parties]
        connected = sum(state in CONNECTED for state in states)
        if not states:
            return "DROPPED"
        for decisive in ("FAILED", "ACCEPTED"):
            if decisive in states:
                return decisive
        if "ALERTING" in states and connected < 2:
            return "ALERTING"
        if connected:
            return "ACTIVE"
        return "INITIATED" if "INITIATED" in states else "INITIATING"

    def party(self, address: str) -> Party | None:
        """Return the participant with this address."""
        return next((party for party in self.parties if party.address == address), None)

    def party_of(self, agent_id: str) -> Party | None:
        """Return the participant that is this agent."""
        return next((party for party in self.parties if party.agent_id == agent_id), None)

    def ringing(self) -> Party | None:
        """Return the participant whose phone is ringing."""
        return next((party for party in self.parties if party.state == "ALERTING"), None)


def allowed_actions(party: Party, active_elsewhere: bool) -> tuple[str, ...]:
    """Return the actions that the participant's state allows. A party that is not an agent has no actions (p.126)."""
    if party.agent_id is None:
        return ()
    more = HELD_BESIDE_ACTIVE if party.state == "HELD" and active_elsewhere else ()
    return ACTIONS[party.state] + more
