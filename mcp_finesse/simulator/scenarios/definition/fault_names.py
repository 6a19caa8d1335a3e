"""The faults that a scenario can inject, where each one is implemented, and its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FaultName = Literal[
    "silent",
    "no_finesse_presence",
    "drop_request_id",
    "event_before_answer",
    "clear",
    "lose_next_event",
    "duplicate_events",
    "malformed_event",
    "swap_events",
    "delay_events",
    "intermediate_event",
    "fail_next",
    "html_answer",
    "http_status",
    "no_answer",
    "kill_links",
    "out_of_service",
    "in_service",
    "lose_cti",
    "lose_cti_unnoticed",
    "restore_cti",
    "stop_notification_service",
    "start_notification_service",
    "stop_tomcat",
    "start_tomcat",
    "stop_web_app",
    "start_web_app",
    "die",
    "come_back",
    "fail_heartbeat",
    "restore_heartbeat",
    "enter_maintenance",
    "leave_maintenance",
    "lose_user_database",
    "regain_user_database",
]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault.

    Attributes:
        target: the object whose method or attribute has the name of the fault: ``faults`` and ``node`` of one Finesse
            node, or ``center`` for both nodes.
        fields: the fields that the fault may have.
        required: the fields that the fault must have.
        is_switch: whether the fault is an attribute that becomes true.
        only_ucce: whether the fault does not exist on UCCX.
    """

    target: Literal["faults", "node", "center"]
    fields: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    is_switch: bool = False
    only_ucce: bool = False


def _on_faults(*fields: str, required: str = "") -> FaultKind:
    needed = frozenset({required} if required else ())
    return FaultKind("faults", needed | frozenset(fields), needed)


_SWITCH, _NODE = FaultKind("faults", is_switch=True), FaultKind("node")
_UCCE_NODE, _CENTER = FaultKind("node", only_ucce=True), FaultKind("center")
_REASON = FaultKind("center", frozenset({"reason"}))

FAULT_KINDS: Mapping[FaultName, FaultKind] = {
    "silent": _SWITCH,
    "no_finesse_presence": _SWITCH,
    "drop_request_id": _SWITCH,
    "event_before_answer": _SWITCH,
    "clear": _on_faults(),
    "lose_next_event": _on_faults("n"),
    "duplicate_events": _on_faults("n"),
    "malformed_event": _on_faults("n"),
    "swap_events": _on_faults("n"),
    "delay_events": _on_faults(required="seconds"),
    "intermediate_event": _on_faults("n"),
    "fail_next": _on_faults("action", "error_type", "message", "data"),
    "html_answer": _on_faults("n", "method", "path"),
    "http_status": _on_faults("n", "method", "path", required="status"),
    "no_answer": _on_faults("n", "method", "path"),
    "kill_links": _on_faults(),
    "out_of_service": _on_faults("reason"),
    "in_service": _on_faults(),
    "lose_cti": _REASON,
    "lose_cti_unnoticed": _CENTER,
    "restore_cti": _CENTER,
    "stop_notification_service": _NODE,
    "start_notification_service": _NODE,
    "stop_tomcat": _NODE,
    "start_tomcat": _NODE,
    "stop_web_app": _NODE,
    "start_web_app": _NODE,
    "die": _NODE,
    "come_back": _NODE,
    "fail_heartbeat": _NODE,
    "restore_heartbeat": _NODE,
    "enter_maintenance": _UCCE_NODE,
    "leave_maintenance": _UCCE_NODE,
    "lose_user_database": _UCCE_NODE,
    "regain_user_database": _UCCE_NODE,
}

FIELDS = ("n", "seconds", "action", "error_type", "message", "data", "status", "method", "path", "reason")
"""The fields that belong to certain faults."""
