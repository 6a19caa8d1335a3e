"""Resync triggers: reasons for a resync, and reports that request a health check."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from mcp_finesse.errors import FinesseError, OutOfServiceError, RefusedError
from mcp_finesse.model import SystemInfo
from mcp_finesse.session.connection.connection_status import ConnectionStatus
from mcp_finesse.session.connection.resync_triggers import ResyncTriggers
from mcp_finesse.session.status import SessionState
from mcp_finesse.session.timing import Clock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAILED = RefusedError("no", status=500)


@pytest.fixture
def status() -> ConnectionStatus:
    return ConnectionStatus(lambda: NOON, lambda: None)


@pytest.fixture
def triggers(status: ConnectionStatus) -> ResyncTriggers:
    triggers = ResyncTriggers(status, Clock(wall=NOON.timestamp))
    triggers.begin_link()
    return triggers


def taken(triggers: ResyncTriggers) -> tuple[str, datetime | None]:
    """Return the reasons for a resync, as a successful resync takes them."""
    with triggers.resyncing() as loss:
        return loss.reason, loss.since


def fail_resync(triggers: ResyncTriggers, meanwhile: Callable[[], None] = lambda: None) -> None:
    with contextlib.suppress(FinesseError), triggers.resyncing():
        meanwhile()
        raise FinesseError("no")


def test_resync_reasons_are_taken_once_and_joined_with_the_earliest_time(triggers: ResyncTriggers) -> None:
    triggers.request_resync("an event was lost", NOON)
    triggers.request_resync("another was unreadable", NOON + timedelta(seconds=1))
    triggers.request_resync("an event was lost", NOON + timedelta(seconds=2))
    assert triggers.changed.is_set()
    assert taken(triggers) == ("an event was lost; another was unreadable", NOON)
    assert taken(triggers) == ("", None)


def test_resync_without_a_known_time_is_requested_since_now(triggers: ResyncTriggers) -> None:
    triggers.request_resync("an event was lost")
    assert taken(triggers) == ("an event was lost", NOON)


def test_reasons_of_a_failed_resync_are_kept_first_and_do_not_wake_the_loop(triggers: ResyncTriggers) -> None:
    triggers.request_resync("an event was lost", NOON)
    fail_resync(triggers)
    assert triggers.pending
    assert not triggers.changed.is_set()
    triggers.request_resync("another was unreadable", NOON + timedelta(seconds=1))
    assert taken(triggers) == ("an event was lost; another was unreadable", NOON)
    assert not triggers.pending


def test_reason_reported_during_a_failed_resync_is_kept(triggers: ResyncTriggers) -> None:
    triggers.request_resync("an event was lost", NOON)
    earlier = NOON - timedelta(seconds=1)
    fail_resync(triggers, lambda: triggers.request_resync("another was unreadable", earlier))
    assert taken(triggers) == ("an event was lost; another was unreadable", earlier)


def test_reasons_of_repeatedly_failed_resyncs_are_not_duplicated(triggers: ResyncTriggers) -> None:
    for second in range(5):
        triggers.request_resync("an event was lost", NOON + timedelta(seconds=second))
        triggers.request_resync("another was unreadable", NOON + timedelta(seconds=second))
        fail_resync(triggers)
    assert taken(triggers) == ("an event was lost; another was unreadable", NOON)


def test_number_of_reasons_is_limited_and_the_earliest_time_is_kept(triggers: ResyncTriggers) -> None:
    for number in range(100):
        triggers.request_resync(f"reason {number}", NOON - timedelta(seconds=number))
    reason, since = taken(triggers)
    assert reason.split("; ") == [f"reason {number}" for number in range(20)]
    assert since == NOON - timedelta(seconds=99)


def test_new_link_keeps_resync_reasons_and_forgets_what_concerned_the_previous_link(
    triggers: ResyncTriggers,
) -> None:
    triggers.request_resync("the connection was lost")
    triggers.request_reread()
    triggers.report_error(OutOfServiceError("no CTI"))
    triggers.end_link()
    triggers.begin_link()
    assert not triggers.reread
    assert not triggers.health_check
    assert not triggers.changed.is_set()
    assert triggers.in_service
    assert taken(triggers)[0].startswith("the connection was lost")


def test_two_server_errors_in_a_row_request_a_health_check(triggers: ResyncTriggers) -> None:
    triggers.report_error(FAILED)
    assert triggers.health_check == ""
    triggers.report_error(FAILED)
    assert "500" in triggers.health_check
    assert triggers.changed.is_set()


def test_other_response_between_two_server_errors_resets_the_count(triggers: ResyncTriggers) -> None:
    triggers.report_error(FAILED)
    triggers.report_success()
    triggers.report_error(FAILED)
    triggers.report_error(RefusedError("no", status=400))
    triggers.report_error(FAILED)
    assert triggers.health_check == ""


def test_out_of_service_is_reported_at_once_and_requests_resync_and_health_check(
    triggers: ResyncTriggers, status: ConnectionStatus
) -> None:
    for _ in range(2):
        triggers.report_system_info(SystemInfo(status="OUT_OF_SERVICE", status_reason="no CTI"))
    assert status.state is SessionState.OUT_OF_SERVICE
    assert status.detail == "Finesse is out of service: no CTI"
    assert triggers.health_check == "no CTI"
    assert taken(triggers) == ("Finesse was out of service", NOON)


def test_in_service_report_is_a_hint_to_check_the_node(triggers: ResyncTriggers) -> None:
    triggers.report_system_info(SystemInfo(status="IN_SERVICE"))
    assert not triggers.recovery_hint.is_set()
    triggers.mark_out_of_service()
    triggers.report_system_info(SystemInfo(status="IN_SERVICE"))
    assert triggers.recovery_hint.is_set()
    assert not triggers.in_service


def test_maintenance_mode_requests_a_health_check(triggers: ResyncTriggers) -> None:
    triggers.report_system_info(SystemInfo(status="IN_SERVICE", finesse_mmode="IN_PROGRESS"))
    assert "maintenance" in triggers.health_check


def test_reports_without_a_link_are_ignored(triggers: ResyncTriggers, status: ConnectionStatus) -> None:
    triggers.end_link()
    triggers.report_error(OutOfServiceError("no"))
    triggers.report_system_info(SystemInfo(status="OUT_OF_SERVICE"))
    assert status.state is SessionState.CONNECTING
    assert not triggers.pending
