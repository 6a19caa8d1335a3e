"""Failover decisions: every documented failure as inputs and decision, then the individual rules."""

from __future__ import annotations

import pytest

from mcp_finesse.model import SystemInfo
from mcp_finesse.session.nodes.failover import (
    FailoverInputs,
    NextStep,
    NodeHealth,
    Presence,
    decide,
    health_from,
    in_maintenance,
)

IN_SERVICE = NodeHealth("it is in service", in_service=True, heartbeat=True)
OUT_OF_SERVICE = NodeHealth("it is OUT_OF_SERVICE (CTI server is unreachable)", heartbeat=False)
NO_RESPONSE = NodeHealth("it does not respond")
HEARTBEAT_FAILED = NodeHealth("its last heartbeat failed", in_service=True, heartbeat=False)
HEARTBEAT_UNKNOWN = NodeHealth("it is in service", in_service=True, heartbeat=None)
IN_MAINTENANCE = NodeHealth(
    "it is in service but in maintenance mode", in_service=True, heartbeat=True, maintenance=True
)


def link_down(
    current: NodeHealth | None = None,
    other: NodeHealth | None = None,
    *,
    attempts: int = 3,
    again: bool = False,
) -> FailoverInputs:
    return FailoverInputs(
        link_up=False, failed_attempts=attempts, current=current, other=other, checked_again=again
    )


def link_up(
    current: NodeHealth | None = None,
    other: NodeHealth | None = None,
    *,
    presence: Presence = Presence.PRESENT,
    on_call: bool = False,
    again: bool = False,
) -> FailoverInputs:
    return FailoverInputs(
        link_up=True, presence=presence, current=current, other=other, on_call=on_call, checked_again=again
    )


LEFT = Presence.LEFT

FAILURE_TABLE = [
    # what failed, the inputs, the decision
    ("Notification Service down, just noticed", link_down(attempts=0), NextStep.RECONNECT),
    ("Notification Service down, after three attempts", link_down(attempts=3), NextStep.CHECK),
    (
        "Notification Service down, other node in service",
        link_down(OUT_OF_SERVICE, IN_SERVICE),
        NextStep.CHECK_AGAIN,
    ),
    ("... checked again", link_down(OUT_OF_SERVICE, IN_SERVICE, again=True), NextStep.SWITCH_NODE),
    ("... and recovered by then", link_down(IN_SERVICE, IN_SERVICE, again=True), NextStep.RECONNECT),
    ("Notification Service down, no target", link_down(OUT_OF_SERVICE), NextStep.WAIT),
    ("network to the node lost, just noticed", link_down(attempts=0), NextStep.RECONNECT),
    (
        "network to the node lost, other node reached",
        link_down(NO_RESPONSE, IN_SERVICE),
        NextStep.CHECK_AGAIN,
    ),
    ("... checked again", link_down(NO_RESPONSE, IN_SERVICE, again=True), NextStep.SWITCH_NODE),
    ("network lost to both nodes", link_down(NO_RESPONSE, NO_RESPONSE), NextStep.WAIT),
    ("Tomcat down, XMPP still up", link_up(NO_RESPONSE, IN_SERVICE, presence=LEFT), NextStep.CHECK_AGAIN),
    ("... checked again", link_up(NO_RESPONSE, IN_SERVICE, presence=LEFT, again=True), NextStep.SWITCH_NODE),
    ("Tomcat down, XMPP lost with it", link_down(NO_RESPONSE, IN_SERVICE), NextStep.CHECK_AGAIN),
    ("web application down", link_up(NO_RESPONSE, IN_SERVICE, presence=LEFT), NextStep.CHECK_AGAIN),
    ("... and recovered", link_up(IN_SERVICE, IN_SERVICE, again=True), NextStep.RESUME),
    (
        "web application detached from XMPP alone",
        link_up(IN_SERVICE, IN_SERVICE, presence=LEFT),
        NextStep.CHECK_AGAIN,
    ),
    ("... with no target", link_up(IN_SERVICE, presence=LEFT), NextStep.WAIT),
    ("Finesse loses CTI: both nodes", link_up(OUT_OF_SERVICE, OUT_OF_SERVICE), NextStep.WAIT),
    ("... and one recovers first", link_up(OUT_OF_SERVICE, IN_SERVICE), NextStep.CHECK_AGAIN),
    ("... and both recover", link_up(IN_SERVICE, IN_SERVICE), NextStep.RESUME),
    ("CTI lost, not reported: errors 500", link_up(), NextStep.CHECK),
    ("... the heartbeat shows it", link_up(HEARTBEAT_FAILED, HEARTBEAT_FAILED), NextStep.WAIT),
    ("user database down, events are received", link_up(IN_SERVICE, IN_SERVICE), NextStep.RESUME),
    ("Finesse maintenance mode", link_up(IN_MAINTENANCE, IN_SERVICE), NextStep.CHECK_AGAIN),
    ("... checked again", link_up(IN_MAINTENANCE, IN_SERVICE, again=True), NextStep.SWITCH_NODE),
    ("... with a call", link_up(IN_MAINTENANCE, IN_SERVICE, on_call=True), NextStep.RESUME),
    ("... of both nodes", link_up(IN_MAINTENANCE, IN_MAINTENANCE), NextStep.RESUME),
    ("... of a system with one node", link_up(IN_MAINTENANCE), NextStep.RESUME),
    (
        "failed PG maintenance: everything is dropped",
        link_down(OUT_OF_SERVICE, OUT_OF_SERVICE),
        NextStep.WAIT,
    ),
    ("... and CTI is reconnected", link_down(IN_SERVICE, IN_SERVICE), NextStep.RECONNECT),
]


