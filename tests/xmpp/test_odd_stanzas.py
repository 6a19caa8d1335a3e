"""Unusual stanzas: none ends the link, and later stanzas are received."""

from __future__ import annotations

import logging

import pytest

from mcp_finesse.xmpp import LinkState
from tests.xmpp.support import DOMAIN, JID, PUBSUB, PUBSUB_NS, SASL, STREAMS, Peer, event_message, opened

NODE = "/finesse/api/User/5001"
DEEP = "<a>" * 3000 + "</a>" * 3000
CLIENT = "xmlns='jabber:client'"


def event(content: str) -> str:
    return f"<message {CLIENT} from='{PUBSUB}' to='{JID}'><event xmlns='{PUBSUB_NS}#event'>{content}</event></message>"


def item(content: str) -> str:
    return event(f"<items node='{NODE}'><item id='1'>{content}</item></items>")


ODD = {
    "a payload nested without measure": item(f"<notification xmlns=''>{DEEP}</notification>"),
    "an item nested without measure": item(DEEP),
    "a message nested without measure": f"<message {CLIENT} from='{PUBSUB}'>{DEEP}</message>",
    "a request nested without measure": f"<iq {CLIENT} type='get' id='1' from='{DOMAIN}'>{DEEP}</iq>",
    "a presence nested without measure": f"<presence {CLIENT} from='a@b/c'>{DEEP}</presence>",
    "a payload that is cut": item("<notification>&lt;Update&gt;&lt;data</notification>"),
    "a payload with a document type": item("<notification>&lt;!DOCTYPE a&gt;&lt;Update/&gt;</notification>"),
    "a large payload": item(f"<notification>{'x' * 3_000_000}</notification>"),
    "many items": event(f"<items node='{NODE}'>{'<item/>' * 5000}</items>"),
    "no node": event("<items><item><notification>x</notification></item></items>"),
    "nothing": event(""),
    "a presence of nobody": f"<presence {CLIENT} from='@@@///'/>",
    "a wish of nobody": f"<presence {CLIENT} from='@@@///' type='subscribe'/>",
    "an iq of no type": f"<iq {CLIENT}/>",
    "an answer that nobody waits for": f"<iq {CLIENT} type='result' id='77'/>",
    "an error that nobody waits for": f"<iq {CLIENT} type='error' id='77'><error/></iq>",
    "a request without an id": f"<iq {CLIENT} type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
    "a request of nobody": f"<iq {CLIENT} type='get' id='3' from='@@@//'><ping xmlns='urn:xmpp:ping'/></iq>",
    "a strange request of nobody": f"<iq {CLIENT} type='set' id='4' from='@@/'><q xmlns='urn:x'/></iq>",
    "an error message": f"<message {CLIENT} type='error' from='{PUBSUB}'><error type='zzz'/></message>",
    "a message of nobody": f"<message {CLIENT} from='@@@//'><body>x</body></message>",
    "a message to nobody": f"<message {CLIENT} to='@@@//'><body>x</body></message>",
    "an unknown stanza": f"<weather {CLIENT}/>",
    "a stanza of another namespace": "<weather xmlns='urn:w'><rain/></weather>",
    "a login once more": f"<success xmlns='{SASL}'/>",
    "a challenge": f"<challenge xmlns='{SASL}'>!!!!</challenge>",
    "features once more": (
        f"<stream:features xmlns:stream='{STREAMS}'><mechanisms xmlns='{SASL}'><mechanism>PLAIN</mechanism>"
        "</mechanisms></stream:features>"
    ),
    "an acknowledgement": "<r xmlns='urn:xmpp:sm:3'/>",
    "whitespace": "  ",
    "an instruction": "<?weather fine?>",
    "a declaration": f"<?xml version='1.0'?><message {CLIENT}/>",
}


@pytest.mark.parametrize("stanza", ODD.values(), ids=ODD)
async def test_link_survives_unusual_stanza(stanza: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with Peer() as peer, opened(peer) as (link, recorder):
        await peer.send(stanza)
        await peer.send(event_message(NODE, "<Update>after</Update>"))
        await recorder.until(lambda r: any("after" in event.payload for event in r.events))
        assert link.connected
        assert [event.state for event in recorder.states] == [LinkState.CONNECTED]
        assert len(peer.logins) == 1
    assert [record.message for record in caplog.records] == []


async def test_item_content_other_than_a_notification_is_passed_on() -> None:
    async with Peer() as peer, opened(peer) as (_, recorder):
        await peer.send(item("<weather xmlns='urn:w'>rain</weather>"))
        await recorder.until(lambda r: len(r.events) == 1)
        assert recorder.events[0].node == NODE
        assert "rain" in recorder.events[0].payload
