"""Print, as JSON, the longest stall of the event loop in CPU seconds for each kind of large input.

The CPU time of the thread is measured rather than wall time, so that other processes do not count.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from mcp_finesse.errors import PayloadError
from mcp_finesse.model import Team
from mcp_finesse.model.xml import parse
from mcp_finesse.server.arguments.conditions import Context, conditions
from mcp_finesse.server.arguments.notification_matcher import NotificationMatcher
from mcp_finesse.server.present.journal_view import page_summary
from mcp_finesse.session.state.journal import Journal
from mcp_finesse.session.state.mirror import Mirror
from mcp_finesse.session.state.receiver import Receiver
from mcp_finesse.xmpp import FeedEvent
from mcp_finesse.xmpp.negotiation import lost
from tests.xmpp.test_stream import Stream

USER = (
    "<User><loginId>{}</loginId><firstName>A</firstName><lastName>B</lastName><state>READY</state>"
    "<stateChangeTime>2026-01-01T00:00:00.000Z</stateChangeTime><uri>/finesse/api/User/1001</uri></User>"
)


def update(data: str) -> str:
    source = "/finesse/api/User/1001/Dialogs"
    return f"<Update><data>{data}</data><event>POST</event><source>{source}</source></Update>"


def received(*payloads: str) -> Journal:
    journal = Journal(epoch="e")
    receiver = Receiver(
        journal,
        Mirror("1001"),
        on_errors=lambda _: None,
        on_system=lambda _: None,
        on_loss=lambda _: None,
    )
    for number, payload in enumerate(payloads):
        node = "/finesse/api/User/1001/Dialogs"
        receiver.take(FeedEvent(node, payload, f"i{number}", None, False, (), datetime.now(UTC)))
    return journal


async def unknown_iqs() -> None:
    stream = Stream()
    stream.attach()
    iq = "<iq xmlns='jabber:client' type='get' id='{}' from='fin.example.test'><q xmlns='urn:x'/></iq>"
    handled = asyncio.Event()
    stream.client.data_received("".join(iq.format(number) for number in range(30_000)))
    stream.client._input.then(handled.set)
    await handled.wait()
    stream.client.end(lost("over"))
    await asyncio.sleep(0)


async def notification_of_3_mb() -> None:
    received(update("<user><firstName>" + "x" * 3_000_000 + "\U0001f600</firstName></user>"))


async def notification_of_3_mb_of_objects() -> None:
    received(update("<dialogs>" + "<D><id>1</id></D>" * 170_000 + "</dialogs>"))


async def notification_of_as_many_tags_as_are_read() -> None:
    received(update("<dialogs>" + "<a><b/></a>" * 16_600 + "</dialogs>"))


async def team_of_10_mb() -> None:
    try:
        parse(("<Team><users>" + USER.format(1) * 40_000 + "</users></Team>").encode())
    except PayloadError:
        return
    raise AssertionError("it exceeds the limit")


async def team_of_as_many_tags_as_are_read() -> None:
    users = "".join(USER.format(number) for number in range(7_100))
    Team.from_element(parse(f"<Team><id>1</id><users>{users}</users></Team>".encode()))


def in_mirror(node: str, payload: str, mirror: Mirror) -> None:
    receiver = Receiver(
        Journal(epoch="e"), mirror, on_errors=lambda _: None, on_system=lambda _: None, on_loss=lambda _: None
    )
    receiver.take(FeedEvent(node, payload, "i", None, False, (), datetime.now(UTC)))


async def team_notification_of_as_many_tags_as_are_read() -> None:
    mirror = Mirror("1001")
    mirror.team_store.merge("1", Team(id="1", name="North", users=[]))
    users = "".join(f"<u><id>{number}</id></u>" for number in range(12_400))
    in_mirror("/finesse/api/Team/1/Users", update(f"<team><users>{users}</users></team>"), mirror)
    assert mirror.team_store.refused == 7_400


async def queues_of_as_many_tags_as_are_read() -> None:
    mirror = Mirror("1001")
    queues = "".join(f"<Q><id>{number}</id></Q>" for number in range(12_400))
    in_mirror("/finesse/api/User/1001/Queues", update(f"<queues>{queues}</queues>"), mirror)
    assert mirror.queue_store.refused == 7_400


FULL = [update("<dialogs>" + f"<a><id>{n}</id><b/></a>" * 9_900 + "</dialogs>") for n in range(60)]


async def page_of_a_full_journal() -> None:
    page = await page_summary(JOURNAL.read(None, 50), "4501")
    assert len(page["notifications"]) == 50


async def wait_in_a_full_journal() -> None:
    matcher = NotificationMatcher(
        None, None, None, conditions("state", "READY", []), lambda: Context(datetime.now(UTC), "4501")
    )
    assert await JOURNAL.wait("e:0", matcher.ends, 0) is None


WORK: tuple[Callable[[], Awaitable[None]], ...] = (
    unknown_iqs,
    notification_of_3_mb,
    notification_of_3_mb_of_objects,
    notification_of_as_many_tags_as_are_read,
    team_of_10_mb,
    team_of_as_many_tags_as_are_read,
    team_notification_of_as_many_tags_as_are_read,
    queues_of_as_many_tags_as_are_read,
    page_of_a_full_journal,
    wait_in_a_full_journal,
)


async def longest_stall(work: Callable[[], Awaitable[None]]) -> float:
    longest, last = 0.0, time.thread_time()

    async def beat() -> None:
        nonlocal longest, last
        while True:
            now = time.thread_time()
            longest, last = max(longest, now - last), now
            await asyncio.sleep(0)

    beating = asyncio.create_task(beat())
    await asyncio.sleep(0)
    await work()
    await asyncio.sleep(0)
    beating.cancel()
    return longest


async def main() -> None:
    print(json.dumps({work.__name__: round(await longest_stall(work), 3) for work in WORK}))


if __name__ == "__main__":
    JOURNAL = received(*FULL)
    asyncio.run(main())
