"""Clock offset of a node: the shortest round trip is the most reliable, and uncertain offsets are not applied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mcp_finesse.session import Clock, ClockOffset
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.session.support import config_for

START = 1_800_000_000.0


def at(seconds: float, fraction: float = 0.25) -> datetime:
    return datetime.fromtimestamp(START + seconds + fraction, UTC)


def offset_from(*responses: tuple[float, float, float]) -> ClockOffset:
    """Return an offset from responses (clock offset, time sent, round trip), with the node's time read halfway."""
    clock_offset = ClockOffset()
    for offset, sent, round_trip in responses:
        began = START + sent + 0.25 - round_trip / 2
        clock_offset.record(at(sent + offset), began, began + round_trip)
    return clock_offset


@pytest.mark.parametrize(
    ("responses", "seconds"),
    [
        ((), 0.0),
        (((90, 0, 0.1),), 90),
        (((-3600, 0, 0.1),), -3600),
        (((0.4, 0, 0.1),), 0.0),
        (((5, 0, 12.0),), 0.0),
        (((5, 0, 12.0), (7, 1, 0.1)), 7),
        (((7, 0, 0.1), (5, 1, 12.0)), 7),
        (((90, 0, 0.1), (0, 1, 0.1)), 0.0),
        (((90, 0, 0.1), (-30, 1, 0.2)), -30),
        (((90.5, 0, 0.01), (90, 4000, 0.4)), 90),
        (tuple((60 + n / 10, n, 0.1 + n / 100) for n in range(20)), 61.2),
    ],
)
def test_offset_is_taken_from_the_best_recent_response(
    responses: tuple[tuple[float, float, float], ...], seconds: float
) -> None:
    assert offset_from(*responses).seconds == pytest.approx(seconds, abs=0.001)


def test_whole_second_timestamp_is_taken_as_mid_second() -> None:
    clock_offset = ClockOffset()
    clock_offset.record(at(10, 0.0), START, START)
    assert clock_offset.seconds == pytest.approx(10.5)


@pytest.mark.parametrize(
    ("node_time", "sent_at", "received_at"), [(None, 0.0, 0.1), (at(90), START + 5, START)]
)
def test_response_without_usable_time_is_ignored(
    node_time: datetime | None, sent_at: float, received_at: float
) -> None:
    clock_offset = ClockOffset()
    clock_offset.record(node_time, sent_at, received_at)
    assert clock_offset.seconds == 0.0


def test_node_time_is_converted_to_local_time() -> None:
    assert offset_from((90, 0, 0.1)).to_local(at(100)) == at(10)
    assert ClockOffset().to_local(at(100)) == at(100)


async def test_each_node_has_its_own_clock_offset(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        behind = Clock(wall=lambda: datetime.now(UTC).timestamp() - 120)
        nodes = Nodes(config_for(simulator, tmp_path, clock=behind, other_url="https://127.0.0.1:9"))
        try:
            await nodes.check_health(5)
            assert nodes.other is not None
            assert nodes.current.clock_offset.seconds == pytest.approx(120, abs=1)
            assert nodes.other.clock_offset.seconds == 0.0
            now = datetime.now(UTC)
            assert abs(nodes.current.clock_offset.to_local(now) - (now - timedelta(seconds=120))) < timedelta(
                seconds=1
            )
        finally:
            await nodes.close()
