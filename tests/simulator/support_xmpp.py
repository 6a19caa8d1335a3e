"""Test tools: a Notification Service on a loopback port, and an independent raw RFC 7395 client."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import quoteattr

from hypercorn.asyncio import serve
from hypercorn.config import Config
from websockets.asyncio.client import ClientConnection, connect

from mcp_finesse.simulator.openfire.notification_service import NotificationService
from mcp_finesse.simulator.openfire_settings import STOCK, OpenfireSettings
from mcp_finesse.simulator.publishing.publication import AuthResult, Publication
from mcp_finesse.simulator.settings import SimulatorSettings

LIMIT = 5.0  # seconds for anything that must happen
DOMAIN = "finesse.sim"
PUBSUB_DOMAIN = f"pubsub.{DOMAIN}"
USER_NODE = "/finesse/api/User/1001"
DIALOGS_NODE = "/finesse/api/User/1001/Dialogs"
TEAM_NODE = "/finesse/api/Team/310/Users"

NS = {
    "c": "jabber:client",
    "framing": "urn:ietf:params:xml:ns:xmpp-framing",
    "stream": "http://etherx.jabber.org/streams",
    "streams": "urn:ietf:params:xml:ns:xmpp-streams",
    "sasl": "urn:ietf:params:xml:ns:xmpp-sasl",
    "bind": "urn:ietf:params:xml:ns:xmpp-bind",
    "stanzas": "urn:ietf:params:xml:ns:xmpp-stanzas",
    "ps": "http://jabber.org/protocol/pubsub",
    "pserr": "http://jabber.org/protocol/pubsub#errors",
    "event": "http://jabber.org/protocol/pubsub#event",
    "shim": "http://jabber.org/protocol/shim",
    "delay": "urn:xmpp:delay",
    "info": "http://jabber.org/protocol/disco#info",
    "items": "http://jabber.org/protocol/disco#items",
    "roster": "jabber:iq:roster",
}


def tag(prefixed: str) -> str:
    """Return ``c:iq`` in the notation of ElementTree."""
    prefix, name = prefixed.split(":")
    return f"{{{NS[prefix]}}}{name}"


@dataclass
class FakeCenter:
    """The part of a contact center that the Notification Service uses."""

    locked: set[str] = field(default_factory=set)
    logins: list[tuple[str, str]] = field(default_factory=list)
    presences: list[tuple[str, bool]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    nodes: set[str] = field(default_factory=lambda: {USER_NODE, DIALOGS_NODE, TEAM_NODE})

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        self.logins.append((user_id, password))
        if user_id in self.locked:
            return AuthResult.LOCKED
        return AuthResult.OK if password == "secret" else AuthResult.WRONG

    def presence(self, user_id: str, available: bool) -> None:
        self.presences.append((user_id, available))
        self.changed.set()

    async def wait_for_presence(self, user_id: str, available: bool) -> None:
        """Wait until this is the latest presence of the user."""
        async with asyncio.timeout(LIMIT):
            while dict(self.presences).get(user_id) is not available:
                self.changed.clear()
                await self.changed.wait()

    def automatic_nodes(self, user_id: str) -> list[str]:
        return [f"/finesse/api/User/{user_id}", f"/finesse/api/User/{user_id}/Dialogs"]

    def known_node(self, node: str) -> bool:
        return node in self.nodes


@dataclass
class FakeFaults:
    silent: bool = False
    no_finesse_presence: bool = False


class RawClient:
    """A hand-written XMPP client over WebSocket: it sends strings and returns ElementTree elements."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket
        self.jid = ""
        self._numbers: Iterator[int] = iter(range(1, 1_000_000))

    async def send(self, xml: str) -> None:
        await self.websocket.send(xml)

    async def receive_text(self) -> str:
        async with asyncio.timeout(LIMIT):
            text = await self.websocket.recv()
        assert isinstance(text, str)
        return text

    async def receive(self) -> ET.Element:
        return ET.fromstring(await self.receive_text())

    async def closed(self) -> int:
        """Wait until the server closes; return the close code. Anything received before is an error."""
        async with asyncio.timeout(LIMIT):
            await self.websocket.wait_closed()
        assert self.websocket.close_code is not None
        return self.websocket.close_code

    async def open(self, to: str = DOMAIN) -> tuple[ET.Element, ET.Element]:
        """Open the stream; return the server's ``<open/>`` and features."""
        await self.send(f"<open xmlns='{NS['framing']}' to='{to}' version='1.0'/>")
        return await self.receive(), await self.receive()

    async def authenticate(
        self, user: str, password: str = "secret", *, message: str | None = None
    ) -> ET.Element:
        text = base64.b64encode(f"\0{user}\0{password}".encode()).decode() if message is None else message
        await self.send(f"<auth xmlns='{NS['sasl']}' mechanism='PLAIN'>{text}</auth>")
        return await self.receive()

    async def iq(self, kind: str, content: str, to: str | None = None) -> ET.Element:
        """Send a request; return the next element, which must be its answer."""
        number = f"n{next(self._numbers)}"
        address = f" to={quoteattr(to)}" if to else ""
        await self.send(f"<iq xmlns='jabber:client' type='{kind}' id='{number}'{address}>{content}</iq>")
        reply = await self.receive()
        assert (reply.tag, reply.get("id")) == (tag("c:iq"), number), ET.tostring(reply)
        return reply

    async def bind(self, resource: str | None = None) -> ET.Element:
        target = f"<resource>{resource}</resource>" if resource else ""
        reply = await self.iq("set", f"<bind xmlns='{NS['bind']}'>{target}</bind>")
        self.jid = reply.findtext("bind:bind/bind:jid", "", NS)
        return reply

    async def log_in(self, user: str = "1001", resource: str | None = "mcp-finesse-test-1") -> None:
        """Do everything up to the bound resource."""
        await self.open()
        assert (await self.authenticate(user)).tag == tag("sasl:success")
        await self.open()
        await self.bind(resource)
        assert self.jid

    async def send_presence(self, content: str = "") -> None:
        """Send available presence."""
        await self.send(f"<presence xmlns='jabber:client'>{content}</presence>")

    async def assert_nothing_received(self) -> None:
        """Check that the server has sent nothing so far: the next stanza is the answer to a ping."""
        assert (await self.iq("get", "<ping xmlns='urn:xmpp:ping'/>", DOMAIN)).get("type") == "result"

    async def pubsub(self, kind: str, content: str) -> ET.Element:
        return await self.iq(kind, f"<pubsub xmlns='{NS['ps']}'>{content}</pubsub>", PUBSUB_DOMAIN)

    async def subscribe(self, node: str, jid: str | None = None) -> ET.Element:
        """Subscribe (with the full JID if none is given); return the answer."""
        return await self.pubsub(
            "set", f"<subscribe node={quoteattr(node)} jid={quoteattr(jid or self.jid)}/>"
        )

    async def subscriptions(self) -> list[ET.Element]:
        reply = await self.pubsub("get", "<subscriptions/>")
        return reply.findall("ps:pubsub/ps:subscriptions/ps:subscription", NS)


