"""Reading the journal from a cursor, and waiting without missing or inventing anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import anyio
import pytest
from mcp.client import Client

from mcp_finesse.model import Queue, QueueStatistics, Update
from mcp_finesse.server import build_server
from mcp_finesse.server.tools.core import notifications
from mcp_finesse.session import Entry, Journal, SessionState
from tests.mirrored import set_user
from tests.server.support import (
    WHEN,
    ScriptedSession,
    agent,
    call,
    connected,
    data,
    refusal,
    signed_in,
    tell,
    until,
)

DIALOG = "/finesse/api/Dialog/331"


def ring(session: ScriptedSession, state: str = "ALERTING", **fields: Any) -> Entry:
    """Let a call arrive or change."""
    update = Update(event="PUT", source=DIALOG, dialog=call("331", state, state, ("ANSWER",)))
    return session.hear("dialogs", update, **fields)


def turn(session: ScriptedSession, state: str) -> Entry:
    """Change the agent's state."""
    return session.hear("user", Update(event="PUT", source="/finesse/api/User/1001", user=agent(state=state)))


def lose(session: ScriptedSession) -> None:
    """Record a gap."""
    session.journal.append_gap("the link was lost", WHEN, WHEN)


async def waiting(
    client: Client, session: ScriptedSession, then: Callable[[], Any], **arguments: Any
) -> dict[str, Any]:
    """Start the wait tool, run ``then`` while it waits, and return its result."""
    answer: dict[str, Any] = {}
    listeners = len(session.journal._listeners)

    async def wait() -> None:
        answer.update(await data(client, "wait_for_notification", **arguments))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await until(lambda: len(session.journal._listeners) > listeners)
        then()
    return answer


async def test_newest_notifications_are_returned_with_the_number_left_out(era: str) -> None:
    session = signed_in()
    for state in ("READY", "NOT_READY", "TALKING"):
        turn(session, state)
    async with connected(session, era) as client:
        page = await data(client, "get_notifications", limit=2)
        assert [item["user"]["state"] for item in page["notifications"]] == ["NOT_READY", "TALKING"]
        assert (page["cursor"], page["left_out"], page["gap"]) == ("life:3", 1, False)
        told = await tell(client, "get_notifications", limit=2)
    assert told.splitlines()[0].startswith("#2 2026-11-22T12:00:00Z user PUT agent 1001 Ada Okoro, NOT_READY")
    assert told.endswith("1 older notifications were left out.\nCursor: life:3")


async def test_reading_continues_from_a_cursor(era: str) -> None:
    session = signed_in()
    turn(session, "READY")
    async with connected(session, era) as client:
        first = await data(client, "get_notifications")
        told = await tell(client, "get_notifications", after=first["cursor"])
        assert told == "No notifications.\nCursor: life:1"
        ring(session)
        page = await data(client, "get_notifications", after=first["cursor"], feed="dialogs")
        assert [item["dialog"]["id"] for item in page["notifications"]] == ["331"]
        assert "raw" not in str(page)


async def test_repeated_notification_is_shown_once_and_counted() -> None:
    session = signed_in()
    ring(session).repeats += 1
    async with connected(session) as client:
        (shown,) = (await data(client, "get_notifications"))["notifications"]
    assert shown["repeats"] == 1


async def test_gap_is_reported_with_advice() -> None:
    session = signed_in()
    lose(session)
    async with connected(session) as client:
        assert (await data(client, "get_notifications"))["gap"] is True
        assert "Notifications may be missing (gap)" in await tell(client, "get_notifications")
        assert (await data(client, "get_notifications", after="other:7"))["gap"] is True


async def test_malformed_cursor_is_rejected(era: str) -> None:
    async with connected(signed_in(), era) as client:
        for tool in ("get_notifications", "wait_for_notification"):
            assert "is not a cursor" in await refusal(client, tool, after="yesterday")


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"feed": "dialogs"},
        {"kind": "dialog"},
        {"object_id": 331},
        {"field": "state", "value": "alerting"},
        {
            "kind": "dialog",
            "field": "participants.actions",
            "value": "ANSWER",
            "object_id": "331",
            "feed": "dialogs",
        },
    ],
)
async def test_matching_notification_ends_the_wait(wanted: dict[str, Any], era: str) -> None:
    session = signed_in()
    turn(session, "READY")
    async with connected(session, era) as client:
        answer = await waiting(client, session, lambda: ring(session), **wanted)
    assert (answer["status"], answer["cursor"]) == ("matched", "life:2")
    assert answer["notification"]["dialog"]["state"] == "ALERTING"


