"""Receiver: the single entry point of notifications."""

from __future__ import annotations

import asyncio
import random
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest

from mcp_finesse.model import SystemInfo, Team, Update
from mcp_finesse.session.state.journal import MAX_RAW, Journal
from mcp_finesse.session.state.mirror import Mirror
from mcp_finesse.session.state.receiver import Receiver
from mcp_finesse.session.state.room import MAX_CHARACTERS, MAX_OBJECTS
from mcp_finesse.xmpp import FeedEvent
from mcp_finesse.xmpp.protocol.feeds import MAX_NODE
from mcp_finesse.xmpp.protocol.pubsub_events import NotificationReader

PUBSUB = "pubsub.fin.example.test"
USER = "/finesse/api/User/1001"
READY = (
    "<Update><data><user><loginId>1001</loginId><state>READY</state></user></data>"
    "<event>PUT</event><requestId>r-1</requestId><source>/finesse/api/User/1001</source></Update>"
)
ERROR = (
    "<Update><data><apiErrors><apiError><errorType>Invalid State</errorType></apiError></apiErrors></data>"
    "<event>PUT</event><requestId></requestId><source>/finesse/api/User/1001</source></Update>"
)
SYSTEM = (
    "<Update><data><systemInfo><status>OUT_OF_SERVICE</status></systemInfo></data>"
    "<event>PUT</event><source>/finesse/api/SystemInfo</source></Update>"
)


