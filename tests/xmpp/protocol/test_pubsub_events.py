"""Pubsub messages to events: several items, unusual items, and foreign senders."""

from __future__ import annotations

import logging
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest

from mcp_finesse.xmpp import FeedEvent
from mcp_finesse.xmpp.protocol.pubsub_events import NotificationReader
from tests.xmpp.support import JID, PUBSUB, event_message

NODE = "/finesse/api/User/5001"


def read(xml: str) -> tuple[list[FeedEvent], NotificationReader]:
    events: list[FeedEvent] = []
    reader = NotificationReader(PUBSUB, events.append)
    reader.take(ET.fromstring(xml))
    return events, reader


def message(items: str, *, sender: str | None = PUBSUB, extra: str = "") -> str:
    source = f" from='{sender}'" if sender is not None else ""
    return (
        f"<message xmlns='jabber:client'{source} to='{JID}'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
        f"{items}</event>{extra}</message>"
    )


def items(*bodies: str, node: str = NODE) -> str:
    each = "".join(f"<item id='{number}'>{body}</item>" for number, body in enumerate(bodies))
    return f"<items node='{node}'>{each}</items>"


def test_item_becomes_an_event() -> None:
    before = datetime.now(UTC)
    (event,), reader = read(event_message(NODE, "<Update><a>1 &amp; 2</a></Update>"))
    assert event.payload == "<Update><a>1 &amp; 2</a></Update>"
    assert (event.node, event.item_id, event.to, event.delayed, event.subids) == (NODE, "i1", JID, False, ())
    assert before <= event.received_at <= datetime.now(UTC)
    assert reader.ignored == 0


def test_each_item_becomes_its_own_event_in_order() -> None:
    text = message(
        items("<notification>1</notification>", "<notification>2</notification>")
        + items("<notification>3</notification>", node="other")
    )
    events, _ = read(text)
    assert [(event.node, event.payload) for event in events] == [(NODE, "1"), (NODE, "2"), ("other", "3")]


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        (
            "<notification xmlns='http://jabber.org/protocol/pubsub'>&lt;Update/&gt;</notification>",
            "<Update/>",
        ),
        ("<notification xmlns=''>x</notification>", "x"),
        ("<n:notification xmlns:n='urn:other'>x</n:notification>", "x"),
        ("<other/><notification>x</notification>", "x"),
        ("<notification/>", ""),
        ("<notification xmlns=''><Update><a>1</a></Update></notification>", "<Update><a>1</a></Update>"),
    ],
)
def test_payload_is_found_by_its_local_name(body: str, payload: str) -> None:
    (event,), _ = read(message(items(body)))
    assert event.payload == payload


def test_subscription_ids_and_delayed_delivery_are_recorded() -> None:
    headers = (
        "<headers xmlns='http://jabber.org/protocol/shim'><header name='SubID'>s1</header>"
        "<header name='Collection'>c</header><header name='subid'>s2</header></headers>"
    )
    (event,), _ = read(event_message(NODE, "x", extra=headers))
    assert (event.subids, event.delayed) == (("s1", "s2"), False)
    (event,), _ = read(
        event_message(NODE, "x", extra="<delay xmlns='urn:xmpp:delay' stamp='2025-01-01T00:00:00Z'/>")
    )
    assert (event.subids, event.delayed) == ((), True)
    (event,), _ = read(event_message(NODE, "x", extra="<x xmlns='jabber:x:delay'/>"))
    assert event.delayed


@pytest.mark.parametrize(
    "sender", ["5002@fin.example.test/x", "finesse@fin.example.test", "pubsub.evil.test"]
)
def test_message_of_another_sender_is_ignored(sender: str) -> None:
    events, reader = read(event_message(NODE, "<Update/>", sender=sender))
    assert events == []
    assert reader.ignored == 1


def test_pubsub_service_is_matched_case_insensitively_or_by_absent_sender() -> None:
    assert len(read(event_message(NODE, "x", sender=PUBSUB.upper()))[0]) == 1
    assert len(read(message(items("<notification>x</notification>"), sender=None))[0]) == 1


def test_non_event_messages_are_counted_and_retractions_ignored(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "mcp_finesse.xmpp.protocol.pubsub_events")
    events, reader = read("<message xmlns='jabber:client' from='a@b'><body>hi</body></message>")
    assert (events, reader.ignored) == ([], 1)
    assert "a@b" in caplog.text
    events, reader = read(message("<purge node='x'/><items node='x'><retract id='1'/></items>"))
    assert (events, reader.ignored) == ([], 0)


def test_item_without_notification_is_passed_on_as_it_is() -> None:
    events, reader = read(message(items("", "<body>hi</body>")))
    assert [(event.node, event.item_id) for event in events] == [(NODE, "0"), (NODE, "1")]
    assert [ET.fromstring(event.payload).findtext("{*}body") for event in events] == [None, "hi"]
    assert reader.ignored == 0


@pytest.mark.parametrize("around", ["{}", "<notification>{}</notification>"])
def test_deeply_nested_payload_is_passed_on_as_a_placeholder(around: str) -> None:
    deep = "<deep>" * 5000 + "</deep>" * 5000
    (event,), _ = read(message(items(around.format(deep))))
    assert "nested too deeply" in event.payload
    assert len(event.payload) < 200


def test_failing_listener_does_not_stop_the_next_event(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[str] = []

    def listener(event: FeedEvent) -> None:
        seen.append(event.payload)
        raise RuntimeError("no")

    reader = NotificationReader(PUBSUB, listener)
    reader.take(
        ET.fromstring(message(items("<notification>a</notification>", "<notification>b</notification>")))
    )
    assert seen == ["a", "b"]
    assert "could not be handled" in caplog.text
