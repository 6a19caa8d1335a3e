"""A client in a process of its own: receives updates, and tells what they cost and how long they took.

Each line of input is a number of events to come. It is answered by ``counting``, and when they have come by a line
of JSON: microseconds of CPU for each, and for each the microseconds since it was sent.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr
from slixmpp import ClientXMPP

from mcp_finesse.session.state.journal import Journal
from mcp_finesse.session.state.mirror import Mirror
from mcp_finesse.session.state.receiver import Receiver
from mcp_finesse.xmpp import LinkIdentity, NotificationLink, Route, bosh_route, tcp_route, websocket_route
from tests.peers.xmpp_server import AGENT, DOMAIN, PASSWORD, PUBSUB

Arrived = Callable[[str], None]
"""Called when an update is where it has to be, with its request id."""


class Count:
    """Counts what arrives, from ``of`` to the last."""

    def __init__(self) -> None:
        self._left = 0
        self._took: list[float] = []
        self._all = asyncio.Event()

    def arrived(self, request_id: str) -> None:
        self._took.append((time.monotonic_ns() - int(request_id[5:])) / 1000)
        self._left -= 1
        if not self._left:
            self._all.set()

    async def of(self, count: int) -> dict[str, Any]:
        self._left, self._took = count, []
        self._all.clear()
        start = time.process_time()
        print("counting", flush=True)
        await self._all.wait()
        return {"cpu": (time.process_time() - start) * 1e6 / count, "took": self._took}


@asynccontextmanager
async def ours(
    kind: str, address: str, trust: ssl.SSLContext, node: str, arrived: Arrived
) -> AsyncIterator[None]:
    """The link, and behind it all that a session does with a notification."""
    journal, mirror = Journal(), Mirror(AGENT)
    receiver = Receiver(
        journal, mirror, on_errors=lambda _: None, on_system=lambda _: None, on_loss=lambda _: None
    )
    journal.listen(lambda entry: arrived(entry.request_id))
    link = NotificationLink(
        LinkIdentity(AGENT, SecretStr(PASSWORD), DOMAIN, PUBSUB, f"mcp-finesse-{node.split('/')[4]}-1"),
        route_to(kind, address, trust),
        on_feed=receiver.take,
        on_link=lambda _: None,
    )
    await link.open()
    try:
        await link.subscribe(node)
        yield
    finally:
        await link.close()


def route_to(kind: str, address: str, trust: ssl.SSLContext) -> Route:
    match kind:
        case "websocket":
            return websocket_route(address, trust, server_hostname=DOMAIN)
        case "bosh":
            return bosh_route(address, trust, server_hostname=DOMAIN)
        case _:
            return tcp_route("localhost", int(address), trust, server_hostname=DOMAIN)


@asynccontextmanager
async def slixmpp(address: str, trust: ssl.SSLContext, node: str, arrived: Arrived) -> AsyncIterator[None]:
    """As it comes, over TCP: its plugin's event, and nothing is read but the request id."""
    client = ClientXMPP(f"{AGENT}@{DOMAIN}/slixmpp", PASSWORD, ssl_context=trust, sasl_mech="PLAIN")
    client.register_plugin("xep_0060")

    def publication(message: Any) -> None:
        text = message.xml.findtext(".//{*}notification")
        arrived(text.partition("<requestId>")[2].partition("<")[0])

    client.add_event_handler("pubsub_publish", publication)
    started = asyncio.Event()
    client.add_event_handler("session_start", lambda _: started.set())
    client.connect("127.0.0.1", int(address))
    async with asyncio.timeout(20):
        await started.wait()
    client.send_presence(ppriority=0)
    await client.plugin["xep_0060"].subscribe(PUBSUB, node, bare=False)
    yield
    await client.disconnect()


async def main(kind: str, address: str, ca_file: str, node: str) -> None:
    trust, counted = ssl.create_default_context(cafile=ca_file), Count()
    if kind == "slixmpp":
        client = slixmpp(address, trust, node, counted.arrived)
    else:
        client = ours(kind, address, trust, node, counted.arrived)
    async with client:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(await counted.of(int(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
