"""Tasks (nonvoice dialogs), and the state of a user in a media routing domain (guide p.165 to 187)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from mcp_finesse.simulator.world.agents import NO_REASON, TargetState
from mcp_finesse.simulator.world.media_domains import MediaDomain
from mcp_finesse.simulator.world.world import ReasonCode

ACTIONS: dict[str, tuple[str, ...]] = {
    "OFFERED": ("ACCEPT",),
    "ACCEPTED": ("START", "CLOSE", "TRANSFER"),
    "ACTIVE": ("PAUSE", "WRAP_UP", "CLOSE", "TRANSFER"),
    "PAUSED": ("RESUME", "WRAP_UP", "CLOSE", "TRANSFER"),
    "WRAPPING_UP": ("CLOSE",),
    "CLOSED": (),
}
"""Allowed actions of the agent, by task state."""

LEADS_TO = {
    "ACCEPT": "ACCEPTED",
    "START": "ACTIVE",
    "PAUSE": "PAUSED",
    "RESUME": "ACTIVE",
    "WRAP_UP": "WRAPPING_UP",
}
"""Resulting task state by action. CLOSE and TRANSFER are missing, because they take the task from the agent."""

NOT_STARTED = ("OFFERED", "ACCEPTED")
CAN_BE_INTERRUPTED = ("ACTIVE", "PAUSED", "WRAPPING_UP")


@dataclass(slots=True)
class Task:
    """One task.

    Attributes:
        prefix, number, sequence: the parts of the dialog id. Each offer increments the sequence.
        agent_id: the agent to whom the task is offered or assigned. Empty while the task waits.
        wanted: the only agent who may receive the task. Empty if any agent may receive the task.
        refused_by: agents who transferred the task.
        disposition: the reason why the task was closed.
    """

    domain: MediaDomain
    number: int
    arrived: float
    sequence: int = 0
    prefix: int = 152201
    state: str = "OFFERED"
    changed: float = 0.0
    started: float = 0.0
    agent_id: str = ""
    wanted: str = ""
    refused_by: set[str] = field(default_factory=set)
    disposition: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The dialog id. Unlike the dialog id of a call, it has underscores (guide p.186)."""
        return f"{self.prefix}_{self.number}_{self.sequence}"

    @property
    def uri(self) -> str:
        """The REST path of the dialog."""
        return f"/finesse/api/Dialog/{self.id}"

    def offer_to(self, agent_id: str, now: float) -> None:
        """Offer the task to an agent, under a new id."""
        self.sequence += 1
        self.agent_id, self.started = agent_id, now
        self.become("OFFERED", now)

    def become(self, state: str, now: float) -> None:
        """Change the state."""
        self.state, self.changed = state, now


@dataclass(slots=True)
class MediaUser:
    """The state of one user in one domain.

    Attributes:
        base: the requested state: LOGOUT, NOT_READY or READY.
        interrupted: whether work outside this domain interrupts the user's tasks in this domain.
        routable: whether tasks may be offered to the user.
        settings_known_to: the ``incarnation`` of the node at which the user last signed in.
        leaves_routing: whether the user becomes not routable as soon as no task waits to be accepted or started.
        changed_at: the time of the last change of ``shown``, in epoch seconds.
        shown: the displayed state.
    """

    agent_id: str
    domain: MediaDomain
    base: str = "LOGOUT"
    reason: ReasonCode | None = None
    reason_id: str = NO_REASON
    interrupted: bool = False
    routable: bool = False
    leaves_routing: bool = False
    max_dialog_limit: int = 1
    interrupt_action: str = ""
    dialog_logout_action: str = ""
    settings_known_to: object = None
    changed_at: float | None = None
    shown: str = "LOGOUT"

    def go(self, target: TargetState) -> None:
        """Apply LOGOUT, NOT_READY or READY. READY also makes the user routable. LOGOUT makes the user not routable."""
        self.base, self.reason, self.reason_id = target.state, target.reason, target.reason_id
        if target.state != "NOT_READY":
            self.routable, self.leaves_routing = target.state == "READY", False

    def show(self, states: Collection[str], now: float) -> None:
        """Update the displayed state from the states of the user's tasks (guide p.180)."""
        state = media_state(self.base, self.interrupted, states)
        if state != self.shown:
            self.shown, self.changed_at = state, now


def media_state(base: str, interrupted: bool, states: Collection[str]) -> str:
    """Return the displayed state of a user in a domain, from the requested state and the states of the tasks."""
    if base == "LOGOUT":
        return base
    if interrupted:
        return "INTERRUPTED"
    if base == "NOT_READY" or not states:
        return base
    for state, name in (("ACCEPTED", "ACTIVE"), ("ACTIVE", "ACTIVE"), ("OFFERED", "RESERVED")):
        if state in states:
            return name
    return "WORK_READY" if "WRAPPING_UP" in states else "PAUSED"