@pytest.mark.parametrize(
    ("inputs", "step"), [row[1:] for row in FAILURE_TABLE], ids=[r[0] for r in FAILURE_TABLE]
)
def test_failover_decision_for_each_documented_failure(inputs: FailoverInputs, step: NextStep) -> None:
    assert decide(inputs).step is step


@pytest.mark.parametrize("attempts", [0, 1, 2])
def test_same_node_is_tried_three_times_before_its_state_is_read(attempts: int) -> None:
    assert decide(link_down(attempts=attempts)).step is NextStep.RECONNECT


def test_current_node_is_kept_when_both_nodes_are_in_service() -> None:
    assert decide(link_down(IN_SERVICE, IN_SERVICE)).step is NextStep.RECONNECT
    assert decide(link_up(IN_SERVICE, IN_SERVICE)).step is NextStep.RESUME


def test_node_without_heartbeat_status_is_kept_but_not_a_failover_target() -> None:
    assert decide(link_up(HEARTBEAT_UNKNOWN, IN_SERVICE)).step is NextStep.RESUME
    assert decide(link_up(OUT_OF_SERVICE, HEARTBEAT_UNKNOWN)).step is NextStep.WAIT


@pytest.mark.parametrize(
    "other",
    [OUT_OF_SERVICE, NO_RESPONSE, HEARTBEAT_FAILED, HEARTBEAT_UNKNOWN, IN_MAINTENANCE],
    ids=lambda health: health.description,
)
def test_failover_target_must_be_in_service_with_heartbeat_and_not_in_maintenance(other: NodeHealth) -> None:
    assert not other.is_failover_target
    assert decide(link_up(OUT_OF_SERVICE, other, again=True)).step is NextStep.WAIT


def test_presence_never_seen_does_not_cause_failover() -> None:
    assert decide(link_up(IN_SERVICE, IN_SERVICE, presence=Presence.NEVER_SEEN)).step is NextStep.RESUME


def test_node_with_unreachable_notification_service_is_left_after_four_attempts() -> None:
    assert decide(link_down(IN_SERVICE, IN_SERVICE, attempts=3)).step is NextStep.RECONNECT
    assert decide(link_down(IN_SERVICE, IN_SERVICE, attempts=4)).step is NextStep.CHECK_AGAIN
    assert decide(link_down(IN_SERVICE, IN_SERVICE, attempts=4, again=True)).step is NextStep.SWITCH_NODE
    assert decide(link_down(IN_SERVICE, OUT_OF_SERVICE, attempts=9)).step is NextStep.RECONNECT


def test_failover_is_not_reversed_when_the_previous_node_recovers() -> None:
    """There is no failback: the recovery of the previous node changes nothing."""
    assert decide(link_up(IN_SERVICE, IN_SERVICE)).step is NextStep.RESUME


def test_decision_explains_the_state_of_both_nodes() -> None:
    wait = decide(link_up(OUT_OF_SERVICE, NO_RESPONSE))
    assert wait.reason == f"{OUT_OF_SERVICE.description}; the other node: {NO_RESPONSE.description}"
    switch = decide(link_up(OUT_OF_SERVICE, IN_SERVICE, again=True))
    assert switch.reason == OUT_OF_SERVICE.description


@pytest.mark.parametrize(
    ("info", "health"),
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
            IN_MAINTENANCE,
        ),
    ],
    ids=lambda value: value.description if isinstance(value, NodeHealth) else "",
)
def test_node_health_is_derived_from_system_info(info: SystemInfo, health: NodeHealth) -> None:
    assert health_from(info) == health


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
