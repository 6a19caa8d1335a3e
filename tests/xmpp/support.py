"""Shared by the XMPP tests: a scripted WebSocket peer, raw servers and an event recorder."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self

import trustme
from pydantic import SecretStr
from websockets.asyncio.server import ServerConnection, serve

from mcp_finesse.xmpp import (
    FeedEvent,
    LinkEvent,
    LinkIdentity,
    LinkTiming,
    NotificationLink,
    Route,
    websocket_route,
)

DOMAIN = "fin.example.test"
PUBSUB = f"pubsub.{DOMAIN}"
RESOURCE = "mcp-finesse-test-1"
BARE = f"5001@{DOMAIN}"
JID = f"{BARE}/{RESOURCE}"
FINESSE = f"finesse@{DOMAIN}"

FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
STREAMS = "http://etherx.jabber.org/streams"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
SESSION = "urn:ietf:params:xml:ns:xmpp-session"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
PUBSUB_NS = "http://jabber.org/protocol/pubsub"

PATIENT = LinkTiming(connect=10, presence=10, request=10)
"""For tests in which nothing may time out."""
HASTY = LinkTiming(connect=5, presence=0.3, ping_interval=0.3, ping_timeout=0.3, request=0.5, close=0.1)
"""For tests that wait for a timeout."""

Answer = Callable[["Peer", ET.Element], Awaitable[None]]


def identity(**changes: str) -> LinkIdentity:
    values: dict[str, Any] = {
        "user_id": "5001",
        "password": SecretStr("secret"),
        "domain": DOMAIN,
        "pubsub_domain": PUBSUB,
        "resource": RESOURCE,
    }
    if "password" in changes:
        changes["password"] = SecretStr(changes["password"])  # type: ignore[assignment]
    return LinkIdentity(**(values | changes))


def event_message(node: str, payload: str, *, to: str = JID, sender: str = PUBSUB, extra: str = "") -> str:
    text = payload.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        f"<message xmlns='jabber:client' from='{sender}' to='{to}' id='m1'>"
        f"<event xmlns='{PUBSUB_NS}#event'><items node='{node}'><item id='i1'>"
        f"<notification xmlns='{PUBSUB_NS}'>{text}</notification></item></items></event>{extra}</message>"
    )


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


@lru_cache
def authority() -> trustme.CA:
    return trustme.CA()


def server_context(*names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(*(names or ("localhost",))).configure_cert(context)
    return context


def client_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


@dataclass
class Recorder:
    """Everything a link reported, and a way to wait for more."""

    events: list[FeedEvent] = field(default_factory=list)
    states: list[LinkEvent] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def on_feed(self, event: FeedEvent) -> None:
        self.events.append(event)
        self._changed.set()

    def on_link(self, event: LinkEvent) -> None:
        self.states.append(event)
        self._changed.set()

    async def until(self, condition: Callable[[Recorder], bool], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not condition(self):
                self._changed.clear()
                await self._changed.wait()

    async def until_state(self, state: str) -> LinkEvent:
        await self.until(lambda _: any(event.state == state for event in self.states))
        return next(event for event in self.states if event.state == state)


class Ear:
    """The stream's side of a transport, which only records."""

    def __init__(self) -> None:
        self.stream_header = ""
        self.data: list[bytes | str] = []
        self.losses: list[str] = []
        self.lost: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        self._heard = asyncio.Event()

    def data_received(self, data: bytes | str) -> None:
        self.data.append(data)
        self._heard.set()

    def loss_possible(self, reason: str) -> None:
        self.losses.append(reason)

    def connection_lost(self, exception: BaseException | None) -> None:
        self.lost.set_result(exception)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.data) < count:
                self._heard.clear()
                await self._heard.wait()

    async def until_said(self, text: str) -> None:
        async with asyncio.timeout(10):
            while text not in self.said:
                self._heard.clear()
                await self._heard.wait()

    @property
    def said(self) -> str:
        return "".join(data if isinstance(data, str) else data.decode() for data in self.data)


