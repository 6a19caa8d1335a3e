"""What a notification costs a client of a real server, and how long it takes, beside slixmpp and Strophe.js."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial
from statistics import median

import pytest

from tests.benchmarks.contestants import Contestant, node_of, publishing, receiving, strophe
from tests.benchmarks.support import RUNS
from tests.peers.prosody import Prosody
from tests.peers.publisher import publisher
from tests.peers.xmpp_server import XmppServer, running_or_skip

pytestmark = pytest.mark.benchmark

RATE, COUNT = 100, 100


@pytest.fixture
def server() -> Iterator[XmppServer]:
    yield from running_or_skip(Prosody)


async def test_a_notification_by_websocket_costs_less_cpu_than_strophe_js_needs_to_read_it(
    server: XmppServer,
) -> None:
    """An update of 2 KB, from TLS to where the client wants it: as fast as the server can, and 100 a second.

    Ours: parsed, typed, in the journal and in the mirror. Strophe.js: as it hands over the stanza, with nobody
    reading the document in it, and with the document read as well, by the DOM parser that it uses for stanzas.
    All take turns; the CPU is that of the whole process of a client.
    """
    programs = {
        "stanza": partial(strophe, "Strophe.js by WebSocket, update not parsed", "stanza", server),
        "update": partial(strophe, "Strophe.js by WebSocket, update parsed", "update", server),
        "websocket": partial(receiving, "ours by WebSocket", "websocket", server.url, server),
        "tcp": partial(receiving, "ours by TCP", "tcp", server.tls_port, server),
        "bosh": partial(receiving, "ours by BOSH", "bosh", server.bosh_url, server),
        "slixmpp": partial(
            receiving, "slixmpp by TCP, update not parsed", "slixmpp", server.tls_port, server
        ),
    }
    async with publisher(server, [node_of(kind) for kind in programs]):
        pass
    async with AsyncExitStack() as stack:
        finesse = await stack.enter_async_context(publishing(server))
        clients = {kind: await stack.enter_async_context(start()) for kind, start in programs.items()}
        for client in clients.values():
            await client.turn(finesse, 300, 3 * RATE)  # warm, and compiled where the language compiles
        for _ in range(RUNS):
            for client in clients.values():
                await client.measure(finesse, COUNT, RATE)
    print(table(list(clients.values()), to=clients["stanza"]))
    ours, theirs = clients["websocket"], clients["update"]
    assert median(ratios(ours.full, theirs.full)) < 1
    assert median(ratios(ours.steady, theirs.steady)) < 1


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """CPU as multiples of the other's, turn by turn."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def table(all_of: list[Contestant], to: Contestant) -> str:
    """In Markdown, as it stands in the documentation."""
    lines = [
        "",
        "| Client | CPU at full speed | relative to the first row (five turns) "
        "| CPU at 100 a second | relative to the first row | p50 | p99 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in all_of:
        full, steady = ratios(one.full, to.full), ratios(one.steady, to.steady)
        lines.append(
            f"| {one.name} | {median(one.full):.0f} us | {median(full):.2f} ({min(full):.2f} to {max(full):.2f}) "
            f"| {median(one.steady):.0f} us | {median(steady):.2f} ({min(steady):.2f} to {max(steady):.2f}) "
            f"| {one.p50:.1f} ms | {one.p99:.1f} ms |"
        )
    return "\n".join(lines)