@dataclass
class Node:
    """A running Notification Service."""

    url: str
    center: FakeCenter
    faults: FakeFaults
    service: NotificationService

    @contextlib.asynccontextmanager
    async def raw(self) -> AsyncIterator[RawClient]:
        """Return a client that has done only the WebSocket handshake."""
        async with connect(
            self.url, subprotocols=["xmpp"], proxy=None, open_timeout=LIMIT, close_timeout=LIMIT
        ) as socket:
            yield RawClient(socket)

    @contextlib.asynccontextmanager
    async def client(
        self, user: str = "1001", resource: str = "mcp-finesse-test-1", *, available: bool = False
    ) -> AsyncIterator[RawClient]:
        """Return a client that is logged in; with ``available`` it has sent presence and read that of Finesse."""
        async with self.raw() as client:
            await client.log_in(user, resource)
            if available:
                await client.send_presence()
                assert (await client.receive()).get("from") == f"finesse@{DOMAIN}/finesse"
            yield client

    def publish(self, node: str, xml: str = "<Update/>") -> None:
        self.service.publish(Publication(node, xml))


@contextlib.asynccontextmanager
async def running(
    settings: SimulatorSettings | None = None, openfire: OpenfireSettings | None = None
) -> AsyncIterator[Node]:
    """Run a Notification Service behind hypercorn, on a free loopback port, without TLS."""
    center, faults = FakeCenter(), FakeFaults()
    settings = replace(settings or SimulatorSettings(), openfire=openfire or STOCK)
    service = NotificationService(center, faults, settings)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]  # hypercorn owns and closes it from here on
    config.graceful_timeout = 1
    config.errorlog = None
    stop = asyncio.Event()
    server = asyncio.create_task(serve(service.websocket_app, config, shutdown_trigger=stop.wait))
    try:
        yield Node(f"ws://127.0.0.1:{port}/ws", center, faults, service)
    finally:
        await service.aclose()
        stop.set()
        async with asyncio.timeout(LIMIT):
            await server
