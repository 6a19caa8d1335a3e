"""Pauses between reconnects, and scaled timing for tests."""

from __future__ import annotations

import pytest

from mcp_finesse.session.timing import SessionTiming


@pytest.mark.parametrize(
    ("attempt", "chance", "pause"),
    [
        (0, 0.9, 0.0),
        (1, 0.0, 1.0),
        (1, 1.0, 2.0),
        (2, 0.5, 4.5),
        (3, 0.0, 16.0),
        (3, 0.5, 20.0),
        (30, 1.0, 24.0),
    ],
)
def test_reconnects_start_at_once_then_after_1_and_3_seconds_then_every_20(
    attempt: int, chance: float, pause: float
) -> None:
    assert SessionTiming().retry_pause(attempt, chance) == pytest.approx(pause)


def test_scaled_timing_scales_all_values() -> None:
    scaled = SessionTiming().scaled(0.1)
    assert (scaled.action, scaled.poll, scaled.close) == pytest.approx((4.5, 2.0, 0.12))
    assert scaled.retries == pytest.approx((0.0, 0.1, 0.3))


def test_action_time_limit_is_below_60_seconds() -> None:
    assert SessionTiming().action < 60
