"""How long an action takes until it is confirmed, from the call of the tool to its result."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from mcp.client import Client

from mcp_finesse.server import build_server
from tests.benchmarks.bare_server import bare_server
from tests.benchmarks.support import Figure, judge
from tests.server.support import until
from tests.session.support import COLLEAGUE, COLLEAGUE_EXTENSION, CUSTOMER, Floor, floor

pytestmark = pytest.mark.benchmark

CALLS = 30


async def test_holding_a_call_takes_little_longer_than_a_bare_request_and_its_bare_event(
    tmp_path: Path,
) -> None:
    """From the call of ``hold_call`` by a client in process to its result, which says confirmed.

    The floor: a tool that does the same PUT with httpx and waits for the event that slixmpp raises, for another
    agent with a call of its own. It has the subscriptions that our session has: User, Dialogs and SystemInfo
    with the full JID, beside the automatic rows of the bare JID. So each side gets its events twice, and what
    is compared are clients, not numbers of events.

    One holds, then the other, in turns; then both retrieve, which is not measured. Of each run the fastest counts:
    what makes the others slower is something else on the machine, and takes whole time slices.
    """
    figure = Figure("hold_call confirmed", limit=1.3, unit="us")
    async with floor(tmp_path) as finesse:
        ours = await finesse.talking()
        bare = await call_of_the_colleague(finesse)
        async with (
            bare_server(finesse.simulator, COLLEAGUE, COLLEAGUE_EXTENSION) as other,
            Client(build_server(finesse.session)) as our_client,
            Client(other) as bare_client,
        ):

            async def run() -> tuple[float, float]:
                held: dict[str, list[float]] = {"ours": [], "bare": []}
                for number in range(CALLS):
                    turns = [("ours", our_client, "hold_call", {"dialog_id": ours})]
                    turns.append(("bare", bare_client, "act", {"dialog_id": bare, "action": "HOLD"}))
                    for name, client, tool, arguments in turns if number % 2 else reversed(turns):
                        held[name].append(await timed(client, tool, **arguments))
                    await timed(our_client, "retrieve_call", dialog_id=ours)
                    await timed(bare_client, "act", dialog_id=bare, action="RETRIEVE")
                return min(held["ours"]), min(held["bare"])

            await judge(figure, run)


async def call_of_the_colleague(finesse: Floor) -> str:
    """The colleague signs in and answers a customer; returns the dialog id."""
    center = finesse.simulator.center
    colleague = center.colleague(COLLEAGUE)
    colleague.sign_in()
    await until(lambda: center.truth()["users"][COLLEAGUE]["state"] == "NOT_READY")
    dialog_id = center.customers.call(COLLEAGUE_EXTENSION, CUSTOMER)
    colleague.act("ANSWER", dialog_id)
    await until(lambda: center.truth()["dialogs"][dialog_id]["state"] == "ACTIVE")
    return dialog_id


async def timed(client: Client, tool: str, **arguments: str) -> float:
    """Microseconds of a call that must succeed; then whatever follows from it is let happen."""
    start = time.perf_counter()
    result = await client.call_tool(tool, arguments)
    taken = (time.perf_counter() - start) * 1e6
    assert not result.is_error, result.content
    said = result.structured_content or {}
    assert said.get("status", "confirmed") == "confirmed", said
    await asyncio.sleep(0.01)
    return taken
