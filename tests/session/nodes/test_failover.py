"""Failover decisions: every documented failure as inputs and decision, then the individual rules."""

from __future__ import annotations

import pytest

from mcp_finesse.model import SystemInfo
from mcp_finesse.session.nodes.failover import (
    FailoverInputs,
    NodeHealth,
    Presence,
    Step,
    decide,
    in_maintenance,
    sight_of,
)

SERVES = NodeHealth("it is in service", in_service=True, heartbeat=True)
OUT = NodeHealth("it is OUT_OF_SERVICE (CTI server is unreachable)", heartbeat=False)
SILENT = NodeHealth("it does not respond")
STALE = NodeHealth("its last heartbeat failed", in_service=True, heartbeat=False)
MUTE = NodeHealth("it is in service", in_service=True, heartbeat=None)
MAINTAINED = NodeHealth(
    "it is in service, in maintenance mode", in_service=True, heartbeat=True, maintenance=True
)


def lost(attempts: int = 3, **more: object) -> FailoverInputs:
    return FailoverInputs(link_up=False, attempts=attempts, **more)  # type: ignore[arg-type]


def up(**more: object) -> FailoverInputs:
    return FailoverInputs(link_up=True, **more)  # type: ignore[arg-type]


GONE = Presence.GONE

FAILURE_TABLE = [
    # what failed, the inputs, the decision
    ("Notification Service down, just noticed", lost(0), Step.RECONNECT),
    ("Notification Service down, three tries made", lost(3), Step.LOOK),
    ("Notification Service down, other node serves", lost(here=OUT, there=SERVES), Step.LOOK_AGAIN),
    ("... asked once more", lost(here=OUT, there=SERVES, asked_again=True), Step.MOVE),
    ("... and back by then", lost(here=SERVES, there=SERVES, asked_again=True), Step.RECONNECT),
    ("Notification Service down, nowhere else to go", lost(here=OUT), Step.WAIT),
    ("network to the node lost, just noticed", lost(0), Step.RECONNECT),
    ("network to the node lost, other node reached", lost(here=SILENT, there=SERVES), Step.LOOK_AGAIN),
    ("... asked once more", lost(here=SILENT, there=SERVES, asked_again=True), Step.MOVE),
    ("network lost to both nodes", lost(here=SILENT, there=SILENT), Step.WAIT),
    ("Tomcat down, XMPP still up", up(presence=GONE, here=SILENT, there=SERVES), Step.LOOK_AGAIN),
    ("... asked once more", up(presence=GONE, here=SILENT, there=SERVES, asked_again=True), Step.MOVE),
    ("Tomcat down, XMPP lost with it", lost(here=SILENT, there=SERVES), Step.LOOK_AGAIN),
    ("web application down", up(presence=GONE, here=SILENT, there=SERVES), Step.LOOK_AGAIN),
    ("... and back", up(here=SERVES, there=SERVES, asked_again=True), Step.RESUME),
    (
        "web application detached from XMPP alone",
        up(presence=GONE, here=SERVES, there=SERVES),
        Step.LOOK_AGAIN,
    ),
    ("... with nowhere else to go", up(presence=GONE, here=SERVES), Step.WAIT),
    ("Finesse loses CTI: both nodes", up(here=OUT, there=OUT), Step.WAIT),
    ("... and one is back first", up(here=OUT, there=SERVES), Step.LOOK_AGAIN),
    ("... and both are", up(here=SERVES, there=SERVES), Step.RESUME),
    ("CTI lost, not noticed: errors 500", up(), Step.LOOK),
    ("... the heartbeat tells", up(here=STALE, there=STALE), Step.WAIT),
    ("user database down, events come", up(here=SERVES, there=SERVES), Step.RESUME),
    ("Finesse maintenance mode", up(here=MAINTAINED, there=SERVES), Step.LOOK_AGAIN),
    ("... asked once more", up(here=MAINTAINED, there=SERVES, asked_again=True), Step.MOVE),
    ("... with a call", up(here=MAINTAINED, there=SERVES, on_call=True), Step.RESUME),
    ("... of both nodes", up(here=MAINTAINED, there=MAINTAINED), Step.RESUME),
    ("... of a system with one node", up(here=MAINTAINED), Step.RESUME),
    ("PG maintenance that fails: all is dropped", lost(here=OUT, there=OUT), Step.WAIT),
    ("... and CTI is found again", lost(here=SERVES, there=SERVES), Step.RECONNECT),
]


