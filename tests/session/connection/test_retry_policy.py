"""Retry policy: permanent errors, the back-off, what is reported meanwhile, and the interval between resyncs."""

from __future__ import annotations

import pytest

from mcp_finesse.errors import (
    ApiErrorDetail,
    ConfigurationError,
    CredentialsError,
    FinesseError,
    LinkLostError,
    NetworkError,
    NotFoundError,
    OutOfServiceError,
    PayloadError,
    ProxyCredentialsError,
    RefusedError,
    ReplacedError,
)
from mcp_finesse.session.connection.retry_policy import (
    ResyncInterval,
    delay_before_check,
    describe_delay,
    failed_attempts,
    is_permanent,
    state_between_attempts,
)
from mcp_finesse.session.nodes.failover import NextStep
from mcp_finesse.session.status import SessionState
from mcp_finesse.session.timing import SessionTiming

DETAILS = (ApiErrorDetail("Invalid Input", "Bad user id"),)
TIMING = SessionTiming()
LOST = LinkLostError("no")


@pytest.mark.parametrize(
    ("error", "before_ready", "after_ready"),
    [
        (CredentialsError("no"), True, True),
        (ProxyCredentialsError("no"), True, True),
        (ReplacedError("no"), True, True),
        (ConfigurationError("redirected"), True, False),
        (NotFoundError("no", status=404), True, False),
        (RefusedError("no", status=401), True, False),
        (RefusedError("no", status=400, details=DETAILS), True, False),
        (RefusedError("no", status=403, details=DETAILS), True, False),
        (RefusedError("from a proxy", status=400), False, False),
        (RefusedError("from a proxy", status=403), False, False),
        (RefusedError("no", status=500), False, False),
        (OutOfServiceError("no"), False, False),
        (NetworkError("no", step="tcp"), False, False),
        (LinkLostError("policy-violation"), False, False),
        (PayloadError("an HTML page"), False, False),
        (ValueError("a bug"), True, False),
    ],
    ids=lambda value: f"{type(value).__name__} {value}" if isinstance(value, Exception) else str(value),
)
def test_permanent_errors_differ_before_and_after_the_session_was_ready(
    error: Exception, before_ready: bool, after_ready: bool
) -> None:
    assert is_permanent(error, was_ready=False) is before_ready
    assert is_permanent(error, was_ready=True) is after_ready


@pytest.mark.parametrize(
    ("before", "error", "connected_seconds", "attempts"),
    [
        (2, LOST, None, 2),
        (2, LOST, TIMING.poll, 2),
        (2, LOST, TIMING.poll + 1, 0),
        (0, OutOfServiceError("no"), None, 3),
        (5, OutOfServiceError("no"), None, 5),
        (5, OutOfServiceError("no"), TIMING.poll + 1, 3),
    ],
    ids=[
        "never ready",
        "lost early",
        "lost after a stable connection",
        "out of service skips the quick attempts",
        "out of service keeps a higher count",
        "out of service after a stable connection",
    ],
)
def test_back_off_is_reset_only_by_a_stable_connection(
    before: int, error: FinesseError, connected_seconds: float | None, attempts: int
) -> None:
    assert failed_attempts(before, error, connected_seconds, TIMING) == attempts


@pytest.mark.parametrize(
    ("step", "chance", "seconds"),
    [
        (NextStep.WAIT, 0.0, 16.0),
        (NextStep.WAIT, 1.0, 24.0),
        (NextStep.CHECK_AGAIN, 0.0, 0.0),
        (NextStep.CHECK_AGAIN, 1.0, 30.0),
    ],
)
def test_health_checks_are_polled_with_jitter_and_a_switch_is_delayed_randomly(
    step: NextStep, chance: float, seconds: float
) -> None:
    assert delay_before_check(step, TIMING, chance) == pytest.approx(seconds)


def test_immediate_retry_is_announced_without_seconds() -> None:
    assert describe_delay(0.0) == describe_delay(0.4) == "Retrying now."
    assert describe_delay(1.6) == "Next attempt in 2 s."


@pytest.mark.parametrize(
    ("error", "was_ready", "state"),
    [
        (None, False, SessionState.CONNECTING),
        (LOST, False, SessionState.CONNECTING),
        (LOST, True, SessionState.RECONNECTING),
        (OutOfServiceError("no"), False, SessionState.OUT_OF_SERVICE),
        (OutOfServiceError("no"), True, SessionState.OUT_OF_SERVICE),
    ],
)
def test_state_between_attempts_follows_from_the_error(
    error: Exception | None, was_ready: bool, state: SessionState
) -> None:
    assert state_between_attempts(error, was_ready=was_ready) is state


def test_resync_interval_doubles_while_resyncs_are_requested_and_is_reset_after_a_pause() -> None:
    interval = ResyncInterval(1.0, 4.0)
    assert interval.remaining(0.0) == 0.0
    now, waits = 0.0, []
    for _ in range(5):
        interval.record(now)
        waits.append(interval.remaining(now))
        now += waits[-1]
    assert waits == [1.0, 2.0, 4.0, 4.0, 4.0]
    now += 100
    assert interval.remaining(now) == 0.0
    interval.record(now)
    assert interval.remaining(now) == 1.0
