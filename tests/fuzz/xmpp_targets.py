"""Targets: what the Notification Service and a proxy in front of it send."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any
from zlib import crc32

from websockets.uri import parse_uri

from mcp_finesse.errors import FinesseError
from mcp_finesse.proxies.handshake import Handshake
from mcp_finesse.proxies.proxy import Proxy
from mcp_finesse.xmpp import FeedEvent
from mcp_finesse.xmpp.negotiation import (
    BIND,
    SASL,
    STREAMS,
    login_obstacle,
    sasl_failure,
    stream_error_ending,
    wants_session,
)
from mcp_finesse.xmpp.protocol.iq_tracker import refusal
from mcp_finesse.xmpp.protocol.presence import PresenceBoard
from mcp_finesse.xmpp.protocol.pubsub import explain, subscription_of, subscriptions_of
from mcp_finesse.xmpp.protocol.pubsub_events import NotificationReader
from mcp_finesse.xmpp.protocol.stanza_parser import StanzaParser
from mcp_finesse.xmpp.transport import framing
from mcp_finesse.xmpp.transport.bosh import body as bosh_body
from mcp_finesse.xmpp.transport.bosh.body import Answer, LostReply, Terminated
from mcp_finesse.xmpp.transport.bosh.terms import Terms
from mcp_finesse.xmpp.transport.websocket_transport import WebSocketTransport
from tests.fuzz import samples
from tests.fuzz.loop import run
from tests.fuzz.target import Target, expect
from tests.xmpp.support import BARE, DOMAIN, FINESSE, JID, PUBSUB, event_message

STANZA_WORDS = (
    b"<stream:features/>", b"<stream:error>", b"</stream:stream>", b"<message>", b"<iq type='error'>", b"<presence/>",
    b"xmlns='jabber:client'", b"xmlns='urn:x'", b"xmlns=''", b"from='x@y/z'", b"id='i1'", b"type='unavailable'",
    b"<?xml version='1.0' encoding='utf-16'?>", b"<?xml version='1.0'?>", b"<![CDATA[<Update/>]]>", b"&#xD800;",
)  # fmt: skip
MAX_TEXT = 2_000
BEGIN = framing.stream_root({"id": "s1", "from": DOMAIN})
STANZAS = (
    *(event_message("/finesse/api/User/5001", update) for update in samples.UPDATES[:3]),
    event_message(
        "/finesse/api/User/5001", "<Update/>", extra="<delay xmlns='urn:xmpp:delay' stamp='2026-01-01'/>"
    ),
    f"<presence xmlns='jabber:client' from='{FINESSE}/app' to='{JID}'><priority>0</priority></presence>",
    f"<presence xmlns='jabber:client' from='{BARE}/desktop' type='unavailable'/>",
    f"<iq xmlns='jabber:client' type='result' id='1' from='{PUBSUB}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
    f"<subscriptions><subscription node='/finesse/api/SystemInfo' jid='{JID}' subid='s' subscription='subscribed'/>"
    "</subscriptions></pubsub></iq>",
    f"<iq xmlns='jabber:client' type='error' id='1' from='{PUBSUB}'><error type='cancel'><item-not-found xmlns='"
    "urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no</text>"
    "<nodeid-required xmlns='http://jabber.org/protocol/pubsub#errors'/></error></iq>",
    f"<stream:features><mechanisms xmlns='{SASL[1:-1]}'><mechanism>PLAIN</mechanism></mechanisms>"
    f"<bind xmlns='{BIND[1:-1]}'/><session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
    "</stream:features>",
    f"<failure xmlns='{SASL[1:-1]}'><not-authorized/><text>no</text></failure>",
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:"
    "xmpp-streams'>replaced</text></stream:error></stream:stream>",
)


def pieces(data: bytes) -> Iterator[bytes]:
    """Divide data at places that its content determines."""
    chance, at = Random(crc32(data)), 0
    while at < len(data):
        size = chance.choice((1, 2, 7, 50, 1000))
        yield data[at : at + size]
        at += size


def bounded(error: BaseException) -> str:
    """Return the text of an error, which must not contain everything that the server sent."""
    text = str(error)
    expect(len(text) < MAX_TEXT, f"An error has {len(text)} characters.")
    return text


class Reader:
    """Parses a stream and reads each stanza as a link does.

    Attributes:
        read: what was read, in order.
    """

    def __init__(self) -> None:
        self.read: list[object] = []
        self._parser = StanzaParser(self._take)
        self._messages = NotificationReader(PUBSUB, self._notified)
        self._board = PresenceBoard(JID, DOMAIN)
        self._ended = False
        self.feed(BEGIN)

    def feed(self, data: bytes) -> None:
        """Parse a part of the stream. Nothing is read after an error, which ends the stream."""
        if self._ended:
            return
        self._parser.feed(data)
        try:
            for event, element in self._parser.read_events():
                self.read.append(f"{event} {element.tag}")
        except ET.ParseError:
            self._ended = True
            self.read.append("error")

    def _notified(self, event: FeedEvent) -> None:
        self.read.append((event.node, event.payload, event.item_id, event.delayed, event.subids))

    def _take(self, stanza: ET.Element) -> bool:
        if stanza.tag == "{jabber:client}message":
            self._messages.take(stanza)
        elif stanza.tag == "{jabber:client}presence":
            self._board.take(stanza)
            self.read.append(dict(self._board.priorities))
        elif stanza.tag == "{jabber:client}iq":
            self.read.append((subscriptions_of(stanza), subscription_of(stanza, "n", JID)))
            self.read.append(bounded(explain(refusal(stanza), "subscribe")))
        elif stanza.tag == f"{STREAMS}features":
            obstacle = login_obstacle(stanza)
            self.read.append((wants_session(stanza), obstacle and bounded(obstacle.error)))
        elif stanza.tag == f"{STREAMS}error":
            self.read.append(bounded(stream_error_ending(stanza).as_link_error()))
        elif stanza.tag == f"{SASL}failure":
            self.read.append(bounded(sasl_failure(stanza, "5001").as_link_error()))
        else:
            return False
        return True


def read_stream(data: bytes) -> None:
    """Parse a stream at once and in pieces. Both must give the same result."""
    whole, divided = Reader(), Reader()
    whole.feed(data)
    for piece in pieces(data):
        divided.feed(piece)
    expect(whole.read == divided.read, f"In pieces: {divided.read!r:.500}. At once: {whole.read!r:.500}.")


def read_bosh(data: bytes) -> None:
    """Read a response of a BOSH server. The first line has its status and type."""
    head, _, content = data.partition(b"\n")
    status, _, kind = head.decode("latin-1").partition(" ")
    code = int(status) if status.isascii() and status.isdecimal() and len(status) == 3 else 200
    answer = Answer(code, kind, content)
    try:
        Terms.of(bosh_body.first(answer), 60)
    except (ValueError, Terminated) as error:  # both end the attempt with the step http
        bounded(error)
    try:
        reply = bosh_body.next_reply(answer)
    except (LostReply, Terminated) as error:
        bounded(error)
        return
    if reply.terminates:
        bounded(reply.ending())
    bosh_body.request(7, reply.attributes.get("sid", "s"), payload=framing.standalone(reply.payload))


class Ear:
    """The stream above a transport."""

    stream_header = ""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.ended: list[str] = []

    def data_received(self, data: bytes | str) -> None:
        self.heard += data if isinstance(data, bytes) else data.encode()

    def loss_possible(self, reason: str) -> None: ...

    def connection_lost(self, exception: BaseException | None) -> None:
        self.ended.append(bounded(exception) if exception is not None else "")


class Socket(asyncio.Transport):
    """The socket below a transport."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.lost: Callable[[], None] = lambda: None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None:
        self.lost()

    def abort(self) -> None:
        self.lost()


