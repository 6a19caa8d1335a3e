"""What the benchmarks share: ratios to a floor measured in the same run, and how they are shown and judged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import median

RUNS = 5
ROUNDS = 6
PAUSE = 10.0
"""Seconds before further pairs."""


@dataclass
class Figure:
    """One figure: what we need, as a multiple of what the floor needs.

    A ratio says the same on a slow machine and a fast one, and the floor beside it says what could be reached.

    Attributes:
        limit: the largest ratio that is accepted.
        unit: of a single measurement, in the report.
        pairs: for each run what we needed, and what the floor needed, in this unit.
    """

    name: str
    limit: float
    unit: str
    pairs: list[tuple[float, float]] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        return [ours / floor for ours, floor in self.pairs]

    def __str__(self) -> str:
        ours, floor = (median(side) for side in zip(*self.pairs, strict=True))
        ratios = self.ratios
        return (
            f"{self.name}: {median(ratios):.2f} times its floor, limit {self.limit:.2f} "
            f"({len(ratios)} runs: {min(ratios):.2f} to {max(ratios):.2f}; "
            f"ours {ours:.0f} {self.unit}, floor {floor:.0f} {self.unit})"
        )


async def judge(figure: Figure, run: Callable[[], Awaitable[tuple[float, float]]]) -> None:
    """Measure five pairs after one that is discarded, print the figure, and compare its median with the limit.

    Above the limit more pairs are measured, at most six times as many, with a pause before each five: the median of
    more pairs has less noise, and other work on the machine may end.
    """
    await run()
    for number in range(ROUNDS):
        if number:
            await asyncio.sleep(PAUSE)
        for _ in range(RUNS):
            figure.pairs.append(await run())
        if median(figure.ratios) <= figure.limit:
            break
    print(f"\n{figure}")
    assert median(figure.ratios) <= figure.limit, figure
