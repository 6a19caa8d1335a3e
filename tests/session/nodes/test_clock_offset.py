"""How far a node's clock is from ours: the quickest answer tells best, and doubt corrects nothing."""

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


def heard(*answers: tuple[float, float, float]) -> ClockOffset:
    """Answers as (their clock beside ours, when asked, round trip); the node looks in the middle."""
    clock_offset = ClockOffset()
    for offset, asked, trip in answers:
        began = START + asked + 0.25 - trip / 2
        clock_offset.hear(at(asked + offset), began, began + trip)
    return clock_offset


@pytest.mark.parametrize(
    ("answers", "seconds"),
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
def test_the_best_answer_of_the_last_ones_decides(
    answers: tuple[tuple[float, float, float], ...], seconds: float
) -> None:
    assert heard(*answers).seconds == pytest.approx(seconds, abs=0.001)


def test_a_time_in_whole_seconds_is_somewhere_in_its_second() -> None:
    clock_offset = ClockOffset()
    clock_offset.hear(at(10, 0.0), START, START)
    assert clock_offset.seconds == pytest.approx(10.5)


@pytest.mark.parametrize(("theirs", "asked", "answered"), [(None, 0.0, 0.1), (at(90), START + 5, START)])
def test_what_tells_nothing_is_left_alone(theirs: datetime | None, asked: float, answered: float) -> None:
    clock_offset = ClockOffset()
    clock_offset.hear(theirs, asked, answered)
    assert clock_offset.seconds == 0.0


def test_a_time_of_theirs_becomes_one_of_ours() -> None:
    assert heard((90, 0, 0.1)).ours(at(100)) == at(10)
    assert ClockOffset().ours(at(100)) == at(100)


async def test_the_answers_of_a_node_tell_its_skew_and_no_other_node_s(tmp_path: Path) -> None:
    async with Simulator(SimulatorSettings()) as simulator:
        behind = Clock(wall=lambda: datetime.now(UTC).timestamp() - 120)
        nodes = Nodes(config_for(simulator, tmp_path, clock=behind, other_url="https://127.0.0.1:9"))
        try:
            await nodes.look(5)
            assert nodes.other is not None
            assert nodes.current.clock_offset.seconds == pytest.approx(120, abs=1)
            assert nodes.other.clock_offset.seconds == 0.0
            now = datetime.now(UTC)
            assert abs(nodes.current.clock_offset.ours(now) - (now - timedelta(seconds=120))) < timedelta(
                seconds=1
            )
        finally:
            await nodes.close()
