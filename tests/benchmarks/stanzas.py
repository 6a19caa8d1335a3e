"""Notifications of one call, as Finesse writes them: a payload of 2 KB, with everything in it, always."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from xml.sax.saxutils import escape

NODE = "/finesse/api/User/1001/Dialogs"
FIRST = datetime(2027, 1, 1, tzinfo=UTC)


def stanzas() -> Iterator[bytes]:
    """Each newer than the last: the agent holds and retrieves the call, 1 ms apart."""
    return map(stanza, count(1))


def changed_at(number: int) -> datetime:
    """When the agent's participant changed, by an update."""
    return FIRST + timedelta(milliseconds=number)


def update(number: int, request_id: str = "a551c791-5011-4594-aa83-000000000000") -> str:
    """The document of a notification."""
    changed = changed_at(number).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    state, action = ("HELD", "RETRIEVE") if number % 2 else ("ACTIVE", "HOLD")
    variables = "".join(
        f"<CallVariable><name>callVariable{i}</name><value>value {i}</value></CallVariable>"
        for i in range(1, 9)
    )
    return (
        "<Update><data><dialog><associatedDialogUri></associatedDialogUri><fromAddress>3125550142</fromAddress>"
        "<id>33100421</id><mediaProperties><mediaId>1</mediaId><DNIS>8800</DNIS><callType>ACD_IN</callType>"
        "<dialedNumber>8800</dialedNumber><outboundClassification></outboundClassification>"
        "<queueNumber>77</queueNumber><queueName>North.Sales</queueName><callKeyCallId>217</callKeyCallId>"
        "<callKeySequenceNum>1</callKeySequenceNum><callKeyPrefix>152018</callKeyPrefix>"
        f"<callvariables>{variables}</callvariables></mediaProperties><mediaType>Voice</mediaType><participants>"
        "<Participant><actions></actions><mediaAddress>3125550142</mediaAddress>"
        "<mediaAddressType></mediaAddressType><startTime>2026-11-22T12:45:02.486Z</startTime>"
        "<state>ACTIVE</state><stateCause></stateCause><stateChangeTime>2026-11-22T12:45:02.490Z"
        "</stateChangeTime></Participant><Participant><actions>"
        f"<action>{action}</action><action>DROP</action><action>UPDATE_CALL_DATA</action></actions>"
        "<mediaAddress>4501</mediaAddress><mediaAddressType>AGENT_DEVICE</mediaAddressType>"
        f"<startTime>2026-11-22T12:45:02.486Z</startTime><state>{state}</state><stateCause></stateCause>"
        f"<stateChangeTime>{changed}</stateChangeTime></Participant></participants><state>ACTIVE</state>"
        "<toAddress>8800</toAddress><uri>/finesse/api/Dialog/33100421</uri></dialog></data><event>PUT</event>"
        f"<requestId>{request_id}</requestId>"
        "<source>/finesse/api/Dialog/33100421</source></Update>"
    )


def stanza(number: int) -> bytes:
    """An event as Openfire sends it."""
    payload = update(number, f"a551c791-5011-4594-aa83-{number:012}")
    return (
        '<message xmlns="jabber:client" from="pubsub.finesse.sim" to="1001@finesse.sim" id="kQ3xR7bW">'
        f'<event xmlns="http://jabber.org/protocol/pubsub#event"><items node="{NODE}">'
        f'<item id="6c1f7a0e-3d52-4f6b-9a57-{number:012}">'
        f'<notification xmlns="http://jabber.org/protocol/pubsub">{escape(payload)}</notification>'
        "</item></items></event></message>"
    ).encode()