def _accepted(request: bytes) -> bytes:
    key = next(
        line[19:] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: ")
    )
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Protocol: xmpp\r\nSec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )


async def _heard(parts: list[bytes], *, upgraded: bool) -> tuple[bytes, list[str]]:
    ear, socket = Ear(), Socket()
    transport = WebSocketTransport(ear, parse_uri("wss://fin.example.test/ws"))
    lost = False

    def lose() -> None:
        nonlocal lost
        if not lost:
            lost = True
            transport.connection_lost(None)

    socket.lost = lose
    transport.connection_made(socket)
    upgrade = asyncio.ensure_future(transport.upgrade())
    await asyncio.sleep(0)
    if upgraded:
        transport.data_received(_accepted(bytes(socket.written)))
        await upgrade
        transport.write(b"<open/>")
    for part in parts:
        if not lost:
            transport.data_received(part)
    if not upgrade.done():
        lose()
    await asyncio.wait({upgrade})
    failure = upgrade.exception()
    expect(failure is None or isinstance(failure, OSError | ValueError), f"{failure!r}")
    if failure is not None:
        bounded(failure)
    return bytes(ear.heard), ear.ended


def read_websocket(data: bytes) -> None:
    """Receive bytes over a WebSocket, at once and in pieces. Lines of text are sent as one frame each.

    Data that begins with ``HTTP/`` is the response to the upgrade. Data whose first bit is set consists of frames.
    """
    upgraded = not data.startswith(b"HTTP/")
    if upgraded and not (data and data[0] & 0x80):
        data = b"".join(map(framed, data.split(b"\n")))
    whole = run(_heard([data], upgraded=upgraded))
    if upgraded:
        divided = run(_heard(list(pieces(data)), upgraded=True))
        expect(whole == divided, f"In pieces: {divided!r:.500}. At once: {whole!r:.500}.")


