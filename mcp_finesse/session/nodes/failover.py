"""Failover as decisions from facts: stay, reconnect, wait or move; nothing is asked or awaited here.

The rules are those of Cisco's guides (developer guide, High Availability; administration guide, Failover
Mechanisms): three tries on the same node, then SystemInfo of both nodes every 20 s; a node that serves is
preferred to one that would have to be gone to; the own node is asked once more before moving; nobody moves back
by itself. That a node which cannot be reached by XMPP is left although it says it is in service, and that
maintenance mode is left without being pushed, is what those guides leave to third parties.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mcp_finesse.model import SystemInfo

_NOT_IN_MAINTENANCE = frozenset({"", "NONE", "OFF", "FALSE", "NOT_STARTED", "COMPLETED"})


class Presence(StrEnum):
    """The user ``finesse`` at the Notification Service: the sign that Finesse is attached to it."""

    THERE = "there"
    NEVER_SEEN = "never seen"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """What one look at a node's SystemInfo showed.

    Attributes:
        said: a sentence about the node.
        in_service: it says that it serves.
        heartbeat: whether its last heartbeat with the CTI server succeeded; None when it does not say.
        maintenance: its administrator has put it into maintenance mode (12.6).
    """

    said: str
    in_service: bool = False
    heartbeat: bool | None = None
    maintenance: bool = False

    @property
    def serves(self) -> bool:
        """Good enough to stay on: it serves, and has not lost its CTI server."""
        return self.in_service and self.heartbeat is not False

    @property
    def is_target(self) -> bool:
        """Good enough to go to: it also says that its heartbeat works, and is to stay up."""
        return self.in_service and self.heartbeat is True and not self.maintenance


def sight_of(info: SystemInfo) -> NodeHealth:
    """What SystemInfo of a node says, as far as it matters here."""
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
    """Whether the node is in maintenance mode; a negative time says that it is not."""
    if info.finesse_time_in_mmode is not None and info.finesse_time_in_mmode < 0:
        return False
    return (info.finesse_mmode or "").upper() not in _NOT_IN_MAINTENANCE


class Step(StrEnum):
    """What is to be done next."""

    RECONNECT = "reconnect"
    LOOK = "look"
    RESUME = "resume"
    WAIT = "wait"
    LOOK_AGAIN = "look again"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Decision:
    """The next step, and why, as a sentence without its stop."""

    step: Step
    because: str

    @property
    def about_this_node(self) -> str:
        """The reason as a sentence about the node in use, without its stop."""
        if self.because.startswith("it "):
            return f"This node {self.because.removeprefix('it ')}"
        return f"This node: {self.because}"


@dataclass(frozen=True, slots=True)
class FailoverInputs:
    """All that is known when something is wrong, or may be.

    Attributes:
        link_up: the Notification Service is connected.
        presence: of Finesse, on this link.
        attempts: how often a link was tried in vain since there was one.
        quick_tries: how many tries are made before anybody asks why.
        here: this node, if it was asked.
        there: the other node, if there is one and it was asked.
        on_call: the agent has a call, which a move in maintenance can wait for.
        asked_again: ``here`` was asked again after ``there`` was found to be a target.
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
    """The next step."""
    if now.here is None:
        if not now.link_up and now.attempts < now.quick_tries:
            return Decision(Step.RECONNECT, "the Notification Service was lost")
        return Decision(Step.LOOK, "something is wrong with this node")
    trouble = _trouble(now, now.here)
    if not trouble and not (now.here.maintenance and _may_leave(now)):
        return Decision(Step.RESUME if now.link_up else Step.RECONNECT, now.here.said)
    trouble = trouble or now.here.said
    if now.there is None or not now.there.is_target:
        return _stay(now, now.here, trouble)
    if not now.asked_again:
        return Decision(Step.LOOK_AGAIN, f"{trouble}; the other node serves")
    return Decision(Step.MOVE, trouble)


def _trouble(now: FailoverInputs, here: NodeHealth) -> str:
    """Why this node cannot be worked on; empty when it can."""
    if not here.serves:
        return here.said
    if now.link_up and now.presence is Presence.GONE:
        return "Finesse has left its Notification Service"
    if not now.link_up and now.attempts > now.quick_tries:
        return "its Notification Service cannot be reached"
    return ""


def _may_leave(now: FailoverInputs) -> bool:
    """Whether maintenance is a reason to go now: there is a better place, and no call would be cut from us."""
    return not now.on_call and now.there is not None and now.there.is_target


def _stay(now: FailoverInputs, here: NodeHealth, trouble: str) -> Decision:
    """There is nowhere better. Most often both nodes are out of service together, and come back together."""
    if here.serves and not now.link_up:
        return Decision(Step.RECONNECT, trouble)
    elsewhere = "" if now.there is None else f"; of the other node: {now.there.said}"
    return Decision(Step.WAIT, f"{trouble}{elsewhere}")
