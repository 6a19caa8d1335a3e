"""Failover decisions as pure functions: stay, reconnect, wait or switch nodes. No I/O.

The rules are those of Cisco's guides (developer guide, High Availability; administration guide, Failover
Mechanisms). Try the same node three times, then poll SystemInfo of both nodes every 20 s. Prefer the current node if
it serves. Check the current node once more before switching. Never switch back automatically. The guides leave two
cases to third parties: this client also leaves a node that reports in service but cannot be reached by XMPP, and a
node in maintenance mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mcp_finesse.model import SystemInfo

_NOT_IN_MAINTENANCE = frozenset({"", "NONE", "OFF", "FALSE", "NOT_STARTED", "COMPLETED"})


class Presence(StrEnum):
    """Presence of the user ``finesse`` at the Notification Service, which shows that Finesse is connected to it."""

    THERE = "there"
    NEVER_SEEN = "never seen"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """The health of a node, from one read of its SystemInfo.

    Attributes:
        said: A clause about the node ("it is in service").
        in_service: Whether the node reports that it is in service.
        heartbeat: Whether its last heartbeat with the CTI server succeeded, or None if not reported.
        maintenance: Whether the node is in maintenance mode (12.6).
    """

    said: str
    in_service: bool = False
    heartbeat: bool | None = None
    maintenance: bool = False

    @property
    def serves(self) -> bool:
        """Whether to stay on the node: it is in service and has not lost its CTI server."""
        return self.in_service and self.heartbeat is not False

    @property
    def is_target(self) -> bool:
        """Whether to switch to the node: its heartbeat is also confirmed, and it is not in maintenance mode."""
        return self.in_service and self.heartbeat is True and not self.maintenance


def sight_of(info: SystemInfo) -> NodeHealth:
    """Return the health that SystemInfo reports."""
    told = info.last_cti_heartbeat_status
    heartbeat = info.heartbeat_ok if told else None
    maintenance = in_maintenance(info)
    if not info.in_service:
        said = f"it is {info.status or 'in no known state'} ({info.status_reason or 'no reason given'})"
    elif heartbeat is False:
        said = "it is in service, but its last heartbeat with the CTI server failed"
    else:
        said = "it is in service, in maintenance mode" if maintenance else "it is in service"
    return NodeHealth(said, info.in_service, heartbeat, maintenance)


def in_maintenance(info: SystemInfo) -> bool:
    """Return whether the node is in maintenance mode. A negative time means that it is not."""
    if info.finesse_time_in_mmode is not None and info.finesse_time_in_mmode < 0:
        return False
    return (info.finesse_mmode or "").upper() not in _NOT_IN_MAINTENANCE


class Step(StrEnum):
    """What to do next."""

    RECONNECT = "reconnect"
    LOOK = "look"
    RESUME = "resume"
    WAIT = "wait"
    LOOK_AGAIN = "look again"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Decision:
    """The next step and the reason, as a clause."""

    step: Step
    because: str

    @property
    def about_this_node(self) -> str:
        """The reason as a sentence about the node in use, without a full stop."""
        if self.because.startswith("it "):
            return f"This node {self.because.removeprefix('it ')}"
        return f"This node: {self.because}"


@dataclass(frozen=True, slots=True)
class FailoverInputs:
    """The inputs of a failover decision.

    Attributes:
        link_up: Whether the Notification Service is connected.
        presence: Presence of Finesse on this link.
        attempts: Failed connection attempts since the last link.
        quick_tries: Number of attempts before the node's health is checked.
        here: Health of the current node, if it was checked.
        there: Health of the other node, if there is one and it was checked.
        on_call: Whether the agent has a call. Leaving a node in maintenance waits for its end.
        asked_again: Whether ``here`` was checked again after ``there`` was found to be a target.
    """

    link_up: bool
    presence: Presence = Presence.THERE
    attempts: int = 0
    quick_tries: int = 3
    here: NodeHealth | None = None
    there: NodeHealth | None = None
    on_call: bool = False
    asked_again: bool = False


def decide(now: FailoverInputs) -> Decision:
    """Return the next step."""
    if now.here is None:
        if not now.link_up and now.attempts < now.quick_tries:
            return Decision(Step.RECONNECT, "the Notification Service was lost")
        return Decision(Step.LOOK, "this node has a problem")
    trouble = _trouble(now, now.here)
    if not trouble and not (now.here.maintenance and _may_leave(now)):
        return Decision(Step.RESUME if now.link_up else Step.RECONNECT, now.here.said)
    trouble = trouble or now.here.said
    if now.there is None or not now.there.is_target:
        return _stay(now, now.here, trouble)
    if not now.asked_again:
        return Decision(Step.LOOK_AGAIN, f"{trouble}; the other node is in service")
    return Decision(Step.MOVE, trouble)


def _trouble(now: FailoverInputs, here: NodeHealth) -> str:
    """Return why the current node cannot be used; empty if it can."""
    if not here.serves:
        return here.said
    if now.link_up and now.presence is Presence.GONE:
        return "Finesse has left its Notification Service"
    if not now.link_up and now.attempts > now.quick_tries:
        return "its Notification Service cannot be reached"
    return ""


def _may_leave(now: FailoverInputs) -> bool:
    """Return whether to leave a node in maintenance now: the other node is a target, and there is no call."""
    return not now.on_call and now.there is not None and now.there.is_target


def _stay(now: FailoverInputs, here: NodeHealth, trouble: str) -> Decision:
    """Return the decision without a target. Most often both nodes go out of service and return together."""
    if here.serves and not now.link_up:
        return Decision(Step.RECONNECT, trouble)
    elsewhere = "" if now.there is None else f"; the other node: {now.there.said}"
    return Decision(Step.WAIT, f"{trouble}{elsewhere}")