@pytest.mark.parametrize(
    "wanted",
    [
        {"feed": "user"},
        {"kind": "user"},
        {"object_id": "332"},
        {"field": "state", "value": "ACTIVE"},
        {"field": "wrap_up_reason"},
    ],
)
async def test_other_notification_does_not_end_the_wait(wanted: dict[str, Any]) -> None:
    session = signed_in()
    async with connected(session) as client:
        answer = await waiting(client, session, lambda: ring(session), timeout=0.05, **wanted)
    assert answer["status"] == "nothing_yet"


async def test_notification_between_two_waits_is_not_missed(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        first = await data(client, "wait_for_notification", timeout=0)
        assert first["status"] == "nothing_yet"
        ring(session)
        second = await data(client, "wait_for_notification", after=first["cursor"], timeout=0)
        assert second["status"] == "matched"
        assert "Matched.\n#1 " in await tell(client, "wait_for_notification", after=first["cursor"])


async def test_notification_between_an_action_and_the_wait_is_not_missed(era: str) -> None:
    session = signed_in()
    session.have(call("332", "ACTIVE", "ACTIVE", ("HOLD",)))
    async with connected(session, era) as client:
        outcome = await data(client, "hold_call")
        ring(session)
        found = await data(client, "wait_for_notification", after=outcome["cursor"], timeout=0)
    assert found["status"] == "matched"


async def test_notification_at_the_end_of_a_wait_is_found_by_the_next_wait() -> None:
    """The journal's wait times out just as an event arrives: the cursor must not be past that event."""
    session = signed_in()

    class Late(Journal):
        async def wait(
            self, after: str | None, match: Callable[[Entry], bool], timeout: float
        ) -> Entry | None:
            ring(session)
            return None

    session.journal = Late(epoch="life")
    async with connected(session) as client:
        told = await data(client, "wait_for_notification", timeout=0)
    assert (told["status"], told["cursor"], session.journal.cursor) == ("nothing_yet", "life:0", "life:1")


async def test_replayed_notification_does_not_end_the_wait() -> None:
    session = signed_in()

    def again() -> None:
        ring(session, delayed=True)

    async with connected(session) as client:
        assert (await waiting(client, session, again, timeout=0.05))["status"] == "nothing_yet"


async def test_gap_ends_the_wait_with_advice(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        answer = await waiting(client, session, lambda: lose(session), kind="dialog")
        assert (answer["status"], answer["cursor"]) == ("gap", "life:1")
        assert answer["notification"]["gap"]["reason"] == "the link was lost"
        assert "Check with get_user and get_dialogs" in await tell(
            client, "wait_for_notification", after="life:0"
        )


async def test_gap_of_another_feed_does_not_end_the_wait() -> None:
    session = signed_in()

    def miss(feed: str) -> None:
        session.journal.append_gap(f"the feed {feed} does not come", WHEN, None, feed)

    async with connected(session) as client:
        of_another = await waiting(client, session, lambda: miss("team:310"), feed="user", timeout=0.05)
        of_the_same = await waiting(client, session, lambda: miss("user"), feed="user")
    assert (of_another["status"], of_the_same["status"]) == ("nothing_yet", "gap")


async def test_gap_can_be_waited_for() -> None:
    session = signed_in()
    async with connected(session) as client:
        answer = await waiting(client, session, lambda: lose(session), kind="gap")
    assert answer["status"] == "matched"


async def test_cursor_of_another_process_reads_as_a_gap() -> None:
    session = signed_in()
    turn(session, "READY")
    async with connected(session) as client:
        told = await data(client, "wait_for_notification", after="earlier:500")
    assert told == {"status": "gap", "cursor": "life:1"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "user", "field": "stat"}, 'There is no field "stat". Fields: active_device_id'),
        ({"feed": "dialogs", "field": "pending_state"}, 'There is no field "pending_state"'),
        ({"value": "READY"}, "`value` requires `field`"),
        ({"kind": "call"}, 'There is no notification kind "call". Kinds: dialog, dialogs, error, gap'),
        ({"feed": "calls"}, 'There is no feed "calls". Feeds: user, dialogs'),
        (
            {"feed": "team:310"},
            "The feed team:310 is not received, so none of its notifications can arrive. Use subscribe_feed",
        ),
        ({"timeout": 51}, "timeout: Input should be less than or equal to 50"),
    ],
)
async def test_wait_that_cannot_match_is_rejected(arguments: dict[str, Any], words: str, era: str) -> None:
    async with connected(signed_in(), era) as client:
        assert words in await refusal(client, "wait_for_notification", **arguments)


async def test_progress_is_reported_while_waiting(era: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "_PROGRESS_SECONDS", 0.02)
    session = signed_in()
    heard: list[tuple[float, float | None, str | None]] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        heard.append((done, total, message))

    async with connected(session, era) as client:
        result = await client.call_tool("wait_for_notification", {"timeout": 0.1}, progress_callback=progress)
        assert result.structured_content == {"status": "nothing_yet", "cursor": "life:0"}
        await until(lambda: len(heard) >= 2)
    assert {(total, message) for _, total, message in heard} == {(0.1, "Nothing yet")}