@dataclass
class Desk:
    journal: Journal = field(default_factory=lambda: Journal(epoch="e"))
    mirror: Mirror = field(default_factory=lambda: Mirror("1001"))
    errors: list[Update] = field(default_factory=list)
    systems: list[SystemInfo] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.receiver = Receiver(
            self.journal,
            self.mirror,
            on_errors=self.errors.append,
            on_system=self.systems.append,
            on_loss=self.losses.append,
        )

        self.reader = NotificationReader(PUBSUB, self.receiver.take)

    def take_message(self, *items: str, node: str = USER) -> None:
        """Feed a pubsub message with these items."""
        each = "".join(f"<item id='{number}'>{item}</item>" for number, item in enumerate(items, 1))
        text = (
            f"<message xmlns='jabber:client' from='{PUBSUB}'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
            f"<items node='{node}'>{each}</items></event></message>"
        )
        self.reader.take(ET.fromstring(text))

    def take(self, payload: str, node: str = USER, item: str | None = None, *, delayed: bool = False) -> None:
        self.receiver.take(
            FeedEvent(
                node=node,
                payload=payload,
                item_id=item,
                to=None,
                delayed=delayed,
                subids=(),
                received_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_notification_is_added_to_journal_and_mirror_once(desk: Desk) -> None:
    desk.take(READY)
    (entry,) = desk.journal
    assert (entry.feed, entry.kind, entry.event, entry.object_id) == ("user", "user", "PUT", "1001")
    assert (entry.request_id, entry.raw) == ("r-1", READY)
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "READY"


def test_mirror_is_updated_before_journal_listeners_run(desk: Desk) -> None:
    seen: list[str] = []
    desk.journal.listen(lambda _: seen.append(str(desk.mirror.user.state if desk.mirror.user else None)))
    desk.take(READY)
    assert seen == ["READY"]


def test_copy_of_a_notification_by_the_second_subscription_is_counted_only(desk: Desk) -> None:
    desk.take(READY, item="i1")
    desk.take(READY.replace("READY", "TALKING"), item="i2")
    desk.take(READY, item="i1")
    assert [entry.repeats for entry in desk.journal] == [1, 0]
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "TALKING"


def test_replayed_notification_is_journaled_and_not_applied(desk: Desk) -> None:
    desk.take(READY, delayed=True)
    desk.take(ERROR, delayed=True)
    assert [entry.delayed for entry in desk.journal] == [True, True]
    assert desk.mirror.user is None
    assert desk.errors == []


def test_replayed_notification_that_later_arrives_live_is_one_live_entry(desk: Desk) -> None:
    desk.take(READY, item="i1", delayed=True)
    desk.take(READY, item="i1")
    assert [(entry.delayed, entry.repeats) for entry in desk.journal] == [(False, 1)]
    assert desk.mirror.user is not None
    desk.take(READY, item="i1", delayed=True)
    desk.take(READY, item="i1")
    assert [entry.repeats for entry in desk.journal] == [3]


async def test_waiter_sees_a_replayed_notification_when_it_arrives_live(desk: Desk) -> None:
    waiting = asyncio.create_task(desk.journal.wait(None, lambda entry: not entry.delayed, 5))
    await asyncio.sleep(0)
    desk.take(READY, item="i1", delayed=True)
    await asyncio.sleep(0)
    assert not waiting.done()
    desk.take(READY, item="i1")
    entry = await waiting
    assert entry is not None
    assert entry.number == 1


def test_replayed_error_is_reported_when_it_arrives_live(desk: Desk) -> None:
    desk.take(ERROR, item="i1", delayed=True)
    assert desk.errors == []
    desk.take(ERROR, item="i1")
    assert len(desk.errors) == 1
    assert len(list(desk.journal)) == 1


def test_republished_item_with_another_payload_is_applied(desk: Desk) -> None:
    desk.take(READY, item="current")
    desk.take(READY.replace("READY", "TALKING"), item="current")
    assert [entry.repeats for entry in desk.journal] == [0, 0]
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "TALKING"


def test_errors_and_system_information_are_passed_on(desk: Desk) -> None:
    desk.take(ERROR)
    desk.take(SYSTEM, "/finesse/api/SystemInfo")
    assert [update.errors[0].type for update in desk.errors] == ["Invalid State"]
    assert [info.status for info in desk.systems] == ["OUT_OF_SERVICE"]
    assert [entry.kind for entry in desk.journal] == ["error", "system_info"]


# Every form a notification can take


def notification(payload: str) -> str:
    return f"<notification xmlns='http://jabber.org/protocol/pubsub'>{payload}</notification>"


FORMS = {
    "escaped": notification(escape(READY)),
    "as characters": notification(f"<![CDATA[{READY}]]>"),
    "nested": f"<notification xmlns=''>{READY}</notification>",
    "nested in the namespace of the item": notification(READY),
    "of another namespace": f"<n:notification xmlns:n='urn:n'>{escape(READY)}</n:notification>",
    "beside something else": f"<other/>{notification(escape(READY))}",
    "with a namespace of its own": notification(escape(READY.replace("<Update>", "<Update xmlns='urn:u'>"))),
    "with a prefix": notification(
        escape(READY.replace("<Update>", "<f:Update xmlns:f='urn:u'>").replace("</Update>", "</f:Update>"))
    ),
    "in the other case": notification(
        escape(
            READY.replace("Update>", "update>")
            .replace("data>", "Data>")
            .replace("user>", "User>")
            .replace("state>", "State>")
            .replace("event>", "Event>")
            .replace("source>", "Source>")
            .replace("requestId>", "RequestId>")
        )
    ),
    "in another order": notification(
        escape(
            "<Update><source>/finesse/api/User/1001</source><requestId>r-1</requestId><event>PUT</event>"
            "<data><user><state>READY</state><loginId>1001</loginId></user></data></Update>"
        )
    ),
    "with a declaration that is no longer true": notification(
        escape(f"<?xml version='1.0' encoding='UTF-16'?>\n{READY}")
    ),
    "with comments and instructions": notification(
        escape(READY.replace("<data>", "<!-- x --><?y z?><data>"))
    ),
    "with what is unknown": notification(
        escape(
            READY.replace("<data>", "<new><a/></new><data>").replace("<state>", "<mood>fine</mood><state>")
        )
    ),
}


@pytest.mark.parametrize("item", FORMS.values(), ids=FORMS)
def test_notification_form_does_not_change_its_meaning(desk: Desk, item: str) -> None:
    desk.take_message(item)
    (entry,) = desk.journal
    assert (entry.feed, entry.kind, entry.event, entry.object_id) == ("user", "user", "PUT", "1001")
    assert entry.request_id == "r-1"
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "READY"
    assert desk.losses == []


def test_each_item_of_a_message_is_processed_despite_unreadable_ones(desk: Desk) -> None:
    desk.take_message(
        notification(escape(READY)),
        notification("&lt;Update&gt;"),
        "",
        notification(escape(READY.replace("READY", "TALKING"))),
    )
    assert [entry.kind for entry in desk.journal] == ["user", "unreadable", "unreadable", "user"]
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "TALKING"


def test_error_about_one_object_may_arrive_on_another_objects_feed(desk: Desk) -> None:
    desk.take(READY)
    desk.take(ERROR.replace("/User/1001", "/Dialog/33").replace("<requestId>", "<requestId>r-9"), USER)
    entry = list(desk.journal)[-1]
    assert (entry.feed, entry.kind, entry.object_id, entry.request_id) == ("user", "error", "33", "r-9")
    (update,) = desk.errors
    assert (update.source, update.request_id) == ("/finesse/api/Dialog/33", "r-9")
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "READY"


@pytest.mark.parametrize(
    ("node", "feed"),
    [("/finesse/api/Weather/1", "/finesse/api/Weather/1"), ("", ""), ("\u202enode", "\u202enode")],
)
def test_unknown_feed_is_journaled_under_its_node_name(desk: Desk, node: str, feed: str) -> None:
    desk.take(READY, node)
    assert [(entry.feed, entry.kind) for entry in desk.journal] == [(feed, "user")]


def test_unknown_object_is_journaled_and_not_applied(desk: Desk) -> None:
    desk.take(
        "<Update><data><Weather><id>7</id></Weather></data><event>PUT</event>"
        "<source>/finesse/api/Weather/7</source></Update>"
    )
    (entry,) = desk.journal
    assert (entry.kind, entry.object_id) == ("other", "7")
    assert entry.payload.other == {"weather": {"id": "7"}}
    assert desk.mirror.user is None


def test_dialog_without_id_is_journaled_and_not_mirrored(desk: Desk) -> None:
    desk.take("<Update><data><dialog><state>ACTIVE</state></dialog></data><event>PUT</event></Update>")
    assert [entry.kind for entry in desk.journal] == ["dialog"]
    assert not desk.mirror.dialogs


# Unreadable notifications

DEEP = "<a>" * 300 + "</a>" * 300


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", "Not well-formed XML"),
        ("not XML", "Not well-formed XML"),
        ('{"state": "READY"}', "Not well-formed XML"),
        ("<Update><data>", "Not well-formed XML"),
        (READY[:-1], "Not well-formed XML"),
        (READY + "<x/>", "Not well-formed XML"),
        (READY.replace("READY", "\x01"), "Not well-formed XML"),
        (READY.replace("READY", "\ud800"), "half of a surrogate pair"),
        (escape(READY), "Not well-formed XML"),
        ("<other/>", "contains <other> instead of <Update>"),
        ("<html><body>Sign in</body></html>", "contains <html> instead of <Update>"),
        (f"<!DOCTYPE Update>{READY}", "declares a document type, which is not allowed"),
        (
            '<!DOCTYPE Update [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><Update><event>&c;</event></Update>',
            "declares a document type, which is not allowed",
        ),
        (
            '<!DOCTYPE Update [<!ENTITY f SYSTEM "file:///etc/hostname">]><Update><event>&f;</event></Update>',
            "document type",
        ),
        (f"<Update><data><thing>{DEEP}</thing></data></Update>", ""),
        ("<Update>" + "x" * 20_000_000 + "</Update>", "larger than the limit"),
    ],
    ids=[
        "empty", "text", "JSON", "truncated", "cut by one", "more after it", "control character", "surrogate",
        "escaped twice", "other", "page", "document type", "entities", "external entity", "deep", "huge",
    ],
)  # fmt: skip
def test_unreadable_notification_is_journaled_with_its_reason_and_reported_as_loss(
    desk: Desk, payload: str, reason: str
) -> None:
    desk.take(payload)
    (entry,) = desk.journal
    assert entry.kind == "unreadable"
    assert reason in entry.text
    assert 0 < len(entry.text) <= 300
    assert entry.raw is not None
    assert entry.raw[:MAX_RAW] == payload[:MAX_RAW]
    assert desk.losses == ["a notification could not be read"]
    desk.take(READY)
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "READY"


