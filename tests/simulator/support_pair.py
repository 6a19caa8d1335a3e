"""Test tools: a raw XMPP client for a running simulator, and an easy way to read its events."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from lxml import etree
from websockets.asyncio.client import connect

from mcp_finesse.simulator import Simulator
from tests.simulator.support_xmpp import LIMIT, NS, RawClient, tag


class XmppLink(RawClient):
    """A raw client in the domain of one node."""

    domain = ""

    async def assert_nothing_received(self) -> None:
        """Check that the server has sent nothing so far: the next stanza is the answer to a ping."""
        assert (await self.iq("get", "<ping xmlns='urn:xmpp:ping'/>", self.domain)).get("type") == "result"

    async def subscribe(self, node: str, jid: str | None = None) -> Any:
        request = f"<subscribe node='{node}' jid='{jid or self.jid}'/>"
        return await self.iq("set", f"<pubsub xmlns='{NS['ps']}'>{request}</pubsub>", f"pubsub.{self.domain}")


@asynccontextmanager
async def link_to(simulator: Simulator, user: str = "1001") -> AsyncIterator[XmppLink]:
    """Open a session over WebSocket, send presence and read the presence of ``finesse``."""
    trust = ssl.create_default_context(cafile=str(simulator.ca_file))
    async with connect(
        simulator.ws_url, ssl=trust, subprotocols=["xmpp"], proxy=None, open_timeout=LIMIT, close_timeout=LIMIT
    ) as socket:  # fmt: skip
        link = XmppLink(socket)
        link.domain = simulator.settings.domain
        await link.open(link.domain)
        assert (await link.authenticate(user)).tag == tag("sasl:success")
        await link.open(link.domain)
        await link.bind("mcp-finesse-test-1")
        await link.send_presence()
        assert (await link.receive()).get("from") == f"finesse@{link.domain}/finesse"
        yield link


def read_event(message: Any) -> tuple[str, str, str, str]:
    """Return node, kind of object, its state (or status, or the code of an error) and request id."""
    items = message.find("event:event/event:items", NS)
    assert items is not None, etree.tostring(message)
    update = etree.fromstring("".join(items.itertext()))
    data = update.find("data")[0]
    words = {"systemInfo": "status", "apiErrors": "apiError/errorData", "dialogs": "Dialog/state"}
    detail = data.findtext(words.get(data.tag, "state"))
    return items.get("node"), data.tag, detail or "", update.findtext("requestId") or ""


async def event_of(link: RawClient, node: str) -> tuple[str, str, str]:
    """Return kind, state and request id of the next stanza, which must be an event of this node."""
    found, *rest = read_event(await link.receive())
    assert found == node
    return rest[0], rest[1], rest[2]


async def events_on(link: RawClient) -> list[tuple[str, str]]:
    """Return kind and state of every event received so far, in order."""
    number = "the-end"
    await link.send(f"<iq xmlns='jabber:client' type='get' id='{number}'><ping xmlns='urn:xmpp:ping'/></iq>")
    told = []
    while (stanza := await link.receive()).get("id") != number:
        told.append(read_event(stanza)[1:3])
    return told
