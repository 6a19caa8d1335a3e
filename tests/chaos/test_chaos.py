"""Hundreds of failures while an agent works: all heals in time, nothing is lost unsaid, nothing false is claimed.

Every time is a twentieth of the real one. ``CHAOS_FAULTS=300 CHAOS_SEED=7`` runs longer, or runs a seed again that
has failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from mcp_finesse.session.actions.outcome import Watch
from mcp_finesse.session.connection.link_supervisor import LinkSupervisor
from mcp_finesse.simulator.openfire.jid import Jid
from mcp_finesse.xmpp import NotificationLink
from mcp_finesse.xmpp.stream import TransportClient
from tests.chaos.rig import SCALE, TRANSPORTS, Rig, Worker, rig
from tests.chaos.troubles import TROUBLES, Trouble
from tests.session.support import AGENT

FAULTS = int(os.environ.get("CHAOS_FAULTS", "40"))
SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(1_000_000))
SLACK = 4.0
"""Seconds for what does not scale: a machine with other things to do."""
DURATIONS = (2.0, 30.0, 120.0)
"""The longest that a trouble may last, not scaled: unnoticed, noticed, long enough to move."""
PER_LINK = (Watch, LinkSupervisor, NotificationLink, TransportClient)


@pytest.mark.chaos
@pytest.mark.timeout(60 + 8 * FAULTS)
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_all_heals_and_nothing_is_lost_unsaid(transport: str, tmp_path: Path) -> None:
    print(f"chaos by {transport}: {FAULTS} faults, CHAOS_SEED={SEED}")  # pytest shows this with -rP
    before = asyncio.all_tasks()
    async with rig(tmp_path, transport, SEED) as floor:
        worker = Worker(floor)
        working = asyncio.create_task(worker.run())
        slowest = Counter[str]()
        for number, trouble in enumerate(_order(floor.chance)):
            where = f"fault {number} of seed {SEED} by {transport}: {trouble.name}"
            slowest[trouble.name] = max(
                slowest[trouble.name], round(1000 * await _suffer(floor, worker, trouble, where))
            )
            assert not worker.false_claims, f"{where}: {worker.false_claims}"
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        _assert_nothing_piles_up()
        assert floor.outcomes.get("confirmed", 0) > FAULTS // 3, "the agent hardly worked"
        assert len(floor.ledger.told) > FAULTS, "hardly anything was published"
        await floor.session.close()
        rows = floor.here.notifications.subscriptions.owned_by(Jid(AGENT, floor.here.settings.domain))
        assert [row.jid.resource for row in rows if row.jid.resource] == []
        async with asyncio.timeout(5):
            while any(relay.held for pair in floor.relays.values() for relay in pair):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    left = {task for task in asyncio.all_tasks() - before if not task.done()}
    assert {task for task in left if "finesse" in task.get_name() or "action" in task.get_name()} == set()
    outcomes = {str(status): count for status, count in floor.outcomes.items()}
    print(f"{len(floor.ledger.told)} events, {outcomes}, {floor.session.status.gaps} gaps,")
    print(f"{floor.session.status.moves} moves, slowest to be well (ms): {slowest.most_common(5)}")


def _order(chance: random.Random) -> list[Trouble]:
    """Every kind of trouble before any kind comes again."""
    order: list[Trouble] = []
    while len(order) < FAULTS:
        order += chance.sample(TROUBLES, len(TROUBLES))
    return order[:FAULTS]


async def _suffer(floor: Rig, worker: Worker, trouble: Trouble, where: str) -> float:
    """Work through one trouble and a while beyond; returns how long it then took until all was well."""
    worker.go()
    await asyncio.sleep(floor.chance.uniform(0.0, 0.1))
    end = await trouble.begin(floor)
    await asyncio.sleep(floor.chance.uniform(0.02, floor.chance.choice(DURATIONS)) * SCALE)
    await end()
    await worker.rest()
    started = time.monotonic()
    limit = trouble.seconds * SCALE + SLACK
    try:
        # A loss that was not noticed yet leaves events unaccounted for, however well all looks.
        await floor.until(lambda: floor.healed and not floor.ledger.unaccounted(), limit)
    except TimeoutError:
        status, ledger = floor.session.status, floor.ledger
        told = [f"{where}: not well after {limit:.1f} s. {status.state}: {status.detail}"]
        pytest.fail("\n".join([*told, *ledger.unaccounted(), *ledger.gaps()]))
    return time.monotonic() - started


def _assert_nothing_piles_up() -> None:
    gc.collect()
    alive = Counter(type(item).__name__ for item in gc.get_objects() if isinstance(item, PER_LINK))
    assert all(count <= 3 for count in alive.values()), alive
