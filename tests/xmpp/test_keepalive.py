"""Keepalive: when a link is dead, and the ping loop on a simulated clock."""

from __future__ import annotations

import pytest

from mcp_finesse.xmpp.keepalive import MissCounter, watch


@pytest.mark.parametrize(
    ("allowed", "pings", "dead_at"),
    [
        (2, "..xx", 4),
        (2, "x.x.x.", None),
        (2, "xx", 2),
        (1, ".x", 2),
        (3, "xx.xxx", 6),
    ],
)
def test_link_is_dead_after_the_allowed_misses_in_a_row(
    allowed: int, pings: str, dead_at: int | None
) -> None:
    counter = MissCounter(allowed)
    verdicts = [counter.note(alive=ping == ".") for ping in pings]
    assert (verdicts.index(True) + 1 if True in verdicts else None) == dead_at


class World:
    """A clock that advances only while somebody waits, and a server with scripted responses.

    ``.`` responds after a second, ``x`` does not, ``~`` does not but other traffic arrives.
    """

    def __init__(self, script: str) -> None:
        self.now = 0.0
        self.sent: list[float] = []
        self.heard = 0
        self._script = iter(script)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def ping(self) -> None:
        self.sent.append(self.now)
        answer = next(self._script)
        if answer == ".":
            self.now += 1
            return
        self.now += 10
        self.heard += answer == "~"
        raise TimeoutError


async def dead_at(script: str) -> tuple[float, list[float]]:
    world = World(script)
    await watch(
        world.ping, lambda: world.heard, interval=10, misses=2, sleep=world.sleep, clock=lambda: world.now
    )
    return world.now, world.sent


async def test_pings_are_sent_every_interval_whatever_the_response_time() -> None:
    _, sent = await dead_at("...xx")
    assert sent == [10, 20, 30, 40, 50]


async def test_freeze_is_detected_within_20_to_30_seconds() -> None:
    assert await dead_at("xx") == (30, [10, 20])


async def test_other_traffic_resets_the_miss_count() -> None:
    now, sent = await dead_at("x~x~xx")
    assert (len(sent), now) == (6, 70)


async def test_loop_clock_is_used_by_default() -> None:
    asked = 0

    async def never() -> None:
        nonlocal asked
        asked += 1
        raise TimeoutError

    await watch(never, lambda: 0, interval=0.001, misses=2)
    assert asked == 2
