"""The one place where notifications come in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from mcp_finesse.model import SystemInfo, Update
from mcp_finesse.session.journal import Journal
from mcp_finesse.session.mirror import Mirror
from mcp_finesse.session.receiver import Receiver
from mcp_finesse.xmpp import FeedEvent

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


def test_a_notification_is_journalled_once_and_mirrored_once(desk: Desk) -> None:
    desk.take(READY)
    (entry,) = desk.journal
    assert (entry.feed, entry.kind, entry.event, entry.object_id) == ("user", "user", "PUT", "1001")
    assert (entry.request_id, entry.raw) == ("r-1", READY)
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "READY"


def test_the_mirror_is_as_the_entry_says_when_the_entry_wakes_somebody(desk: Desk) -> None:
    seen: list[str] = []
    desk.journal.listen(lambda _: seen.append(str(desk.mirror.user.state if desk.mirror.user else None)))
    desk.take(READY)
    assert seen == ["READY"]


def test_what_the_second_row_brings_is_counted_and_changes_nothing(desk: Desk) -> None:
    desk.take(READY, item="i1")
    desk.take(READY.replace("READY", "TALKING"), item="i2")
    desk.take(READY, item="i1")
    assert [entry.repeats for entry in desk.journal] == [1, 0]
    assert desk.mirror.user is not None
    assert desk.mirror.user.state == "TALKING"


def test_a_replayed_notification_is_no_news(desk: Desk) -> None:
    desk.take(READY, delayed=True)
    desk.take(ERROR, delayed=True)
    assert [entry.delayed for entry in desk.journal] == [True, True]
    assert desk.mirror.user is None
    assert desk.errors == []


def test_errors_and_system_information_are_passed_on(desk: Desk) -> None:
    desk.take(ERROR)
    desk.take(SYSTEM, "/finesse/api/SystemInfo")
    assert [update.errors[0].type for update in desk.errors] == ["Invalid State"]
    assert [info.status for info in desk.systems] == ["OUT_OF_SERVICE"]
    assert [entry.kind for entry in desk.journal] == ["error", "system_info"]


@pytest.mark.parametrize("payload", ["", "<Update><data>", "<other/>", "not XML"])
def test_what_cannot_be_read_is_kept_and_reported_as_a_loss(desk: Desk, payload: str) -> None:
    desk.take(payload)
    (entry,) = desk.journal
    assert (entry.kind, entry.raw) == ("unreadable", payload)
    assert desk.losses == ["a notification could not be read"]


def test_what_cannot_be_read_on_a_feed_that_is_not_mirrored_is_no_loss(desk: Desk) -> None:
    desk.take("<broken", "/finesse/api/Team/310/Users")
    assert [entry.feed for entry in desk.journal] == ["team:310"]
    assert desk.losses == []
