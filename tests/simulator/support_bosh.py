"""Test tools: a raw BOSH client on httpx, and bodies written by hand."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import AsyncIterator

import httpx

from mcp_finesse.simulator.server import Simulator
from tests.simulator.support_xmpp import DOMAIN, LIMIT, NS, RawClient

HTTPBIND = "http://jabber.org/protocol/httpbind"
BODY = f"{{{HTTPBIND}}}body"
RESTART = "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'"
PING = "<iq xmlns='jabber:client' type='get' id='%s'><ping xmlns='urn:xmpp:ping'/></iq>"


def wrapped(content: str = "", **attributes: object) -> str:
    """Return a body; trailing underscores of attribute names are dropped."""
    text = "".join(f" {name.rstrip('_')}='{value}'" for name, value in attributes.items())
    return f"<body xmlns='{HTTPBIND}'{text}>{content}</body>"


class BoshClient(RawClient):
    """A BOSH client written by hand: one request after another, or several at once with ``post``."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self.http = http
        self.url = url
        self.rid = 1000
        self.sid = ""
        self.jid = ""
        self._numbers = iter(range(1, 1_000_000))
        self._ready: deque[ET.Element] = deque()

    async def post(self, text: str) -> httpx.Response:
        return await self.http.post(self.url, content=text.encode(), timeout=LIMIT)

    async def request(self, content: str = "", more: str = "", **attributes: object) -> ET.Element:
        """Send the next request; return its reply, which must be a body."""
        return read(await self.post(self.next(content, more, **attributes)))

    def next(self, content: str = "", more: str = "", **attributes: object) -> str:
        """Return the text of the next request."""
        self.rid += 1
        text = wrapped(content, rid=self.rid, sid=self.sid, **attributes)
        return text.replace("<body ", f"<body {more} ", 1)

    async def create(self, **attributes: object) -> ET.Element:
        """Request a session; return the reply."""
        target = {"to": DOMAIN, "wait": 60, "hold": 1, "ver": "1.6", **attributes}
        reply = read(await self.post(wrapped(rid=self.rid, **target)))
        self.sid = reply.get("sid", "")
        return reply

    async def send(self, xml: str) -> None:
        self._ready.extend(await self.request(xml))

    async def receive(self) -> ET.Element:
        """Return the next element; poll until there is one."""
        async with asyncio.timeout(LIMIT):
            while not self._ready:
                self._ready.extend(await self.request())
        return self._ready.popleft()

    async def open(self, to: str = DOMAIN) -> tuple[ET.Element, ET.Element]:
        reply = await (self.request(more=RESTART, to=to) if self.sid else self.create(to=to))
        return reply, reply[0]


def read(response: httpx.Response) -> ET.Element:
    """Return the body of a valid reply."""
    assert response.status_code == 200, response
    assert response.headers["content-type"].startswith("text/xml")
    assert int(response.headers["content-length"]) == len(response.content)
    element = ET.fromstring(response.content)
    assert element.tag == BODY
    return element


@contextlib.asynccontextmanager
async def bosh(
    simulator: Simulator, user: str = "", resource: str = "bosh-1", http2: bool = False
) -> AsyncIterator[BoshClient]:
    """Return a client; it is logged in if a user is given."""
    trust = ssl.create_default_context(cafile=str(simulator.ca_file))
    async with httpx.AsyncClient(verify=trust, http2=http2, trust_env=False) as http:
        client = BoshClient(http, simulator.bosh_url)
        if user:
            await client.log_in(user, resource)
        yield client


__all__ = ["BODY", "NS", "PING", "BoshClient", "bosh", "read", "wrapped"]