def test_corrupted_notification_is_one_entry_and_raises_nothing(desk: Desk) -> None:
    chance = random.Random(5)
    words = [
        "",
        "-1",
        "9" * 400,
        "NaN",
        "true",
        "2026-13-45T99:99",
        "9999-12-31T23:59:59+14:00",
        "\u00b2",
        "<a/>",
    ]
    for number in range(1, 501):
        payload = chance.choice([READY, ERROR, SYSTEM])
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(payload) + 1)
            end = min(len(payload), start + chance.randrange(30))
            payload = payload[:start] + chance.choice(words) + payload[chance.choice([start, end]) :]
        desk.take(payload, item=f"i{number}")
        assert desk.journal.cursor == f"e:{number}"


def test_unreadable_payload_is_truncated(desk: Desk) -> None:
    desk.take("x" * 100_000)
    desk.take("x" * MAX_RAW)
    long, short = desk.journal
    assert long.raw == "x" * MAX_RAW + "... (100000 characters in all)"
    assert short.raw == "x" * MAX_RAW


def test_item_that_is_not_an_update_is_unreadable(desk: Desk) -> None:
    desk.take_message("<body>hi</body>")
    (entry,) = desk.journal
    assert entry.kind == "unreadable"
    assert "contains <item> instead of <Update>" in entry.text
    assert entry.raw is not None
    assert "hi" in entry.raw


