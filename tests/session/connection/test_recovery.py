"""Recovery: looks at the nodes and waits until there is something to do, with scripted nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from mcp_finesse.session.connection.recovery import Recovery
from mcp_finesse.session.nodes.failover import Decision, FailoverInputs, NodeHealth, Step
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.timing import Clock, SessionTiming

SERVES = NodeHealth("it is in service", in_service=True, heartbeat=True)
OUT = NodeHealth("it is out of service")
DOWN = FailoverInputs(link_up=False, attempts=3)
UP = FailoverInputs(link_up=True)


class EndedError(Exception):
    """Raised when the link ends while the nodes are looked at."""


@dataclass
class Told:
    """A recovery on two nodes whose state is scripted look by look. It records its waits."""

    sights: Iterator[tuple[NodeHealth, NodeHealth | None]]
    waits: list[float] = field(default_factory=list)
    told: list[Decision] = field(default_factory=list)

    async def look(self, _: float) -> tuple[NodeHealth, NodeHealth | None]:
        return next(self.sights)

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)

    def recovery(self) -> Recovery:
        clock = Clock(chance=lambda: 0.5)
        return Recovery(
            cast("Nodes", self), SessionTiming(), clock, lambda decision, *_: self.told.append(decision)
        )


async def settle(
    situation: FailoverInputs, *sights: tuple[NodeHealth, NodeHealth | None]
) -> tuple[Decision, Told, Recovery]:
    told = Told(iter(sights))
    recovery = told.recovery()
    return await recovery.settle(lambda: situation, told.pause), told, recovery


@pytest.mark.parametrize(
    ("situation", "sights", "step", "waits"),
    [
        (FailoverInputs(link_up=False), [], Step.RECONNECT, []),
        (DOWN, [(SERVES, OUT)], Step.RECONNECT, []),
        (UP, [(SERVES, None)], Step.RESUME, []),
        (UP, [(OUT, OUT), (OUT, OUT), (SERVES, SERVES)], Step.RESUME, [20.0, 20.0]),
        (UP, [(OUT, SERVES), (OUT, SERVES)], Step.MOVE, [15.0]),
        (UP, [(OUT, SERVES), (SERVES, SERVES)], Step.RESUME, [15.0]),
        (UP, [(OUT, SERVES), (OUT, OUT), (OUT, SERVES), (OUT, SERVES)], Step.MOVE, [15.0, 20.0, 15.0]),
        (DOWN, [(OUT, None), (SERVES, None)], Step.RECONNECT, [20.0]),
    ],
    ids=[
        "the first tries need no look",
        "a look suffices",
        "nothing is wrong after all",
        "both are out, and come back",
        "the own node is asked once more, then left",
        "the own node came back in time",
        "the other one went away again",
        "a single node is waited for",
    ],
)
async def test_recovery_step_follows_from_looks_and_waits(
    situation: FailoverInputs,
    sights: list[tuple[NodeHealth, NodeHealth | None]],
    step: Step,
    waits: list[float],
) -> None:
    decision, told, recovery = await settle(situation, *sights)
    assert decision.step is step
    assert told.waits == waits
    assert recovery.waited == bool(waits)
    assert recovery.here == (sights[-1][0] if sights else None)
    assert len(told.told) == len(waits)


async def test_recovery_ends_when_its_inputs_raise() -> None:
    told = Told(iter([(OUT, OUT), (OUT, OUT)]))
    facts = iter([UP, UP])

    def look_at_the_facts() -> FailoverInputs:
        try:
            return next(facts)
        except StopIteration:
            raise EndedError from None

    with pytest.raises(EndedError):
        await told.recovery().settle(look_at_the_facts, told.pause)
    assert told.waits == [20.0]