def framed(message: bytes) -> bytes:
    """Return a message as one text frame of a server."""
    length = len(message)
    if length < 126:
        return b"\x81" + bytes([length]) + message
    size = b"\x7e" + length.to_bytes(2, "big") if length < 2**16 else b"\x7f" + length.to_bytes(8, "big")
    return b"\x81" + size + message


def websocket_samples() -> list[bytes]:
    """Return messages as lines, frames, and responses to an upgrade."""
    opening = f"<open xmlns='{framing.NAMESPACE}' from='{DOMAIN}' id='s1' version='1.0' xml:lang='en'/>"
    closing = f"<close xmlns='{framing.NAMESPACE}' see-other-uri='wss://other.test/ws'/>"
    lines = [*(each.replace("\n", " ") for each in STANZAS)]
    found = ["\n".join([opening, line, closing]).encode() for line in lines]
    frames = [
        framed(b"<presence/>"),
        b"\x01\x03abc\x80\x01d",
        b"\x89\x01p",
        b"\x88\x02\x03\xe8",
        b"\x82\x01x",
    ]
    return [
        *found,
        b"".join(frames),
        *frames,
        framed(b"x" * 200),
        b"HTTP/1.1 302 Found\r\nLocation: https://other.test\r\nContent-Type: text/html; a=b\r\n\r\n<html/>",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: x\r\n\r\n\x81\x00",
    ]


def bosh_samples() -> list[bytes]:
    """Return responses of a BOSH server."""
    opening = (
        f"<body xmlns='{bosh_body.NAMESPACE}' sid='s1' wait='60' hold='1' requests='2' inactivity='30' polling='5' "
        "ack='7' ver='1.6' xmlns:stream='http://etherx.jabber.org/streams'>"
    )
    conditions = ("see-other-uri'><uri>https://o.test</uri>", "item-not-found'>", "conflict'>")
    found = [f"200 text/xml\n{opening}{stanza}</body>" for stanza in STANZAS[3:9]]
    found += [
        f"200 text/xml\n<?xml version='1.0'?><body xmlns='{bosh_body.NAMESPACE}' type='terminate' "
        f"condition='{each}</body>"
        for each in conditions
    ]
    found += [
        f"200 text/xml\n<body xmlns='{bosh_body.NAMESPACE}' type='error'/>",
        "404 text/html\n<html/>",
        "503 \n",
    ]
    return [each.encode() for each in found]


def read_proxy(data: bytes) -> None:
    """Read the response of a proxy to CONNECT, at once and in pieces."""
    for parts in ([data], list(pieces(data))):
        handshake = Handshake(_proxy(), "fin.example.test", 8445)
        try:
            for part in parts:
                if part and handshake.feed(part):
                    break
        except FinesseError as error:
            bounded(error)


@cache
def _proxy() -> Any:
    return Proxy.of("http://user:pass@proxy.example.test:3128", "FINESSE_PROXY", ssl.create_default_context)


TARGETS = (
    Target(
        "stanzas", read_stream, lambda: [each.encode() for each in (*STANZAS, "".join(STANZAS))], STANZA_WORDS
    ),
    Target(
        "bosh",
        read_bosh,
        bosh_samples,
        (
            b"200",
            b"404",
            b"503",
            b"type='error'",
            b"type='terminate'",
            b"sid=''",
            b"wait='9'",
            b"condition='x'",
            b"/>",
        ),
    ),
    Target(
        "websocket",
        read_websocket,
        websocket_samples,
        (
            *STANZA_WORDS,
            b"\n",
            b"\x81",
            b"\x01",
            b"\x80",
            b"\x89\x00",
            b"\x88\x00",
            b"\x7e",
            b"\x7f",
            b"<open",
            b"<close",
        ),
    ),
    Target(
        "proxy",
        read_proxy,
        lambda: [
            b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n",
            b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n',
            b"HTTP/1.0 503 Service Unavailable\r\n\r\n<html/>",
        ],
        (b"\r\n\r\n", b"\r\n", b"\n", b"HTTP/1.1 ", b"407", b"Proxy-Authenticate: NTLM", b"a" * 20_000),
    ),
)