def test_unreadable_notification_received_twice_is_one_entry_and_one_loss(desk: Desk) -> None:
    desk.take("<broken", item="i1")
    desk.take("<broken", item="i1")
    assert [entry.repeats for entry in desk.journal] == [1]
    assert len(desk.losses) == 1


def test_unreadable_notification_that_was_replayed_before_is_one_entry_and_one_loss(desk: Desk) -> None:
    for delayed in (True, False):
        desk.receiver.take(FeedEvent(USER, "<Update>", "i1", None, delayed, (), datetime.now(UTC)))
    (entry,) = desk.journal
    assert (entry.kind, entry.delayed, entry.repeats) == ("unreadable", False, 1)
    assert desk.losses == ["a notification could not be read"]


def test_repetition_is_not_assumed_after_an_unreadable_notification(desk: Desk) -> None:
    desk.take(READY, item="i1")
    desk.take("", item="i2")
    desk.take("", item="i3")
    desk.take(READY, item="i4")
    assert [entry.kind for entry in desk.journal] == ["user", "unreadable", "unreadable", "user"]


def test_unreadable_notification_on_unmirrored_feed_is_not_a_loss(desk: Desk) -> None:
    desk.take("<broken", "/finesse/api/Team/310/Users")
    assert [entry.feed for entry in desk.journal] == ["team:310"]
    assert desk.losses == []


# Exceptions other than PayloadError


def failing(*_: object, **__: object) -> None:
    raise KeyError("id")


