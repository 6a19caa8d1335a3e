"""Requests of the server to this client: each gets the response that RFC 6120 8.2.3 requires."""

from __future__ import annotations

import asyncio
import time
import xml.etree.ElementTree as ET

import pytest

from tests.xmpp.support import BARE, DOMAIN, JID, Peer, opened

IMPLEMENTED = {
    "ping": ("get", "<ping xmlns='urn:xmpp:ping'/>"),
    "disco info": ("get", "<query xmlns='http://jabber.org/protocol/disco#info'/>"),
    "disco items": ("get", "<query xmlns='http://jabber.org/protocol/disco#items'/>"),
    "roster push": (
        "set",
        "<query xmlns='jabber:iq:roster'><item jid='5002@fin.example.test' subscription='both'/></query>",
    ),
}
NOT_IMPLEMENTED = {
    "version": ("get", "<query xmlns='jabber:iq:version'/>"),
    "last activity": ("get", "<query xmlns='jabber:iq:last'/>"),
    "time": ("get", "<time xmlns='urn:xmpp:time'/>"),
    "vCard": ("get", "<vCard xmlns='vcard-temp'/>"),
    "unknown": ("set", "<strange xmlns='urn:example:strange'/>"),
}


async def answer(kind: str, payload: str, sender: str) -> ET.Element:
    """Return the client's response to a request of the server."""
    async with Peer() as peer, opened(peer):
        await peer.send(
            f"<iq xmlns='jabber:client' type='{kind}' id='q1' from='{sender}' to='{JID}'>{payload}</iq>"
        )
        async with asyncio.timeout(5):
            while True:
                for frame in peer.received:
                    element = ET.fromstring(frame)
                    if element.get("id") == "q1":
                        return element
                await asyncio.sleep(0.005)


@pytest.mark.parametrize(("kind", "payload"), IMPLEMENTED.values(), ids=IMPLEMENTED)
async def test_implemented_requests_get_a_result(kind: str, payload: str) -> None:
    assert (await answer(kind, payload, BARE if kind == "set" else DOMAIN)).get("type") == "result"


@pytest.mark.parametrize(("kind", "payload"), NOT_IMPLEMENTED.values(), ids=NOT_IMPLEMENTED)
async def test_other_requests_get_an_error(kind: str, payload: str) -> None:
    said = await answer(kind, payload, DOMAIN)
    assert said.get("type") == "error"
    conditions = {child.tag.rpartition("}")[2] for error in said.iter() for child in error}
    assert conditions & {"service-unavailable", "feature-not-implemented"}


async def test_requests_beyond_a_burst_are_not_answered() -> None:
    attributes = f"xmlns='jabber:client' type='get' id='{{}}' from='{DOMAIN}' to='{JID}'"
    ping = f"<iq {attributes}><ping xmlns='urn:xmpp:ping'/></iq>"
    async with Peer() as peer, opened(peer):
        began = time.monotonic()
        for number in range(400):
            await peer.send(ping.format(f"f{number}"))
        await peer.until_received("f49")
        await asyncio.sleep(0.3)  # for responses that must not come, and until some are allowed again
        answered = sum("id='f" in frame or 'id="f' in frame for frame in peer.received)
        assert 50 <= answered <= 52 + 20 * (time.monotonic() - began)
        await peer.send(ping.format("late"))
        await peer.until_received("late")