@pytest.mark.parametrize(
    ("situation", "step"), [row[1:] for row in FAILURE_TABLE], ids=[r[0] for r in FAILURE_TABLE]
)
def test_failover_decision_for_each_documented_failure(situation: FailoverInputs, step: Step) -> None:
    assert decide(situation).step is step


@pytest.mark.parametrize("attempts", [0, 1, 2])
def test_same_node_is_tried_three_times_before_its_state_is_read(attempts: int) -> None:
    assert decide(lost(attempts)).step is Step.RECONNECT


def test_current_node_is_kept_when_both_nodes_are_in_service() -> None:
    assert decide(lost(here=SERVES, there=SERVES)).step is Step.RECONNECT
    assert decide(up(here=SERVES, there=SERVES)).step is Step.RESUME


def test_node_without_heartbeat_status_is_kept_but_not_a_failover_target() -> None:
    assert decide(up(here=MUTE, there=SERVES)).step is Step.RESUME
    assert decide(up(here=OUT, there=MUTE)).step is Step.WAIT


@pytest.mark.parametrize("there", [OUT, SILENT, STALE, MUTE, MAINTAINED], ids=lambda sight: sight.said)
def test_failover_target_must_be_in_service_with_heartbeat_and_not_in_maintenance(there: NodeHealth) -> None:
    assert not there.is_target
    assert decide(up(here=OUT, there=there, asked_again=True)).step is Step.WAIT


def test_presence_never_seen_does_not_cause_failover() -> None:
    assert decide(up(presence=Presence.NEVER_SEEN, here=SERVES, there=SERVES)).step is Step.RESUME


def test_node_with_unreachable_notification_service_is_left_after_four_attempts() -> None:
    assert decide(lost(3, here=SERVES, there=SERVES)).step is Step.RECONNECT
    assert decide(lost(4, here=SERVES, there=SERVES)).step is Step.LOOK_AGAIN
    assert decide(lost(4, here=SERVES, there=SERVES, asked_again=True)).step is Step.MOVE
    assert decide(lost(9, here=SERVES, there=OUT)).step is Step.RECONNECT


def test_failover_is_not_reversed_when_the_previous_node_recovers() -> None:
    """There is no failback: the recovery of the previous node changes nothing."""
    assert decide(up(here=SERVES, there=SERVES)).step is Step.RESUME


def test_decision_explains_the_state_of_both_nodes() -> None:
    waiting = decide(up(here=OUT, there=SILENT))
    assert waiting.because == f"{OUT.said}; the other node: {SILENT.said}"
    moving = decide(up(here=OUT, there=SERVES, asked_again=True))
    assert moving.because == OUT.said


@pytest.mark.parametrize(
    ("info", "sight"),
    [
        (
            SystemInfo(status="IN_SERVICE", last_cti_heartbeat_status="success"),
            NodeHealth("it is in service", in_service=True, heartbeat=True),
        ),
        (SystemInfo(status="IN_SERVICE"), NodeHealth("it is in service", in_service=True)),
        (
            SystemInfo(status="IN_SERVICE", last_cti_heartbeat_status="failure"),
            NodeHealth(
                "it is in service, but its last heartbeat with the CTI server failed",
                in_service=True,
                heartbeat=False,
            ),
        ),
        (
            SystemInfo(status="OUT_OF_SERVICE", status_reason="no CTI", last_cti_heartbeat_status="failure"),
            NodeHealth("it is OUT_OF_SERVICE (no CTI)", heartbeat=False),
        ),
        (SystemInfo(status="PARTIAL_SERVICE"), NodeHealth("it is PARTIAL_SERVICE (no reason given)")),
        (SystemInfo(), NodeHealth("it is in no known state (no reason given)")),
        (
            SystemInfo(status="IN_SERVICE", last_cti_heartbeat_status="success", finesse_mmode="IN_PROGRESS"),
            MAINTAINED,
        ),
    ],
    ids=lambda value: value.said if isinstance(value, NodeHealth) else "",
)
def test_node_health_is_derived_from_system_info(info: SystemInfo, sight: NodeHealth) -> None:
    assert sight_of(info) == sight


@pytest.mark.parametrize(
    ("mode", "seconds", "expected"),
    [
        (None, None, False),
        ("", None, False),
        ("NONE", None, False),
        ("INITIATING", None, True),
        ("in_progress", 12, True),
        ("IN_PROGRESS", 0, True),
        ("IN_PROGRESS", -1, False),
        (None, 40, False),
    ],
)
def test_maintenance_mode_is_derived_from_system_info(
    mode: str | None, seconds: int | None, expected: bool
) -> None:
    assert in_maintenance(SystemInfo(finesse_mmode=mode, finesse_time_in_mmode=seconds)) is expected
