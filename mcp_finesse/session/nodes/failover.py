"""Failover decisions as pure functions without I/O. A decision is to resume, reconnect, check, wait or switch.

The rules are those of Cisco's guides (developer guide, High Availability; administration guide, Failover
Mechanisms). Try the same node three times, then poll SystemInfo of both nodes every 20 s. As long as the
current node is usable, prefer the current node. Check the current node once more before switching. Never switch
back automatically. The guides leave two cases to third-party clients, in which this client leaves the node. In
one case the node reports that it is in service but cannot be reached by XMPP. In the other case the node is in
maintenance mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mcp_finesse.model import SystemInfo

_NOT_IN_MAINTENANCE = frozenset({"", "NONE", "OFF", "FALSE", "NOT_STARTED", "COMPLETED"})


class Presence(StrEnum):
    """Presence of the user ``finesse``, which shows whether Finesse is connected to the Notification Service."""

    PRESENT = "present"
    NEVER_SEEN = "never seen"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """The health of a node, from one read of its SystemInfo.

    Attributes:
        description: A clause about the node, such as "it is in service".
        in_service: Whether the node reports that it is in service.
        heartbeat: Whether the node's last heartbeat with the CTI server succeeded. None if not reported.
        maintenance: Whether the node is in maintenance mode (12.6).
    """

    description: str
    in_service: bool = False
    heartbeat: bool | None = None
    maintenance: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether the session may stay on the node. The node must be in service and connected to its CTI server."""
        return self.in_service and self.heartbeat is not False

    @property
    def is_failover_target(self) -> bool:
        """Whether the session may switch to the node: it is usable, has a heartbeat, and is not in maintenance mode."""
        return self.in_service and self.heartbeat is True and not self.maintenance


def health_from(info: SystemInfo) -> NodeHealth:
    """Return the health of a node as reported by its SystemInfo."""
    heartbeat = info.heartbeat_ok if info.last_cti_heartbeat_status else None
    maintenance = in_maintenance(info)
    if not info.in_service:
        description = (
            f"it is {info.status or 'in no known state'} ({info.status_reason or 'no reason given'})"
        )
    elif heartbeat is False:
        description = "it is in service, but its last heartbeat with the CTI server failed"
    else:
        description = "it is in service but in maintenance mode" if maintenance else "it is in service"
    return NodeHealth(description, info.in_service, heartbeat, maintenance)


def in_maintenance(info: SystemInfo) -> bool:
    """Return whether the node is in maintenance mode. A negative maintenance time means no maintenance mode."""
    if info.finesse_time_in_mmode is not None and info.finesse_time_in_mmode < 0:
        return False
    return (info.finesse_mmode or "").upper() not in _NOT_IN_MAINTENANCE


class NextStep(StrEnum):
    """The next step of the failover procedure.

    Attributes:
        RECONNECT: Connect to the current node again.
        RESUME: Keep the link.
        SWITCH_NODE: Leave the current node and connect to the other node.
        CHECK: Check the health of the nodes now, then decide again.
        WAIT: Wait for the next poll, check both nodes, then decide again.
        CHECK_AGAIN: The other node is a failover target. Wait for a random time, check both nodes, then decide
            again.
    """

    RECONNECT = "reconnect"
    RESUME = "resume"
    SWITCH_NODE = "switch node"
    CHECK = "check"
    WAIT = "wait"
    CHECK_AGAIN = "check again"


@dataclass(frozen=True, slots=True)
class Decision:
    """The next step, and the reason for it as a clause."""

    step: NextStep
    reason: str

    @property
    def is_final(self) -> bool:
        """Whether no further health check is needed."""
        return self.step in (NextStep.RECONNECT, NextStep.RESUME, NextStep.SWITCH_NODE)

    @property
    def sentence(self) -> str:
        """The reason as a sentence about the current node, without a full stop."""
        if self.reason.startswith("it "):
            return f"This node {self.reason.removeprefix('it ')}"
        return f"This node: {self.reason}"


@dataclass(frozen=True, slots=True)
class FailoverInputs:
    """The inputs of a failover decision.

    Attributes:
        link_up: Whether the Notification Service is connected.
        presence: Presence of Finesse at the Notification Service, as seen on the current link.
        failed_attempts: Failed connection attempts since the last link.
        attempts_before_check: Failed attempts after which the node's health is checked.
        current: Health of the current node, if it was checked.
        other: Health of the other node, if there is one and it was checked.
        on_call: Whether the agent has a phone call. The session leaves a node in maintenance only after the
            phone call has ended.
        checked_again: Whether ``current`` was checked again after ``other`` was found to be a failover target.
    """

    link_up: bool
    presence: Presence = Presence.PRESENT
    failed_attempts: int = 0
    attempts_before_check: int = 3
    current: NodeHealth | None = None
    other: NodeHealth | None = None
    on_call: bool = False
    checked_again: bool = False


def decide(inputs: FailoverInputs) -> Decision:
    """Return the next step."""
    current, other = inputs.current, inputs.other
    if current is None:
        if not inputs.link_up and inputs.failed_attempts < inputs.attempts_before_check:
            return Decision(NextStep.RECONNECT, "the Notification Service was lost")
        return Decision(NextStep.CHECK, "this node has a problem")
    problem = _problem(inputs, current)
    if not problem and not (current.maintenance and _may_leave(inputs)):
        return Decision(NextStep.RESUME if inputs.link_up else NextStep.RECONNECT, current.description)
    problem = problem or current.description
    if other is None or not other.is_failover_target:
        return _decide_without_target(inputs, current, problem)
    if not inputs.checked_again:
        return Decision(NextStep.CHECK_AGAIN, f"{problem}; the other node is in service")
    return Decision(NextStep.SWITCH_NODE, problem)


def _problem(inputs: FailoverInputs, current: NodeHealth) -> str:
    """Return the reason why the current node cannot be used, or an empty string if it can be used."""
    if not current.is_usable:
        return current.description
    if inputs.link_up and inputs.presence is Presence.LEFT:
        return "Finesse has left its Notification Service"
    if not inputs.link_up and inputs.failed_attempts > inputs.attempts_before_check:
        return "its Notification Service cannot be reached"
    return ""


def _may_leave(inputs: FailoverInputs) -> bool:
    """Return whether to leave a node in maintenance: the other node is a target, and the agent has no phone call."""
    return not inputs.on_call and inputs.other is not None and inputs.other.is_failover_target


def _decide_without_target(inputs: FailoverInputs, current: NodeHealth, problem: str) -> Decision:
    """Return the decision if no node is a failover target. Both nodes usually fail and recover together."""
    if current.is_usable and not inputs.link_up:
        return Decision(NextStep.RECONNECT, problem)
    about_other = "" if inputs.other is None else f"; the other node: {inputs.other.description}"
    return Decision(NextStep.WAIT, f"{problem}{about_other}")