class Peer:
    """One side of RFC 7395 and a scripted Notification Service.

    ``answers`` maps the name of an element (for an IQ, of its payload) to its response. A test replaces
    entries or sets them to ``silence``.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, subprotocol: str | None = "xmpp", password: str = "secret"
    ) -> None:
        self.password = password
        self.mechanisms = ["PLAIN"]
        self.after_login = f"<bind xmlns='{BIND}'/>"
        self.finesse: str | None = "available"
        self.received: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.rows: list[dict[str, str]] = []
        self.bound = JID
        self.answers: dict[str, Answer] = {
            "open": answer_open,
            "auth": answer_auth,
            "bind": answer_bind,
            "session": answer_result,
            "presence": answer_presence,
            "ping": answer_result,
            "pubsub": answer_pubsub,
            "close": answer_close,
        }
        self.gone = asyncio.Event()
        self._tls = tls
        self._subprotocols = [subprotocol] if subprotocol else None
        self._logged_in = False
        self._socket: ServerConnection | None = None
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            ssl=self._tls,
            subprotocols=self._subprotocols,  # type: ignore[arg-type]
            compression=None,
            close_timeout=0.2,
        )
        scheme, host = ("wss", "localhost") if self._tls else ("ws", "127.0.0.1")
        self.url = f"{scheme}://{host}:{self._server.sockets[0].getsockname()[1]}/ws"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def route(self) -> Route:
        return websocket_route(self.url, client_context() if self._tls else None, allow_insecure=True)

    @property
    def socket(self) -> ServerConnection:
        assert self._socket is not None
        return self._socket

    async def send(self, xml: str) -> None:
        await self.socket.send(xml)

    def cut(self) -> None:
        """Abort the TCP connection."""
        self.socket.transport.abort()

    async def until_received(self, fragment: str, times: int = 1) -> None:
        async with asyncio.timeout(10):
            while sum(fragment in frame for frame in self.received) < times:
                self._changed.clear()
                await self._changed.wait()

    async def _serve(self, socket: ServerConnection) -> None:
        self._socket, self._logged_in = socket, False
        with contextlib.suppress(Exception):
            async for frame in socket:
                assert isinstance(frame, str)
                self.received.append(frame)
                self._changed.set()
                element = ET.fromstring(frame)
                name = local(element[0]) if local(element) == "iq" and len(element) else local(element)
                if answer := self.answers.get(name):
                    await answer(self, element)
        self.gone.set()


async def silence(peer: Peer, element: ET.Element) -> None:
    """Send no response."""


async def answer_open(peer: Peer, element: ET.Element) -> None:
    await peer.send(f"<open xmlns='{FRAMING}' from='{DOMAIN}' id='s1' xml:lang='en' version='1.0'/>")
    offer = "".join(f"<mechanism>{name}</mechanism>" for name in peer.mechanisms)
    features = peer.after_login if peer._logged_in else f"<mechanisms xmlns='{SASL}'>{offer}</mechanisms>"
    await peer.send(f"<stream:features xmlns:stream='{STREAMS}'>{features}</stream:features>")


async def answer_auth(peer: Peer, element: ET.Element) -> None:
    _, user, password = base64.b64decode(element.text or "").decode().split("\0")
    peer.logins.append((user, password))
    peer._logged_in = password == peer.password
    failure = f"<failure xmlns='{SASL}'><not-authorized/></failure>"
    await peer.send(f"<success xmlns='{SASL}'/>" if peer._logged_in else failure)


async def answer_bind(peer: Peer, element: ET.Element) -> None:
    await result(peer, element, f"<bind xmlns='{BIND}'><jid>{peer.bound}</jid></bind>")


async def answer_result(peer: Peer, element: ET.Element) -> None:
    await result(peer, element)


async def answer_presence(peer: Peer, element: ET.Element) -> None:
    if peer.finesse is not None and element.get("type") is None:
        await peer.send(presence(f"{FINESSE}/app", peer.finesse))


async def answer_pubsub(peer: Peer, element: ET.Element) -> None:
    request = element[0][0]
    row = dict(request.attrib)
    match local(request):
        case "subscribe":
            row |= {"subid": f"s{len(peer.rows) + 1}", "subscription": "subscribed"}
            peer.rows.append(row)
            await result(peer, element, f"<pubsub xmlns='{PUBSUB_NS}'>{row_xml(row)}</pubsub>")
        case "unsubscribe":
            peer.rows = [kept for kept in peer.rows if kept["node"] != row["node"]]
            await result(peer, element)
        case "subscriptions":
            rows = "".join(row_xml(row) for row in peer.rows)
            body = f"<pubsub xmlns='{PUBSUB_NS}'><subscriptions>{rows}</subscriptions></pubsub>"
            await result(peer, element, body)


async def answer_close(peer: Peer, element: ET.Element) -> None:
    await peer.send(f"<close xmlns='{FRAMING}'/>")


def refuse(condition: str, detail: str = "") -> Answer:
    """Return an answer that sends this IQ error."""

    async def answer(peer: Peer, element: ET.Element) -> None:
        await error(peer, element, condition, detail)

    return answer


def says(xml: str) -> Answer:
    """Return an answer that sends this XML whatever was requested."""

    async def answer(peer: Peer, element: ET.Element) -> None:
        await peer.send(xml)

    return answer


async def hang_up(peer: Peer, element: ET.Element) -> None:
    peer.cut()


async def result(peer: Peer, iq: ET.Element, body: str = "") -> None:
    sender = f" from='{iq.get('to')}'" if iq.get("to") else ""
    await peer.send(f"<iq xmlns='jabber:client' type='result' id='{iq.get('id')}'{sender}>{body}</iq>")


async def error(peer: Peer, iq: ET.Element, condition: str, detail: str = "") -> None:
    more = f"<{detail} xmlns='{PUBSUB_NS}#errors'/>" if detail else ""
    await peer.send(
        f"<iq xmlns='jabber:client' type='error' id='{iq.get('id')}' from='{iq.get('to') or DOMAIN}'>"
        f"<error type='cancel' code='400'><{condition} xmlns='{STANZAS}'/>{more}</error></iq>"
    )


def presence(sender: str, kind: str = "available") -> str:
    attribute = "" if kind == "available" else f" type='{kind}'"
    return f"<presence xmlns='jabber:client' from='{sender}' to='{JID}'{attribute}/>"


def stream_error(condition: str, text: str = "") -> str:
    namespace = "urn:ietf:params:xml:ns:xmpp-streams"
    more = f"<text xmlns='{namespace}'>{text}</text>" if text else ""
    return f"<stream:error xmlns:stream='{STREAMS}'><{condition} xmlns='{namespace}'/>{more}</stream:error>"


def row_xml(row: dict[str, str]) -> str:
    return f"<subscription {' '.join(f'{name}={value!r}' for name, value in row.items())}/>"


@asynccontextmanager
async def opened(
    peer: Peer, *, timing: LinkTiming = PATIENT, route: Route | None = None, **changes: str
) -> AsyncIterator[tuple[NotificationLink, Recorder]]:
    """Yield an open link to this peer and its recorder. Close it at the end."""
    async with opened_by(route or peer.route, timing=timing, **changes) as opened:
        yield opened


@asynccontextmanager
async def opened_by(
    route: Route, *, timing: LinkTiming = PATIENT, **changes: str
) -> AsyncIterator[tuple[NotificationLink, Recorder]]:
    """Yield an open link by any route and its recorder. Close it at the end."""
    recorder = Recorder()
    link = NotificationLink(
        identity(**changes),
        route,
        on_feed=recorder.on_feed,
        on_link=recorder.on_link,
        timing=timing,
    )
    try:
        await link.open()
        yield link, recorder
    finally:
        await link.close()


@asynccontextmanager
async def raw_server(
    serve_one: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Run a TCP server with this connection handler and yield its port."""
    tasks: set[asyncio.Task[Any]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await serve_one(reader, writer)
        writer.close()
        tasks.discard(task)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await server.wait_closed()


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept, read, and never respond."""
    while await reader.read(4096):
        pass