async def test_cancelled_wait_leaves_no_listener(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        before = len(session.journal._listeners)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "wait_for_notification", {"timeout": 50})
            await until(lambda: len(session.journal._listeners) > before)
            tasks.cancel_scope.cancel()
        await until(lambda: len(session.journal._listeners) == before)


async def test_concurrent_waits_get_their_own_notifications(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        before = len(session.journal._listeners)

        async def wait(state: str) -> dict[str, Any]:
            return await data(client, "wait_for_notification", field="state", value=state, kind="user")

        waits: list[Awaitable[dict[str, Any]]] = [
            asyncio.create_task(wait(state)) for state in ("READY", "TALKING", "WORK")
        ]
        await until(lambda: len(session.journal._listeners) == before + 3)
        for state in ("WORK", "READY", "TALKING"):
            turn(session, state)
        answers = await asyncio.gather(*waits)
    assert [answer["cursor"] for answer in answers] == ["life:2", "life:3", "life:1"]


async def test_feed_and_kind_names_are_normalized() -> None:
    session = signed_in()
    await session.subscribe("team:310")
    async with connected(session) as client:
        answer = await waiting(client, session, lambda: ring(session), kind=" Dialog ", feed="DIALOGS")
        assert answer["status"] == "matched"
        told = await data(client, "wait_for_notification", feed="Team:310", timeout=0)
        assert told["status"] == "nothing_yet"


async def test_unknown_feed_is_rejected_and_known_ones_are_read(era: str) -> None:
    session = signed_in()
    session.journal.append(Entry("/finesse/api/Odd/Node", "other", received_at=WHEN))
    async with connected(session, era) as client:
        assert 'There is no feed "calls"' in await refusal(client, "get_notifications", feed="calls")
        for known in ("Dialogs", "team:310", "session", "/finesse/api/Odd/Node"):
            assert "Cursor: " in await tell(client, "get_notifications", feed=known)


async def test_result_says_when_no_notifications_can_arrive(era: str) -> None:
    session = signed_in()
    session.state = SessionState.RECONNECTING
    async with connected(session, era) as client:
        for tool, arguments in (("get_notifications", {}), ("wait_for_notification", {"timeout": 0})):
            told = await tell(client, tool, **arguments)
            assert "No notifications can arrive now (reconnecting): Scripted." in told
        session.state = SessionState.READY
        assert "No notifications can arrive now" not in await tell(client, "get_notifications")


async def test_wait_on_an_ended_session_is_rejected(era: str) -> None:
    session = signed_in()
    ring(session)
    session.state = SessionState.REFUSED
    async with connected(session, era) as client:
        found = await data(client, "wait_for_notification", after="life:0")
        assert found["status"] == "matched"
        assert "The session is not ready (refused)." in await refusal(client, "wait_for_notification")


# -- conditions, times and cursors


def queue(calls: int, since: datetime | None = None) -> Queue:
    figures = QueueStatistics(calls_in_queue=calls, start_time_of_longest_call_in_queue=since)
    return Queue(id="77", name="Sales", statistics=figures)


def tell_queue(session: ScriptedSession, calls: int, since: datetime | None = None) -> Entry:
    """Change the figures of a queue."""
    update = Update(event="PUT", source="/finesse/api/Queue/77", queue=queue(calls, since))
    session.mirror.queue_store.merge([queue(calls, since)])
    return session.hear("queue:77", update)


async def test_wait_without_after_starts_at_the_newest_cursor_given_to_the_client(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        await data(client, "get_session_status")
        ring(session)
        found = await data(client, "wait_for_notification", kind="dialog", timeout=0)
        assert (found["status"], found["cursor"]) == ("matched", "life:1")
        again = await data(client, "wait_for_notification", kind="dialog", timeout=0)
    assert again["status"] == "nothing_yet"


async def test_wait_of_a_client_without_a_cursor_starts_now(era: str) -> None:
    session = signed_in()
    ring(session)
    async with connected(session, era) as client:
        told = await data(client, "wait_for_notification", kind="dialog", timeout=0)
    assert told["status"] == "nothing_yet"


async def test_older_cursor_read_later_does_not_move_the_start_of_a_wait_back(era: str) -> None:
    session = signed_in()
    ring(session)
    async with connected(session, era) as client:
        await data(client, "get_session_status")
        page = await data(client, "get_notifications", after="life:0", limit=1)
        assert page["cursor"] == "life:1"
        turn(session, "READY")
        turn(session, "NOT_READY")
        await data(client, "get_notifications", after="life:1", limit=1)
        await data(client, "get_notifications", after="life:0", limit=1)
        told = await data(client, "wait_for_notification", timeout=0)
    assert told["notification"]["number"] == 3


async def test_connections_do_not_share_their_cursors() -> None:
    session = signed_in()
    server = build_server(session.as_session())
    async with Client(server, mode="legacy") as one, Client(server, mode="legacy") as other:
        await data(one, "get_session_status")
        ring(session)
        await data(other, "get_session_status")
        assert (await data(other, "wait_for_notification", timeout=0))["status"] == "nothing_yet"
        assert (await data(one, "wait_for_notification", timeout=0))["status"] == "matched"


async def test_subscribe_feed_returns_a_cursor_before_the_first_notification(era: str) -> None:
    session = signed_in()
    ring(session)
    async with connected(session, era) as client:
        assert (await data(client, "subscribe_feed", feed="queue:77"))["cursor"] == "life:1"
        tell_queue(session, 4)
        found = await data(client, "wait_for_notification", feed="queue:77", timeout=0)
        assert found["status"] == "matched"
        assert "Cursor: life:2" in await tell(client, "subscribe_feed", feed="queue:77")


async def test_wait_compares_numbers_and_meets_several_conditions_at_once(era: str) -> None:
    session = signed_in()
    session.wanted.append("queue:77")

    def busier() -> None:
        tell_queue(session, 4)
        tell_queue(session, 7)

    async with connected(session, era) as client:
        found = await waiting(
            client,
            session,
            busier,
            feed="queue:77",
            field="calls_in_queue",
            value=">=5",
            also=["name = Sales", "calls_in_queue < 10"],
        )
    assert (found["status"], found["cursor"]) == ("matched", "life:2")


async def test_wait_for_a_change_requires_a_different_value() -> None:
    session = signed_in()
    set_user(session.mirror, agent(state="READY"))

    def same_then_other() -> None:
        turn(session, "READY")
        turn(session, "NOT_READY")

    async with connected(session) as client:
        found = await waiting(client, session, same_then_other, kind="user", field="state", value="changed")
        assert (found["status"], found["cursor"]) == ("matched", "life:2")
        earlier = await data(
            client, "wait_for_notification", kind="user", field="state", value="changed", after="life:1"
        )
    assert earlier["cursor"] == "life:2"


async def test_longest_wait_condition_is_met_by_elapsed_time() -> None:
    session = signed_in()
    session.wanted.append("queue:77")
    tell_queue(session, 1, session.now() - timedelta(seconds=100))
    session.team_reader.others["77"] = queue(1, session.now() - timedelta(seconds=100))
    began = session.now()
    ahead = {"seconds": 0}
    session.now = lambda: began + timedelta(seconds=ahead["seconds"])  # type: ignore[method-assign]
    wanted = {"feed": "queue:77", "field": "longest_wait_seconds", "value": ">=180"}
    async with connected(session) as client:
        assert (await data(client, "wait_for_notification", timeout=0, **wanted))["status"] == "nothing_yet"
        ahead["seconds"] = 80
        found = await data(client, "wait_for_notification", timeout=0, **wanted)
        assert (found["status"], found["object"]["queue"]["longest_wait_seconds"]) == ("matched", 180)
        assert "Matched by the current state.\nqueue 77 Sales: " in await tell(
            client, "wait_for_notification", timeout=0, **wanted
        )


async def test_longest_wait_requires_a_queue_feed() -> None:
    async with connected(signed_in()) as client:
        said = await refusal(client, "wait_for_notification", field="longest_wait_seconds", value=">180")
    assert "longest_wait_seconds requires the feed queues or queue:ID" in said


async def test_wait_ends_when_its_until_time_is_reached(era: str) -> None:
    session = signed_in()
    async with connected(session, era) as client:
        told = await data(client, "wait_for_notification", until="2026-11-22T12:10:00Z")
        assert (told["status"], told["until"]) == ("time_reached", "2026-11-22T12:10:00Z")
        text = await tell(client, "wait_for_notification", until="0 s")
        assert text.startswith("The time 2026-11-22T12:10:00Z was reached.")


async def test_wait_that_ends_early_returns_its_until_time() -> None:
    session = signed_in()
    async with connected(session) as client:
        told = await data(client, "wait_for_notification", until="in 2 minutes", timeout=0)
        assert (told["status"], told["until"]) == ("nothing_yet", "2026-11-22T12:12:00Z")
        text = await tell(client, "wait_for_notification", until=told["until"], timeout=0)
    assert "call wait_for_notification again with `until` 2026-11-22T12:12:00Z and `after` life:0" in text


async def test_cursor_with_very_many_digits_is_accepted() -> None:
    session = signed_in()
    ring(session)
    async with connected(session) as client:
        told = await data(client, "wait_for_notification", after="life:" + "9" * 900, timeout=0)
    assert told["status"] == "nothing_yet"
