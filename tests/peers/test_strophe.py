"""Strophe.js, the library of the Finesse desktop, beside our session of the same agent."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.session.actions.calls import hold_call
from mcp_finesse.simulator import Simulator
from mcp_finesse.simulator.openfire.jid import Jid
from tests.peers.node import HERE, LIMIT, modules, node
from tests.session.support import AGENT, Floor, floor

pytestmark = pytest.mark.peer

DOMAIN = "finesse.sim"
TEAM = "/finesse/api/Team/310/Users"
DIALOGS = f"/finesse/api/User/{AGENT}/Dialogs"


class Desktop:
    """A process of Strophe.js and what it told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.told: list[dict[str, Any]] = []

    async def until(self, true: Callable[[dict[str, Any]], object]) -> None:
        """Read on until it tells this."""
        assert self.process.stdout is not None
        async with asyncio.timeout(LIMIT):
            while not any(true(item) for item in self.told):
                line = await self.process.stdout.readline()
                assert line, f"Strophe.js ended; it told {self.told}"
                self.told.append(json.loads(line))


@asynccontextmanager
async def desktop(simulator: Simulator, address: str) -> AsyncIterator[Desktop]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        node(), HERE / "desktop.mjs", address, AGENT, DOMAIN, TEAM, stdin=pipe, stdout=pipe,
        env=os.environ | {"NODE_EXTRA_CA_CERTS": str(simulator.ca_file), "PEERS": str(modules().resolve())},
    )  # fmt: skip
    try:
        started = Desktop(process)
        await started.until(lambda item: item.get("subscribed") == TEAM)
        yield started
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(LIMIT):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def desktop_rows(finesse: Floor) -> set[str]:
    owned = finesse.simulator.notifications.subscriptions.owned_by(Jid(AGENT, DOMAIN))
    return {row.node for row in owned if row.jid.resource == "desktop"}


@pytest.mark.parametrize("way", ["WebSocket", "BOSH"])
async def test_both_see_the_hold_and_neither_takes_the_others_place(way: str, tmp_path: Path) -> None:
    async with floor(tmp_path) as finesse:
        simulator = finesse.simulator
        address = simulator.ws_url if way == "WebSocket" else simulator.bosh_url
        async with desktop(simulator, address) as seen:
            call = await finesse.talking()
            assert (await finesse.session.act(hold_call(call))).status == "confirmed"
            await seen.until(lambda item: item.get("node") == DIALOGS and ">HELD<" in item["update"])
            await seen.until(lambda item: item.get("node") == TEAM)
            link = finesse.session.status.link
            assert link is not None
            assert link.siblings == (f"{AGENT}@{DOMAIN}/desktop",)
            await finesse.session.close()
            assert desktop_rows(finesse) == {TEAM}
            assert [s.jid.resource for s in simulator.notifications.sessions if s.jid] == ["desktop"]
        assert "CONNFAIL" not in [item.get("status") for item in seen.told]