@pytest.mark.parametrize("where", ["parse", "apply", "errors"])
def test_any_exception_leaves_one_entry_with_the_xml_and_is_reported_as_loss(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    payload = ERROR if where == "errors" else READY
    with monkeypatch.context() as broken:
        if where == "parse":
            broken.setattr("mcp_finesse.session.state.receiver.parse_update", failing)
        elif where == "apply":
            broken.setattr(desk.mirror, "apply", failing)
        else:
            broken.setattr(desk.receiver, "_on_errors", failing)
        desk.take(payload, item="i1")
        desk.take(payload, item="i1")  # by the other subscription
    (entry,) = desk.journal
    assert entry.raw == payload
    assert entry.repeats == 1
    assert len(desk.losses) == 1
    assert "KeyError" in caplog.text
    desk.take(READY.replace("READY", "TALKING"), item="i2")
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "TALKING"


def test_unreadable_team_event_removes_the_team_from_the_mirror(desk: Desk) -> None:
    desk.mirror.team_store.merge("310", Team(id="310"))
    desk.take("<broken", "/finesse/api/Team/310/Users")
    assert not desk.mirror.teams


def test_thousands_of_unreadable_events_write_one_log_line(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(2000):
        desk.take("<broken", item=f"i{number}")
    assert len(caplog.records) == 1
    assert len(desk.losses) == 2000


# Events of other nodes

CALL = (
    "<Update><data><dialogs><Dialog><id>33</id><mediaType>Voice</mediaType><state>ACTIVE</state></Dialog></dialogs>"
    "</data><event>POST</event><source>/finesse/api/User/1001/Dialogs</source></Update>"
)


@pytest.mark.parametrize(
    ("payload", "node"),
    [
        (CALL, "/finesse/api/User/1002/Dialogs"),
        (CALL, "/finesse/api/Team/310/Users"),
        (CALL, "/finesse/api/SystemInfo"),
        (CALL, "/finesse/api/Weather/1"),
        (READY, "/finesse/api/User/1002"),
        (READY, "/finesse/api/Queue/7"),
        (ERROR, "/finesse/api/User/1002"),
        (SYSTEM, "/finesse/api/User/1002"),
    ],
)
def test_event_on_another_node_is_journaled_and_not_applied_to_the_agent(
    desk: Desk, payload: str, node: str
) -> None:
    desk.take(payload, node)
    assert len(desk.journal) == 1
    assert not desk.mirror.dialogs
    assert desk.mirror.user is None
    assert (desk.errors, desk.systems) == ([], [])


def test_feed_of_another_agents_node_is_the_node_name(desk: Desk) -> None:
    desk.take(CALL, "/finesse/api/User/1002/Dialogs")
    desk.take(CALL, "/FINESSE/api/user/1001/dialogs")
    assert [entry.feed for entry in desk.journal] == ["/finesse/api/User/1002/Dialogs", "dialogs"]
    assert list(desk.mirror.dialogs) == ["33"]


def test_long_node_names_are_truncated(desk: Desk) -> None:
    desk.take(READY, "/finesse/api/" + "x" * 1_000_000, item="i" * 1_000_000)
    (entry,) = desk.journal
    assert len(entry.feed) == MAX_NODE


# Limits of the mirror


def test_calls_beyond_the_limit_are_not_mirrored_and_reported_as_loss(desk: Desk) -> None:
    for number in range(MAX_OBJECTS + 10):
        desk.take(CALL.replace("<id>33<", f"<id>{number}<"), f"{USER}/Dialogs")
    assert len(desk.mirror.dialogs) == MAX_OBJECTS
    assert desk.mirror.refused == 10
    assert len(desk.losses) == 10
    desk.take(CALL.replace("POST", "DELETE").replace("<id>33<", "<id>0<"), f"{USER}/Dialogs")
    desk.take(CALL.replace("<id>33<", "<id>new<"), f"{USER}/Dialogs")
    assert "new" in desk.mirror.dialogs


def test_calls_beyond_the_total_size_limit_are_not_mirrored(desk: Desk) -> None:
    words = "<fromAddress>" + "x" * 1_000_000 + "</fromAddress>"
    for number in range(20):
        desk.take(CALL.replace("<id>33</id>", f"<id>{number}</id>{words}"), f"{USER}/Dialogs")
    assert len(desk.mirror.dialogs) == MAX_CHARACTERS // 1_000_300
    assert desk.losses


@pytest.mark.parametrize("kind", ["media", "tasks"])
def test_media_and_tasks_beyond_the_limit_are_not_mirrored(desk: Desk, kind: str) -> None:
    for number in range(MAX_OBJECTS + 1):
        if kind == "media":
            item = f"<media><id>{number}</id><state>READY</state></media>"
        else:
            item = f"<dialog><id>1_{number}</id><mediaType>Chat</mediaType></dialog>"
        desk.take(
            f"<Update><data>{item}</data><event>PUT</event><source>{number}</source></Update>",
            f"{USER}/Media" if kind == "media" else f"{USER}/Dialogs/Media",
        )
    assert len(getattr(desk.mirror, kind)) == MAX_OBJECTS
    assert desk.mirror.refused == 1
