"""The user ``finesse`` on an XMPP server that we did not write: available, and the owner of the nodes.

It is slixmpp as it comes, over TCP, so that nothing of ours stands on the other side. Run as a program, it publishes
at a steady pace from a process of its own.
"""

from __future__ import annotations

import asyncio
import ssl
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from slixmpp import ClientXMPP
from slixmpp.exceptions import IqError

from tests.peers.xmpp_server import DOMAIN, FINESSE, PASSWORD, PUBSUB, XmppServer

LIMIT = 20.0


class Publisher:
    """One session of the user ``finesse``; ``client`` is slixmpp."""

    def __init__(self, client: ClientXMPP) -> None:
        self.client = client

    async def create(self, node: str) -> None:
        """Make a node, as Finesse does for each of its objects; that it is there already is fine."""
        try:
            await self.client.plugin["xep_0060"].create_node(PUBSUB, node)
        except IqError as error:
            if error.condition != "conflict":
                raise

    async def publish(self, node: str, text: str) -> None:
        """Publish one item, and wait for the server's word that it did."""
        notification = ET.Element("{http://jabber.org/protocol/pubsub}notification")
        notification.text = text
        await self.client.plugin["xep_0060"].publish(PUBSUB, node, payload=notification)


@asynccontextmanager
async def publisher(server: XmppServer, nodes: Iterable[str] = ()) -> AsyncIterator[Publisher]:
    """Logged in, with these nodes there."""
    async with publisher_at(server.tls_port, server.client_context(), nodes) as logged_in:
        yield logged_in


@asynccontextmanager
async def publisher_at(
    port: int, trust: ssl.SSLContext, nodes: Iterable[str] = ()
) -> AsyncIterator[Publisher]:
    """The same, for who knows the server by its port only."""
    client = ClientXMPP(f"{FINESSE}@{DOMAIN}/app", PASSWORD, ssl_context=trust)
    client.register_plugin("xep_0060")
    started = asyncio.Event()
    client.add_event_handler("session_start", lambda _: started.set())
    before = asyncio.all_tasks()
    client.connect("127.0.0.1", port)
    try:
        async with asyncio.timeout(LIMIT):
            await started.wait()
        logged_in = Publisher(client)
        for node in nodes:
            await logged_in.create(node)
        client.send_presence()
        yield logged_in
    finally:
        await client.disconnect()
        # slixmpp's sender is not ended by slixmpp.
        left = {task for task in asyncio.all_tasks() - before if "run_filters" in repr(task)}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
