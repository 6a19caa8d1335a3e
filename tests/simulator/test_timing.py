"""Test the timestamps of Finesse and the timers on a loop."""

from __future__ import annotations

import asyncio

import pytest

from mcp_finesse.simulator.timing import later_on_loop, timestamp


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_893_456_000.0419, "2030-01-01T00:00:00.041Z"),
        (1_893_456_000.9999, "2030-01-01T00:00:00.999Z"),
    ],
)
def test_timestamp_is_utc_with_truncated_milliseconds(seconds: float, text: str) -> None:
    assert timestamp(seconds) == text


async def test_later_never_runs_immediately_and_can_be_cancelled() -> None:
    called = asyncio.Event()
    later = later_on_loop(asyncio.get_running_loop())
    later(0, called.set)
    later(0, lambda: pytest.fail("cancelled")).cancel()
    assert not called.is_set()
    await asyncio.wait_for(called.wait(), 5)
